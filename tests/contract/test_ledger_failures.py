"""A ledger that cannot write, or cannot know whether it wrote, gives no receipt (design section 7)."""

import asyncio
import contextlib
import resource
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ledger_records import decisions, opened, record, stored, write
from placet_policy.errors import LedgerFault, LedgerUnavailable
from placet_policy.ledger import RequestKey
from placet_policy.ledger.location import SqliteLocation
from placet_policy.ledger.store import Connection
from placet_policy.ledger.stored import StoredLedger


@pytest.fixture
def ledger(file_ledger: StoredLedger) -> StoredLedger:
    """The one in SQLite: these faults are a file's."""
    return file_ledger


async def run_in_writer(ledger: StoredLedger, statement: str) -> None:
    """Run a statement on the writer's own connection."""

    def work(connection: Connection) -> None:
        connection.execute(statement)

    await asyncio.wrap_future(ledger._writer.submit(work))


async def _no_pages_left(ledger: StoredLedger, _path: Path) -> contextlib.AbstractContextManager[None]:
    await run_in_writer(ledger, "PRAGMA max_page_count = 1")
    return contextlib.nullcontext()


async def _read_only(ledger: StoredLedger, _path: Path) -> contextlib.AbstractContextManager[None]:
    await run_in_writer(ledger, "PRAGMA query_only = ON")
    return contextlib.nullcontext()


@contextlib.contextmanager
def _file_size_limit(limit: int) -> Any:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def _disk_full(_ledger: StoredLedger, path: Path) -> contextlib.AbstractContextManager[None]:
    # The kernel refuses to let the write-ahead log grow: the same path as a full disk, without one.
    limit: contextlib.AbstractContextManager[None] = _file_size_limit(path.with_name(path.name + "-wal").stat().st_size)
    return limit


@contextlib.contextmanager
def _write_lock(path: Path) -> Any:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


async def _locked(_ledger: StoredLedger, path: Path) -> contextlib.AbstractContextManager[None]:
    lock: contextlib.AbstractContextManager[None] = _write_lock(path)
    return lock


@pytest.mark.parametrize("fault", [_no_pages_left, _read_only, _disk_full, _locked])
async def test_a_store_that_cannot_be_written_gives_no_receipt(
    ledger: StoredLedger, path: Path, fault: Callable[..., Any]
) -> None:
    """Full, read-only and locked are LedgerUnavailable for commit and check, and pass when the fault is gone."""
    await write(ledger, 1)
    with await fault(ledger, path), pytest.raises(LedgerUnavailable):
        await write(ledger, 2, input={"large": "x" * 100_000})
    with await fault(ledger, path), pytest.raises(LedgerUnavailable):
        await ledger.check()
    await ledger.check()
    assert (await write(ledger, 3)).position == 4
    assert [each["decision_id"] for each in decisions(path)] == ["decision-1", "decision-3"]


async def test_a_corrupt_file_gives_no_receipt(ledger: StoredLedger, path: Path) -> None:
    """When the file's pages are garbage, reading and writing are both LedgerUnavailable."""
    await write(ledger, 1)
    garble(path)
    with pytest.raises(LedgerUnavailable):
        await ledger.snapshot(node="node-a", request_id="request-1")
    with pytest.raises(LedgerUnavailable):
        await ledger.commit(record(2), versions={RequestKey("node-a", "request-2"): 0})


def garble(path: Path) -> None:
    """Move everything from the write-ahead log into the file, and overwrite all but the file's header."""
    checkpoint(path)
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * (size - 100))


def replace(path: Path, replacement: bytes | None) -> None:
    """Take the file away, and put another one there unless it is None."""
    path.rename(path.with_name("moved"))
    if replacement is not None:
        path.write_bytes(replacement)


