"""The tables behind limits over time and what they must say, side by side in the scratch database.

Both are as many rows as there are approvals, so neither is ever in memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from placet_policy.ledger.reservation_tables import (
    claims,
    outpoints,
    reservations,
    series,
    signers,
    spends,
    superseded,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator
    from typing import Any

    from sqlalchemy import Table

    from placet_policy.audit.items import StoredRecord
    from placet_policy.audit.reservation_wanted import WantedClaim

    RowsOf = Callable[[Table], Iterator[tuple[Any, ...]]]
    """Every row of a table of the ledger, a few at a time."""

COMPARED: Final = (signers, series, claims, spends, reservations, superseded, outpoints)
MICROSECONDS: Final = 1_000_000
# How far a database's clock may have been set back between a snapshot and its commit.
SET_BACK_SECONDS: Final = 60
# A record has the policy tier's own time, the tables that of the database.
OTHER_CLOCK_SECONDS: Final = 86_400
_WANTED: Final = """
CREATE TABLE allows (
    item INTEGER PRIMARY KEY, writer TEXT, position INTEGER, decision_id TEXT, request_id TEXT, not_before INTEGER,
    reserves INTEGER, root_key TEXT, path TEXT, hashes_sha256 BLOB, replaced TEXT
);
CREATE TABLE wanted_rows (
    item INTEGER, asset TEXT, destination TEXT, adds TEXT, net TEXT, net_count INTEGER,
    PRIMARY KEY (item, asset, destination)
) WITHOUT ROWID;
CREATE TABLE wanted_spends (item INTEGER, spend TEXT, PRIMARY KEY (item, spend)) WITHOUT ROWID;
CREATE TABLE wanted_outpoints (
    item INTEGER, outpoint TEXT, amount TEXT, PRIMARY KEY (item, outpoint)
) WITHOUT ROWID;
"""
_COPIES: Final = """
CREATE TABLE signers (id INTEGER PRIMARY KEY, root_key TEXT, path TEXT);
CREATE TABLE series (id INTEGER PRIMARY KEY, signer INTEGER, asset TEXT, destination TEXT);
CREATE TABLE claims (
    id INTEGER PRIMARY KEY, signer INTEGER, first INTEGER, replaces INTEGER, decision_id TEXT, request_id TEXT,
    hashes_sha256 BLOB
);
CREATE TABLE spends (signer INTEGER, spend TEXT, claim INTEGER);
CREATE TABLE reservations (
    series INTEGER, ordinal INTEGER, first INTEGER, at INTEGER, amount TEXT, total TEXT, net TEXT, net_count INTEGER,
    PRIMARY KEY (series, ordinal)
) WITHOUT ROWID;
CREATE TABLE superseded (
    series INTEGER, at INTEGER, ordinal INTEGER, amount TEXT, PRIMARY KEY (series, at, ordinal)
) WITHOUT ROWID;
CREATE TABLE outpoints (
    signer INTEGER, outpoint TEXT, amount TEXT, claim INTEGER, PRIMARY KEY (signer, outpoint)
) WITHOUT ROWID;
"""
# The columns have types, because SQLite looks nothing up in a column of another affinity.
# `placed`: every claim with the approval that made it and the time of its row among all approvals of its key. The rows
# of its other series have the same group and time. `counted`: every row with the one of its group that it stands for.
_INDEXES: Final = """
CREATE INDEX allows_decision ON allows (decision_id);
CREATE INDEX series_name ON series (signer, asset, destination);
CREATE INDEX spends_claim ON spends (claim, spend);
CREATE TABLE placed (
    claim INTEGER PRIMARY KEY, signer INTEGER, grp INTEGER, replaces INTEGER, at INTEGER, row_first INTEGER,
    item INTEGER, reserves INTEGER
);
INSERT INTO placed WITH numbered AS (
    SELECT *, row_number() OVER (PARTITION BY signer ORDER BY id) AS ordinal,
        row_number() OVER (PARTITION BY decision_id ORDER BY id) AS repeated
    FROM claims
)
SELECT c.id AS claim, c.signer, coalesce(c.first, c.id) AS grp, c.replaces, r.at, r.first AS row_first,
    a.item, a.reserves
