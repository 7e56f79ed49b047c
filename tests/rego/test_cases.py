"""The decisions of `policies/cases` on the real OPA, and that the cases themselves are sound."""

import json

import pytest
from jsonschema import Draft7Validator
from opa_binary import opa_binary
from placet_cli.policy.cases import Case, read_cases, read_inputs
from placet_cli.policy.decisions import Decided, decide
from policy_folder import POLICIES

CASES = read_cases(POLICIES)
INPUTS = read_inputs(POLICIES)


@pytest.fixture(scope="module")
def decisions() -> dict[str, Decided]:
    """Every case's decision, by the case's name."""
    return {decided.case.name: decided for decided in decide(POLICIES, CASES, opa=opa_binary())}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_decision_is_the_expected_one(case: Case, decisions: dict[str, Decided]) -> None:
    """A case's effect and codes are what OPA answers, in that order."""
    assert decisions[case.name].found == case.expected


def test_every_decision_has_the_agreed_shape(decisions: dict[str, Decided]) -> None:
    """Every answer has exactly the four fields of design section 5, and every reason its four texts."""
    for decided in decisions.values():
        decision = decided.decision
        assert decision.keys() == {"schema", "effect", "reasons", "rules_evaluated"}
        assert decision["schema"] == "placet.decision/v1"
        assert (decision["effect"] == "allow") == (decision["reasons"] == [])
        for reason in decision["reasons"]:
            assert reason.keys() == {"code", "rule", "message", "remediation"}
            assert all(isinstance(text, str) and text for text in reason.values())


@pytest.mark.parametrize("name", sorted(INPUTS))
def test_base_input_fits_the_schema(name: str) -> None:
    """What cases start from is a complete placet.input/v1 document."""
    schema = json.loads((POLICIES / "schemas" / "input.schema.json").read_bytes())

    assert [error.message for error in Draft7Validator(schema).iter_errors(INPUTS[name])] == []
