"""What can be found outside the checks in Rego, which say in `policies/checks/kinds.rego` themselves what they find."""

from placet_cli.policy.findings import Kind, Level

KINDS = {
    "ADDRESS_UNKNOWN": Kind(
        title="An address or a chain that no request can name",
        remedy="Write the address in its chain's canonical form, and chains as registry/chains has them.",
    ),
    "BUILTIN_BANNED": Kind(
        title="A builtin that policies may not use",
        remedy="Take the call out: a decision is a function of input and data, so that it can be replayed.",
    ),
    "CAPABILITY_OPENED": Kind(
        title="capabilities.json allows what it must not",
        remedy="Make capabilities.json again as README says.",
    ),
    "CASE_BROKEN": Kind(
        title="A case that cannot be decided",
        remedy="Mend the case; until then it proves nothing.",
    ),
    "CASE_FAILED": Kind(
        title="A case is decided otherwise",
        remedy="Mend the rule, or the case if it expects too much. `placet policy try FILE --case NAME` shows why.",
    ),
    "DATA_INVALID": Kind(
        title="Data that do not fit",
        remedy="Write the value as the schema of the same path in schemas/ describes it.",
    ),
    "DATA_NOT_INTEGER": Kind(
        title="A number in the data is no integer",
        remedy="Write amounts as decimal strings of base units, and everything else in whole units.",
    ),
    "LINE_NOT_COVERED": Kind(
        title="No test reaches a line",
        remedy="Write a test beside the rule that makes the line true.",
        level=Level.WARNING,
    ),
    "NOT_FORMATTED": Kind(
        title="Rego in another form than opa fmt's",
        remedy='Run "$(placet opa path)" fmt --write on the file.',
        level=Level.WARNING,
    ),
    "SCHEMA_OPEN": Kind(
        title="A schema lets unknown names through",
        remedy="Say additionalProperties: false, or the schema of every other value: a misspelt name would be ignored.",
    ),
    "STRAY_FILE": Kind(
        title="A file that a bundle does not take",
        remedy="Below placet a bundle holds NAME.rego and data.json, and beside it .manifest; move or rename the file.",
    ),
    "TEST_FAILED": Kind(
        title="A Rego test fails",
        remedy="Mend the rule or its test; `opa test --verbose` on the folder shows the trace.",
    ),
}
"""By id."""

_OPA = Kind(
    title="Rego that OPA does not take",
    remedy="Mend the module as OPA says.",
)


def opa_kind(code: str) -> tuple[str, Kind]:
    """Return the id and the kind of an error code of OPA's compiler: ``rego_type_error`` is REGO_TYPE_ERROR."""
    return code.upper(), _OPA