FROM numbered AS c
LEFT JOIN series AS s ON s.signer = c.signer AND s.asset = '' AND s.destination = ''
LEFT JOIN reservations AS r ON r.series = s.id AND r.ordinal = c.ordinal
LEFT JOIN allows AS a ON a.decision_id = c.decision_id AND c.repeated = 1;
CREATE INDEX placed_group ON placed (grp, at);
CREATE INDEX placed_item ON placed (item);
CREATE TABLE counted (
    series INTEGER, ordinal INTEGER, first INTEGER, at INTEGER, amount TEXT, total TEXT, net TEXT, net_count INTEGER,
    old TEXT, stood_for INTEGER, PRIMARY KEY (series, ordinal)
) WITHOUT ROWID;
INSERT INTO counted SELECT *, lag(amount) OVER pairs AS old, lead(ordinal) OVER pairs IS NOT NULL AS stood_for
FROM reservations WINDOW pairs AS (PARTITION BY series, first ORDER BY ordinal);
CREATE INDEX counted_group ON counted (first, at, series);
"""


class ReservationScratch:
    """Fills the tables of one verification."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Make them, in a scratch database."""
        self._execute = connection.execute
        self._executemany = connection.executemany
        for statement in _statements(_WANTED):
            self._execute(statement)

    def allowed(self, stored: StoredRecord, *, item: int, reserves: bool | None, wanted: WantedClaim | None) -> None:
        """Note an approval.

        Args:
            stored: its record.
            item: its number in the stream.
            reserves: whether it must have reserved; None when its contents cannot tell.
            wanted: what it must have reserved.
        """
        row, place = stored.row, (stored.writer, stored.position, stored.row["decision_id"], stored.row["request_id"])
        if wanted is None:
            at = row["decided_at"]
            not_before = at - OTHER_CLOCK_SECONDS * MICROSECONDS if isinstance(at, int) else 0
            self._allow((item, *place, not_before, reserves, None, None, None, None))
            return
        reservation = wanted.reservation
        key, digest = reservation.key, reservation.hashes_sha256()
        not_before = (wanted.now - SET_BACK_SECONDS) * MICROSECONDS
        self._allow((item, *place, not_before, True, key.root_key, key.path, digest, wanted.replaced))
        self._executemany(
            "INSERT INTO wanted_rows VALUES (?, ?, ?, ?, ?, ?)",
            [(item, row.asset, row.destination, str(row.adds), str(row.net), row.net_count) for row in wanted.rows],
        )
        self._executemany("INSERT INTO wanted_spends VALUES (?, ?)", [(item, each) for each in reservation.spends])
        stated = [(item, outpoint, str(amount)) for outpoint, amount in reservation.inputs.items()]
        self._executemany("INSERT INTO wanted_outpoints VALUES (?, ?, ?)", stated)

    def copy(self, rows_of: RowsOf, *, stage: Callable[[str], None]) -> None:
        """Copy the ledger's tables beside them, once everything is noted.

        Args:
            rows_of: the tables.
            stage: told what is done.
        """
        for statement in _statements(_COPIES):
            self._execute(statement)
        for table in COMPARED:
            stage(f"copying what limits over time are counted from: {table.name}")
            marks = ", ".join("?" * len(table.columns))
            self._executemany(f"INSERT INTO {table.name} VALUES ({marks})", rows_of(table))  # noqa: S608  (our names)
        for statement in _statements(_INDEXES):
            stage("sorting what limits over time are counted from")
            self._execute(statement)

    def _allow(self, row: tuple[object, ...]) -> None:
        self._execute("INSERT INTO allows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


def _statements(script: str) -> Iterator[str]:
    # Not by executescript, which would end the transaction.
    return (statement for statement in script.split(";") if statement.strip())
