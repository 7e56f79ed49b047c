"""Go-style durations (``30s``, ``5m``, ``1h30m``), the form of ``monitor_interval`` (protocol e.1)."""

import re
from fractions import Fraction

_UNITS = {
    "ns": Fraction(1, 1_000_000_000),
    "us": Fraction(1, 1_000_000),
    "\u00b5s": Fraction(1, 1_000_000),
    "ms": Fraction(1, 1000),
    "s": Fraction(1),
    "m": Fraction(60),
    "h": Fraction(3600),
}
_TERM = re.compile(r"(\d+(?:\.\d+)?|\.\d+)(ns|us|\u00b5s|ms|s|m|h)", re.ASCII)
_LONGEST_TEXT = 64


def parse_duration(text: str) -> float:
    """Read a duration as Go's ``time.ParseDuration`` does, without a sign.

    Args:
        text: One or more numbers, each with a unit: ``30s``, ``5m``, ``1h``, ``1h30m``, ``1.5h``; or ``0``.

    Returns:
        Seconds.

    Raises:
        ValueError: The text is not such a duration; a bare number has no unit and is refused.
    """
    if text == "0":
        return 0.0
    terms = list(_TERM.finditer(text[:_LONGEST_TEXT]))
    if not terms or "".join(term.group() for term in terms) != text:
        raise ValueError(f"{text[:_LONGEST_TEXT]!r} is not a duration such as 30s, 5m or 1h")
    return float(sum(Fraction(term.group(1)) * _UNITS[term.group(2)] for term in terms))
