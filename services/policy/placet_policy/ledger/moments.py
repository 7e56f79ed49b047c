"""Times as people write them, and as the ledger stores them: microseconds since 1970-01-01T00:00:00Z."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import UTC, datetime
from typing import Final

_MICROSECONDS: Final = 1_000_000


def moment(text: str) -> int:
    """Read an RFC 3339 time or a date (its midnight, UTC) as microseconds since 1970.

    Raises:
        ArgumentTypeError: it is none; the text says how to write one.
    """
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no time; write 2026-01-31 or 2026-01-31T12:00:00Z") from error
    if len(text) == len("2026-01-31"):
        read = read.replace(tzinfo=UTC)
    if read.tzinfo is None:
        raise ArgumentTypeError(f"{text!r} has no offset; write 2026-01-31T12:00:00Z")
    return round(read.timestamp() * _MICROSECONDS)
