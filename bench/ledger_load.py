"""Put rows into a store as fast as it takes them, and say how large it is."""

import itertools
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing

import psycopg
from placet_policy.ledger.location import Location, PostgresLocation, SqliteLocation
from placet_policy.ledger.postgres import connect_database

from bench.ledger_rows import COLUMNS, Rows

# Numbers that are a column's own to give, given beforehand here.
_NUMBERED = {"signers", "series", "claims"}
_SET_NUMBER = "SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
_SIZES = """
SELECT relname, pg_total_relation_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 2 DESC LIMIT 5
"""


def load(location: Location, batches: Iterable[Rows], *, loaded: Callable[[int], None]) -> None:
    """Write every batch in a transaction of its own.

    Args:
        location: an empty ledger.
        batches: rows by table.
        loaded: told how many records each batch had.
    """
    written = _load_file(location, batches) if isinstance(location, SqliteLocation) else _load_server(location, batches)
    for batch in written:
        loaded(len(batch.get("records", ())))


def sizes(location: Location) -> dict[str, int]:
    """Bytes of the whole, and of the largest tables with their indexes."""
    if isinstance(location, SqliteLocation):
        with closing(sqlite3.connect(location.path)) as file:
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            tables = file.execute(
                "SELECT tbl_name, sum(pgsize) FROM dbstat JOIN sqlite_schema USING (name) GROUP BY 1 ORDER BY 2 DESC"
                if _has_dbstat(file)
                else "SELECT 'file', 0 WHERE false"
            ).fetchall()
        return {"all": location.path.stat().st_size, **dict(tables[:5])}
    with connect_database(location) as server:
        (whole,) = server.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)
        return {"all": whole, **dict(server.execute(_SIZES).fetchall())}


def settle(location: Location) -> None:
    """Let a server do what it does by itself after a while: without statistics it plans badly."""
    if not isinstance(location, SqliteLocation):
        with connect_database(location) as server:
            server.execute("SET statement_timeout = 0")
            server.execute("VACUUM ANALYZE")


def _load_file(location: SqliteLocation, batches: Iterable[Rows]) -> Iterable[Rows]:
    with closing(sqlite3.connect(location.path, isolation_level=None)) as file:
        file.execute("PRAGMA synchronous = OFF")
        for batch in batches:
            file.execute("BEGIN")
            for table, rows in batch.items():
                marks = ", ".join("?" * len(COLUMNS[table]))
                names = ", ".join(COLUMNS[table])
                file.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608  (our own names)
            file.execute("COMMIT")
            yield batch


def _load_server(location: PostgresLocation, batches: Iterable[Rows]) -> Iterable[Rows]:
    with connect_database(location) as server:
        for batch in batches:
            with server.transaction():
                for table, rows in batch.items():
                    _copy(server, table, rows)
            yield batch
        for table in _NUMBERED:
            server.execute(_SET_NUMBER.format(table=table).encode())


def _copy(server: psycopg.Connection[tuple[object, ...]], table: str, rows: Iterable[tuple[object, ...]]) -> None:
    found = iter(rows)
    first = next(found, None)
    if first is None:
        return
    with (
        server.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(COLUMNS[table])}) FROM STDIN".encode()) as to,
    ):
        for row in itertools.chain([first], found):
            to.write_row(row)


def _has_dbstat(file: sqlite3.Connection) -> bool:
    try:
        file.execute("SELECT 1 FROM dbstat LIMIT 1")
    except sqlite3.OperationalError:
        return False
    return True
