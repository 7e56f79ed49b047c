"""What is published about a chain, and when."""

import asyncio
import contextlib

from placet_policy.ledger import Receipt
from placet_policy.ledger.head import Head
from placet_policy.ledger.heads import HeadPublisher
from structlog.testing import capture_logs


def head(position: int) -> Head:
    """A head; nobody checks its signature here."""
    receipt = Receipt(ledger="l", writer="w", position=position, record_hash=b"\x01" * 32)
    return Head(receipt=receipt, signature=b"\x02" * 64)


def test_a_head_is_published_when_it_moved() -> None:
    """No head, the same head again: nothing; each new one is a line with everything that verification needs."""
    heads, told = iter([None, head(3), head(3), head(5)]), list[int]()
    publisher = HeadPublisher(head=lambda: next(heads), published=told.append)
    with capture_logs() as logs:
        for _ in range(4):
            publisher.publish()
    assert told == [3, 5]
    assert logs[0] == {
        "event": "ledger_head",
        "log_level": "info",
        "ledger": "l",
        "writer": "w",
        "position": 3,
        "record_hash": "01" * 32,
        "signature": "02" * 64,
    }
    assert [line["position"] for line in logs] == [3, 5]


async def test_watching_publishes_again_and_again() -> None:
    """A head that moves while nobody asks is published."""
    positions, told = iter(range(1, 100)), asyncio.Queue[int]()
    publisher = HeadPublisher(head=lambda: head(next(positions)), published=told.put_nowait)
    watching = asyncio.create_task(publisher.watch(0.001))
    async with asyncio.timeout(60):
        assert [await told.get() for _ in range(3)] == [1, 2, 3]
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching
