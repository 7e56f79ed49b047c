"""Every known-bad policy of the corpus is refused, by the command and with the finding that its table says."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from opa_binary import opa_binary
from placet_cli.policy.check import check_folder
from placet_cli.policy.findings import Finding
from placet_cli.policy.mutation.results import score
from placet_cli.policy.mutation.workflow import Options, mutate
from placet_cli.policy.testing import run_tests
from policy_folder import POLICIES, silent

from scripts.traps import Trap, plant, traps

TRAPS = traps()
OF_MUTATE = [trap for trap in TRAPS if trap.refused_by == "mutate"]


def _folder(planted: Sequence[Trap], folder: Path) -> Path:
    shutil.copytree(POLICIES, folder)
    for trap in planted:
        plant(trap, folder)
    return folder


def _tested(policies: Path) -> list[Finding]:
    return run_tests(policies, opa=opa_binary(), phase=silent).findings


def _checked(policies: Path) -> list[Finding]:
    return check_folder(policies, opa=opa_binary())


_JUDGES: dict[str, Callable[[Path], list[Finding]]] = {"check": _checked, "test": _tested}


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Finding]]:
    """What a command finds in one folder with all the traps that it must refuse, each in files of its own."""
    found = {}
    for command, judge in _JUDGES.items():
        planted = [trap for trap in TRAPS if trap.refused_by == command and not trap.alone]
        found[command] = judge(_folder(planted, tmp_path_factory.mktemp(command) / "policies"))
    return found


@pytest.mark.parametrize(
    "trap", [each for each in TRAPS if each.finding], ids=lambda trap: f"{trap.number}-{trap.title}"
)
def test_a_trap_is_refused(trap: Trap, together: dict[str, list[Finding]], tmp_path: Path) -> None:
    """The named command has the named finding in the file that the trap is in."""
    judge = _JUDGES[trap.refused_by]
    found = judge(_folder([trap], tmp_path / "policies")) if trap.alone else together[trap.refused_by]

    assert (trap.finding, trap.at) in {(each.id, each.file) for each in found}


def test_traps_that_stand_together_are_apart() -> None:
    """No two traps of one run have the same finding in one file: each is refused for its own sake."""
    for command in _JUDGES:
        places = [(each.finding, each.at) for each in TRAPS if each.refused_by == command and not each.alone]
        assert len(set(places)) == len(places)


def test_what_mutate_alone_refuses_passes_the_others(tmp_path: Path) -> None:
    """A trap is marked for `mutate` only when neither `check` nor `test` finds anything."""
    policies = _folder(OF_MUTATE, tmp_path / "policies")

    assert [(each.id, each.file) for each in (*_checked(policies), *_tested(policies))] == []


@pytest.mark.parametrize("trap", OF_MUTATE, ids=lambda trap: f"{trap.number}-{trap.title}")
def test_mutate_refuses_what_it_alone_refuses(trap: Trap, tmp_path: Path) -> None:
    """Mutants of the trap's line survive, and with them its rule is below the score that `mutate` asks for."""
    policies = _folder([trap], tmp_path / "policies")
    options = Options(policies=policies, opa=opa_binary(), jobs=2, only=(trap.rule,), cached=False, searched=False)

    results = mutate(options, phase=silent).results

    assert {(each.package, each.rule) for each in results if each.survived} == {
        (f"placet.rules.{trap.rule}", "_allowed")
    }
    assert score(results).hundredths < 9_500


def test_the_corpus_has_what_was_promised() -> None:
    """At least thirty traps, most of which `check` refuses without deciding anything."""
    assert len(TRAPS) >= 30
    assert {each.refused_by for each in TRAPS} == {"check", "test", "mutate"}
    assert sum(each.refused_by == "check" for each in TRAPS) >= 30


def test_the_table_is_numbered_in_its_first_column() -> None:
    """People cite a trap by its number."""
    lines = (POLICIES.parent / "docs" / "policy-traps.md").read_text(encoding="utf-8").splitlines()
    numbers = [line.split("|")[1].strip() for line in lines if line.startswith("| ")]

    assert numbers == ["#", *(str(each.number) for each in TRAPS)]
