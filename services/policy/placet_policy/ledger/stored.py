"""The ``Ledger`` over any ``Store``: snapshots on a connection of their own, commits through the group writer."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from placet_policy.errors import LedgerUnavailable, VersionMoved
from placet_policy.ledger.history import destinations_of
from placet_policy.ledger.interface import EarlierRecord, Receipt, Record, RequestKey, Snapshot, VersionKey, Versions
from placet_policy.ledger.record import (
    archive_entry,
    bundle_entry,
    decision_entry,
    microseconds,
    stop_entry,
    writer_entry,
)
from placet_policy.ledger.reserving import Reserving, see
from placet_policy.ledger.series import SigningKey
from placet_policy.ledger.store import Connection, lock_id
from placet_policy.ledger.writer import GroupWriter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Sequence

    from placet_policy.ledger.chain import Chain
    from placet_policy.ledger.head import Head
    from placet_policy.ledger.history import Destination, Window
    from placet_policy.ledger.record import Entry
    from placet_policy.ledger.series import Reservation
    from placet_policy.ledger.statements import Statements
    from placet_policy.ledger.store import Store
    from placet_policy.ledger.writer import WriterObserver

_MAX_EARLIER = 64
_ALLOW = "ALLOW"


class StoredLedger:
    """A ledger in one database. Writes share transactions; reads have a connection and a thread of their own."""

    def __init__(
        self,
        *,
        store: Store,
        chain: Chain,
        observer: WriterObserver,
        clock: Callable[[Connection], int] | None = None,
    ) -> None:
        self._store = store
        self._chain = chain
        self._statements = store.statements
        self._writer = GroupWriter(store=store, chain=chain, observer=observer)
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger-reader")
        self._reading: Connection | None = None
        # For evaluations that always came second: one at a time, with a connection that holds their locks.
        self._lane = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger-lane")
        self._holding: Connection | None = None
        self._turn = asyncio.Lock()
        self._alone: frozenset[VersionKey] = frozenset()
        self._clock = clock or store.now
        # What the store could not take last: a check must be able to write it.
        self._refused: Entry | None = None
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

    async def snapshot(
        self, *, node: str, request_id: str, reservation: Reservation | None = None, windows: Sequence[Window] = ()
    ) -> Snapshot:
        """See ``Ledger.snapshot``."""
        key = RequestKey(node=node, request_id=request_id)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reader, self._read, key, reservation, windows)

    async def commit(
        self,
        record: Record,
        *,
        versions: Versions,
        reservation: Reservation | None = None,
        unseen: Sequence[Destination] = (),
        alone: bool = False,
    ) -> Receipt:
        """See ``Ledger.commit``."""
        entry = decision_entry(record)
        reserved = reservation if record.effect == _ALLOW else None
        moved = {key: version for key, version in versions.items() if _matters(key, reserved)}

        def work(connection: Connection) -> Receipt:
            if not alone:
                self._require_nobody_alone(connection, moved)
            _require_unmoved(connection, self._statements, moved)
            now = self._clock(connection)
            see(connection, self._statements.reserving, unseen, clock=now)
            if reserved is not None:
                Reserving(connection, self._statements.reserving, reserved.key).reserve(
                    reserved, decision_id=record.decision_id, request_id=record.request_id, clock=now
                )
            return self._chain.append(connection, entry)

        locks = [*(_lock_of(key) for key in moved), *(lock_id("destination", to.network, to.address) for to in unseen)]
        try:
            receipt = await asyncio.wrap_future(self._writer.submit(work, locks=locks))
        except LedgerUnavailable as error:
            if not self._is_own_failure(error):
                self._refused = entry
            raise
        self._refused = None
        return receipt

    @asynccontextmanager
    async def alone(self, keys: Iterable[VersionKey]) -> AsyncIterator[None]:
        """See ``Ledger.alone``: one evaluation of this process at a time, and of all processes by the store's locks."""
        wanted = frozenset(keys)
        async with self._turn:
            self._alone = wanted
            try:
                holding = asyncio.get_running_loop().run_in_executor(self._lane, self._hold, wanted)
                await holding
                # What this process had queued before is done with once this is.
                await asyncio.wrap_future(self._writer.submit(_nothing))
                yield
            finally:
                self._alone = frozenset()
                # Whoever is next waits in the same thread, so that this is over before, even if it was not yet held.
                self._lane.submit(self._let_go)

    async def mark_stop(self, *, stopped: bool, at: float) -> Receipt | None:
        """See ``Ledger.mark_stop``."""
        entry = stop_entry(stopped=stopped, at=at)

        def work(connection: Connection) -> Receipt | None:
            # Each pod sees its own stop file, so each chain says for itself when its writer was stopped.
            wanted = {"writer": self.writer_id}
            (last,) = connection.execute(self._statements.last_stop, wanted).fetchone() or ("start",)
            return None if last == entry.row["kind"] else self._chain.append(connection, entry)

        return await asyncio.wrap_future(self._writer.submit(work))

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

    async def mark_archive(self, *, before: int, sha256: bytes, at: float) -> Receipt:
        """Record that the contents of older decisions were exported and may be erased; see ``archive_entry``."""
        entry = archive_entry(before=before, sha256=sha256, at=at)
        return await asyncio.wrap_future(self._writer.submit(lambda connection: self._chain.append(connection, entry)))

    async def check(self) -> None:
        """See ``Ledger.check``: writes as much as a record needs and takes it away again.

        A full disk may have room for the probe, in pages that are there, and none for a record. So after a commit that
        failed it is that very record which is written and taken away.
        """
        refused = self._refused

        def work(connection: Connection) -> None:
            self._store.probe(connection)
            if refused is not None:
                self._rehearse(connection, refused)

        try:
            await asyncio.wrap_future(self._writer.submit(work))
        except LedgerUnavailable as error:
            # One that was committed after all, although nobody heard of it, cannot be written twice.
            if refused is None or not self._is_own_failure(error):
                raise
        if self._refused is refused:
            self._refused = None

    async def close(self) -> None:
        """Finish what is queued and close the connections."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._reader, self._stop_reading)
        await loop.run_in_executor(self._lane, self._let_go)
        # Last, because the last connection to a file folds its write-ahead log back, and only one that may write can.
        await loop.run_in_executor(None, self._writer.close)
        self._reader.shutdown()
        self._lane.shutdown()

    def _read(self, key: RequestKey, reservation: Reservation | None, windows: Sequence[Window]) -> Snapshot:
        if self._reading is not None:
            try:
                return self._read_once(key, reservation, windows)
            except LedgerUnavailable:
                # A connection that was open may have been ended long ago; reading again over a new one is harmless.
                pass
        return self._read_once(key, reservation, windows)

    def _read_once(self, key: RequestKey, reservation: Reservation | None, windows: Sequence[Window]) -> Snapshot:
        try:
            if self._reading is None or not self._store.is_current(self._reading):
                self._stop_reading()
                self._reading = self._store.connect(write=False)
            return self._snapshot(self._reading, key, reservation, windows)
        except self._failures as error:
            self._stop_reading()
            raise LedgerUnavailable(f"{type(error).__name__}: {error}".strip()) from error

    def _snapshot(
        self, connection: Connection, key: RequestKey, reservation: Reservation | None, windows: Sequence[Window]
    ) -> Snapshot:
        earlier, count = _earlier(connection, self._statements, key)
        if reservation is None:
            return Snapshot(earlier=earlier, versions={key: count})
        reserving = Reserving(connection, self._statements.reserving, reservation.key)
        # Before what it guards: whoever commits while the rest is read moves it.
        version = reserving.version()
        history = reserving.history(reservation, windows=windows, clock=self._clock(connection))
        pairs = zip(destinations_of(reservation), history.destinations, strict=True)
        return Snapshot(
            earlier=earlier,
            versions={key: count, reservation.key: version},
            history=history,
            unseen=tuple(to for to, seen in pairs if seen.first_seen is None),
            other_amount=reserving.other_amount(reservation),
        )

    def _is_own_failure(self, error: LedgerUnavailable) -> bool:
        return isinstance(error.__cause__, Exception) and self._store.is_own_failure(error.__cause__)

    def _rehearse(self, connection: Connection, entry: Entry) -> None:
        mark = self._chain.mark()
        connection.execute("SAVEPOINT rehearsal")
        self._chain.append(connection, entry)
        connection.execute("ROLLBACK TO SAVEPOINT rehearsal")
        self._chain.cut(mark)

    def _require_nobody_alone(self, connection: Connection, versions: Versions) -> None:
        others = self._alone & versions.keys() or not self._store.share(
            connection, [_alone_lock(key) for key in versions]
        )
        if others:
            raise VersionMoved("somebody else is alone with a key")

    def _hold(self, keys: Iterable[VersionKey]) -> None:
        try:
            self._holding = self._store.connect(write=False)
            self._store.hold(self._holding, [_alone_lock(key) for key in keys])
        except self._failures as error:
            self._let_go()
            raise LedgerUnavailable(f"{type(error).__name__}: {error}".strip()) from error

    def _let_go(self) -> None:
        if self._holding is not None:
            self._holding.close()
            self._holding = None

    def _stop_reading(self) -> None:
        if self._reading is not None:
            self._reading.close()
            self._reading = None


def _earlier(connection: Connection, statements: Statements, key: RequestKey) -> tuple[tuple[EarlierRecord, ...], int]:
    wanted = {"node": key.node, "request_id": key.request_id, "most": _MAX_EARLIER}
    rows = connection.execute(statements.earlier, wanted).fetchall()
    earlier = tuple(
        EarlierRecord(decision_id=decision_id, request_type=int(kind), detail_sha256=bytes(detail), effect=effect)
        for decision_id, kind, detail, effect, _count in rows
    )
    return earlier, rows[0][4] if rows else 0


def _require_unmoved(connection: Connection, statements: Statements, versions: Versions) -> None:
    for key, version in versions.items():
        count = _count(connection, statements, key)
        if count != version:
            raise VersionMoved(f"a key has version {count}, the snapshot saw {version}")


def _count(connection: Connection, statements: Statements, key: VersionKey) -> int:
    if isinstance(key, SigningKey):
        return Reserving(connection, statements.reserving, key).version()
    wanted = {"node": key.node, "request_id": key.request_id}
    (count,) = connection.execute(statements.count_requests, wanted).fetchone()
    return int(count)


def _matters(key: VersionKey, reserved: Reservation | None) -> bool:
    """Only what is about to be reserved must have been seen in full: a refusal spends nothing."""
    return reserved is not None or isinstance(key, RequestKey)


def _lock_of(key: VersionKey) -> int:
    return lock_id(*_words(key))


def _alone_lock(key: VersionKey) -> int:
    return lock_id("alone", *_words(key))


def _words(key: VersionKey) -> tuple[str, ...]:
    if isinstance(key, SigningKey):
        return ("signer", key.root_key, key.path)
    return ("request", key.node, key.request_id)


def _nothing(_connection: Connection) -> None:
    """Do no work: an item whose turn is all that matters."""
