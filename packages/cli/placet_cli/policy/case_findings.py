"""Faults of cases, and cases that are decided otherwise, as findings."""

import re
from collections.abc import Iterable
from pathlib import Path

from placet_cli.policy.cases import Case, CaseError, try_cases
from placet_cli.policy.decisions import Decided
from placet_cli.policy.findings import Finding
from placet_cli.policy.kinds import KINDS


def sound_cases(policies: Path) -> tuple[list[Case], list[Finding]]:
    """Read the cases of a folder.

    Returns:
        Those that can be decided, and a finding for each other.

    Raises:
        CaseError: The inputs that all start from cannot be read.
    """
    cases: list[Case] = []
    broken: list[Finding] = []
    for case in try_cases(policies):
        if isinstance(case, CaseError):
            text = str(case).removeprefix(f"{case.file}: ")
            name = text.partition(": ")[2].partition(": ")[0]
            broken.append(_finding("CASE_BROKEN", policies, case.file, name, text))
        else:
            cases.append(case)
    return cases, broken


def failed_cases(policies: Path, decided: Iterable[Decided]) -> list[Finding]:
    """Return a finding for every case whose decision is not the expected one."""
    return [
        _finding("CASE_FAILED", policies, each.case.file, each.case.name.partition(": ")[2], _difference(each))
        for each in decided
        if not each.holds
    ]


def _difference(decided: Decided) -> str:
    expected, found = decided.case, decided.found
    return (
        f"{expected.name}: expected {_words(expected.effect, expected.codes)},"
        f" decided {_words(str(found['effect']), found['codes'])}"
    )


def _words(effect: str, codes: list[str]) -> str:
    return f"{effect} ({', '.join(codes)})" if codes else effect


def _finding(id_: str, policies: Path, file: str, name: str, text: str) -> Finding:
    return Finding(id=id_, file=file, line=_line(policies / file, name), text=text, kind=KINDS[id_])


def _line(path: Path, name: str) -> int:
    """The line on which the case of this name begins; 1 where it cannot be told."""
    begins = re.compile(rf"[\s{{-]*name: *[\"']?{re.escape(name)}[\"']? *(,.*)?$")
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    return next((number for number, line in enumerate(text.splitlines(), start=1) if begins.match(line)), 1)
