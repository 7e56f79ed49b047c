"""Reading extra_info: the requester's statements, which may be absent, mistyped or anything else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from placet_policy.codes import Code

if TYPE_CHECKING:
    from collections.abc import Mapping

    from placet_callback.strict_json import JSONValue

    from placet_policy.facts.findings import Findings

MAX_RECORDS: Final = 512
"""Entries of a list in extra_info that are looked at, where nothing else is said; longer lists are unprovable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One object of extra_info.

    Every reader returns None (or nothing) for a statement that is absent or mistyped and notes why, so that no
    comparison can be skipped without a trace. With `required=False` an absent statement is no finding; a mistyped
    one still is.

    Attributes:
        members: The object, without nulls.
        path: Where it stands, e.g. `extra_info.transaction`.
        findings: Where problems are noted.
    """

    members: Mapping[str, JSONValue]
    path: str
    findings: Findings

    def at(self, name: str) -> str:
        """The path of a member."""
        return f"{self.path}.{name}"

    def text(self, name: str, *, required: bool = True) -> str | None:
        """A text; an empty one counts as absent, because the provider's examples write absent texts so."""
        value = self._member(name, required=required)
        if isinstance(value, str) and value:
            return value
        if value == "" and required:
            self.findings.miss(Code.DECLARATION_MISSING, self.at(name))
        elif value is not None and value != "":
            self._mistyped(name)
        return None

    def whole(self, name: str, *, required: bool = True) -> int | None:
        """A whole number; JSON's true and 1.0 are none."""
        value = self._member(name, required=required)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if value is not None:
            self._mistyped(name)
        return None

    def flag(self, name: str) -> bool | None:
        """True or false; nothing else is either."""
        value = self._member(name, required=True)
        if isinstance(value, bool):
            return value
        if value is not None:
            self._mistyped(name)
        return None

    def child(self, name: str, *, required: bool = True) -> Declared | None:
        """An object."""
        value = self._member(name, required=required)
        if isinstance(value, dict):
            return Declared(members=value, path=self.at(name), findings=self.findings)
        if value is not None:
            self._mistyped(name)
        return None

    def children(self, name: str, *, required: bool = True, most: int = MAX_RECORDS) -> tuple[Declared, ...]:
        """A list of objects, at most `most`; an empty one counts as absent."""
        value = self._list(name, required=required, most=most)
        if value == [] and required:
            self.findings.miss(Code.DECLARATION_MISSING, self.at(name))
        records = [self._record(entry, f"{self.at(name)}[{index}]") for index, entry in enumerate(value or ())]
        return tuple(record for record in records if record is not None)

    def texts(self, name: str, *, required: bool = True) -> tuple[str, ...]:
        """A list of texts; an empty one counts as absent."""
        value = self._list(name, required=required, most=MAX_RECORDS) or []
        texts = tuple(entry for entry in value if isinstance(entry, str))
        if len(texts) != len(value):
            self._mistyped(name)
            return ()
        return texts

    def _list(self, name: str, *, required: bool, most: int) -> list[JSONValue] | None:
        value = self._member(name, required=required)
        if isinstance(value, list) and len(value) <= most:
            return value
        if value is not None:
            self._mistyped(name)
        return None

    def _member(self, name: str, *, required: bool) -> JSONValue:
        value = self.members.get(name)
        if value is None and required:
            self.findings.miss(Code.DECLARATION_MISSING, self.at(name))
        return value

    def _record(self, value: JSONValue, path: str) -> Declared | None:
        if isinstance(value, dict):
            return Declared(members=value, path=path, findings=self.findings)
        self.findings.miss(Code.DECLARATION_NOT_CANONICAL, path)
        return None

    def _mistyped(self, name: str) -> None:
        self.findings.miss(Code.DECLARATION_NOT_CANONICAL, self.at(name))
