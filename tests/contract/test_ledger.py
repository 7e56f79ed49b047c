"""What every ledger must do, in SQLite and in PostgreSQL alike: durable, shared commits, and a chain that verifies."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest
from ledger_records import decisions, keep_bundle, opened, record, stored, write
from ledger_sql import execute, refused_by_trigger
from placet_policy.errors import LedgerUnavailable, VersionMoved
from placet_policy.ledger import Receipt, RequestKey
from placet_policy.ledger.head import HeadInvalid, verify_head
from placet_policy.ledger.location import Location, PostgresLocation, SqliteLocation
from placet_policy.ledger.opening import Unobserved
from placet_policy.ledger.stored import StoredLedger
from structlog.testing import capture_logs

SUPPORT = Path(__file__).parents[1] / "support"


async def test_a_receipt_names_a_record_that_is_there(ledger: StoredLedger, location: Location) -> None:
    """The receipt's store, writer, position and hash are the stored record's, and the record verifies."""
    receipt = await write(ledger, 1)
    (found,) = decisions(location)
    assert (receipt.ledger, receipt.writer, receipt.position) == (found["ledger"], found["writer"], 3)
    assert receipt.record_hash.hex() == found["record_hash"]
    assert found["verified"] is True
    assert receipt.ledger == ledger.ledger_id


async def test_a_record_is_stored_completely(ledger: StoredLedger, location: Location) -> None:
    """Every field of a decision comes back, the token from its compressed form."""
    await write(ledger, 1, request_type=10**60, reasons=[{"code": "X"}], earlier=("a", "b"), received_at=None)
    (found,) = decisions(location)
    assert found["token"] == "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"
    assert found["request_type"] == 10**60
    assert (found["reasons"], found["codes"]) == ([{"code": "X"}], ["X"])
    assert found["facts"] == {"summary": ["Sends 1 ETH."]}
    assert found["input"] == {"schema": "placet.input/v1"}
    assert found["earlier"] == ["a", "b"]
    assert found["received_at"] is None
    assert found["decided_at"] == "2026-11-22T17:49:24.500000+00:00"
    assert found["timings"] == {"opa": 1.5}


async def test_a_chain_begins_with_its_writer(location: Location) -> None:
    """A process start is a new chain: its first record holds the key that was published before it was written."""
    with capture_logs() as logs:
        for number in (1, 2):
            async with opened(location) as ledger:
                await write(ledger, number)
    published = {(line["writer"], line["public_key"]) for line in logs if line["event"] == "ledger_writer"}
    first = [each for each in stored(location) if each["position"] == 1]
    assert [each["kind"] for each in first] == ["writer", "writer"]
    assert {(each["writer"], each["public_key"]) for each in first} == published
    assert [each["previous"] for each in first] == [None, None]
    assert len({each["ledger"] for each in stored(location)}) == 1


async def test_every_record_holds_the_one_before(ledger: StoredLedger, location: Location) -> None:
    """`previous` is the hash of the writer's record at the position before, for every kind of record."""
    await write(ledger, 1)
    await ledger.mark_stop(stopped=True, at=1.0)
    found = stored(location)
    assert [each["kind"] for each in found] == ["writer", "bundle", "decision", "stop"]
    assert [each["previous"] for each in found[1:]] == [each["record_hash"] for each in found[:-1]]
    assert all(each["verified"] for each in found)


async def test_the_newest_record_is_a_signed_head(ledger: StoredLedger, location: Location) -> None:
    """The head is the last receipt, signed by the writer's key and by no other."""
    receipt = await write(ledger, 1)
    head = ledger.head
    assert head is not None
    public_key = bytes.fromhex(stored(location)[0]["public_key"])
    assert verify_head(head, public_key=public_key) == receipt
    assert stored(location)[-1]["signature"] == head.signature.hex()
    with pytest.raises(HeadInvalid):
        verify_head(head, public_key=bytes(32))


