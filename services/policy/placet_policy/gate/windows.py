"""Windows of time over which approvals are added up (``data.placet.windows``); the rules that limit them name them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from placet_policy.errors import BundleRefused
from placet_policy.ledger.history import Window

if TYPE_CHECKING:
    from collections.abc import Mapping

    from placet_callback.strict_json import JSONValue

MAX_WINDOWS: Final = 8
"""Each costs two look-ups for every series of a request."""
MAX_SECONDS: Final = 400 * 24 * 60 * 60
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}", re.ASCII)


def parse_windows(placet: Mapping[str, JSONValue]) -> tuple[Window, ...]:
    """Read ``windows`` of the bundle's data, by name; absent is none, so that a rule that names one holds.

    Raises:
        BundleRefused: not an object of at most ``MAX_WINDOWS`` names, each ``{"seconds": 1 … MAX_SECONDS}``.
    """
    windows = placet.get("windows", {})
    if not isinstance(windows, dict):
        raise BundleRefused("not an object", "placet.windows")
    if len(windows) > MAX_WINDOWS:
        raise BundleRefused(f"more than {MAX_WINDOWS} windows", "placet.windows")
    return tuple(_window(name, windows[name]) for name in sorted(windows))


def _window(name: str, value: JSONValue) -> Window:
    path = f"placet.windows.{name}"
    if _NAME.fullmatch(name) is None:
        raise BundleRefused("not the name of a window", path)
    if not isinstance(value, dict) or value.keys() != {"seconds"}:
        raise BundleRefused("a window has exactly one member, seconds", path)
    seconds = value["seconds"]
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 1 <= seconds <= MAX_SECONDS:
        raise BundleRefused(f"seconds is not a whole number from 1 to {MAX_SECONDS}", path)
    return Window(name=name, seconds=seconds)
