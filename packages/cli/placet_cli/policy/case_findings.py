"""Faults of cases, and cases that are decided otherwise, as findings."""

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from placet_cli.errors import CliError
from placet_cli.policy.cases import Case, CaseError, try_cases
from placet_cli.policy.decisions import Decided
from placet_cli.policy.findings import Finding
from placet_cli.policy.kinds import KINDS
from placet_cli.policy.trying_cases import command_for


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


def unread_cases(error: CliError) -> Finding:
    """Return the finding for cases of which none can be read."""
    return Finding(
        id="CASE_BROKEN", file="cases", line=1, text=f"no case can be read: {error}", kind=KINDS["CASE_BROKEN"]
    )


def failed_cases(policies: Path, decided: Iterable[Decided]) -> list[Finding]:
    """Return a finding for every case whose decision is not the expected one."""
    return [_failed(policies, each) for each in decided if not each.holds]


def _failed(policies: Path, decided: Decided) -> Finding:
    case = decided.case
    found = _finding("CASE_FAILED", policies, case.file, case.name.partition(": ")[2], _difference(decided))
    tried = f"`{command_for(policies, case)}` shows why each code fired or did not."
    return replace(found, advice=f"Mend the rule, or the case if it expects too much. {tried}")


def _difference(decided: Decided) -> str:
    expected, found = decided.case, decided.found
    decision = f"decided {_words(str(found['effect']), found['codes'])}" if not decided.error else decided.error
    return f"{expected.name}: expected {_words(expected.effect, expected.codes)}, {decision}"


def _words(effect: str, codes: list[str]) -> str:
    return f"{effect} ({', '.join(codes)})" if codes else effect


def _finding(id_: str, policies: Path, file: str, name: str, text: str) -> Finding:
    return Finding(id=id_, file=file, line=_line(policies / file, name), text=text, kind=KINDS[id_])


def _line(path: Path, name: str) -> int:
    """The line on which the case of this name begins; 1 where it cannot be told."""
    begins = re.compile(rf"[\s{{-]*name: *[\"']?{re.escape(name)}[\"']? *(,.*)?$")
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    return next((number for number, line in enumerate(text.splitlines(), start=1) if begins.match(line)), 1)
