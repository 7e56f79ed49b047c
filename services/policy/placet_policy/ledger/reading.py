"""Reading a ledger's records, each checked by itself: its hash, its signature, its contents, and its predecessor."""

from __future__ import annotations

import hashlib
import itertools
import json
import zlib
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import and_, bindparam, literal_column, select

from placet_policy.ledger import sqlite
from placet_policy.ledger.head import Head, HeadInvalid, verify_head
from placet_policy.ledger.interface import Receipt
from placet_policy.ledger.location import PostgresLocation
from placet_policy.ledger.record import FIELDS, record_hash
from placet_policy.ledger.sqlite_file import connect_file, require_ours
from placet_policy.ledger.store import read_id
from placet_policy.ledger.tables import contents, records, writers
from placet_policy.ledger.wanted import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Select
    from sqlalchemy.engine import Dialect

    from placet_policy.ledger.location import Location
    from placet_policy.ledger.statements import Statements
    from placet_policy.ledger.store import Connection

EVERYTHING = Wanted()
_JSON_FIELDS = ("codes", "earlier", "timings", "facts", "input")
_HASHED = {"token_sha256": "token", "input_sha256": "input", "facts_sha256": "facts", "decision_sha256": "decision"}
_MICROSECONDS = 1_000_000
_ROWS_AT_ONCE = 500
_LARGEST = 2**63 - 1


def read_records(
    location: Location, wanted: Wanted = EVERYTHING, *, limit: int | None = None
) -> Iterator[dict[str, Any]]:
    """Yield a ledger's records in the order in which they arrived.

    Args:
        location: where the ledger is.
        wanted: which records.
        limit: only the newest so many of them.

    Yields:
        Every stored field, JSON parsed, bytes as hexadecimal, times as RFC 3339; ``reasons``; ``contents``, whether
        they are still there; and ``verified``: whether hash, signature, contents and predecessor fit. Whether the
        writer's key is the published one, and whether a record is missing at the end, no record can tell.

    Raises:
        LedgerUnavailable: not a ledger of a version we know.
        sqlite3.Error, psycopg.Error, OSError: the store cannot be read.
    """
    if limit is None:
        yield from _read(location, wanted, newest_first=False)
        return
    yield from reversed(list(itertools.islice(_read(location, wanted, newest_first=True), limit)))


def _read(location: Location, wanted: Wanted, *, newest_first: bool) -> Iterator[dict[str, Any]]:
    with connected(location) as (connection, statements, dialect):
        query = str(_query(wanted, newest_first=newest_first).compile(dialect=dialect))
        ledger_id = read_id(connection, statements)
        last = _LARGEST if newest_first else 0
        while True:
            rows = connection.execute(query, {"last": last, **wanted.parameters()}).fetchall()
            for row in rows:
                named = dict(zip(_NAMES, row, strict=True))
                last = named.pop("id")
                record = _record(named, ledger_id)
                if wanted.fits(record["facts"]):
                    yield record
            if len(rows) < _ROWS_AT_ONCE:
                return


def _query(wanted: Wanted, *, newest_first: bool) -> Select[Any]:
    last = bindparam("last", type_=records.c.id.type)
    found = _everything().where(records.c.id < last if newest_first else records.c.id > last)
    ordered = wanted.narrowed(found).order_by(records.c.id.desc() if newest_first else records.c.id)
    return ordered.limit(literal_column(str(_ROWS_AT_ONCE))).offset(literal_column("0"))


def _everything() -> Select[Any]:
    before = records.alias("before")
    return (
        select(
            *records.c,
            contents.c.token_zlib,
            contents.c.input,
            contents.c.facts,
            contents.c.decision,
            writers.c.public_key.label("writer_key"),
            before.c.record_hash.label("before_hash"),
        )
        .outerjoin(contents, and_(contents.c.writer == records.c.writer, contents.c.position == records.c.position))
        .outerjoin(writers, writers.c.writer == records.c.writer)
        .outerjoin(
            before,
            and_(before.c.writer == records.c.writer, before.c.position == records.c.position - literal_column("1")),
        )
    )


_NAMES = tuple(column.name for column in _everything().selected_columns)


@contextmanager
def connected(location: Location) -> Iterator[tuple[Connection, Statements, Dialect]]:
    """Connect to what may be a ledger, to read from it; which one it is, and of which version, nobody has asked yet.

    Yields:
        The connection, the serving process's statements, and the dialect of other ones.

    Raises:
        LedgerUnavailable: a file of something else.
        sqlite3.Error, psycopg.Error, OSError: it cannot be reached.
    """
    connection, statements, dialect = _open(location)
    try:
        yield connection, statements, dialect
    finally:
        connection.close()


@contextmanager
def open_for_reading(location: Location) -> Iterator[tuple[Connection, Statements]]:
    """Open a ledger of this program's version to read from; see ``read_records`` for what it raises."""
    with connected(location) as (connection, statements, _dialect):
        read_id(connection, statements)
        yield connection, statements


def _open(location: Location) -> tuple[Connection, Statements, Dialect]:
    if isinstance(location, PostgresLocation):
        # Imported here: whoever reads a file need not wait for the driver.
        from placet_policy.ledger import postgres  # noqa: PLC0415

        return cast("Connection", postgres.connect_database(location)), postgres.STATEMENTS, postgres.DIALECT
    connection = connect_file(location.path, mode="ro")
    try:
        require_ours(connection)
    except BaseException:
        connection.close()
        raise
    return cast("Connection", connection), sqlite.STATEMENTS, sqlite.DIALECT


def _record(row: dict[str, Any], ledger_id: str) -> dict[str, Any]:
    row = {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()}
    row["ledger"] = ledger_id
    compressed = row.pop("token_zlib")
    row["token"] = None if compressed is None else zlib.decompress(compressed).decode("ascii")
    verified = _is_verified(row)
    writer_key, before_hash = row.pop("writer_key"), row.pop("before_hash")
    del writer_key, before_hash
    decided = json.loads(row.pop("decision") or "{}")
    parsed: dict[str, Any] = {name: value.hex() if isinstance(value, bytes) else value for name, value in row.items()}
    parsed |= {name: None if row[name] is None else json.loads(row[name]) for name in _JSON_FIELDS}
    parsed["request_type"] = None if row["request_type"] is None else int(row["request_type"])
    parsed |= {name: _time(row[name]) for name in ("decided_at", "received_at")}
    return parsed | {"reasons": decided.get("reasons"), "contents": row["token"] is not None, "verified": verified}


def _is_verified(row: dict[str, Any]) -> bool:
    """Whether everything fits that one record and its predecessor can tell."""
    receipt = Receipt(
        ledger=row["ledger"],
        writer=row["writer"],
        position=row["position"],
        record_hash=record_hash({name: row[name] for name in FIELDS}),
    )
    if receipt.record_hash != row["record_hash"] or row["previous"] != row["before_hash"]:
        return False
    # Contents may be erased as a whole, never in part.
    if row["token"] is not None and any(_sha256(row[name]) != row[digest] for digest, name in _HASHED.items()):
        return False
    try:
        verify_head(Head(receipt=receipt, signature=row["signature"]), public_key=row["writer_key"] or b"")
    except HeadInvalid:
        return False
    return True


def _sha256(text: str | None) -> bytes | None:
    return None if text is None else hashlib.sha256(text.encode()).digest()


def _time(microseconds: int | None) -> str | None:
    if microseconds is None:
        return None
    seconds, rest = divmod(microseconds, _MICROSECONDS)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest).isoformat(timespec="microseconds")
