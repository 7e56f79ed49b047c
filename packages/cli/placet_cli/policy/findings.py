"""What the bench finds in a policy folder: one shape for every fault, whoever found it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    """A policy with it could decide wrongly; no bundle is built."""
    WARNING = "warning"
    """Something that people need is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What findings of one id have in common.

    Attributes:
        title: What it is, in a few words.
        remedy: What to do about it.
        level: How bad it is.
    """

    title: str
    remedy: str
    level: Level = Level.ERROR


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault.

    Attributes:
        id: UPPER_SNAKE, the same for ever: people filter by it.
        file: The path below the policy folder.
        line: From 1; 1 where the fault is the whole file's.
        text: What is wrong there.
        kind: What is common to all with this id.
        advice: What to do about this one, where that says more than the remedy of its kind.
    """

    id: str
    file: str
    line: int
    text: str
    kind: Kind
    advice: str = ""

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return self.advice or self.kind.remedy

    @property
    def order(self) -> tuple[str, int, str, str]:
        """By place, so that one run's list is like the next one's."""
        return (self.file, self.line, self.id, self.text)


def as_text(findings: Sequence[Finding]) -> str:
    """Write findings for people: place, level, id and sentence on one line, the remedy below it."""
    lines = []
    for each in findings:
        lines.append(f"{each.file}:{each.line}: {each.kind.level}: {each.id}: {each.text}")
        lines.append(f"  → {each.remedy}")
    return "".join(f"{line}\n" for line in lines)


def as_json(findings: Sequence[Finding]) -> str:
    """Write findings for programs: a list of objects with id, level, file, line, text, title and remedy."""
    return json.dumps([_object(each) for each in findings], indent=2, ensure_ascii=False) + "\n"


def _object(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "level": finding.kind.level.value,
        "file": finding.file,
        "line": finding.line,
        "text": finding.text,
        "title": finding.kind.title,
        "remedy": finding.remedy,
    }
