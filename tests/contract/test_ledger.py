"""What every ledger must do, shown by the one in SQLite: durable, shared commits, and never a receipt in doubt."""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from ledger_records import record, write
from placet_policy.errors import LedgerUnavailable, VersionMoved
from placet_policy.ledger import Receipt, VersionKey
from placet_policy.ledger.commands import records
from placet_policy.ledger.sqlite import SqliteLedger


async def test_a_receipt_names_a_record_that_is_there(ledger: SqliteLedger, path: Path) -> None:
    """The receipt's store, writer, position and hash are the stored record's, and the hash verifies."""
    receipt = await write(ledger, 1)
    (stored,) = records(path)
    assert (receipt.ledger, receipt.writer, receipt.position) == (stored["ledger"], stored["writer"], 1)
    assert receipt.record_hash.hex() == stored["record_hash"]
    assert stored["verified"] is True
    assert receipt.ledger == ledger.ledger_id


async def test_a_record_is_stored_completely(ledger: SqliteLedger, path: Path) -> None:
    """Every field of a decision comes back from the file, the token from its compressed form."""
    await write(ledger, 1, request_type=10**60, reasons=[{"code": "X"}], earlier=("a", "b"), received_at=None)
    (stored,) = records(path)
    assert stored["token"] == "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"
    assert stored["request_type"] == 10**60
    assert stored["reasons"] == [{"code": "X"}]
    assert stored["facts"] == {"summary": ["Sends 1 ETH."]}
    assert stored["input"] == {"schema": "placet.input/v1"}
    assert stored["earlier"] == ["a", "b"]
    assert stored["received_at"] is None
    assert stored["decided_at"] == "2026-11-22T17:49:24.500000+00:00"
    assert stored["timings"] == {"opa": 1.5}


async def test_positions_count_from_one_for_each_writer(path: Path) -> None:
    """A process start is a new writer whose sequence starts at 1; the store keeps its id."""
    receipts = []
    for start in range(2):
        ledger = SqliteLedger.open(path)
        receipts += [await write(ledger, start * 2 + 1), await write(ledger, start * 2 + 2)]
        await ledger.close()
    assert [receipt.position for receipt in receipts] == [1, 2, 1, 2]
    assert len({receipt.writer for receipt in receipts}) == 2
    assert len({receipt.ledger for receipt in receipts}) == 1


async def test_concurrent_commits_share_transactions(path: Path) -> None:
    """200 concurrent commits are all durable, each with its own position, in far fewer transactions."""
    sizes: list[int] = []
    ledger = SqliteLedger.open(path, on_commit=lambda size, _seconds: sizes.append(size))
    receipts = await asyncio.gather(*(write(ledger, number) for number in range(1, 201)))
    await ledger.close()
    assert sorted(receipt.position for receipt in receipts) == list(range(1, 201))
    assert sum(sizes) == 200
    assert len(sizes) < 100
    stored = {each["record_hash"]: each["verified"] for each in records(path)}
    assert stored == {receipt.record_hash.hex(): True for receipt in receipts}


async def test_snapshot_of_an_unknown_request_is_empty(ledger: SqliteLedger) -> None:
    """A request that was never recorded has version 0 and nothing earlier."""
    snapshot = await ledger.snapshot(node="node-a", request_id="new")
    assert snapshot.earlier == ()
    assert snapshot.versions == {VersionKey("node-a", "new"): 0}


async def test_snapshot_knows_the_same_node_and_request_only(ledger: SqliteLedger) -> None:
    """Another node's record under the same request_id is another request."""
    await write(ledger, 1, request_id="same", effect="HOLD", request_type=99)
    await write(ledger, 2, request_id="same", node="node-b")
    snapshot = await ledger.snapshot(node="node-a", request_id="same")
    (earlier,) = snapshot.earlier
    assert (earlier.decision_id, earlier.request_type, earlier.effect) == ("decision-1", 99, "HOLD")
    assert earlier.detail_sha256 == b"\x01" * 32


async def test_snapshot_is_bounded_and_never_forgets_a_reuse(ledger: SqliteLedger) -> None:
    """After one record with another detail and a hundred retries, the snapshot still shows the first, oldest first."""
    await write(ledger, 1, request_id="same", detail_sha256=b"\x09" * 32)
    for number in range(2, 102):
        await write(ledger, number, request_id="same")
    earlier = (await ledger.snapshot(node="node-a", request_id="same")).earlier
    assert len(earlier) == 66
    assert [each.decision_id for each in earlier[:3]] == ["decision-1", "decision-2", "decision-38"]
    assert earlier[-1].decision_id == "decision-101"


async def test_a_moved_version_fails_the_commit(ledger: SqliteLedger, path: Path) -> None:
    """Of two evaluations that saw the same snapshot, one is recorded and the other must start again."""
    snapshot = await ledger.snapshot(node="node-a", request_id="same")
    await ledger.commit(record(1, request_id="same"), versions=snapshot.versions)
    with pytest.raises(VersionMoved):
        await ledger.commit(record(2, request_id="same"), versions=snapshot.versions)
    assert [each["decision_id"] for each in records(path)] == ["decision-1"]