class Sizes(Unobserved):
    """Remembers how much work each transaction held."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def committed(self, size: int, seconds: float) -> None:
        del seconds
        self.sizes.append(size)


async def test_concurrent_commits_share_transactions(location: Location) -> None:
    """200 concurrent commits are all durable, each with its own position, in far fewer transactions."""
    observed, go = Sizes(), threading.Event()
    async with opened(location, observer=observed) as ledger:
        # While one transaction lasts, all others wait: how long one takes is the machine's.
        ledger._writer.submit(lambda _connection: go.wait(60))
        writing = [asyncio.create_task(write(ledger, number)) for number in range(1, 201)]
        async with asyncio.timeout(50):
            while ledger._writer._queue.qsize() < 200:  # noqa: ASYNC110 - a queue of another thread
                await asyncio.sleep(0.01)
        go.set()
        receipts = await asyncio.gather(*writing)
    assert sorted(receipt.position for receipt in receipts) == list(range(3, 203))
    assert sum(observed.sizes) == 203
    assert len(observed.sizes) < 100
    found = {each["record_hash"]: each["verified"] for each in decisions(location)}
    assert found == {receipt.record_hash.hex(): True for receipt in receipts}


async def test_snapshot_of_an_unknown_request_is_empty(ledger: StoredLedger) -> None:
    """A request that was never recorded has version 0 and nothing earlier."""
    snapshot = await ledger.snapshot(node="node-a", request_id="new")
    assert snapshot.earlier == ()
    assert snapshot.versions == {RequestKey("node-a", "new"): 0}


async def test_snapshot_knows_the_same_node_and_request_only(ledger: StoredLedger) -> None:
    """Another node's record under the same request_id is another request."""
    await write(ledger, 1, request_id="same", effect="HOLD", request_type=99)
    await write(ledger, 2, request_id="same", node="node-b")
    snapshot = await ledger.snapshot(node="node-a", request_id="same")
    (earlier,) = snapshot.earlier
    assert (earlier.decision_id, earlier.request_type, earlier.effect) == ("decision-1", 99, "HOLD")
    assert earlier.detail_sha256 == b"\x01" * 32


async def test_snapshot_is_bounded_and_never_forgets_a_reuse(ledger: StoredLedger) -> None:
    """After one record with another detail and a hundred retries, the snapshot still shows the first, oldest first."""
    await write(ledger, 1, request_id="same", detail_sha256=b"\x09" * 32)
    for number in range(2, 102):
        await write(ledger, number, request_id="same")
    snapshot = await ledger.snapshot(node="node-a", request_id="same")
    earlier = snapshot.earlier
    assert len(earlier) == 66
    assert [each.decision_id for each in earlier[:3]] == ["decision-1", "decision-2", "decision-38"]
    assert earlier[-1].decision_id == "decision-101"
    assert snapshot.versions == {RequestKey("node-a", "same"): 101}


async def test_a_moved_version_fails_the_commit(ledger: StoredLedger, location: Location) -> None:
    """Of two evaluations that saw the same snapshot, one is recorded and the other must start again."""
    snapshot = await ledger.snapshot(node="node-a", request_id="same")
    await ledger.commit(record(1, request_id="same"), versions=snapshot.versions)
    with pytest.raises(VersionMoved):
        await ledger.commit(record(2, request_id="same"), versions=snapshot.versions)
    assert [each["decision_id"] for each in decisions(location)] == ["decision-1"]


async def test_a_moved_version_does_not_fail_its_neighbours(ledger: StoredLedger, location: Location) -> None:
    """Ten evaluations race for one request among ten others: one of the ten wins, and all the others are recorded."""
    racing = [
        ledger.commit(record(number, request_id="same"), versions={RequestKey("node-a", "same"): 0})
        for number in range(1, 11)
    ]
    others = [write(ledger, number) for number in range(11, 21)]
    results = await asyncio.gather(*racing, *others, return_exceptions=True)
    assert sum(isinstance(each, Receipt) for each in results[:10]) == 1
    assert sum(isinstance(each, VersionMoved) for each in results[:10]) == 9
    assert all(isinstance(each, Receipt) for each in results[10:])
    assert sorted(each["position"] for each in decisions(location)) == list(range(3, 14))
    assert all(each["verified"] for each in stored(location))


async def test_a_duplicate_decision_fails_alone(ledger: StoredLedger, location: Location) -> None:
    """A second record of the same decision is refused; a neighbour in the same transaction is written."""
    await write(ledger, 1)
    again = ledger.commit(record(1), versions={})
    refused, written = await asyncio.gather(again, write(ledger, 2), return_exceptions=True)
    assert isinstance(refused, LedgerUnavailable)
    assert isinstance(written, Receipt)
    assert (await write(ledger, 3)).position == 5
    assert all(each["verified"] for each in stored(location))


@pytest.mark.parametrize("request_id", ["\ud800", "a\x00b"])
async def test_a_text_that_a_store_cannot_hold_fails_alone(
    ledger: StoredLedger, location: Location, request_id: str
) -> None:
    """A lone surrogate has no UTF-8, and PostgreSQL has no NUL: no receipt without a record, and the rest goes on."""
    odd, good = await asyncio.gather(
        ledger.commit(record(1, request_id=request_id), versions={}), write(ledger, 2), return_exceptions=True
    )
    assert isinstance(good, Receipt)
    found = [each["request_id"] for each in decisions(location)]
    assert isinstance(odd, Receipt if request_id in found else LedgerUnavailable)
    assert "request-2" in found


