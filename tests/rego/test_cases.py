"""The decisions of `policies/cases` on the real OPA, and that the cases themselves are sound."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from policy_cases import Case, bases, cases, decide
from policy_folder import POLICIES

CASES = cases()


@pytest.fixture(scope="module")
def decisions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Every case's decision, by the case's name."""
    answers = decide(tmp_path_factory.mktemp("cases"), CASES)
    return {case.name: answer for case, answer in zip(CASES, answers, strict=True)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_decision_is_the_expected_one(case: Case, decisions: dict[str, dict[str, Any]]) -> None:
    """A case's effect and codes are what OPA answers, in that order."""
    decision = decisions[case.name]

    assert {"effect": decision["effect"], "codes": [r["code"] for r in decision["reasons"]]} == case.expected


def test_every_decision_has_the_agreed_shape(decisions: dict[str, dict[str, Any]]) -> None:
    """Every answer has exactly the four fields of design section 5, and every reason its four texts."""
    for decision in decisions.values():
        assert decision.keys() == {"schema", "effect", "reasons", "rules_evaluated"}
        assert decision["schema"] == "placet.decision/v1"
        assert (decision["effect"] == "allow") == (decision["reasons"] == [])
        for reason in decision["reasons"]:
            assert reason.keys() == {"code", "rule", "message", "remediation"}
            assert all(isinstance(text, str) and text for text in reason.values())


def test_case_names_are_unique() -> None:
    """No two cases share file and name, so that a failure names one case."""
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("name", sorted(bases()))
def test_base_input_fits_the_schema(name: str) -> None:
    """What cases start from is a complete placet.input/v1 document."""
    schema = json.loads((POLICIES / "schemas" / "input.schema.json").read_bytes())

    assert [error.message for error in Draft7Validator(schema).iter_errors(bases()[name])] == []


def test_a_changed_place_must_exist(tmp_path: Path) -> None:
    """A case that changes a misspelt place is refused instead of deciding something else."""
    folder = tmp_path / "cases"
    folder.mkdir()
    (folder / "inputs.yaml").write_text("base: {facts: {}}\n", encoding="utf-8")
    wrong = "- {name: a, input: base, data: shipped, set: {/fact/status: PROVEN}, expect: {effect: hold, codes: []}}\n"
    (folder / "wrong.yaml").write_text(wrong, encoding="utf-8")

    with pytest.raises(KeyError, match="fact"):
        cases(tmp_path)


def test_a_case_changes_no_other_case(tmp_path: Path) -> None:
    """A value that several cases share by an anchor is each case's own: a change inside it stays in its case."""
    folder = tmp_path / "cases"
    folder.mkdir()
    (folder / "inputs.yaml").write_text("base: {facts: {}}\n", encoding="utf-8")
    common = "input: base, data: shipped, expect: {effect: hold, codes: []}"
    (folder / "shared.yaml").write_text(
        f"- {{name: a, {common}, set: &shared {{/facts/fee: {{max: 1}}}}}}\n"
        f"- {{name: b, {common}, set: {{<<: *shared, /facts/fee/max: 2}}}}\n",
        encoding="utf-8",
    )
    shutil.copytree(POLICIES / "bundle", tmp_path / "bundle")

    assert [case.input["facts"]["fee"]["max"] for case in cases(tmp_path)] == [1, 2]
