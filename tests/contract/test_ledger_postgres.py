"""A PostgreSQL that fails, lies or forgets gives no receipt; when it is right again, so is the ledger, by itself."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from ledger_records import decisions, keep_bundle, opened, record, stored, write
from ledger_server import disconnect, swap_databases
from placet_policy.errors import LedgerFault, LedgerUnavailable
from placet_policy.ledger import Receipt, RequestKey
from placet_policy.ledger.durability import settings_query
from placet_policy.ledger.location import Location, parse_url
from placet_policy.ledger.migrate import migrate
from placet_policy.ledger.opening import open_ledger
from placet_policy.ledger.stored import StoredLedger
from postgres import PostgresServer, postgres_server
from tcp_proxy import TcpProxy, tcp_proxy


@pytest.fixture
def place(postgres_url: str) -> Location:
    """A new ledger in the server that all tests share."""
    return parse_url(postgres_url)


@pytest.fixture
async def ledger(place: Location) -> AsyncIterator[StoredLedger]:
    """That ledger, open."""
    async with opened(place) as ledger:
        yield ledger


@pytest.fixture
def own() -> Iterator[PostgresServer]:
    """A server that a test may break."""
    with postgres_server({}) as server:
        yield server


@pytest.fixture
def own_place(own: PostgresServer) -> Iterator[Location]:
    """A new ledger in it."""
    with own.database() as name:
        location = parse_url(own.url_of(name))
        migrate(location)
        yield location


async def fault_of(ledger: StoredLedger) -> LedgerFault | None:
    """Why the ledger cannot be written; None when it can."""
    try:
        await ledger.check()
    except LedgerUnavailable as error:
        return error.fault
    return None


async def recovered(ledger: StoredLedger, *, seconds: float = 120) -> None:
    """Wait until the ledger can be written again."""
    async with asyncio.timeout(seconds):
        # Another process recovers, so there is no event.
        while await fault_of(ledger) is not None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def another_fault(ledger: StoredLedger, *, than: LedgerFault | None) -> LedgerFault | None:
    """Wait until the ledger has another fault than this one."""
    async with asyncio.timeout(120):
        while (fault := await fault_of(ledger)) is than:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return fault


async def until(condition: Callable[[], bool], *, seconds: float = 120) -> None:
    """Look until it is so."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@pytest.fixture
def proxy(postgres: PostgresServer) -> Iterator[TcpProxy]:
    """A proxy before the shared server."""
    port = psycopg.conninfo.conninfo_to_dict(postgres.url).get("port", 5432)
    with tcp_proxy(int(str(port))) as proxy:
        yield proxy


async def test_a_commit_whose_answer_is_lost_gives_no_receipt(
    postgres: PostgresServer, postgres_url: str, proxy: TcpProxy
) -> None:
    """The record is there, nobody has a receipt; the retry finds it, links it, and the chain goes on behind it."""
    direct = parse_url(postgres_url)
    database = postgres_url.rsplit("/", 1)[1]
    async with opened(parse_url(postgres.url_of(database, port=proxy.port))) as ledger:
        await write(ledger, 1)
        proxy.lose_next_commit()
        with pytest.raises(LedgerUnavailable):
            await ledger.commit(record(2), versions={RequestKey("node-a", "request-2"): 0})
        assert proxy.lost.is_set()
        snapshot = await ledger.snapshot(node="node-a", request_id="request-2")
        assert [each.decision_id for each in snapshot.earlier] == ["decision-2"]
        again = record(3, request_id="request-2", earlier=("decision-2",))
        receipt = await ledger.commit(again, versions=snapshot.versions)
    assert receipt.position == 5
    assert [each["decision_id"] for each in decisions(direct)] == ["decision-1", "decision-2", "decision-3"]
    assert all(each["verified"] for each in stored(direct))


