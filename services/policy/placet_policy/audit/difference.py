"""Where two JSON values differ first, named by a path as ``$.decision.reasons[0].message``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
ABSENT: Final = "(absent)"


@dataclass(frozen=True, slots=True)
class Difference:
    """One place.

    Attributes:
        path: from ``$``.
        recorded: what was recorded there; ``ABSENT`` for nothing.
        now: what is there now.
    """

    path: str
    recorded: Any
    now: Any


def first_difference(recorded: Any, now: Any, *, path: str = "$") -> Difference | None:
    """Return the first place where two values of JSON differ, in the order of the recorded one; None if none does."""
    return next(_differences(recorded, now, path), None)


def _differences(recorded: Any, now: Any, path: str) -> Iterator[Difference]:
    if isinstance(recorded, dict) and isinstance(now, dict):
        for name in (*recorded, *(name for name in now if name not in recorded)):
            yield from _differences(recorded.get(name, ABSENT), now.get(name, ABSENT), f"{path}{_step(name)}")
    elif isinstance(recorded, list) and isinstance(now, list):
        for index in range(max(len(recorded), len(now))):
            then, found = (values[index] if index < len(values) else ABSENT for values in (recorded, now))
            yield from _differences(then, found, f"{path}[{index}]")
    # True equals 1 in Python, and not in JSON.
    elif recorded != now or type(recorded) is not type(now):
        yield Difference(path, recorded, now)


def _step(name: str) -> str:
    return f".{name}" if _PLAIN.fullmatch(name) else f"[{name!r}]"
