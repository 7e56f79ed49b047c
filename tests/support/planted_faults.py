"""Faults that `policies/checks` must find: each is a change of one shipped module, and what is said of it."""

from dataclasses import dataclass

FEE = "placet/rules/fee_limit/fee_limit.rego"
PROVENANCE = "placet/rules/provenance/provenance.rego"
CONTRADICTIONS = "placet/rules/contradictions/contradictions.rego"
MAIN = "placet/main/main.rego"
AMOUNT = "placet/rules/amount_limit/amount_limit.rego"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One fault: a text in a file, what it becomes, and what the checks must say."""

    name: str
    file: str
    old: str
    new: str
    says: str


PLANTED = [
    Planted(
        name="package without a description",
        file=FEE,
        old="# description: The highest fee that the bytes can cost stays",
        new="# note: The highest fee that the bytes can cost stays",
        says="PACKAGE_NOT_ANNOTATED: the package needs METADATA with title and description",
    ),
    Planted(
        name="head without an owner",
        file=FEE,
        old="#   owner: security\n",
        new="",
        says="ANNOTATION_INCOMPLETE: hold: METADATA lacks custom.owner",
    ),
    Planted(
        name="head with an invented severity",
        file=FEE,
        old="#   severity: critical\n",
        new="#   severity: alarming\n",
        says="ANNOTATION_INCOMPLETE: deny: custom.severity is low, medium, high or critical",
    ),
    Planted(
        name="head without a severity",
        file=FEE,
        old="#   severity: critical\n",
        new="",
        says="ANNOTATION_INCOMPLETE: deny: custom.severity is low, medium, high or critical",
    ),
    Planted(
        name="head without METADATA",
        file=FEE,
        old="# METADATA\n# title: The transaction can cost more in fees than the limit.\n",
        new="# title: The transaction can cost more in fees than the limit.\n",
        says="ANNOTATION_INCOMPLETE: deny: METADATA lacks custom.code",
    ),
    Planted(
        name="head without a description",
        file=FEE,
        old="# description: The highest fee that the bytes allow is above the limit.\n",
        new="",
        says="ANNOTATION_INCOMPLETE: deny: METADATA lacks description",
    ),
    Planted(
        name="code that is not the annotation's",
        file=FEE,
        old="#   code: FEE_ABOVE_LIMIT\n",
        new="#   code: FEE_TOO_HIGH\n",
        says="CODE_DIFFERS: deny: head FEE_ABOVE_LIMIT, METADATA FEE_TOO_HIGH",
    ),
    Planted(
        name="annotated code without a head",
        file=FEE,
        old="#   code: FEE_ABOVE_LIMIT\n",
        new="#   code: FEE_TOO_HIGH\n",
        says="ANNOTATION_WITHOUT_HEAD: FEE_TOO_HIGH",
    ),
    Planted(
        name="head that is no literal",
        file=FEE,
        old='deny contains "FEE_ABOVE_LIMIT" if {\n',
        new='deny contains sprintf("FEE_ABOVE_%s", ["LIMIT"]) if {\n',
        says='HEAD_NOT_LITERAL: deny: a head is `deny contains "CODE"` or `hold contains "CODE"`',
    ),
    Planted(
        name="head that is an object",
        file=FEE,
        old='deny contains "FEE_ABOVE_LIMIT" if {\n',
        new='deny contains {"code": "FEE_ABOVE_LIMIT"} if {\n',
        says='HEAD_NOT_LITERAL: deny: a head is `deny contains "CODE"` or `hold contains "CODE"`',
    ),
    Planted(
        name="head that is a map",
        file=CONTRADICTIONS,
        old='deny contains "CONTRADICTION_DENIED" if not',
        new='deny["CONTRADICTION_DENIED"] := true if not',
        says='HEAD_NOT_LITERAL: deny: a head is `deny contains "CODE"` or `hold contains "CODE"`',
    ),
    Planted(
        name="head that is a boolean",
        file=CONTRADICTIONS,
        old='deny contains "CONTRADICTION_DENIED" if not',
        new="deny if not",
        says='HEAD_NOT_LITERAL: deny: a head is `deny contains "CODE"` or `hold contains "CODE"`',
    ),
    Planted(
        name="code in lower case",
        file=FEE,
        old='deny contains "FEE_ABOVE_LIMIT" if {\n',
        new='deny contains "fee_above_limit" if {\n',
        says="CODE_MALFORMED: deny: fee_above_limit",
    ),
    Planted(
        name="code of another rule",
        file=FEE,
        old='deny contains "FEE_ABOVE_LIMIT" if {\n',
        new='deny contains "AMOUNT_ABOVE_LIMIT" if {\n',
        says="CODE_NOT_UNIQUE: deny: AMOUNT_ABOVE_LIMIT has 2 heads",
    ),
    Planted(
        name="second head for one code",
        file=FEE,
        old="_within_limit if _fee <= _limit\n",
        new='_within_limit if _fee <= _limit\n\ndeny contains "FEE_ABOVE_LIMIT" if not _within_limit\n',
        says="CODE_NOT_UNIQUE: deny: FEE_ABOVE_LIMIT has 2 heads",
    ),
    Planted(
        name="condition that vanishes when it is undefined",
        file=FEE,
        old="\tnot _within_limit_or_held\n",
        new="\t_fee > _limit\n",
        says="HEAD_NOT_NEGATED: deny: the body negates no helper",
    ),
    Planted(
        name="negated comparison instead of a helper",
        file=FEE,
        old="\tnot _within_limit_or_held\n",
        new="\tnot _fee <= _limit\n",
        says="HEAD_NOT_NEGATED: deny: the body negates no helper",
    ),
    Planted(
        name="negated call, which vanishes when its argument is undefined",
        file=FEE,
        old="\tnot _within_limit_or_held\n",
        new='\tnot _within_limit_or_held\n\tnot startswith(input.facts.fee.source, "derived")\n',
        says="HEAD_NOT_NEGATED: deny: the body negates something else than a helper",
    ),
    Planted(
        name="title that is not the annotation's",
        file=FEE,
        old='"FEE_NOT_BOUNDED": "The bytes do not bound the fee."',
        new='"FEE_NOT_BOUNDED": "The fee is free."',
        says='TEXT_DIFFERS: hold: title["FEE_NOT_BOUNDED"] is not the METADATA\'s title',
    ),
    Planted(
        name="remediation that is missing",
        file=FEE,
        old=(
            '\t"FEE_NOT_BOUNDED": "Look at the missing facts of this request, '
            "or say in rules/fee_limit why the chain's fees need no bound.\",\n"
        ),
        new="",
        says='TEXT_DIFFERS: hold: remediation["FEE_NOT_BOUNDED"] is not the METADATA\'s remediation',
    ),
    Planted(
        name="message with a condition",
        file=CONTRADICTIONS,
        old='message["CONTRADICTION_HELD"] := sprintf("contradicted: %s", [concat(", ", _codes)])\n',
        new='message["CONTRADICTION_HELD"] := code if some code in _codes\n',
        says="MESSAGE_VARIES: the message of CONTRADICTION_HELD has a condition or a variable",
    ),
    Planted(
        name="message with a variable in a reference",
        file=CONTRADICTIONS,
        old='message["CONTRADICTION_HELD"] := sprintf("contradicted: %s", [concat(", ", _codes)])\n',
        new='message["CONTRADICTION_HELD"] := input.contradictions[_].code\n',
        says="MESSAGE_VARIES: the message of CONTRADICTION_HELD has a condition or a variable",
    ),
    Planted(
        name="two messages for one code",
        file=CONTRADICTIONS,
        old='message["CONTRADICTION_HELD"] :=',
        new='message["CONTRADICTION_DENIED"] :=',
        says="MESSAGE_VARIES: CONTRADICTION_DENIED has 2 messages",
    ),
    Planted(
        name="message under a computed code",
        file=CONTRADICTIONS,
        old='message["CONTRADICTION_HELD"] := sprintf("contradicted: %s", [concat(", ", _codes)])\n',
        new='message[code] := "contradicted" if some code in _codes\n',
        says="MESSAGE_VARIES: the message of code has a condition or a variable",
    ),
    Planted(
        name="comparison with a value that the schema does not have",
        file=PROVENANCE,
        old='input.facts.status == "PROVEN"',
        new='input.facts.status == "PROVED"',
        says='ENUM_UNKNOWN: facts.status is compared with "PROVED"',
    ),
    Planted(
        name="comparison with another input version",
        file=MAIN,
        old='input.schema == "placet.input/v1"',
        new='"placet.input/v2" == input.schema',
        says='ENUM_UNKNOWN: schema is compared with "placet.input/v2"',
    ),
    Planted(
        name="print, which would write requests into OPA's log",
        file=FEE,
        old="_configured if {\n\t_limit >= 0\n",
        new="_configured if {\n\tprint(input.request)\n\t_limit >= 0\n",
        says="PRINT_USED: print writes what it is given into OPA's log",
    ),
    Planted(
        name="package in another directory",
        file=FEE,
        old="package placet.rules.fee_limit\n",
        new="package placet.rules.fees\n",
        says="DIRECTORY_DIFFERS: the package is data.placet.rules.fees",
    ),
    Planted(
        name="rule that no profile names",
        file=FEE,
        old="package placet.rules.fee_limit\n",
        new="package placet.rules.fees\n",
        says="RULE_UNNAMED: fees is in no profile and has no custom.unused",
    ),
    Planted(
        name="profile that names nothing",
        file=FEE,
        old="package placet.rules.fee_limit\n",
        new="package placet.rules.fees\n",
        says="PROFILE_NAMES_NOTHING: there is no rule fee_limit",
    ),
    Planted(
        name="second entrypoint",
        file=FEE,
        old="# title: Fee limit\n",
        new="# title: Fee limit\n# entrypoint: true\n",
        says="ENTRYPOINTS: entrypoints are: data.placet.main.decision, data.placet.rules.fee_limit",
    ),
]