async def test_a_connection_that_is_ended_gives_no_receipt(ledger: StoredLedger, place: Location) -> None:
    """A backend that an administrator ends costs one commit at most; the chain goes on over a new connection."""
    await write(ledger, 1)
    _on(
        place,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'placet-policy'"
        " AND pid <> pg_backend_pid()",
    )
    results = await asyncio.gather(write(ledger, 2), return_exceptions=True)
    assert isinstance(results[0], LedgerUnavailable | Receipt)
    await recovered(ledger)
    await write(ledger, 3)
    assert all(each["verified"] for each in stored(place))


async def test_a_server_that_crashes_under_load_keeps_every_receipt(own: PostgresServer, own_place: Location) -> None:
    """After two crashes under load every receipt is in the ledger, no position is missing, and the load goes on."""
    receipts: list[Receipt] = []
    stop = asyncio.Event()

    async def load(ledger: StoredLedger, first: int) -> None:
        number = first
        while not stop.is_set():
            try:
                receipts.append(await write(ledger, number))
            except LedgerUnavailable:
                await asyncio.sleep(0.02)
            number += 8

    async with opened(own_place) as ledger:
        loads = [asyncio.create_task(load(ledger, first)) for first in range(1, 9)]
        for _ in range(2):
            before = len(receipts)
            await until(lambda: len(receipts) >= before + 50)  # noqa: B023  (called before the next round)
            await asyncio.to_thread(own.crash)
        await recovered(ledger)
        before = len(receipts)
        await until(lambda: len(receipts) >= before + 10)
        stop.set()
        await asyncio.gather(*loads)
    found = stored(own_place)
    assert all(each["verified"] for each in found)
    assert sorted(each["position"] for each in found) == list(range(1, len(found) + 1))
    hashes = {each["record_hash"] for each in found}
    assert {receipt.record_hash.hex() for receipt in receipts} <= hashes


async def test_a_database_behind_the_last_receipt_is_not_used(postgres: PostgresServer, postgres_url: str) -> None:
    """A backup in place of the database is not written to; when the right one is back, the ledger is ready."""
    name, place = postgres_url.rsplit("/", 1)[1], parse_url(postgres_url)
    async with opened(place) as ledger:
        await write(ledger, 1)
        disconnect(postgres, name)
        postgres.execute(f"CREATE DATABASE {name}_old TEMPLATE {name}")
        try:
            await recovered(ledger)
            await write(ledger, 2)
            swap_databases(postgres, name, f"{name}_old")
            fault = await another_fault(ledger, than=LedgerFault.UNWRITABLE)
            assert fault is LedgerFault.BEHIND
            with pytest.raises(LedgerUnavailable) as refused:
                await write(ledger, 3)
            assert refused.value.cause == "the record at position 4, which was durable, is not there"
            assert len(decisions(place)) == 1
            swap_databases(postgres, name, f"{name}_old")
            await recovered(ledger)
            assert (await write(ledger, 4)).position == 5
        finally:
            postgres.execute(f"DROP DATABASE {name}_old WITH (FORCE)")
    assert all(each["verified"] for each in stored(place))


async def test_another_ledger_in_its_place_is_not_used(postgres: PostgresServer, postgres_url: str) -> None:
    """A good ledger of another id under the same name is not the one that was opened."""
    name = postgres_url.rsplit("/", 1)[1]
    with postgres.database() as other:
        migrate(parse_url(postgres.url_of(other)))
        async with opened(parse_url(postgres_url)) as ledger:
            swap_databases(postgres, name, other)
            fault = await another_fault(ledger, than=LedgerFault.UNWRITABLE)
            assert fault is LedgerFault.REPLACED
            swap_databases(postgres, name, other)
            await recovered(ledger)


def _on(place: Location, statement: str) -> None:
    with psycopg.connect(place.shown, autocommit=True) as connection:
        connection.execute(statement.encode())