async def test_a_decision_needs_its_bundle(ledger: StoredLedger, location: Location) -> None:
    """A record that names a revision which the ledger does not hold is refused by the database itself."""
    with pytest.raises(LedgerUnavailable) as refused:
        await ledger.commit(record(1, revision="sha256:" + "ef" * 32), versions={})
    assert "the record names a bundle that the ledger does not hold" in refused.value.cause
    assert decisions(location) == []
    assert (await ledger.commit(record(2, revision=""), versions={})).position == 3


async def test_a_bundle_is_kept_once_and_recorded_each_time(ledger: StoredLedger, location: Location) -> None:
    """Becoming active again is a record of its own with the same digest; the bytes are stored once."""
    await keep_bundle(ledger)
    found = [each for each in stored(location) if each["kind"] == "bundle"]
    assert [each["revision"] for each in found] == ["sha256:" + "cd" * 32] * 2
    # SHA-256 of b"packed".
    assert {each["bundle_sha256"] for each in found} == {
        "88cb8a087b6e8cebfc9ae5602f5a2159a6bcf923e7f2c56809bcda6cad1727a7"
    }
    assert execute(location, "SELECT revision, content FROM bundles") == [("sha256:" + "cd" * 32, b"packed")]


async def test_a_cancelled_commit_leaves_the_ledger_working(ledger: StoredLedger) -> None:
    """Callers that go away disturb nobody else."""
    tasks = [asyncio.create_task(write(ledger, number)) for number in range(1, 40)]
    await asyncio.sleep(0.002)
    for task in tasks[::2]:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(each, Receipt) for each in results[1::2])


async def test_stop_and_start_are_recorded_once_each(ledger: StoredLedger, location: Location) -> None:
    """Setting and lifting the stop are records of the same sequence; saying it again writes nothing."""
    written = [
        await ledger.mark_stop(stopped=False, at=1.0),
        await ledger.mark_stop(stopped=True, at=2.0),
        await ledger.mark_stop(stopped=True, at=3.0),
        await ledger.mark_stop(stopped=False, at=4.0),
    ]
    assert [each is not None for each in written] == [False, True, False, True]
    found = [(each["kind"], each["decided_at"], each["position"], each["verified"]) for each in stored(location)]
    assert found[2:] == [
        ("stop", "1970-01-01T00:00:02.000000+00:00", 3, True),
        ("start", "1970-01-01T00:00:04.000000+00:00", 4, True),
    ]


async def test_each_writer_records_its_own_stop(location: Location) -> None:
    """A pod that starts while another is stopped lifts nothing, and one that starts stopped says so in its chain."""
    async with opened(location) as ledger:
        await ledger.mark_stop(stopped=True, at=1.0)
        async with opened(location) as other:
            assert await other.mark_stop(stopped=False, at=2.0) is None
        assert await ledger.mark_stop(stopped=True, at=3.0) is None
    async with opened(location) as restarted:
        assert await restarted.mark_stop(stopped=True, at=4.0) is not None
    assert [each["kind"] for each in stored(location, kind="start")] == []


async def test_a_closed_file_is_one_file(path: Path) -> None:
    """Nothing of the write-ahead log stays beside it, and only its owner may read it."""
    async with opened(SqliteLocation(path=path)) as ledger:
        await write(ledger, 1)
        await ledger.snapshot(node="node-a", request_id="request-1")
        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.glob("ledger.sqlite*")}
    assert modes == {"ledger.sqlite": 0o600, "ledger.sqlite-wal": 0o600, "ledger.sqlite-shm": 0o600}
    assert [file.name for file in path.parent.glob("ledger.sqlite*")] == ["ledger.sqlite"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE records SET effect = 'DENY'",
        "DELETE FROM records",
        "UPDATE contents SET facts = '{}'",
        "UPDATE bundles SET content = record_hash FROM records",
        "DELETE FROM bundles",
        "DELETE FROM writers",
        "UPDATE meta SET value = 'x'",
    ],
)
async def test_what_is_written_stays_as_it_is(ledger: StoredLedger, location: Location, statement: str) -> None:
    """The database itself refuses to change a record, or to delete one, even to its owner."""
    await write(ledger, 1)
    assert refused_by_trigger(location, statement)


