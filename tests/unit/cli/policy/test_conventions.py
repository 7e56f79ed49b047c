"""What the checks in Rego are told of cases: which rules each runs."""

from typing import Any

import pytest
from placet_cli.policy.cases import Case
from placet_cli.policy.conventions import rules_of

PROFILES = {
    "request_types": {"KEY_SIGN": {"rules": ["a", "b"]}},
    "key_groups": {"hot": {"KEY_SIGN": {"rules": ["c"], "also": {"d": {}}}}},
}


@pytest.mark.parametrize(
    ("document", "rules"),
    [
        ({"request": {"type": "KEY_SIGN"}}, ["a", "b"]),
        ({"request": {"type": "KEY_SIGN"}, "facts": {"signer": {"group": "hot"}}}, ["c", "d"]),
        ({"request": {"type": "KEY_SIGN"}, "facts": {"signer": None}}, ["a", "b"]),
        ({"request": {"type": "KEY_GEN"}}, []),
        ({}, []),
        ({"request": None, "facts": None}, []),
    ],
)
def test_a_case_runs_the_rules_of_its_profile(document: dict[str, Any], rules: list[str]) -> None:
    """The profile of the signing key's group, else of the request type, as data.placet.main chooses it."""
    case = Case(name="n", file="f", input=document, data={"profiles": PROFILES}, effect="allow", codes=[])

    assert rules_of(case) == rules
