"""What a long command shows on standard error while it works."""

from __future__ import annotations

import sys
import time
from typing import Final

# A terminal is written over; a log gets a line now and then.
_TERMINAL_SECONDS: Final = 0.2
_LOG_SECONDS: Final = 10.0


class Progress:
    """Counts aloud. Nothing is shown of what takes less than the first interval."""

    def __init__(self, *, doing: str, total: int | None) -> None:
        """Begin.

        Args:
            doing: what is done to records, as ``verified``.
            total: how many there are; None when nobody knows.
        """
        self._doing = doing
        self._total = total
        self._terminal = sys.stderr.isatty()
        self._started = self._shown = time.monotonic()
        self._written = False

    def __call__(self, count: int) -> None:
        """Show the count if it is time to."""
        if not self._is_time():
            return
        rate = count / (self._shown - self._started)
        of = f" of {self._total:,} ({100 * count // max(self._total, 1)} %)" if self._total is not None else ""
        self._write(f"{self._doing} {count:,}{of} records, {rate:,.0f} a second")

    def stage(self, text: str) -> None:
        """Show what is done after the last record, if it is time to."""
        if self._is_time():
            self._write(text)

    def end(self) -> None:
        """Leave the line that was written over."""
        if self._terminal and self._written:
            sys.stderr.write("\r\x1b[K")

    def _is_time(self) -> bool:
        now = time.monotonic()
        if now - self._shown < (_TERMINAL_SECONDS if self._terminal else _LOG_SECONDS):
            return False
        self._shown = now
        return True

    def _write(self, line: str) -> None:
        self._written = True
        sys.stderr.write(f"\r{line}\x1b[K" if self._terminal else f"{line}\n")
        sys.stderr.flush()
