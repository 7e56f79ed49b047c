"""Rego tests run by the real OPA, a few modules at a time."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from placet_cli.policy.mutation.evaluation import run

_FAILED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a run of tests.

    Attributes:
        passed: Every test passed, or there was none.
        refused: The modules do not compile.
        words: The first test that failed, or what the compiler says.
    """

    passed: bool
    refused: bool = False
    words: str = ""


def run_tests(opa: Path, files: Sequence[Path]) -> Outcome:
    """Run the tests in some files.

    Args:
        opa: The pinned OPA.
        files: Modules with all that they see, and data.

    Raises:
        EvaluationError: OPA does not end.
    """
    done = run(opa, ["test", "--format", "json", *map(str, files)])
    try:
        results = json.loads(done.stdout or "[]") or []
    except ValueError:
        results = []
    failed = next((result for result in results if result.get("fail") or result.get("error")), None)
    if failed is not None:
        return Outcome(passed=False, words=f"{failed['package'].removeprefix('data.')}.{failed['name']}")
    if done.returncode == 0:
        return Outcome(passed=True)
    return Outcome(passed=False, refused=done.returncode != _FAILED, words=(done.stderr or done.stdout).strip())


def uncovered(opa: Path, files: Sequence[Path], file: Path) -> int:
    """How many lines of one file its tests do not reach.

    Raises:
        EvaluationError: OPA does not end, or a test fails.
    """
    done = run(opa, ["test", "--coverage", "--coverage-runs", "", "--format", "json", *map(str, files)])
    report = json.loads(done.stdout)["files"].get(str(file), {})
    lines: int = report.get("not_covered_lines", 0)
    return lines
