"""Every statement of the serving process, built once from the tables and compiled to text for one store.

The text goes to the driver as it is: SQLAlchemy's own execution would add about as much time to a record as SQLite
takes to write it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, literal_column, select, text

from placet_policy.ledger.reservation_statements import ReservationStatements, compile_reservation_statements
from placet_policy.ledger.tables import VERSION_TABLE, bundles, contents, meta, probe, records, writers

if TYPE_CHECKING:
    from sqlalchemy import Insert, Select, Table
    from sqlalchemy.engine import Dialect
    from sqlalchemy.sql.elements import ClauseElement

# The first record of each distinct type and detail shows a reuse for ever; the newest ones are what is linked. One
# statement, so that the count and the records are of one moment.
_EARLIER = text("""
WITH same AS (SELECT id, request_type, detail_sha256 FROM records
              WHERE kind = 'decision' AND node = :node AND request_id = :request_id),
     oldest AS (SELECT min(id) AS id FROM same GROUP BY request_type, detail_sha256 ORDER BY 1 LIMIT :most),
     newest AS (SELECT id FROM same ORDER BY id DESC LIMIT :most)
SELECT decision_id, request_type, detail_sha256, effect, (SELECT count(*) FROM same)
FROM records WHERE id IN (SELECT id FROM oldest UNION SELECT id FROM newest) ORDER BY id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """SQL text with the driver's own named parameters, which are the columns' names.

    Attributes:
        schema_version: the migration that the store has.
        ledger_id: the store's id.
        earlier: node, request_id, most → the earlier decisions about a request, each with the number of all.
        count_requests: node, request_id → number of decisions.
        last_stop: writer → kind of its newest stop or start.
        hash_at: writer, position → record_hash.
        tail: writer → position and record_hash of the newest record.
        insert_writer: a row of ``writers``.
        insert_record: a row of ``records``.
        insert_contents: a row of ``contents``.
        insert_bundle: a row of ``bundles``.
        bundle: revision → 1 if it is kept.
        insert_probe: a row of ``probe``.
        reserving: those behind limits over time.
    """

    schema_version: str
    ledger_id: str
    earlier: str
    count_requests: str
    last_stop: str
    hash_at: str
    tail: str
    insert_writer: str
    insert_record: str
    insert_contents: str
    insert_bundle: str
    bundle: str
    insert_probe: str
    reserving: ReservationStatements


def compile_statements(dialect: Dialect) -> Statements:
    """Return the statements in the words of one store."""

    def compiled(statement: ClauseElement) -> str:
        return str(statement.compile(dialect=dialect))

    return Statements(
        schema_version=compiled(text(f"SELECT version_num FROM {VERSION_TABLE}")),  # noqa: S608  (our own name)
        ledger_id=compiled(select(meta.c.value).where(meta.c.name == literal_column("'ledger_id'"))),
        earlier=compiled(_EARLIER),
        count_requests=compiled(_count_requests()),
        last_stop=compiled(_last_stop()),
        hash_at=compiled(_of_writer().where(records.c.position == bindparam("position"))),
        tail=compiled(
            _of_writer().order_by(records.c.position.desc()).limit(literal_column("1")).offset(literal_column("0"))
        ),
        insert_writer=compiled(_insert(writers)),
        insert_record=compiled(_insert(records)),
        insert_contents=compiled(_insert(contents)),
        insert_bundle=compiled(_insert(bundles)),
        bundle=compiled(select(literal_column("1")).where(bundles.c.revision == bindparam("revision"))),
        insert_probe=compiled(_insert(probe)),
        reserving=compile_reservation_statements(dialect),
    )


def _insert(table: Table) -> Insert:
    names = [column.name for column in table.columns if column.name != "id"]
    return insert(table).values({name: bindparam(name) for name in names}).inline()


def _count_requests() -> Select[Any]:
    # The kind is a literal, because a partial index serves only a query that shows its condition.
    return (
        select(func.count())
        .select_from(records)
        .where(text("kind = 'decision'"))
        .where(records.c.node == bindparam("node"), records.c.request_id == bindparam("request_id"))
    )


def _last_stop() -> Select[Any]:
    stops = select(records.c.kind).where(text("kind IN ('stop', 'start')"), records.c.writer == bindparam("writer"))
    return stops.order_by(records.c.id.desc()).limit(literal_column("1")).offset(literal_column("0"))


def _of_writer() -> Select[Any]:
    return select(records.c.position, records.c.record_hash).where(records.c.writer == bindparam("writer"))
