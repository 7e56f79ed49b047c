"""Times as people write them, and as the ledger stores them: microseconds since 1970-01-01T00:00:00Z."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

_MICROSECONDS: Final = 1_000_000


def moment(text: str) -> int:
    """Read an RFC 3339 time or a date (its midnight, UTC) as microseconds since 1970.

    Raises:
        ValueError: it is none.
    """
    read = datetime.fromisoformat(text)
    if len(text) == len("2026-01-31"):
        read = read.replace(tzinfo=UTC)
    if read.tzinfo is None:
        raise ValueError(f"{text}: a time needs its offset, as in 2026-01-31T12:00:00Z")
    return round(read.timestamp() * _MICROSECONDS)
