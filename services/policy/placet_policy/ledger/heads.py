"""Publishing heads: the newest record's signature goes where whoever owns the database cannot reach it, the log."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

    from placet_policy.ledger.head import Head

_log = structlog.get_logger()


class HeadPublisher:
    """Logs ``ledger_head`` when the head has moved since the last time."""

    def __init__(self, *, head: Callable[[], Head | None], published: Callable[[int], None]) -> None:
        """Prepare to publish.

        Args:
            head: the newest durable record of this writer.
            published: told the position of each head that was logged.
        """
        self._head = head
        self._published = published
        self._position = 0

    async def watch(self, seconds: float) -> None:
        """Look for ever, every ``seconds``."""
        while True:
            self.publish()
            await asyncio.sleep(seconds)

    def publish(self) -> None:
        """Log the head if it is a newer one."""
        head = self._head()
        if head is None or head.receipt.position == self._position:
            return
        receipt = head.receipt
        _log.info(
            "ledger_head",
            ledger=receipt.ledger,
            writer=receipt.writer,
            position=receipt.position,
            record_hash=receipt.record_hash.hex(),
            signature=head.signature.hex(),
        )
        self._position = receipt.position
        self._published(receipt.position)
