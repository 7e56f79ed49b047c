"""The writer thread: how much shares a transaction, and that nobody waits for ever."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from placet_policy.errors import LedgerUnavailable
from placet_policy.ledger.chain import Chain
from placet_policy.ledger.head import WriterKey
from placet_policy.ledger.location import SqliteLocation
from placet_policy.ledger.opening import Unobserved
from placet_policy.ledger.sqlite import SqliteStore
from placet_policy.ledger.store import Connection
from placet_policy.ledger.writer import GroupWriter


class Sizes(Unobserved):
    """Remembers how much work each transaction held."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def committed(self, size: int, seconds: float) -> None:
        del seconds
        self.sizes.append(size)


class Held:
    """A writer whose first transaction waits until it is let go."""

    def __init__(self, path: Path) -> None:
        store, observed = SqliteStore(SqliteLocation(path=path)), Sizes()
        chain = Chain(
            ledger_id=store.ledger_id, writer_id="writer", key=WriterKey.generate(), statements=store.statements
        )
        self.sizes = observed.sizes
        self.writer = GroupWriter(store=store, chain=chain, observer=observed)
        self._begun, self._go = threading.Event(), threading.Event()
        self.first = self.writer.submit(self._wait)
        self._begun.wait(60)

    def _wait(self, _connection: Connection) -> None:
        self._begun.set()
        self._go.wait(60)

    def let_go(self) -> None:
        self._go.set()


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Held]:
    """A writer that is busy."""
    held = Held(tmp_path / "ledger.sqlite")
    yield held
    held.let_go()
    held.writer.close()


def nothing(_connection: Connection) -> int:
    """Work that does nothing."""
    return 1


def test_a_transaction_is_bounded(held: Held) -> None:
    """300 pieces of work that waited share two transactions, the larger of 256."""
    futures = [held.writer.submit(nothing) for _ in range(300)]
    held.let_go()
    assert {future.result(60) for future in futures} == {1}
    held.writer.close()
    assert held.sizes == [1, 256, 44]


def test_cancelled_work_never_runs(held: Held) -> None:
    """Who goes away before the transaction begins has no record."""
    ran: list[int] = []
    future = held.writer.submit(lambda _connection: ran.append(1))
    assert future.cancel() is True
    last = held.writer.submit(nothing)
    held.let_go()
    assert (last.result(60), ran) == (1, [])


def test_close_finishes_what_is_queued(held: Held) -> None:
    """What was queued before close is durable when close returns; what comes after is refused at once."""
    before = [held.writer.submit(nothing) for _ in range(3)]
    closing = threading.Thread(target=held.writer.close)
    closing.start()
    while held.writer._queue.qsize() < 4:
        pass
    during = held.writer.submit(nothing)
    held.let_go()
    closing.join(60)
    assert [future.result(0) for future in before] == [1, 1, 1]
    for late in (during, held.writer.submit(nothing)):
        with pytest.raises(LedgerUnavailable):
            late.result(0)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_defect_in_the_writer_leaves_nobody_waiting(held: Held) -> None:
    """When the thread ends by a defect, everybody is told LedgerUnavailable, then and later."""

    def defect(_connection: Connection) -> None:
        raise RuntimeError("a defect")

    failed, neighbour = held.writer.submit(defect), held.writer.submit(nothing)
    held.let_go()
    for future in (failed, neighbour):
        with pytest.raises(LedgerUnavailable):
            future.result(60)
    held.writer._thread.join(60)
    with pytest.raises(LedgerUnavailable):
        held.writer.submit(nothing).result(0)


@pytest.mark.parametrize("error", [OverflowError("too large"), ValueError("surrogate"), sqlite3.DataError("too big")])
def test_a_value_that_cannot_be_stored_fails_alone(held: Held, error: Exception) -> None:
    """A neighbour in the same transaction is written."""

    def fails(_connection: Connection) -> None:
        raise error

    failed, neighbour = held.writer.submit(fails), held.writer.submit(nothing)
    held.let_go()
    with pytest.raises(LedgerUnavailable):
        failed.result(60)
    assert neighbour.result(60) == 1
