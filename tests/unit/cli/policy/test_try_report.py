"""A tried request as people read it: facts, decision, what to do, and why each code did or did not fire."""

import json

from placet_cli.policy.tracing import CodeTrace, Condition, RuleTrace
from placet_cli.policy.try_report import Report, as_json, as_text


def code(name: str, *conditions: tuple[str, bool, bool], fired: bool, effect: str = "deny") -> CodeTrace:
    """A code whose conditions are helper, wanted, true."""
    return CodeTrace(
        code=name,
        effect=effect,
        fired=fired,
        title="Too much.",
        message="5 ETH is too much" if fired else "Too much.",
        remediation="Ask for less.",
        conditions=tuple(Condition(helper=helper, wanted=wanted, true=true) for helper, wanted, true in conditions),
    )


RULES = (
    RuleTrace(
        name="amount_limit",
        asked=True,
        codes=(
            code("ABOVE", ("_configured", True, True), ("_within_limits", False, False), fired=True),
            code("NOT_CONFIGURED", ("_configured", False, True), fired=False, effect="hold"),
            code("OTHER", fired=False),
        ),
    ),
    RuleTrace(name="quiet", asked=True, codes=()),
    RuleTrace(name="key_group", asked=False, codes=()),
)
REPORT = Report(
    name="pay.json",
    release="policies",
    facts={
        "status": "UNPROVABLE",
        "summary": ["Send 5 ETH to Bob.", "memo\n\x1b[2J"],
        "signer": {"group": "hot"},
        "missing": [{"code": "PATH_NOT_PINNED", "path": "bip32_path_list[0]"}],
    },
    effect="deny",
    reasons=[{"code": "ABOVE", "rule": "amount_limit", "message": "5 ETH is too much", "remediation": "Ask for less."}],
    rules=RULES,
    notes=("as if nothing had been approved before",),
)


def test_people_read_why() -> None:
    """Helpers in words; of a code that fired all its conditions, of another one those that stopped it."""
    assert as_text(REPORT) == (
        "pay.json, under policies\n"
        "  note: as if nothing had been approved before\n"
        "\n"
        "Facts  UNPROVABLE\n"
        "  Send 5 ETH to Bob.\n"
        "  memo\ufffd\ufffd[2J\n"
        "  Signed by a key of group hot.\n"
        "  Missing: PATH_NOT_PINNED at bip32_path_list[0]\n"
        "\n"
        "Decision  ✗ DENY: the node would be answered REJECT, for good\n"
        "  ABOVE (amount_limit): 5 ETH is too much\n"
        "    what to do: Ask for less.\n"
        "\n"
        "Rules  2 asked\n"
        "  amount_limit denies\n"
        "    ✗ ABOVE: 5 ETH is too much [“configured” is true, “within limits” is not true]\n"
        "    · NOT_CONFIGURED did not fire (“configured” is true)\n"
        "    · OTHER did not fire (its condition is not met)\n"
        "  quiet has no objection\n"
        "Not asked, because the profile of this request does not name them: key_group\n"
    )


def test_programs_read_the_same() -> None:
    """One object with all of it."""
    said = json.loads(as_json(REPORT))
    assert said["effect"] == "deny"
    assert said["rules"][0]["codes"][0]["conditions"][1] == {
        "helper": "_within_limits",
        "wanted": False,
        "true": False,
    }
