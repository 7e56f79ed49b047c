"""`placet policy test`: failing tests, lines that none reaches, and failing cases, on the real OPA."""

from collections.abc import Callable
from pathlib import Path

import pytest
from opa_binary import opa_binary
from placet_cli.policy.folder import BrokenFolderError
from placet_cli.policy.testing import Outcome, run_tests
from policy_folder import silent
from small_policies import replace, small_policies

MAIN = "bundle/placet/main/main.rego"
TEST = "bundle/placet/main/main_test.rego"


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """A folder in which everything holds."""
    return small_policies(tmp_path / "policies")


def _tested(policies: Path) -> Outcome:
    return run_tests(policies, opa=opa_binary(), phase=silent)


def _found(policies: Path) -> list[tuple[str, str, int, str]]:
    return [(each.id, each.file, each.line, each.text) for each in _tested(policies).findings]


def test_what_holds_is_counted(policies: Path) -> None:
    """Two tests reach every line, two cases are decided as written, and progress hears of each step."""
    heard: list[str] = []

    def phase(name: str, steps: int) -> Callable[[], None]:
        heard.append(f"{name} {steps}")
        return lambda: heard.append(name)

    tested = run_tests(policies, opa=opa_binary(), phase=phase)

    assert tested == Outcome(findings=[], tests=2, cases=2, coverage=100.0)
    assert heard == ["Rego tests 1", "Rego tests", "cases 2", "cases", "cases"]


def test_a_line_that_no_test_reaches_is_named(policies: Path) -> None:
    """The line, not only a percentage."""
    replace(policies, MAIN, "input.chain]\n", 'input.chain]\n\n_effect := "deny" if input.chain == "BTC"\n')

    tested = _tested(policies)

    assert [(each.id, each.file, each.line, each.text) for each in tested.findings] == [
        ("LINE_NOT_COVERED", MAIN, 9, "no test reaches this line"),
    ]
    assert tested.coverage is not None
    assert tested.coverage < 100


def test_a_failing_test_is_named_and_the_cases_are_decided_all_the_same(policies: Path) -> None:
    """Where a test fails coverage is not measured; everything else is."""
    replace(policies, TEST, 'effect("TRON") == "hold"', 'effect("TRON") == "deny"')
    replace(policies, "cases/on.yaml", "effect: hold, codes: []", "effect: deny, codes: [X]")

    tested = _tested(policies)

    assert [(each.id, each.file, each.line, each.text) for each in tested.findings] == [
        ("TEST_FAILED", TEST, 11, "test_holds_the_rest fails"),
        ("CASE_FAILED", "cases/on.yaml", 1, "on: nothing is on: expected deny (X), decided hold"),
    ]
    assert (tested.tests, tested.cases, tested.coverage) == (2, 2, None)
    assert tested.findings[-1].remedy == (
        "Mend the rule, or the case if it expects too much. "
        f"`placet policy try {policies}/cases/on.yaml --case 'nothing is on'` shows why each code fired or did not."
    )


def test_a_broken_case_is_a_finding_beside_the_others(policies: Path) -> None:
    """It proves nothing, and does not keep the others from being decided."""
    replace(policies, "cases/on.yaml", "name: one is on\n  input: one", "name: one is on\n  input: two")

    assert _found(policies) == [
        ("CASE_BROKEN", "cases/on.yaml", 6, "on: one is on: input: there is no 'two', only one"),
    ]


def test_rules_that_conflict_fail_the_case(policies: Path) -> None:
    """An evaluation that ends in an error has no decision."""
    replace(policies, MAIN, "input.chain]\n", 'input.chain]\n\n_effect := "deny" if input.chain == "ETH"\n')

    found = _found(policies)

    assert [each[:3] for each in found] == [
        ("TEST_FAILED", TEST, 9),
        ("CASE_FAILED", "cases/on.yaml", 1),
        ("CASE_FAILED", "cases/on.yaml", 6),
    ]
    assert "produced conflicting values" in found[0][3]
    assert found[1][3] == "on: nothing is on: expected hold, decided deny"
    assert "produced conflicting values" in found[2][3]


@pytest.mark.parametrize(("name", "lacks"), [(TEST, "Rego tests"), ("cases/on.yaml", "cases")])
def test_nothing_to_test_is_a_broken_folder(policies: Path, name: str, lacks: str) -> None:
    """A folder that proves nothing must not look as if it had been tested."""
    (policies / name).unlink()

    with pytest.raises(BrokenFolderError) as refused:
        _tested(policies)
    assert str(refused.value) == f"{policies}: has no {lacks}; nothing is proved"


def test_rego_that_does_not_compile_is_a_broken_folder(policies: Path) -> None:
    """So is one with a banned builtin, which is not called even in a test."""
    replace(policies, MAIN, "input.chain]\n", "input.chain]\n\n_now := time.now_ns()\n")

    with pytest.raises(BrokenFolderError, match=r"undefined function time\.now_ns"):
        _tested(policies)