async def test_contents_can_be_erased_and_the_chain_stays_verifiable(ledger: StoredLedger, location: Location) -> None:
    """After token, input, facts and messages are gone, the record verifies and still says when, why and how."""
    await write(ledger, 1, effect="DENY", reasons=[{"code": "TOO_MUCH", "message": "5 to a person"}])
    await write(ledger, 2)
    execute(location, "DELETE FROM contents WHERE position = 3")
    erased, kept = decisions(location)
    assert (erased["contents"], erased["token"], erased["input"], erased["reasons"]) == (False, None, None, None)
    assert (erased["verified"], erased["effect"], erased["codes"]) == (True, "DENY", ["TOO_MUCH"])
    assert (kept["contents"], kept["verified"]) == (True, True)


_LOAD = """
import asyncio, sys
sys.path.insert(0, sys.argv[2])
from ledger_records import opened, record
from placet_policy.ledger.location import parse_url

async def client(ledger, first):
    number = first
    while True:
        snapshot = await ledger.snapshot(node="node-a", request_id=f"request-{number}")
        receipt = await ledger.commit(record(number), versions=snapshot.versions)
        print(receipt.position, receipt.record_hash.hex(), flush=True)
        number += 16

async def main():
    async with opened(parse_url(sys.argv[1])) as ledger:
        await asyncio.gather(*(client(ledger, number) for number in range(1, 17)))

asyncio.run(main())
"""


def test_every_receipt_survives_a_killed_process(location: Location) -> None:
    """After SIGKILL in the middle of load, every receipt that was given is in the ledger and verifies."""
    arguments = [sys.executable, "-c", textwrap.dedent(_LOAD), location.shown, str(SUPPORT)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        # The first line says who writes.
        assert "ledger_writer" in process.stdout.readline()
        seen = [process.stdout.readline() for _ in range(300)]
        os.kill(process.pid, signal.SIGKILL)
        seen += process.stdout.readlines()
    given = {tuple(line.split()) for line in seen if line.endswith("\n")}
    found = decisions(location)
    assert len(given) >= 300
    assert all(each["verified"] for each in stored(location))
    assert given <= {(str(each["position"]), each["record_hash"]) for each in found}


_RACE = """
import asyncio, sys
sys.path.insert(0, sys.argv[2])
from ledger_records import opened, record
from placet_policy.errors import LedgerUnavailable, VersionMoved
from placet_policy.ledger import RequestKey
from placet_policy.ledger.location import parse_url

async def main():
    async with opened(parse_url(sys.argv[1])) as ledger:
        for round in range(50):
            # Whoever waits too long for the other's lock has no receipt, and asks again.
            while True:
                try:
                    await ledger.commit(
                        record(1, decision_id=f"{sys.argv[3]}-{round}", request_id=f"round-{round}"),
                        versions={RequestKey("node-a", f"round-{round}"): 0, RequestKey("node-a", f"other-{round}"): 0},
                    )
                except LedgerUnavailable:
                    continue
                except VersionMoved:
                    pass
                break

asyncio.run(main())
"""


def test_two_processes_never_write_the_same_version(location: Location) -> None:
    """Of two processes that saw the same version of a request exactly one is recorded, in each of 50 rounds."""
    command = [sys.executable, "-c", textwrap.dedent(_RACE), location.shown, str(SUPPORT)]
    if not isinstance(location, PostgresLocation):
        # Two processes that make a file at the same moment are another test.
        asyncio.run(_make(location))
    processes = [subprocess.Popen([*command, name], stdout=subprocess.DEVNULL) for name in ("one", "two")]
    assert [process.wait(240) for process in processes] == [0, 0]
    found = [each["request_id"] for each in decisions(location)]
    assert sorted(found) == sorted(f"round-{number}" for number in range(50))
    assert all(each["verified"] for each in stored(location))


async def _make(location: Location) -> None:
    async with opened(location):
        pass


def test_the_list_command_prints_a_line_a_record(location: Location) -> None:
    """`ledger list --json` as a process of its own reads a ledger while nobody has it open."""

    async def fill() -> None:
        async with opened(location) as ledger:
            await write(ledger, 1)
            await write(ledger, 2, effect="HOLD", reasons=[{"code": "STOPPED", "message": "Deciding is stopped."}])

    asyncio.run(fill())
    arguments = [sys.executable, "-m", "placet_policy", "ledger", "list", "--url", location.shown, "--json"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["request_id"], line["effect"]) for line in lines] == [
        (None, None),
        (None, None),
        ("request-1", "ALLOW"),
        ("request-2", "HOLD"),
    ]
    assert "token" not in lines[2]
