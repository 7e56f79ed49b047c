"""Strict reading of one object of the registry's data: every member is read, and none is left over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

    from placet_callback.strict_json import JSONValue


class RegistryError(Exception):
    """The registry's data is wrong.

    Attributes:
        path: Where, e.g. `registry.tokens.ETH_USDT.decimals`.
        reason: What is wrong, without values.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The members of one object; null equals absent."""

    values: Mapping[str, JSONValue]
    path: str
    _read: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, value: JSONValue, path: str) -> Members:
        """Take a value as an object.

        Raises:
            RegistryError: It is none.
        """
        if not isinstance(value, dict):
            raise RegistryError(path, "not an object")
        return cls(values=value, path=path)

    def finish(self) -> None:
        """Refuse members that nobody read: a misspelt name must not pass for an absent one."""
        for name in self.values:
            if name not in self._read:
                raise RegistryError(f"{self.path}.{name}", "unknown member")

    def text(self, name: str) -> str:
        """A text that is not empty."""
        value = self._take(name)
        if not isinstance(value, str) or not value:
            raise self._error(name, "not a text")
        return value

    def pattern(self, name: str, pattern: re.Pattern[str], *, required: bool = True) -> str | None:
        """A text that matches."""
        if not required and self._take(name) is None:
            return None
        value = self.text(name)
        if pattern.match(value) is None:
            raise self._error(name, "not canonical")
        return value

    def choice(self, name: str, known: frozenset[str]) -> str:
        """One of the known texts."""
        value = self.text(name)
        if value not in known:
            raise self._error(name, "unknown value")
        return value

    def whole(self, name: str, lowest: int, highest: int) -> int:
        """A whole number inside the bounds."""
        value = self._take(name)
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            raise self._error(name, f"not a whole number from {lowest} to {highest}")
        return value

    def flag(self, name: str, *, default: bool | None = None) -> bool:
        """True or false."""
        value = self._take(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, bool):
            raise self._error(name, "not true or false")
        return value

    def texts(self, name: str, pattern: re.Pattern[str] | None = None) -> tuple[str, ...]:
        """A list of texts, each of which matches."""
        value = self._take(name)
        if not isinstance(value, list):
            raise self._error(name, "not a list")
        texts = tuple(entry for entry in value if isinstance(entry, str) and entry)
        if len(texts) != len(value) or (pattern is not None and not all(pattern.match(text) for text in texts)):
            raise self._error(name, "an entry is not canonical")
        return texts

    def absent(self, name: str) -> None:
        """A member that must be absent or null."""
        if self._take(name) is not None:
            raise self._error(name, "must be absent or null")

    def mapping(self, name: str, *, required: bool = True) -> Mapping[str, JSONValue]:
        """An object with names of its own; may be empty, because shipped lists are."""
        value = self._take(name)
        if value is None and not required:
            return {}
        if not isinstance(value, dict):
            raise self._error(name, "not an object")
        return value

    def _take(self, name: str) -> JSONValue:
        self._read.add(name)
        return self.values.get(name)

    def _error(self, name: str, reason: str) -> RegistryError:
        return RegistryError(f"{self.path}.{name}", reason)
