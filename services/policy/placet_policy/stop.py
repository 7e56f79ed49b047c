"""The stop: while a file exists, every request is held (design section 8)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from placet_policy.errors import Indeterminate, LedgerUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from placet_policy.ledger import Ledger
    from placet_policy.metrics import Metrics

_log = structlog.get_logger()


class StopSwitch:
    """Tells whether the stop file exists. Its content means nothing; nobody has to write it correctly in a hurry."""

    def __init__(self, *, path: Path | None) -> None:
        self._path = path

    def active(self) -> bool:
        """Look now.

        Raises:
            Indeterminate: the folder is gone or cannot be read, so nobody knows.
        """
        if self._path is None:
            return False
        try:
            # A dangling symbolic link counts: it is what a Kubernetes volume shows for a moment.
            self._path.lstat()
        except FileNotFoundError as error:
            self._require_folder(error)
            return False
        except OSError as error:
            raise Indeterminate(f"the stop file cannot be looked for: {error.strerror}") from error
        return True

    def _require_folder(self, missing: FileNotFoundError) -> None:
        if self._path is not None and not self._path.parent.is_dir():
            raise Indeterminate("the stop file's folder is gone") from missing


class StopRecorder:
    """Writes a ledger record whenever the stop is set or lifted, also while nobody asks for a decision."""

    def __init__(self, *, stop: StopSwitch, ledger: Ledger, clock: Callable[[], float], metrics: Metrics) -> None:
        self._stop = stop
        self._ledger = ledger
        self._clock = clock
        self._metrics = metrics
        self._recorded: bool | None = None

    async def watch(self, seconds: float) -> None:
        """Look for ever, every ``seconds``; what cannot be recorded now is recorded at a later look."""
        while True:
            await self.look()
            await asyncio.sleep(seconds)

    async def look(self) -> None:
        """Look once and record a change, also the stop that was there when this process started."""
        try:
            stopped = self._stop.active()
            self._metrics.stopped.set(stopped)
            if stopped == self._recorded:
                return
            receipt = await self._ledger.mark_stop(stopped=stopped, at=self._clock())
        except LedgerUnavailable as error:
            _log.warning("stop_not_recorded", cause=error.cause)
            return
        except Indeterminate as error:
            _log.error("stop_unknown", cause=error.cause)
            return
        self._recorded = stopped
        if receipt is not None:
            _log.warning("stop_set" if stopped else "stop_lifted", writer=receipt.writer, position=receipt.position)
