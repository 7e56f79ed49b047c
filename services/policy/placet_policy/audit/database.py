"""A ledger in a database as a stream of items: one read-only transaction, a few hundred rows in memory at a time."""

from __future__ import annotations

import contextlib
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from placet_callback.token import MAX_TOKEN_BYTES
from sqlalchemy import and_, bindparam, func, literal_column, select, text, tuple_

from placet_policy.audit.items import Header, StoredBundle, StoredContents, StoredRecord, StoredWriter, StrayContents
from placet_policy.ledger.location import PostgresLocation
from placet_policy.ledger.reading import connected
from placet_policy.ledger.store import read_id
from placet_policy.ledger.tables import SCHEMA_VERSIONS, bundles, contents, records, writers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Select, Table
    from sqlalchemy.engine import Dialect

    from placet_policy.audit.items import Item
    from placet_policy.ledger.location import Location
    from placet_policy.ledger.store import Connection

_ROWS_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerReader:
    """An open ledger at one moment.

    Attributes:
        ledger: its UUID.
    """

    ledger: str
    _connection: Connection
    _dialect: Dialect

    def items(
        self, *, after: Mapping[str, int] | None = None, bundles_but: frozenset[str] = frozenset()
    ) -> Iterator[Item]:
        """Yield everything, in the order that ``items`` describes, or what an unfinished export lacks.

        Args:
            after: by writer, the last position that is not wanted; a writer that it names is not yielded again.
            bundles_but: revisions that are not wanted.
        """
        known = after or {}
        if after is None:
            yield Header(ledger=self.ledger, schema=SCHEMA_VERSIONS[-1])
        yield from self._bundles(bundles_but)
        started = [_writer(row) for row in self._all(_WRITERS, {})]
        yield from (each for each in started if each.writer not in known)
        names = [each.writer for each in started]
        for name in (*names, *self._undeclared(names)):
            yield from self.records(name, after=known.get(name, 0))
        for writer, position in self._all(_STRAY, {}):
            yield StrayContents(writer=writer, position=position)

    def records(self, writer: str, *, after: int = 0) -> Iterator[StoredRecord]:
        """Yield the records of one writer behind a position."""
        while True:
            rows = self._all(_RECORDS, {"writer": writer, "after": after})
            for row in rows:
                stored = _record(dict(zip(_RECORD_NAMES, row, strict=True)), self.ledger)
                yield stored
                after = stored.position
            if len(rows) < _ROWS_AT_ONCE:
                return

    def decision(self, decision_id: str) -> Iterator[Item]:
        """Yield the record of one decision, after the bundle that it names; nothing when there is none."""
        for row in self._all(_DECISION, {"decision_id": decision_id}):
            stored = _record(dict(zip(_RECORD_NAMES, row, strict=True)), self.ledger)
            for bundle in self._all(_BUNDLE, {"revision": stored.row["revision"]}):
                yield _bundle(bundle)
            yield stored

    def count(self) -> int:
        """Return the number of records."""
        ((count,),) = self._all(select(func.count()).select_from(records), {})
        return int(count)

    def rows(self, table: Table) -> Iterator[tuple[Any, ...]]:
        """Yield every row of a table, in the order of its primary key."""
        key = tuple(table.primary_key.columns)
        places = [list(table.columns).index(column) for column in key]
        page = select(table).order_by(*key).limit(literal_column(str(_ROWS_AT_ONCE))).offset(literal_column("0"))
        after = [bindparam(column.name, type_=column.type) for column in key]
        rows = self._all(page, {})
        while rows:
            yield from rows
            last = {column.name: rows[-1][place] for column, place in zip(key, places, strict=True)}
            rows = self._all(page.where(tuple_(*key) > tuple_(*after)), last)

    def _bundles(self, but: frozenset[str]) -> Iterator[StoredBundle]:
        # One at a time: each may have 16 MiB.
        for (revision,) in self._all(_REVISIONS, {}):
            if revision not in but:
                rows = self._all(_BUNDLE, {"revision": revision})
                # A damaged name that is no text finds nothing, not even itself: a bundle that no record names.
                yield _bundle(rows[0]) if rows else _bundle((revision, 0, 0, b""))

    def _undeclared(self, names: list[str]) -> list[str]:
        """Writers of records that the table of writers does not have."""
        found = {name for (name,) in self._all(select(records.c.writer).distinct(), {})}
        return sorted(found - set(names))

    def _all(self, statement: Select[Any], wanted: Mapping[str, object]) -> list[Any]:
        return self._connection.execute(str(statement.compile(dialect=self._dialect)), wanted).fetchall()


