"""Group commit: one thread, one connection, one transaction for everything that waits.

A durable commit costs far more than a row. While one transaction is being made durable, new work queues up, and the
next transaction takes all of it; each caller still waits for its own durable commit.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from placet_policy.errors import LedgerUnavailable, VersionMoved
from placet_policy.ledger.store import Connection, lock_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placet_policy.ledger.chain import Chain
    from placet_policy.ledger.store import Store

T = TypeVar("T")
# Work runs inside the transaction, on the writer's thread, and may be rolled back alone.
Work = Callable[[Connection], T]
_MAX_BATCH = 256
# How long closing waits for a database that does not answer.
_CLOSE_SECONDS = 3.0


class WriterObserver(Protocol):
    """Who is told what the writer does: metrics."""

    def committed(self, size: int, seconds: float) -> None:
        """A transaction with this much work became durable in this time."""
        ...

    def connected(self) -> None:
        """A connection was opened."""
        ...

    def commit_failed(self) -> None:
        """A transaction gave no receipts."""
        ...


@dataclass(frozen=True, slots=True)
class _Item(Generic[T]):
    work: Work[T]
    locks: Sequence[int]
    future: Future[T]


@dataclass(frozen=True, slots=True)
class _Done(Generic[T]):
    """What an item's caller is told once the transaction is durable."""

    item: _Item[T]
    value: T | None
    error: Exception | None

    def tell(self) -> None:
        if self.error is not None:
            self.item.future.set_exception(self.error)
        else:
            self.item.future.set_result(self.value)  # type: ignore[arg-type]  # the work returned it


class GroupWriter:
    """The only writer of a chain."""

    def __init__(self, *, store: Store, chain: Chain, observer: WriterObserver) -> None:
        self._store = store
        self._chain = chain
        self._failures: tuple[type[Exception], ...] = (*store.failures, OSError, LedgerUnavailable)
        self._item_failures: tuple[type[Exception], ...] = (*store.failures, ValueError, OverflowError)
        self._observer = observer
        # Held by every transaction of this chain: one that was lost has ended when the next one has the lock.
        self._own_lock = lock_id("writer", chain.writer_id)
        self._queue: queue.SimpleQueue[_Item[object] | None] = queue.SimpleQueue()
        self._connection: Connection | None = None
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ledger-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T], *, locks: Sequence[int] = ()) -> Future[T]:
        """Queue work for the next transaction.

        Args:
            work: what to do inside the transaction.
            locks: of what it reads and what others may write (see ``lock_id``).

        Returns:
            A future that completes after the transaction is durable, or fails with ``LedgerUnavailable`` or with the
            ``VersionMoved`` that the work raised. Cancelled before its transaction begins, the work never runs.
        """
        future: Future[T] = Future()
        self._queue.put(_Item(work, locks, future))  # type: ignore[arg-type]  # the queue does not look at results
        # Looked at after the put: whichever of this and the ending thread comes second finds the item.
        if self._closed.is_set():
            self._refuse_the_rest()
        return future

    def close(self) -> None:
        """Finish what is queued and close the connection; waits for both, but not for a database that hangs."""
        self._queue.put(None)
        self._thread.join(_CLOSE_SECONDS)

    def _run(self) -> None:
        try:
            last = False
            while not last:
                batch, last = self._next_batch()
                wanted = [item for item in batch if item.future.set_running_or_notify_cancel()]
                if wanted:
                    self._commit(wanted)
        finally:
            # Whatever ended the thread: nobody may wait for a transaction that never comes.
            self._closed.set()
            self._disconnect()
            self._refuse_the_rest()

    def _next_batch(self) -> tuple[list[_Item[object]], bool]:
        """Wait for work, then take everything that is there; the second value is True when it is the last."""
        batch: list[_Item[object]] = []
        item = self._queue.get()
        while item is not None:
            batch.append(item)
            if len(batch) == _MAX_BATCH or self._queue.empty():
                return batch, False
            # Nobody else takes from the queue, so what is there now is there still.
            item = self._queue.get()
        return batch, True

    def _commit(self, batch: list[_Item[object]]) -> None:
        started = time.perf_counter()
        try:
            done = self._transact(batch)
        except self._failures as error:
            # A failed COMMIT may still have reached the disk. Nobody gets a receipt, and a new connection starts clean.
            self._chain.doubt()
            self._disconnect()
            self._observer.commit_failed()
            _fail(batch, error)
            return
        except BaseException as error:
            _fail(batch, error)
            raise
        self._observer.committed(len(batch), time.perf_counter() - started)
        for each in done:
            each.tell()

    def _transact(self, batch: list[_Item[object]]) -> list[_Done[object]]:
        connection = self._connect()
        locks = sorted({self._own_lock, *(lock for item in batch for lock in item.locks)})
        self._store.begin(connection, locks)
        self._chain.resume(connection)
        if len(batch) == 1:
            return [self._transact_alone(connection, batch[0])]
        done = [self._attempt_among_others(connection, item) for item in batch]
        self._commit_and_settle(connection)
        return done

    def _transact_alone(self, connection: Connection, item: _Item[T]) -> _Done[T]:
        """Without neighbours the transaction itself is what is rolled back: two round trips less."""
        mark = self._chain.mark()
        done = self._attempt(connection, item)
        if done.error is not None:
            connection.execute("ROLLBACK")
            self._chain.cut(mark)
        else:
            self._commit_and_settle(connection)
        return done

    def _commit_and_settle(self, connection: Connection) -> None:
        self._store.commit(connection)
        self._chain.settle()

    def _attempt_among_others(self, connection: Connection, item: _Item[T]) -> _Done[T]:
        """Run one piece of work so that its own failure does not fail its neighbours."""
        mark = self._chain.mark()
        connection.execute("SAVEPOINT item")
        done = self._attempt(connection, item)
        if done.error is not None:
            connection.execute("ROLLBACK TO SAVEPOINT item")
            self._chain.cut(mark)
        connection.execute("RELEASE SAVEPOINT item")
        return done

    def _attempt(self, connection: Connection, item: _Item[T]) -> _Done[T]:
        """Run one piece of work; what was written before its own failure is still there."""
        try:
            return _Done(item, item.work(connection), None)
        except VersionMoved as moved:
            return _Done(item, None, moved)
        except self._item_failures as error:
            if not self._store.is_own_failure(error):
                raise
            # A value that this store cannot hold is this record's problem, not its neighbours'.
            self._chain.distrust()
            return _Done(item, None, _unavailable(error))

    def _connect(self) -> Connection:
        """Return a connection to the very ledger that was opened, never to one put in its place."""
        if self._connection is not None and self._store.is_current(self._connection):
            return self._connection
        self._disconnect()
        self._chain.distrust()
        self._connection = self._store.connect(write=True)
        self._observer.connected()
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _refuse_the_rest(self) -> None:
        while True:
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return
            if item is not None and item.future.set_running_or_notify_cancel():
                item.future.set_exception(LedgerUnavailable("the ledger is closed"))


def _fail(batch: list[_Item[object]], error: BaseException) -> None:
    for item in batch:
        # One exception each: callers add their own tracebacks to what they raise.
        item.future.set_exception(_unavailable(error))


def _unavailable(error: BaseException) -> LedgerUnavailable:
    if isinstance(error, LedgerUnavailable):
        unavailable = LedgerUnavailable(error.cause, fault=error.fault)
    else:
        unavailable = LedgerUnavailable(f"{type(error).__name__}: {error}".strip())
    unavailable.__cause__ = error
    return unavailable
