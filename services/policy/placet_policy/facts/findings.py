"""What was found while a request was read: what is missing, and what contradicts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from placet_policy.facts.printable import printable

if TYPE_CHECKING:
    from placet_policy.codes import Code

# A request with a thousand wrong hashes is as wrong as one with eight. The cap is per code and not in all, because a
# code that was crowded out could otherwise hide behind codes that the release accepts.
MAX_PER_CODE: Final = 8
MAX_VALUE_CHARS: Final = 200


@dataclass(frozen=True, slots=True)
class Missing:
    """Something without which the request cannot be proven.

    Attributes:
        code: A code of kind missing.
        path: Where it was looked for, e.g. `extra_info.transaction.chain_id`.
    """

    code: Code
    path: str

    def to_json(self) -> dict[str, str]:
        """The form of the input document, `facts.missing[]`."""
        return {"code": str(self.code), "path": self.path}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two decoded statements that differ, or a hash or derivation that is wrong.

    Attributes:
        code: A code of kind contradiction.
        path: The declared statement, e.g. `extra_info.transaction.destination.account_output.amount`.
        declared: What was declared, canonical text.
        proven: What the bytes, the derivation or the other statement say, canonical text.
    """

    code: Code
    path: str
    declared: str
    proven: str

    def to_json(self) -> dict[str, str]:
        """The form of the input document, `contradictions[]`."""
        return {"code": str(self.code), "path": self.path, "declared": self.declared, "proven": self.proven}


@dataclass(slots=True)
class Findings:
    """Collects findings in the order they were made, each once and at most `MAX_PER_CODE` of a code."""

    missing: list[Missing] = field(default_factory=list)
    contradictions: list[Contradiction] = field(default_factory=list)
    _seen: Counter[str] = field(default_factory=Counter)

    def miss(self, code: Code, path: str) -> None:
        """Note that something is missing at `path`."""
        finding = Missing(code, path)
        if finding not in self.missing and self._room(code):
            self.missing.append(finding)

    def contradict(self, code: Code, path: str, *, declared: object, proven: object) -> None:
        """Note that the statement at `path` differs from what was proven."""
        if self._seen[code] >= MAX_PER_CODE:
            return  # Long values, of which there may be thousands, are only made fit to be shown where they will be.
        finding = Contradiction(code=code, path=path, declared=_shown(declared), proven=_shown(proven))
        if finding not in self.contradictions and self._room(code):
            self.contradictions.append(finding)

    def _room(self, code: Code) -> bool:
        self._seen[code] += 1
        return self._seen[code] <= MAX_PER_CODE


def _shown(value: object) -> str:
    """Declared values come from the requester and go to logs and terminals: printable, and not long."""
    return printable(str(value), MAX_VALUE_CHARS)
