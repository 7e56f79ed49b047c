"""The Rego tests of a policy folder and their coverage, and its cases, on the pinned OPA."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from placet_cli.errors import CliError
from placet_cli.policy.case_findings import failed_cases, sound_cases
from placet_cli.policy.decisions import decide
from placet_cli.policy.findings import Finding
from placet_cli.policy.folder import judging
from placet_cli.policy.kinds import KINDS
from placet_cli.policy.opa_run import run_opa

_LIMITS = ("--capabilities", "capabilities.json")
_TEST = re.compile(r"^test_\w+", re.MULTILINE)
_FAILED = 2
"""OPA's exit status when tests fail."""


class Progress(Protocol):
    """Told what is being done: a phase with its number of steps, and each step."""

    def phase(self, name: str, steps: int) -> Callable[[], None]:
        """Begin a phase; what is returned is called after each of its steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """What testing a folder came to.

    Attributes:
        findings: What failed, by file and line; empty when everything holds.
        tests: How many Rego tests there are.
        cases: How many cases were decided.
        coverage: The share of the bundle's lines that the Rego tests reach, in percent; None where a test failed.
    """

    findings: list[Finding]
    tests: int
    cases: int
    coverage: float | None


def run_tests(policies: Path, *, opa: Path, progress: Progress) -> Tested:
    """Run the Rego tests with their coverage, then decide every case.

    Args:
        policies: Laid out like ``policies/``.
        opa: The pinned OPA.
        progress: Is told how far it is.

    Raises:
        BrokenFolderError: The folder is not laid out so, its Rego does not compile, or there is nothing to test.
    """
    with judging(policies):
        step = progress.phase("Rego tests", 1)
        report, results = _coverage(policies, opa), None
        if report is None:
            results = _tests(policies, opa)
        step()
        tests = _count(policies) if results is None else len(results)
        cases, broken = sound_cases(policies)
        if not tests or not (cases or broken):
            raise CliError(f"{policies}: has no {'cases' if tests else 'Rego tests'}; nothing is proved")
        decided = decide(policies, cases, opa=opa, progress=progress.phase("cases", len(cases)))
    failed = [_failed(each) for each in results or [] if each.get("fail") or each.get("error")]
    uncovered = [] if report is None else _uncovered(report)
    found = {*failed, *uncovered, *broken, *failed_cases(policies, decided)}
    return Tested(
        findings=sorted(found, key=lambda each: each.order),
        tests=tests,
        cases=len(cases),
        coverage=None if report is None else float(report["coverage"]),
    )


def _coverage(policies: Path, opa: Path) -> dict[str, Any] | None:
    """Run the tests once and return what they reach, as OPA reports it; None when not all of them pass."""
    # Two more runs would only explain why a line is not covered.
    options = ["--coverage", "--coverage-runs", "", "--format", "json", *_LIMITS]
    done = run_opa(opa, ["test", *options, "bundle"], cwd=policies)
    if done.returncode:
        return None
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _tests(policies: Path, opa: Path) -> list[dict[str, Any]]:
    done = run_opa(opa, ["test", "--format", "json", *_LIMITS, "bundle"], cwd=policies)
    if done.returncode != _FAILED:
        raise CliError(f"the Rego tests cannot be run:\n{(done.stderr or done.stdout).strip()}")
    results: list[dict[str, Any]] = json.loads(done.stdout)
    return results


def _count(policies: Path) -> int:
    files = (policies / "bundle").rglob("*_test.rego")
    return sum(len(set(_TEST.findall(file.read_text(encoding="utf-8")))) for file in files)


def _failed(result: dict[str, Any]) -> Finding:
    place, error = result.get("location") or {}, result.get("error")
    text = f"{result.get('name')} {'fails' if error is None else f'cannot be evaluated: {_message(error)}'}"
    return Finding(
        id="TEST_FAILED",
        file=str(place.get("file", "bundle")),
        line=int(place.get("row", 1)),
        text=text,
        kind=KINDS["TEST_FAILED"],
    )


def _message(error: Any) -> str:
    return str(error.get("message", error)) if isinstance(error, dict) else str(error)


def _uncovered(report: dict[str, Any]) -> Iterator[Finding]:
    for file, lines in report["files"].items():
        for part in lines.get("not_covered", []):
            first, last = part["start"]["row"], part["end"]["row"]
            text = "no test reaches this line" if first == last else f"no test reaches lines {first} to {last}"
            kind = KINDS["LINE_NOT_COVERED"]
            yield Finding(id="LINE_NOT_COVERED", file=file, line=first, text=text, kind=kind)