@contextlib.contextmanager
def open_reader(location: Location) -> Iterator[LedgerReader]:
    """Open a ledger for reading; all that is read is of one moment.

    Raises:
        LedgerUnavailable: not a ledger of a version we know.
        sqlite3.Error, psycopg.Error, OSError: the store cannot be read.
    """
    with connected(location) as (connection, statements, dialect):
        if isinstance(location, PostgresLocation):
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        else:
            cast("Any", connection).text_factory = _text
            connection.execute("BEGIN")
        yield LedgerReader(ledger=read_id(connection, statements), _connection=connection, _dialect=dialect)


def _with_contents() -> Select[Any]:
    beside = and_(contents.c.writer == records.c.writer, contents.c.position == records.c.position)
    columns = (contents.c.token_zlib, contents.c.input, contents.c.facts, contents.c.decision)
    return select(*records.c, *columns).outerjoin(contents, beside)


_WRITERS: Final = select(writers).order_by(writers.c.started_at, writers.c.writer)
_REVISIONS: Final = select(bundles.c.revision).order_by(bundles.c.first_active_at, bundles.c.revision)
_BUNDLE: Final = select(bundles).where(bundles.c.revision == bindparam("revision"))
_DECISION: Final = _with_contents().where(records.c.decision_id == bindparam("decision_id"))
_RECORDS: Final = (
    _with_contents()
    .where(records.c.writer == bindparam("writer"), records.c.position > bindparam("after"))
    .order_by(records.c.position)
    .limit(literal_column(str(_ROWS_AT_ONCE)))
    .offset(literal_column("0"))
)
_RECORD_NAMES: Final = tuple(column.name for column in _RECORDS.selected_columns)
_STRAY: Final = (
    select(contents.c.writer, contents.c.position)
    .outerjoin(records, and_(contents.c.writer == records.c.writer, contents.c.position == records.c.position))
    .where(text("records.id IS NULL"))
    .order_by(contents.c.writer, contents.c.position)
)


def _text(raw: bytes) -> str:
    """Return stored text. What is no UTF-8 was damaged, which is for the verifier to say: no writer begins with NUL."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return "\0" + raw.decode("latin-1")


def _bundle(row: tuple[Any, ...]) -> StoredBundle:
    return StoredBundle(revision=row[0], version=row[1], first_active_at=row[2], content=bytes(row[3]))


def _writer(row: tuple[Any, ...]) -> StoredWriter:
    return StoredWriter(writer=row[0], public_key=bytes(row[1]), started_at=row[2])


def _record(row: dict[str, Any], ledger: str) -> StoredRecord:
    row = {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()}
    row["ledger"] = ledger
    del row["id"]
    token = row.pop("token_zlib")
    texts = {name: row.pop(name) for name in ("input", "facts", "decision")}
    record_hash, signature = row.pop("record_hash"), row.pop("signature")
    found = None if token is None else StoredContents(token=_inflate(token), **texts)
    return StoredRecord(row=row, record_hash=record_hash, signature=signature, contents=found)


def _inflate(compressed: bytes) -> str | None:
    """Return a stored token, None for what is none."""
    inflate = zlib.decompressobj()
    try:
        token = inflate.decompress(compressed, MAX_TOKEN_BYTES + 1)
        whole = inflate.eof and not inflate.unused_data
        return token.decode("ascii") if whole else None
    except (zlib.error, UnicodeDecodeError):
        return None
