"""The heads of rules are read by OPA's own parser: code, effect, and the helpers that the body names."""

import pytest
from opa_binary import opa_binary
from placet_cli.policy.folder import BrokenInputError
from placet_cli.policy.heads import Head, evaluate, read_heads

RULE = """package placet.rules.x

deny contains "TOO_MUCH" if {
	_configured
	not _within
	input.facts.status == "PROVEN"
}

hold contains "MISSING" if not _configured

hold contains code if some code in _codes

_configured if input.x

_within if input.y

_codes contains "A" if input.z
"""


def test_each_head_with_a_literal_code_is_read() -> None:
    """Helpers with whether they are wanted; an expression of another kind and a computed code are left out."""
    heads = read_heads({"placet/rules/x/x.rego": RULE}, opa=opa_binary())
    assert heads == {
        ("x", "TOO_MUCH"): [Head(effect="deny", body=(("_configured", True), ("_within", False)))],
        ("x", "MISSING"): [Head(effect="hold", body=(("_configured", False),))],
    }


@pytest.mark.parametrize("query", ["input.nowhere", "input.x ==="])
def test_what_opa_cannot_evaluate_is_one_error(query: str) -> None:
    """Undefined and broken alike."""
    with pytest.raises(BrokenInputError, match=r"^OPA cannot evaluate this:"):
        evaluate(query, {"x": 1}, opa=opa_binary())
