"""``ledger move``: a ledger goes from a file into PostgreSQL, with its id, its chains and its limits.

Every row is copied as it is, because hashes and signatures are about these very values. Two ledgers that go on from one
point would each approve a whole window. So the file is marked before the database commits anything, and from then on no
service writes to it: whenever this ends, at most one of the two places is written to.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import quote

import psycopg
from psycopg import sql
from sqlalchemy import BigInteger, LargeBinary, Text, select

from placet_policy.errors import LedgerFault, LedgerUnavailable
from placet_policy.ledger import sqlite
from placet_policy.ledger.postgres import DIALECT, PostgresStore
from placet_policy.ledger.sqlite_file import Moved, mark_moved, moved_mark, require_not_moved, require_ours
from placet_policy.ledger.store import lock_id, read_id
from placet_policy.ledger.tables import bundles, contents, meta, metadata, probe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Select, Table

    from placet_policy.ledger.location import PostgresLocation, SqliteLocation
    from placet_policy.ledger.store import Connection

    Rows = Iterator[tuple[Any, ...]]
    Database = psycopg.Connection[tuple[Any, ...]]

# Bundles first: the database refuses a record that names one which is not there.
_TABLES: Final = (bundles, *(table for table in metadata.sorted_tables if table not in (bundles, meta, probe)))
# Of what the database gives back at once. A bundle has up to 16 MiB, and contents up to a few.
_ROWS_AT_ONCE: Final = 1000
_LARGE_ROWS_AT_ONCE: Final = 1
_TYPES: Final = {Text: "text", BigInteger: "int8", LargeBinary: "bytea"}
_IN_USE: Final = "somebody has the file open: end the policy tier, and every audit of this file, and try again"
# The statements of a move take as long as they take; nobody else waits for their locks but who must.
_PATIENT: Final = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
_OTHERS: Final = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedLedger:
    """What was moved, and compared with the file row by row.

    Attributes:
        ledger: its UUID, in both places.
        rows: how many, by table.
    """

    ledger: str
    rows: Mapping[str, int]


def move(source: SqliteLocation, target: PostgresLocation, *, standby: bool) -> MovedLedger:
    """Move a ledger; in one transaction, so that it is in the target whole or not at all.

    Args:
        source: a file that nobody has open.
        target: a database with this program's schema and no rows, as the role that owns the tables.
        standby: whether the target must have a synchronous standby.

    Returns:
        What is there now. A move that was begun and not ended is ended: it copies, or finds all of it there.

    Raises:
        LedgerUnavailable: one of the two is no such place, or the target does not hold what the file holds.
        sqlite3.Error, psycopg.Error, OSError: one of the two cannot be used.
    """
    store = PostgresStore(target, standby=standby)
    with _closed_file(source) as file:
        ledger = read_id(cast("Connection", file), sqlite.STATEMENTS)
        opened = store.connect(write=True)
        try:
            rows = _moved_rows(file, store, opened, ledger)
            mark_moved(file, Moved.BEGUN)
            _commit(store, opened)
            mark_moved(file, Moved.DONE)
        finally:
            opened.close()
    return MovedLedger(ledger=ledger, rows=rows)


def _moved_rows(file: sqlite3.Connection, store: PostgresStore, opened: Connection, ledger: str) -> dict[str, int]:
    store.begin(opened, [lock_id("move")])
    database = cast("Database", opened)
    _shut(database)
    if store.ledger_id != ledger:
        _require_empty(database)
        _copy(file, database, ledger)
    return {table.name: _compare(file, database, table) for table in _TABLES}


def _commit(store: PostgresStore, opened: Connection) -> None:
    try:
        store.commit(opened)
    except (LedgerUnavailable, psycopg.Error) as error:
        cause = error.cause if isinstance(error, LedgerUnavailable) else str(error).strip()
        raise LedgerUnavailable(f"whether the database has the ledger is not known, run this again: {cause}") from error


@contextmanager
def _closed_file(source: SqliteLocation) -> Iterator[sqlite3.Connection]:
    """Open the file for nobody but us; others who have it open, or open it, keep us or are kept from it."""
    uri = f"file:{quote(str(source.path))}?mode=rw"
    file = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=1)
    try:
        # Asked for before anything is read: in WAL mode this is what needs everybody else to be gone.
        file.execute("PRAGMA locking_mode = EXCLUSIVE")
        file.execute("PRAGMA synchronous = FULL")
        file.execute("PRAGMA fullfsync = ON")
        # Kept from here to the end, whatever is committed in between.
        file.execute("BEGIN EXCLUSIVE")
        file.execute("COMMIT")
        require_ours(file)
        if moved_mark(file) is Moved.DONE:
            require_not_moved(file)
        yield file
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise LedgerUnavailable(_IN_USE) from error
        raise
    finally:
        file.close()


def _shut(database: Database) -> None:
    """Keep everybody out of the tables until the end, and be sure that nobody was in before."""
    database.execute(_PATIENT)
    for table in (meta, *_TABLES):
        database.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(table.name)))
    (others,) = database.execute(_OTHERS).fetchone() or (0,)
    # A policy tier that is connected would go on with the id that it read, under which nothing would verify.
    if others:
        raise LedgerUnavailable(f"the database is in use: end the {others} other connections to it, and try again")


def _require_empty(database: Database) -> None:
    for table in _TABLES:
        query = sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table.name))
        if database.execute(query).fetchone() is not None:
            raise LedgerUnavailable(
                f"the database is another ledger, with rows in {table.name}: name an empty one",
                fault=LedgerFault.REPLACED,
            )


def _copy(file: sqlite3.Connection, database: Database, ledger: str) -> None:
    for table in _TABLES:
        names = sql.SQL(", ").join(sql.Identifier(name) for name in table.columns.keys())  # noqa: SIM118  (no mapping)
        # In the binary form, because bytes as text take twice their size.
        statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(sql.Identifier(table.name), names)
        with database.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types([_TYPES[type(column.type)] for column in table.columns])
            for row in _rows_of_file(file, table):
                copy.write_row(row)
        if table.c.get("id") is not None:
            _count_on(database, table)
    # The one row that the migration wrote. The trigger is for everybody but the owner of the tables, once.
    database.execute("ALTER TABLE meta DISABLE TRIGGER USER")
    database.execute("UPDATE meta SET value = %s WHERE name = 'ledger_id'", (ledger,))
    database.execute("ALTER TABLE meta ENABLE TRIGGER USER")


def _count_on(database: Database, table: Table) -> None:
    """Let the next row have the id after the last one, as it would have in the file."""
    database.execute(
        sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), max(id)) FROM {} HAVING max(id) > 0").format(
            sql.Literal(table.name), sql.Identifier(table.name)
        )
    )


def _compare(file: sqlite3.Connection, database: Database, table: Table) -> int:
    """Read both again, side by side; returns the number of rows."""
    count = 0
    for ours, theirs in zip_longest(_rows_of_file(file, table), _rows_of_database(database, table)):
        if ours != theirs:
            raise LedgerUnavailable(
                f"row {count + 1} of {table.name} is not in both places: nothing was moved", fault=LedgerFault.REPLACED
            )
        count += 1
    return count


def _rows_of_file(file: sqlite3.Connection, table: Table) -> Rows:
    yield from file.execute(str(_everything(table, collation=None).compile(dialect=sqlite.DIALECT)))


def _rows_of_database(database: Database, table: Table) -> Rows:
    query = str(_everything(table, collation="C").compile(dialect=DIALECT))
    with database.cursor("moved", binary=True) as cursor:
        cursor.itersize = _LARGE_ROWS_AT_ONCE if table in (bundles, contents) else _ROWS_AT_ONCE
        yield from cursor.execute(query.encode())


def _everything(table: Table, *, collation: str | None) -> Select[Any]:
    """Return all rows in an order that is the same in both places: bytes, not the words of a language."""
    return select(table).order_by(
        *(
            column.collate(collation) if collation and isinstance(column.type, Text) else column
            for column in table.primary_key
        )
    )
