"""The ledger in one SQLite file, for one machine: WAL, synchronous=FULL, group commit."""

from __future__ import annotations

import asyncio
import sqlite3
import uuid
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from placet_policy.errors import LedgerUnavailable, VersionMoved
from placet_policy.ledger.interface import EarlierRecord, Receipt, Record, Snapshot, VersionKey, Versions
from placet_policy.ledger.record import Row, decision_row, record_hash, stop_row
from placet_policy.ledger.schema import connect, create_or_open
from placet_policy.ledger.writer import GroupWriter, OnCommit

if TYPE_CHECKING:
    from pathlib import Path

# About the size of a record: a probe that fits where a record would not proves nothing.
_PROBE_BYTES = 8192
_MAX_EARLIER = 64
_COLUMNS = (
    *("writer", "position", "kind", "decided_at", "decision_id", "node", "key_id", "request_id", "request_type"),
    *("received_at", "effect", "revision", "version", "opa_version", "token_sha256", "detail_sha256", "extra_sha256"),
    *("record_hash", "reasons", "earlier", "timings", "facts", "input", "token_zlib"),
)
_INSERT = f"INSERT INTO records ({', '.join(_COLUMNS)}) VALUES ({', '.join(':' + name for name in _COLUMNS)})"  # noqa: S608  (our own names)
_COUNT = "SELECT count(*) FROM records WHERE kind = 'decision' AND node = ? AND request_id = ?"
# The first record of each distinct type and detail shows a reuse for ever; the newest ones are what is linked.
_EARLIER = """
WITH same AS (SELECT rowid AS id, request_type, detail_sha256 FROM records
              WHERE kind = 'decision' AND node = :node AND request_id = :request_id),
     first AS (SELECT min(id) AS id FROM same GROUP BY request_type, detail_sha256 ORDER BY 1 LIMIT :most),
     newest AS (SELECT id FROM same ORDER BY id DESC LIMIT :most)
SELECT decision_id, request_type, detail_sha256, effect FROM records
WHERE rowid IN (SELECT id FROM first UNION SELECT id FROM newest) ORDER BY rowid
"""
_POSITION = "SELECT coalesce(max(position), 0) + 1 FROM records WHERE writer = ?"
_LAST_STOP = "SELECT kind FROM records WHERE kind <> 'decision' ORDER BY rowid DESC LIMIT 1"


def _not_observed(_work: int, _seconds: float) -> None:
    """Take the figures of a transaction and do nothing with them."""


class SqliteLedger:
    """A ``Ledger`` in one file. Writes share transactions; reads have a connection and a thread of their own."""

    def __init__(self, *, path: Path, ledger_id: str, writer_id: str, on_commit: OnCommit) -> None:
        self._path = path
        self._ledger_id = ledger_id
        self._writer_id = writer_id
        self._writer = GroupWriter(path=path, ledger_id=ledger_id, on_commit=on_commit)
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger-reader")
        self._reading: sqlite3.Connection | None = None

    @classmethod
    def open(cls, path: Path, *, on_commit: OnCommit = _not_observed) -> SqliteLedger:
        """Open the file, making it if needed, and start a new writer sequence.

        Raises:
            LedgerUnavailable: the file cannot be used, or its schema is newer than this program.
        """
        return cls(path=path, ledger_id=create_or_open(path), writer_id=str(uuid.uuid4()), on_commit=on_commit)

    @property
    def ledger_id(self) -> str:
        """UUID of the store."""
        return self._ledger_id

    async def snapshot(self, *, node: str, request_id: str) -> Snapshot:
        """See ``Ledger.snapshot``."""
        return await asyncio.get_running_loop().run_in_executor(
            self._reader, self._read, VersionKey(node=node, request_id=request_id)
        )

    async def commit(self, record: Record, *, versions: Versions) -> Receipt:
        """See ``Ledger.commit``."""
        row = decision_row(record)

        def work(connection: sqlite3.Connection) -> Receipt:
            _require_unmoved(connection, versions)
            return self._insert(connection, row)

        return await asyncio.wrap_future(self._writer.submit(work))

    async def mark_stop(self, *, stopped: bool, at: float) -> Receipt | None:
        """See ``Ledger.mark_stop``."""
        row = stop_row(stopped=stopped, at=at)

        def work(connection: sqlite3.Connection) -> Receipt | None:
            (last,) = connection.execute(_LAST_STOP).fetchone() or ("start",)
            return None if last == row["kind"] else self._insert(connection, row)

        return await asyncio.wrap_future(self._writer.submit(work))

    async def check(self) -> None:
        """See ``Ledger.check``: writes as much as a record needs, makes it durable, and takes it away again."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT INTO probe VALUES (zeroblob(?))", (_PROBE_BYTES,))
            connection.execute("DELETE FROM probe")

        await asyncio.wrap_future(self._writer.submit(work))

    async def close(self) -> None:
        """Finish what is queued and close the file."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self._writer.close)
        await loop.run_in_executor(self._reader, self._stop_reading)
        self._reader.shutdown()

    def _insert(self, connection: sqlite3.Connection, row: Row) -> Receipt:
        # Read inside the transaction: after a commit of unknown outcome nobody else knows the last position.
        (position,) = connection.execute(_POSITION, (self._writer_id,)).fetchone()
        placed: Row = {**row, "ledger": self._ledger_id, "writer": self._writer_id, "position": position}
        digest = record_hash(placed)
        token = row["token"]
        compressed = zlib.compress(token.encode("ascii")) if isinstance(token, str) else None
        connection.execute(_INSERT, {**placed, "record_hash": digest, "token_zlib": compressed})
        return Receipt(ledger=self._ledger_id, writer=self._writer_id, position=position, record_hash=digest)

    def _read(self, key: VersionKey) -> Snapshot:
        try:
            if self._reading is None:
                self._reading = connect(self._path, mode="ro")
            return _snapshot(self._reading, key)
        except (sqlite3.Error, OSError) as error:
            self._stop_reading()
            raise LedgerUnavailable(f"{type(error).__name__}: {error}") from error

    def _stop_reading(self) -> None:
        if self._reading is not None:
            self._reading.close()
            self._reading = None


def _snapshot(connection: sqlite3.Connection, key: VersionKey) -> Snapshot:
    # One transaction, so that the count and the records are of the same moment.
    connection.execute("BEGIN")
    (count,) = connection.execute(_COUNT, key).fetchone()
    rows = connection.execute(_EARLIER, {**key._asdict(), "most": _MAX_EARLIER}).fetchall() if count else []
    connection.execute("COMMIT")
    earlier = tuple(
        EarlierRecord(decision_id=decision_id, request_type=int(kind), detail_sha256=detail, effect=effect)
        for decision_id, kind, detail, effect in rows
    )
    return Snapshot(earlier=earlier, versions={key: count})


def _require_unmoved(connection: sqlite3.Connection, versions: Versions) -> None:
    for key, version in versions.items():
        (count,) = connection.execute(_COUNT, key).fetchone()
        if count != version:
            raise VersionMoved(f"the request has {count} records, the snapshot saw {version}")