@pytest.mark.parametrize("value", ["off"])
async def test_a_database_that_does_not_wait_for_its_disk_is_refused(
    postgres: PostgresServer, postgres_url: str, value: str
) -> None:
    """With synchronous_commit=off a commit may be lost after its answer: the ledger does not open."""
    name, place = postgres_url.rsplit("/", 1)[1], parse_url(postgres_url)
    postgres.execute(f"ALTER DATABASE {name} SET synchronous_commit = {value}")
    with pytest.raises(LedgerUnavailable) as refused:
        await open_ledger(place)
    assert refused.value.fault is LedgerFault.NOT_DURABLE
    assert refused.value.cause == f"{place.shown}: synchronous_commit is off"


@pytest.mark.parametrize("setting", ["synchronous_commit", "fsync", "full_page_writes"])
async def test_a_setting_that_changes_under_a_connection_is_noticed(
    own: PostgresServer, own_place: Location, setting: str
) -> None:
    """A reload of the server's configuration is seen by the next transaction, and its undoing too."""
    async with opened(own_place) as ledger:
        own.execute(f"ALTER SYSTEM SET {setting} = off")
        own.execute("SELECT pg_reload_conf()")
        fault = await another_fault(ledger, than=None)
        assert fault is LedgerFault.NOT_DURABLE
        own.execute(f"ALTER SYSTEM RESET {setting}")
        own.execute("SELECT pg_reload_conf()")
        await recovered(ledger)


async def test_a_required_standby_that_is_not_there_is_refused(place: Location) -> None:
    """Where high availability is declared, a server without a synchronous standby takes no records."""
    with pytest.raises(LedgerUnavailable) as refused:
        await open_ledger(place, standby=True)
    assert refused.value.fault is LedgerFault.NO_STANDBY


async def test_a_standby_that_leaves_and_returns(own: PostgresServer, own_place: Location, tmp_path: Path) -> None:
    """With a synchronous standby records are taken; without it none; with it again they are, by itself."""
    own.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
    try:
        with own.standby(tmp_path):
            own.execute("SELECT pg_reload_conf()")
            await until(lambda: _standbys(own_place) == 1)
            ledger = await open_ledger(own_place, standby=True)
            await keep_bundle(ledger)
            await write(ledger, 1)
        await until(lambda: _standbys(own_place) == 0)
        # A COMMIT that was under way when the standby left waits for its return; any later one is not begun.
        with pytest.raises((LedgerUnavailable, TimeoutError)):
            async with asyncio.timeout(2):
                await write(ledger, 2)
        with own.standby(tmp_path):
            await recovered(ledger)
            await write(ledger, 3)
            await ledger.close()
            assert [each["decision_id"] for each in decisions(own_place)] == ["decision-1", "decision-3"]
    finally:
        own.execute("ALTER SYSTEM RESET synchronous_standby_names")
        own.execute("SELECT pg_reload_conf()")
    assert all(each["verified"] for each in stored(own_place))


def _standbys(place: Location) -> int:
    with psycopg.connect(place.shown) as connection:
        row = connection.execute(settings_query(standby=True).encode()).fetchone()
    return 0 if row is None else int(row[4])


