"""``mutate.yaml``: survivors that people accept, each with the reason why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from placet_cli.errors import CliError
from placet_cli.policy.mutation.results import Result
from placet_cli.yaml_file import read_yaml

FILE = "mutate.yaml"
"""The file's name in the policy folder."""

_FIELDS = ("package", "rule", "operator", "before", "after", "reason")


class AcceptedError(CliError):
    """The list cannot be read, or an entry is stale; the text names the entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """One entry.

    Attributes:
        key: Package, rule, operator, and the texts before and after, white space counting as one blank.
        reason: Why nothing has to notice it.
    """

    key: tuple[str, ...]
    reason: str


def read_accepted(policies: Path) -> list[Accepted]:
    """Read the list; a folder without one accepts nothing.

    Raises:
        AcceptedError: It is no list of entries with exactly the fields of one, all of them texts, and with a reason.
    """
    file = policies / FILE
    if not file.is_file():
        return []
    entries = read_yaml(file) or []
    if not isinstance(entries, list):
        raise AcceptedError(f"{file}: is not a list")
    return [_entry(f"{file}: entry {number}", entry) for number, entry in enumerate(entries, start=1)]


def with_reasons(results: Sequence[Result], accepted: Sequence[Accepted]) -> list[Result]:
    """The results, those that somebody accepts with the reason."""
    reasons = {entry.key: entry.reason for entry in accepted}
    return [replace(each, reason=reasons.get(_key(each), "")) if each.survived else each for each in results]


def stale(
    results: Sequence[Result], accepted: Sequence[Accepted], *, judged: Callable[[str], bool]
) -> list[tuple[str, ...]]:
    """The keys of entries that no survivor has any more.

    Args:
        results: What the run found.
        accepted: The list.
        judged: Whether the run judged a package; what it left out is not stale.
    """
    survivors = {_key(result) for result in results if result.survived}
    return [entry.key for entry in accepted if judged(entry.key[0]) and entry.key not in survivors]


def as_entry(result: Result) -> str:
    """A survivor as the line of YAML that would accept it, but for the reason."""
    fields: dict[str, str] = dict(zip(_FIELDS, (*_key(result), "…"), strict=True))
    flow: str = yaml.safe_dump([fields], default_flow_style=None, sort_keys=False, width=10_000, allow_unicode=True)
    return flow.strip()


def _entry(place: str, entry: Any) -> Accepted:
    if not isinstance(entry, dict) or set(entry) != set(_FIELDS):
        raise AcceptedError(f"{place}: has the fields {', '.join(_FIELDS)}, and no others")
    if not all(isinstance(value, str) for value in entry.values()):
        raise AcceptedError(f"{place}: every field is a text; put quotes around true, null and numbers")
    if not entry["reason"].strip():
        raise AcceptedError(f"{place}: says no reason")
    return Accepted(key=tuple(_one_line(entry[name]) for name in _FIELDS[:-1]), reason=entry["reason"].strip())


def _key(result: Result) -> tuple[str, ...]:
    return tuple(_one_line(getattr(result, name)) for name in _FIELDS[:-1])


def _one_line(text: str) -> str:
    return " ".join(text.split())
