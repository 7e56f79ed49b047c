"""The statements behind limits over time, compiled to text for one store like those of ``statements``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, text

from placet_policy.ledger import reservation_tables as tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Table
    from sqlalchemy.engine import Dialect
    from sqlalchemy.sql.elements import ClauseElement

MAX_STARTS = 8
"""As many windows as a bundle may have; the statement has that many starts, whether they are used or not."""
_STARTS = ", ".join(f"({number}, CAST(:start{number} AS BIGINT))" for number in range(MAX_STARTS))
_SIGNER = "SELECT id FROM signers WHERE root_key = :root_key AND path = :path"
_SIGNERS = "SELECT path FROM signers WHERE root_key = :root_key ORDER BY path"
_SERIES_OF = "SELECT id, asset, destination FROM series WHERE signer = :signer ORDER BY asset, destination"
_NEWEST_BUNDLE = """
SELECT b.revision, b.content FROM bundles AS b JOIN records AS r ON r.revision = b.revision
WHERE r.kind = 'bundle' ORDER BY r.id DESC LIMIT 1
"""
_SERIES = "SELECT id FROM series WHERE signer = :signer AND asset = :asset AND destination = :destination"
_LAST = """
SELECT ordinal, at, total, net, net_count FROM reservations WHERE series = :series ORDER BY ordinal DESC LIMIT 1
"""
# The newest row that has left each window; null where there is none. Times never run backwards within a series.
# Looked up twice and not joined: PostgreSQL, which knows no series by itself, would read a whole one for a join.
_NEWEST = """
FROM reservations AS r WHERE r.series = :series AND r.at <= start ORDER BY r.at DESC, r.ordinal DESC LIMIT 1
"""
_BEFORE = f"""
WITH starts (number, start) AS (VALUES {_STARTS})
SELECT number, (SELECT r.ordinal {_NEWEST}), (SELECT r.total {_NEWEST}) FROM starts
"""  # noqa: S608  (our own numbers)
_SUPERSEDED = "SELECT at, amount FROM superseded WHERE series = :series AND at > :start"
# A claim that was replaced counts no longer, and neither does what it alone had claimed.
_CLAIM = """
SELECT c.id, coalesce(c.first, c.id), c.decision_id, c.request_id, c.hashes_sha256
FROM spends AS s JOIN claims AS c ON c.id = s.claim
WHERE s.signer = :signer AND s.spend = :spend AND NOT EXISTS (SELECT 1 FROM claims AS n WHERE n.replaces = c.id)
"""
_SPENDS_OF = "SELECT spend FROM spends WHERE claim = :claim"
_COUNTING = """
SELECT r.series, r.ordinal, r.at, r.amount FROM reservations AS r
WHERE r.first = :first AND NOT EXISTS
    (SELECT 1 FROM superseded AS s WHERE s.series = r.series AND s.at = r.at AND s.ordinal = r.ordinal)
"""
_OUTPOINT = """
SELECT o.amount, c.decision_id FROM outpoints AS o JOIN claims AS c ON c.id = o.claim
WHERE o.signer = :signer AND o.outpoint = :outpoint
"""
_REMEMBER = """
INSERT INTO outpoints (signer, outpoint, amount, claim) VALUES (:signer, :outpoint, :amount, :claim)
ON CONFLICT (signer, outpoint) DO NOTHING
"""
_SEEN = "SELECT first_seen FROM destinations WHERE network = :network AND address = :address"
_SEE = """
INSERT INTO destinations (network, address, first_seen) VALUES (:network, :address, :first_seen)
ON CONFLICT (network, address) DO NOTHING
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationStatements:
    """SQL text with the driver's own named parameters.

    Attributes:
        signer: root_key, path → id.
        signers: root_key → the paths that ever reserved.
        series_of: signer → id, asset and destination of all its series.
        newest_bundle: → revision and content of the release that became active last.
        series: signer, asset, destination → id.
        last: series → its newest row.
        before: series, start0 … start7 → number of the start; ordinal, total of the newest row not after it, or nulls.
        superseded: series, start → at and amount of the superseded rows after it.
        claim: signer, spend → the claim that counts for it.
        spends_of: claim → its spends.
        counting: first → series, ordinal, at, amount of a group's rows that count.
        outpoint: signer, outpoint → its amount, and the decision that stated it.
        seen: network, address → first_seen.
        insert_signer: root_key, path → id.
        insert_series: signer, asset, destination → id.
        insert_claim: its columns → id.
        insert_spend: a row of ``spends``.
        insert_reservation: a row of ``reservations``.
        insert_superseded: a row of ``superseded``.
        remember: a row of ``outpoints``, unless there is one.
        see: a row of ``destinations``, unless there is one.
    """

    signer: str
    signers: str
    series_of: str
    newest_bundle: str
    series: str
    last: str
    before: str
    superseded: str
    claim: str
    spends_of: str
    counting: str
    outpoint: str
    seen: str
    insert_signer: str
    insert_series: str
    insert_claim: str
    insert_spend: str
    insert_reservation: str
    insert_superseded: str
    remember: str
    see: str


def compile_reservation_statements(dialect: Dialect) -> ReservationStatements:
    """Return the statements in the words of one store."""

    def compiled(statement: ClauseElement) -> str:
        return str(statement.compile(dialect=dialect))

    def read(words: str) -> str:
        return compiled(text(words))

    return ReservationStatements(
        signer=read(_SIGNER),
        signers=read(_SIGNERS),
        series_of=read(_SERIES_OF),
        newest_bundle=read(_NEWEST_BUNDLE),
        series=read(_SERIES),
        last=read(_LAST),
        before=read(_BEFORE),
        superseded=read(_SUPERSEDED),
        claim=read(_CLAIM),
        spends_of=read(_SPENDS_OF),
        counting=read(_COUNTING),
        outpoint=read(_OUTPOINT),
        seen=read(_SEEN),
        insert_signer=_numbered(tables.signers, compiled),
        insert_series=_numbered(tables.series, compiled),
        insert_claim=_numbered(tables.claims, compiled),
        insert_spend=compiled(_insert(tables.spends)),
        insert_reservation=compiled(_insert(tables.reservations)),
        insert_superseded=compiled(_insert(tables.superseded)),
        remember=read(_REMEMBER),
        see=read(_SEE),
    )


def _insert(table: Table) -> ClauseElement:
    return insert(table).inline()


def _numbered(table: Table, compiled: Callable[[ClauseElement], str]) -> str:
    names = [column.name for column in table.columns if column.name != "id"]
    values = ", ".join(f":{name}" for name in names)
    return compiled(text(f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({values}) RETURNING id"))  # noqa: S608  (our own names)