async def test_a_moved_version_does_not_fail_its_neighbours(ledger: SqliteLedger, path: Path) -> None:
    """Ten evaluations race for one request among ten others: one of the ten wins, and all the others are recorded."""
    racing = [
        ledger.commit(record(number, request_id="same"), versions={VersionKey("node-a", "same"): 0})
        for number in range(1, 11)
    ]
    others = [write(ledger, number) for number in range(11, 21)]
    results = await asyncio.gather(*racing, *others, return_exceptions=True)
    assert sum(isinstance(each, Receipt) for each in results[:10]) == 1
    assert sum(isinstance(each, VersionMoved) for each in results[:10]) == 9
    assert all(isinstance(each, Receipt) for each in results[10:])
    assert sorted(each["position"] for each in records(path)) == list(range(1, 12))


async def test_a_duplicate_decision_fails_alone(ledger: SqliteLedger) -> None:
    """A second record of the same decision is refused; a neighbour in the same transaction is written."""
    await write(ledger, 1)
    again = ledger.commit(record(1), versions={})
    refused, written = await asyncio.gather(again, write(ledger, 2), return_exceptions=True)
    assert isinstance(refused, LedgerUnavailable)
    assert isinstance(written, Receipt)


async def test_a_cancelled_commit_leaves_the_ledger_working(ledger: SqliteLedger) -> None:
    """Callers that go away disturb nobody else."""
    tasks = [asyncio.create_task(write(ledger, number)) for number in range(1, 40)]
    await asyncio.sleep(0.002)
    for task in tasks[::2]:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(each, Receipt) for each in results[1::2])


async def test_stop_and_start_are_recorded_once_each(ledger: SqliteLedger, path: Path) -> None:
    """Setting and lifting the stop are records of the same sequence; saying it again writes nothing."""
    written = [
        await ledger.mark_stop(stopped=False, at=1.0),
        await ledger.mark_stop(stopped=True, at=2.0),
        await ledger.mark_stop(stopped=True, at=3.0),
        await ledger.mark_stop(stopped=False, at=4.0),
    ]
    assert [each is not None for each in written] == [False, True, False, True]
    stored = [(each["kind"], each["decided_at"], each["position"], each["verified"]) for each in records(path)]
    assert stored == [
        ("stop", "1970-01-01T00:00:02.000000+00:00", 1, True),
        ("start", "1970-01-01T00:00:04.000000+00:00", 2, True),
    ]


async def test_a_stop_lifted_while_the_service_was_down_is_recorded(path: Path) -> None:
    """The ledger remembers the last state over restarts."""
    ledger = SqliteLedger.open(path)
    await ledger.mark_stop(stopped=True, at=1.0)
    await ledger.close()
    ledger = SqliteLedger.open(path)
    assert await ledger.mark_stop(stopped=False, at=2.0) is not None
    await ledger.close()


async def test_records_cannot_be_changed_or_deleted(ledger: SqliteLedger, path: Path) -> None:
    """The file itself refuses to update or delete a record."""
    await write(ledger, 1)
    connection = sqlite3.connect(path)
    for statement in ("UPDATE records SET effect = 'DENY'", "DELETE FROM records"):
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(statement)
    connection.close()


_LOAD = """
import asyncio, sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from ledger_records import record
from placet_policy.ledger.sqlite import SqliteLedger

async def client(ledger, first):
    number = first
    while True:
        snapshot = await ledger.snapshot(node="node-a", request_id=f"request-{number}")
        receipt = await ledger.commit(record(number), versions=snapshot.versions)
        print(receipt.position, receipt.record_hash.hex(), flush=True)
        number += 16

async def main():
    ledger = SqliteLedger.open(Path(sys.argv[1]))
    await asyncio.gather(*(client(ledger, number) for number in range(1, 17)))

asyncio.run(main())
"""


def test_every_receipt_survives_a_killed_process(path: Path) -> None:
    """After SIGKILL in the middle of load, every receipt that was given is in the file and verifies."""
    support = Path(__file__).parents[1] / "support"
    arguments = [sys.executable, "-c", textwrap.dedent(_LOAD), str(path), str(support)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        seen = [process.stdout.readline() for _ in range(300)]
        os.kill(process.pid, signal.SIGKILL)
        seen += process.stdout.readlines()
    given = {tuple(line.split()) for line in seen if line.endswith("\n")}
    stored = list(records(path))
    assert len(given) >= 300
    assert all(each["verified"] for each in stored)
    assert given <= {(str(each["position"]), each["record_hash"]) for each in stored}


def test_the_list_command_prints_a_line_a_record(path: Path) -> None:
    """`ledger list --json` as a process of its own reads a file while nobody has it open."""

    async def fill() -> None:
        ledger = SqliteLedger.open(path)
        await write(ledger, 1)
        await write(ledger, 2, effect="HOLD", reasons=[{"code": "STOPPED", "message": "Deciding is stopped."}])
        await ledger.close()

    asyncio.run(fill())
    arguments = [sys.executable, "-m", "placet_policy", "ledger", "list", "--url", f"sqlite:///{path}", "--json"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["request_id"], line["effect"]) for line in lines] == [("request-1", "ALLOW"), ("request-2", "HOLD")]
    assert "token" not in lines[0]
