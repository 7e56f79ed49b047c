"""Group commit: one thread, one connection, one transaction for everything that waits.

An fsync costs far more than a row. While one transaction is being made durable, new work queues up, and the next
transaction takes all of it; each caller still waits for its own durable commit.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from placet_policy.errors import LedgerUnavailable, VersionMoved
from placet_policy.ledger.schema import connect, read_id

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T")
# Work runs inside the transaction, on the writer's thread, and may be rolled back alone.
Work = Callable[[sqlite3.Connection], T]
# Told after each durable transaction: how much work it held, and the seconds it took.
OnCommit = Callable[[int, float], None]
_MAX_BATCH = 256


@dataclass(frozen=True, slots=True)
class _Item(Generic[T]):
    work: Work[T]
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
    """The only writer to a ledger file in this process."""

    def __init__(self, *, path: Path, ledger_id: str, on_commit: OnCommit) -> None:
        self._path = path
        self._ledger_id = ledger_id
        self._on_commit = on_commit
        self._queue: queue.SimpleQueue[_Item[object] | None] = queue.SimpleQueue()
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ledger-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T]) -> Future[T]:
        """Queue work for the next transaction.

        Returns:
            A future that completes after the transaction is durable, or fails with ``LedgerUnavailable`` or with the
            ``VersionMoved`` that the work raised. Cancelled before its transaction begins, the work never runs.
        """
        future: Future[T] = Future()
        self._queue.put(_Item(work, future))  # type: ignore[arg-type]  # the queue does not look at results
        # Looked at after the put: whichever of this and the ending thread comes second finds the item.
        if self._closed.is_set():
            self._refuse_the_rest()
        return future

    def close(self) -> None:
        """Finish what is queued and close the connection; blocks until both are done."""
        self._queue.put(None)
        self._thread.join()

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
        done: list[_Done[object]] = []
        try:
            connection = self._connect()
            connection.execute("BEGIN IMMEDIATE")
            done.extend(_attempt(connection, item) for item in batch)
            connection.execute("COMMIT")
        except (sqlite3.Error, OSError, LedgerUnavailable) as error:
            # A failed COMMIT may still have reached the disk. Nobody gets a receipt, and a new connection starts clean.
            self._disconnect()
            _fail(batch, error)
            return
        except BaseException as error:
            _fail(batch, error)
            raise
        self._on_commit(len(batch), time.perf_counter() - started)
        for each in done:
            each.tell()

    def _connect(self) -> sqlite3.Connection:
        """Return the connection to the very file the ledger was opened with, never to one put in its place."""
        inode = self._path.stat().st_ino
        if self._connection is not None and inode == self._inode:
            return self._connection
        self._disconnect()
        connection = connect(self._path, mode="rw")
        try:
            self._require_same(connection)
        except BaseException:
            connection.close()
            raise
        self._connection, self._inode = connection, inode
        return connection

    def _require_same(self, connection: sqlite3.Connection) -> None:
        if read_id(connection) != self._ledger_id:
            raise LedgerUnavailable("the file was replaced by another ledger")

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


def _attempt(connection: sqlite3.Connection, item: _Item[T]) -> _Done[T]:
    """Run one piece of work so that its own failure does not fail its neighbours."""
    connection.execute("SAVEPOINT item")
    try:
        done = _Done(item, item.work(connection), None)
    except VersionMoved as moved:
        connection.execute("ROLLBACK TO item")
        done = _Done(item, None, moved)
    except (sqlite3.IntegrityError, sqlite3.DataError, ValueError, OverflowError) as error:
        # A value that this store cannot hold is this record's problem, not its neighbours'.
        connection.execute("ROLLBACK TO item")
        done = _Done(item, None, _unavailable(error))
    connection.execute("RELEASE item")
    return done


def _fail(batch: list[_Item[object]], error: BaseException) -> None:
    for item in batch:
        # One exception each: callers add their own tracebacks to what they raise.
        item.future.set_exception(_unavailable(error))


def _unavailable(error: BaseException) -> LedgerUnavailable:
    unavailable = LedgerUnavailable(f"{type(error).__name__}: {error}")
    unavailable.__cause__ = error
    return unavailable