@pytest.mark.parametrize("replacement", [None, b"", b"not a database at all" * 100])
async def test_a_file_taken_away_gives_no_receipt(ledger: StoredLedger, path: Path, replacement: bytes | None) -> None:
    """A file that is removed or replaced under a running service is noticed: no record goes where nobody reads it."""
    await write(ledger, 1)
    replace(path, replacement)
    with pytest.raises(LedgerUnavailable):
        await ledger.commit(record(2), versions={})
    with pytest.raises(LedgerUnavailable):
        await ledger.check()


async def test_another_ledger_in_its_place_gives_no_receipt(ledger: StoredLedger, path: Path) -> None:
    """A good ledger file of another id is not the one that was opened."""
    async with opened(SqliteLocation(path=path.with_name("other"))):
        pass
    replace(path, None)
    path.with_name("other").rename(path)
    with pytest.raises(LedgerUnavailable) as refused:
        await ledger.commit(record(1), versions={})
    assert refused.value.cause == "the file was replaced by another ledger"
    assert refused.value.fault is LedgerFault.REPLACED


async def test_a_file_restored_to_an_older_state_is_not_used(ledger: StoredLedger, path: Path) -> None:
    """A backup in place of the file is not written to; when the right file is back, the ledger is ready by itself."""
    await write(ledger, 1)
    backup, away = path.with_name("backup"), path.with_name("away")
    with contextlib.closing(sqlite3.connect(path)) as source, contextlib.closing(sqlite3.connect(backup)) as target:
        source.backup(target)
    await write(ledger, 2)
    checkpoint(path)
    in_its_place(path, backup, away=away)
    with pytest.raises(LedgerUnavailable) as refused:
        await ledger.check()
    assert refused.value.fault is LedgerFault.BEHIND
    with pytest.raises(LedgerUnavailable):
        await write(ledger, 3)
    assert [each["decision_id"] for each in decisions(path)] == ["decision-1"]
    in_its_place(path, away, away=backup)
    await ledger.check()
    assert (await write(ledger, 4)).position == 5
    assert all(each["verified"] for each in stored(path))


def in_its_place(path: Path, other: Path, *, away: Path) -> None:
    """Move a file away and another one to where it was."""
    path.rename(away)
    other.rename(path)


def checkpoint(path: Path) -> None:
    """Move everything from the write-ahead log into the file."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class _Doubtful:
    """A connection whose next COMMIT reaches the disk and then reports an error."""

    def __init__(self, connection: Any) -> None:
        self.inode = connection.inode
        self._connection = connection

    def execute(self, statement: str, *parameters: Any) -> Any:
        cursor = self._connection.execute(statement, *parameters)
        if statement == "COMMIT":
            raise sqlite3.OperationalError("disk I/O error")
        return cursor

    def close(self) -> None:
        self._connection.close()


async def test_a_commit_of_unknown_outcome_gives_no_receipt(ledger: StoredLedger, path: Path) -> None:
    """When nobody knows whether COMMIT worked there is no receipt; the retry finds the record and writes its own."""
    await write(ledger, 1)
    ledger._writer._connection = _Doubtful(ledger._writer._connection)
    with pytest.raises(LedgerUnavailable):
        await write(ledger, 2)
    # The check writes what failed once more, which cannot be: it is there.
    await ledger.check()
    snapshot = await ledger.snapshot(node="node-a", request_id="request-2")
    assert [each.decision_id for each in snapshot.earlier] == ["decision-2"]
    receipt = await ledger.commit(
        record(3, request_id="request-2", earlier=("decision-2",)), versions=snapshot.versions
    )
    assert receipt.position == 5
    assert [each["verified"] for each in stored(path)] == [True, True, True, True, True]


async def test_a_closed_ledger_gives_no_receipt(path: Path) -> None:
    """After close nothing waits for ever: commit is LedgerUnavailable."""
    async with opened(SqliteLocation(path=path)) as ledger:
        pass
    with pytest.raises(LedgerUnavailable):
        await ledger.commit(record(1), versions={})