async def _cancelled(place: Location, waiting: asyncio.Future[Any]) -> None:
    """Cancel what waits for a standby until this ends."""
    async with asyncio.timeout(60):
        while not waiting.done():
            _on(place, "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
            await asyncio.wait([waiting], timeout=0.1)


async def _until_commits_wait(place: Location) -> None:
    """The server obeys a new setting a moment after it was told, which nothing says but a COMMIT that waits."""
    notices: list[str | None] = []

    def commit() -> None:
        with psycopg.connect(place.shown, autocommit=True) as connection:
            connection.add_notice_handler(lambda notice: notices.append(notice.message_primary))
            connection.execute("SELECT pg_logical_emit_message(true, 'test', 'a transaction')")

    while not notices:
        await _cancelled(place, asyncio.ensure_future(asyncio.to_thread(commit)))


async def test_a_cancelled_wait_for_the_standby_gives_no_receipt(own: PostgresServer, own_place: Location) -> None:
    """PostgreSQL then answers COMMIT with success and a warning: the record may be on one machine only."""
    async with opened(own_place) as ledger:
        own.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        try:
            own.execute("SELECT pg_reload_conf()")
            await _until_commits_wait(own_place)
            waiting = asyncio.create_task(ledger.commit(record(1), versions={}))
            await _cancelled(own_place, waiting)
            with pytest.raises(LedgerUnavailable) as refused:
                waiting.result()
            assert "canceling wait for synchronous replication" in refused.value.cause
        finally:
            own.execute("ALTER SYSTEM RESET synchronous_standby_names")
            own.execute("SELECT pg_reload_conf()")
        await recovered(ledger)
        assert (await write(ledger, 2)).position == 4


async def test_a_server_that_is_not_there_is_unavailable(place: Location) -> None:
    """A start without the database ends with a cause that names the place and no password."""
    del place
    with pytest.raises(LedgerUnavailable) as refused:
        await open_ledger(parse_url("postgresql://user:secret@127.0.0.1:1/db"))
    assert refused.value.cause.startswith("postgresql://user@127.0.0.1:1/db: ")
    assert "secret" not in refused.value.cause


async def test_a_database_without_tables_names_the_command(postgres: PostgresServer) -> None:
    """A pod never makes the tables by itself; it says what does."""
    with postgres.database() as name, pytest.raises(LedgerUnavailable) as refused:
        await open_ledger(parse_url(postgres.url_of(name)))
    assert refused.value.fault is LedgerFault.SCHEMA
    assert "run `python -m placet_policy ledger migrate" in refused.value.cause


@pytest.mark.parametrize(("version", "word"), [("0000", "newer"), ("0003", "newer")])
async def test_a_schema_that_nobody_knows_stops_the_start(place: Location, version: str, word: str) -> None:
    """A ledger that a newer program wrote is not touched by this one."""
    _on(place, f"UPDATE alembic_version SET version_num = '{version}'")
    with pytest.raises(LedgerUnavailable) as refused:
        await open_ledger(place)
    assert word in refused.value.cause
    with pytest.raises(LedgerUnavailable, match="newer"):
        migrate(place)


def test_migrating_twice_and_at_once_is_harmless(postgres: PostgresServer) -> None:
    """Three that migrate an empty database together, and one after them, leave one ledger."""

    async def together(location: Location) -> None:
        await asyncio.gather(*(asyncio.to_thread(migrate, location) for _ in range(3)))

    with postgres.database() as name:
        location = parse_url(postgres.url_of(name))
        asyncio.run(together(location))
        migrate(location)
        with psycopg.connect(location.shown) as connection:
            assert connection.execute("SELECT count(*) FROM meta").fetchone() == (1,)


async def test_two_pods_write_into_one_ledger(place: Location) -> None:
    """Each has its own chain; the snapshot of one shows what the other recorded."""
    async with opened(place) as one, opened(place) as two:
        await asyncio.gather(
            *(write(one, number) for number in range(2, 42, 2)), *(write(two, number) for number in range(1, 41, 2))
        )
        seen = await one.snapshot(node="node-a", request_id="request-1")
        assert [each.decision_id for each in seen.earlier] == ["decision-1"]
        await keep_bundle(one)
    found = stored(place)
    assert all(each["verified"] for each in found)
    assert {each["writer"] for each in found} == {one.writer_id, two.writer_id}


def test_the_environment_may_name_the_server() -> None:
    """Where PLACET_TEST_POSTGRES_URL names a server, the tests use that one."""
    os.environ["PLACET_TEST_POSTGRES_URL"] = "postgresql://somebody@elsewhere/db"
    try:
        with postgres_server() as server:
            assert server.url_of("other") == "postgresql://somebody@elsewhere:5432/other"
    finally:
        del os.environ["PLACET_TEST_POSTGRES_URL"]
