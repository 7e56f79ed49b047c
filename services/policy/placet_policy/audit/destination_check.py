"""Since when the ledger knows whom a key pays, against every decision whose input document told it.

A cool-down of new destinations counts from there where that makes it longer, so that an earlier time would end it too
soon. A document says the time, or that this request is the first one: then the ledger noted it with the very record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from placet_policy.audit.chain_check import Placed
from placet_policy.audit.findings import Code, Finding
from placet_policy.audit.reservation_scratch import MICROSECONDS, OTHER_CLOCK_SECONDS, SET_BACK_SECONDS
from placet_policy.audit.reservation_wanted import DocumentUnreadable, told_first_seen
from placet_policy.ledger.reservation_tables import destinations

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from placet_policy.audit.items import StoredRecord
    from placet_policy.audit.reservation_scratch import RowsOf
    from placet_policy.audit.reservation_wanted import Told

_TABLES: Final = (
    """
    CREATE TABLE told_destinations (
        item INTEGER, writer TEXT, position INTEGER, decision_id TEXT, network TEXT, address TEXT, first_seen INTEGER,
        not_before INTEGER, not_after INTEGER
    )
    """,
    """
    CREATE TABLE destinations (
        network TEXT, address TEXT, first_seen INTEGER, PRIMARY KEY (network, address)
    ) WITHOUT ROWID
    """,
)
_DIFFERING: Final = """
SELECT t.item, t.writer, t.position, t.decision_id, t.address, d.first_seen IS NULL
FROM told_destinations AS t LEFT JOIN destinations AS d ON d.network = t.network AND d.address = t.address
WHERE d.first_seen IS NULL OR d.first_seen NOT BETWEEN coalesce(t.first_seen, t.not_before)
    AND coalesce(t.first_seen, t.not_after)
ORDER BY t.item
"""


class DestinationCheck:
    """Takes the decisions of a ledger, and at its end the table."""

    def __init__(self, scratch: sqlite3.Connection, rows_of: RowsOf) -> None:
        """Begin.

        Args:
            scratch: a scratch database.
            rows_of: the ledger's tables.
        """
        self._scratch = scratch
        self._rows_of = rows_of
        for statement in _TABLES:
            scratch.execute(statement)

    def take(self, stored: StoredRecord, told: Told, *, item: int) -> None:
        """Note what a decision was told; nothing where its document tells nothing that can be read.

        Args:
            stored: its record.
            told: its document.
            item: its number in the stream.
        """
        decided_at = stored.row["decided_at"]
        try:
            seen = told_first_seen(told)
        except DocumentUnreadable:
            return
        # That the row was there when the record was written is all that is known of one without a time.
        earliest = seen.now - SET_BACK_SECONDS
        latest = decided_at // MICROSECONDS + OTHER_CLOCK_SECONDS if isinstance(decided_at, int) else 0
        place = (item, stored.writer, stored.position, stored.row["decision_id"])
        self._scratch.executemany(
            "INSERT INTO told_destinations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(*place, to.network, to.address, first, earliest, latest) for to, first in seen.destinations],
        )

    def end(self) -> Iterator[Placed]:
        """Judge the table."""
        self._scratch.executemany("INSERT INTO destinations VALUES (?, ?, ?)", self._rows_of(destinations))
        for item, writer, position, decision_id, address, missing in self._scratch.execute(_DIFFERING):
            detail = f"{address} is not there" if missing else f"{address} has another time"
            finding = Finding(
                code=Code.DESTINATION_CHANGED, writer=writer, position=position, decision_id=decision_id, detail=detail
            )
            yield Placed(at=item, finding=finding)
