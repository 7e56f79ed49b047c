"""The ``Ledger`` over any ``Store``: snapshots on a connection of their own, commits through the group writer."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from placet_policy.errors import LedgerUnavailable, VersionMoved
from placet_policy.ledger.interface import EarlierRecord, Receipt, Record, RequestKey, Snapshot, VersionKey, Versions
from placet_policy.ledger.record import bundle_entry, decision_entry, microseconds, stop_entry, writer_entry
from placet_policy.ledger.store import Connection, lock_id
from placet_policy.ledger.writer import GroupWriter

if TYPE_CHECKING:
    from placet_policy.ledger.chain import Chain
    from placet_policy.ledger.head import Head
    from placet_policy.ledger.statements import Statements
    from placet_policy.ledger.store import Store
    from placet_policy.ledger.writer import WriterObserver

_MAX_EARLIER = 64
_STOP_LOCK = lock_id("stop")


class StoredLedger:
    """A ledger in one database. Writes share transactions; reads have a connection and a thread of their own."""

    def __init__(self, *, store: Store, chain: Chain, observer: WriterObserver) -> None:
        self._store = store
        self._chain = chain
        self._statements = store.statements
        self._writer = GroupWriter(store=store, chain=chain, observer=observer)
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger-reader")
        self._reading: Connection | None = None
        self._failures: tuple[type[Exception], ...] = (*store.failures, OSError)

    @property
    def ledger_id(self) -> str:
        """UUID of the store."""
        return self._store.ledger_id

    @property
    def writer_id(self) -> str:
        """UUID of this process start."""
        return self._chain.writer_id

    @property
    def head(self) -> Head | None:
        """The newest durable record of this writer, signed; None before the first."""
        return self._chain.head

    async def begin(self, *, public_key: bytes, at: float) -> Receipt:
        """Write the first record of the chain.

        Args:
            public_key: the writer's, which was published before.
            at: when the writer started, Unix seconds.

        Raises:
            LedgerUnavailable: the chain has no beginning.
        """
        row = {"writer": self.writer_id, "public_key": public_key, "started_at": microseconds(at)}

        def work(connection: Connection) -> Receipt:
            connection.execute(self._statements.insert_writer, row)
            return self._chain.append(connection, writer_entry(public_key=public_key, at=at))

        return await asyncio.wrap_future(self._writer.submit(work))

    async def snapshot(self, *, node: str, request_id: str) -> Snapshot:
        """See ``Ledger.snapshot``."""
        key = RequestKey(node=node, request_id=request_id)
        return await asyncio.get_running_loop().run_in_executor(self._reader, self._read, key)

    async def commit(self, record: Record, *, versions: Versions) -> Receipt:
        """See ``Ledger.commit``."""
        entry = decision_entry(record)

        def work(connection: Connection) -> Receipt:
            _require_unmoved(connection, self._statements, versions)
            return self._chain.append(connection, entry)

        locks = [_lock_of(key) for key in versions]
        return await asyncio.wrap_future(self._writer.submit(work, locks=locks))

    async def mark_stop(self, *, stopped: bool, at: float) -> Receipt | None:
        """See ``Ledger.mark_stop``."""
        entry = stop_entry(stopped=stopped, at=at)

        def work(connection: Connection) -> Receipt | None:
            (last,) = connection.execute(self._statements.last_stop).fetchone() or ("start",)
            return None if last == entry.row["kind"] else self._chain.append(connection, entry)

        return await asyncio.wrap_future(self._writer.submit(work, locks=[_STOP_LOCK]))

    async def keep_bundle(self, *, revision: str, version: int, content: bytes, at: float) -> Receipt:
        """See ``Ledger.keep_bundle``."""
        entry = bundle_entry(revision=revision, version=version, content=content, at=at)
        row = {
            "revision": revision,
            "version": version,
            "first_active_at": microseconds(at),
            "content": content,
        }

        def work(connection: Connection) -> Receipt:
            if connection.execute(self._statements.bundle, {"revision": revision}).fetchone() is None:
                connection.execute(self._statements.insert_bundle, row)
            return self._chain.append(connection, entry)

        return await asyncio.wrap_future(self._writer.submit(work, locks=[lock_id("bundle", revision)]))

    async def check(self) -> None:
        """See ``Ledger.check``: writes as much as a record needs and takes it away again."""
        await asyncio.wrap_future(self._writer.submit(self._store.probe))

    async def close(self) -> None:
        """Finish what is queued and close the connections."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self._writer.close)
        await loop.run_in_executor(self._reader, self._stop_reading)
        self._reader.shutdown()

    def _read(self, key: RequestKey) -> Snapshot:
        if self._reading is not None:
            try:
                return self._read_once(key)
            except LedgerUnavailable:
                # A connection that was open may have been ended long ago; reading again over a new one is harmless.
                pass
        return self._read_once(key)

    def _read_once(self, key: RequestKey) -> Snapshot:
        try:
            if self._reading is None or not self._store.is_current(self._reading):
                self._stop_reading()
                self._reading = self._store.connect(write=False)
            return _snapshot(self._reading, self._statements, key)
        except self._failures as error:
            self._stop_reading()
            raise LedgerUnavailable(f"{type(error).__name__}: {error}".strip()) from error

    def _stop_reading(self) -> None:
        if self._reading is not None:
            self._reading.close()
            self._reading = None


def _snapshot(connection: Connection, statements: Statements, key: RequestKey) -> Snapshot:
    wanted = {"node": key.node, "request_id": key.request_id, "most": _MAX_EARLIER}
    rows = connection.execute(statements.earlier, wanted).fetchall()
    earlier = tuple(
        EarlierRecord(decision_id=decision_id, request_type=int(kind), detail_sha256=bytes(detail), effect=effect)
        for decision_id, kind, detail, effect, _count in rows
    )
    return Snapshot(earlier=earlier, versions={key: rows[0][4] if rows else 0})


def _require_unmoved(connection: Connection, statements: Statements, versions: Versions) -> None:
    for key, version in versions.items():
        count = _count(connection, statements, key)
        if count != version:
            raise VersionMoved(f"the request has {count} records, the snapshot saw {version}")


def _count(connection: Connection, statements: Statements, key: VersionKey) -> int:
    wanted = {"node": key.node, "request_id": key.request_id}
    (count,) = connection.execute(statements.count_requests, wanted).fetchone()
    return int(count)


def _lock_of(key: VersionKey) -> int:
    return lock_id("request", key.node, key.request_id)
