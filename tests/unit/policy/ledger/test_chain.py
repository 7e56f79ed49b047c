"""A writer's chain over a database that forgets, keeps too much, or is not the one that was written to."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from placet_policy.errors import LedgerFault, LedgerUnavailable
from placet_policy.ledger.chain import Chain
from placet_policy.ledger.head import WriterKey
from placet_policy.ledger.location import SqliteLocation
from placet_policy.ledger.record import stop_entry
from placet_policy.ledger.sqlite import SqliteStore

if TYPE_CHECKING:
    from placet_policy.ledger.store import Connection

ENTRY = stop_entry(stopped=True, at=1.0)


class Bench:
    """A chain, and a connection whose transactions a test ends as it likes."""

    def __init__(self, path: Path) -> None:
        self.store = SqliteStore(SqliteLocation(path=path))
        self.connection = self.store.connect(write=True)
        self.chain = self.new_chain()

    def new_chain(self) -> Chain:
        return Chain(
            ledger_id=self.store.ledger_id,
            writer_id="writer",
            key=WriterKey.generate(),
            statements=self.store.statements,
        )

    def append(self, *, commit: bool, known: bool) -> int:
        """One transaction with one record; `known` is what the chain is told of its end."""
        self.connection.execute("BEGIN IMMEDIATE")
        self.chain.resume(self.connection)
        position = self.chain.append(self.connection, ENTRY).position
        self.connection.execute("COMMIT" if commit else "ROLLBACK")
        (self.chain.settle if known else self.chain.doubt)()
        return position

    def resume(self, chain: Chain) -> None:
        """Look for the end of a chain."""
        chain.distrust()
        chain.resume(self.connection)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A new ledger with two durable records."""
    bench = Bench(tmp_path / "ledger.sqlite")
    assert [bench.append(commit=True, known=True) for _ in range(2)] == [1, 2]
    return bench


def test_a_doubtful_record_that_is_there_is_gone_on_from(bench: Bench) -> None:
    """Its position is taken; the head is known again once a later record is durable."""
    assert bench.append(commit=True, known=False) == 3
    assert bench.chain.head is not None
    assert bench.chain.head.receipt.position == 2
    assert bench.append(commit=True, known=True) == 4
    assert bench.chain.head.receipt.position == 4


def test_a_doubtful_record_that_is_not_there_is_written_over(bench: Bench) -> None:
    """Its position is free, as often as it fails."""
    assert [bench.append(commit=False, known=False) for _ in range(3)] == [3, 3, 3]
    assert bench.append(commit=True, known=True) == 3


def _forget(connection: sqlite3.Connection) -> None:
    connection.execute("DROP TRIGGER records_no_delete")
    connection.execute("DELETE FROM records WHERE position = 2")


def _change(connection: sqlite3.Connection) -> None:
    connection.execute("DROP TRIGGER records_no_update")
    connection.execute("UPDATE records SET record_hash = zeroblob(32) WHERE position = 2")


def _add(connection: sqlite3.Connection) -> None:
    connection.execute(
        "INSERT INTO records (writer, position, kind, decided_at, record_hash, signature)"
        " VALUES ('writer', 3, 'stop', 1, zeroblob(32), zeroblob(64))"
    )


@pytest.mark.parametrize("tamper", [_forget, _change, _add])
def test_a_chain_that_is_not_as_it_was_left_is_not_gone_on_with(
    bench: Bench, tamper: Callable[[sqlite3.Connection], None]
) -> None:
    """A lost, a changed and a foreign record are BEHIND: nothing more is written to this database."""
    tamper(cast("sqlite3.Connection", bench.connection))
    with pytest.raises(LedgerUnavailable) as refused:
        bench.resume(bench.chain)
    assert refused.value.fault is LedgerFault.BEHIND


def test_another_process_start_is_another_chain(bench: Bench) -> None:
    """Whoever finds records under its own new writer id did not write them."""
    with pytest.raises(LedgerUnavailable):
        bench.resume(bench.new_chain())


def test_a_cut_takes_back_what_a_savepoint_held(bench: Bench) -> None:
    """After a rollback to a savepoint the next record follows the one before it."""
    connection: Connection = bench.connection
    connection.execute("BEGIN IMMEDIATE")
    first = bench.chain.append(connection, ENTRY)
    mark = bench.chain.mark()
    connection.execute("SAVEPOINT item")
    bench.chain.append(connection, ENTRY)
    connection.execute("ROLLBACK TO SAVEPOINT item")
    bench.chain.cut(mark)
    assert bench.chain.append(connection, ENTRY).position == first.position + 1
    connection.execute("COMMIT")
    bench.chain.settle()
    rows = connection.execute("SELECT position, previous, record_hash FROM records ORDER BY position").fetchall()
    assert [row[1] for row in rows[1:]] == [row[2] for row in rows[:-1]]
