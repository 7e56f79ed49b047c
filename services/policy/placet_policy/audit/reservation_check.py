"""The tables behind limits over time against the approvals that they follow from.

Three things are checked. Every approval whose contents are there has exactly what its input document says it must have.
The time since when a destination is known is the one that every decision was told. And the tables are consistent in
themselves, so that a change of what an erased approval reserved would have to be carried on until it meets an approval
whose document says otherwise.
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from placet_policy.audit.chain_check import Placed
from placet_policy.audit.destination_check import DestinationCheck
from placet_policy.audit.findings import Code, Finding
from placet_policy.audit.reservation_queries import QUERIES, ROWS
from placet_policy.audit.reservation_scratch import ReservationScratch
from placet_policy.audit.reservation_wanted import DocumentUnreadable, read_document, wanted_claim

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

    from placet_policy.audit.items import StoredRecord
    from placet_policy.audit.reservation_scratch import RowsOf

_ALLOW: Final = "ALLOW"
_EMPTY: Final = (0, 0, 0, 0, 0)


class ReservationCheck:
    """Takes the decisions of a ledger, and at its end the tables.

    Attributes:
        untold: how many approvals have no contents that tell what they reserve.
    """

    def __init__(self, scratch: sqlite3.Connection, rows_of: RowsOf) -> None:
        """Begin.

        Args:
            scratch: a scratch database.
            rows_of: the ledger's tables.
        """
        self.untold = 0
        self._scratch = scratch
        self._tables = ReservationScratch(scratch)
        self._destinations = DestinationCheck(scratch, rows_of)
        self._rows_of = rows_of
        scratch.create_function("is_larger", 3, _is_larger, deterministic=True)

    def take(self, stored: StoredRecord, *, item: int, readable: bool) -> None:
        """Note what a decision must have reserved, and whom it pays.

        Args:
            stored: its record.
            item: its number in the stream.
            readable: whether its contents are there, and those that it was made with.
        """
        allowed = stored.row["effect"] == _ALLOW
        try:
            document = stored.contents.input if readable and stored.contents is not None else None
            told = read_document(stored.row["request_type"], document) if readable else None
            if told is not None:
                self._destinations.take(stored, told, item=item)
            wanted = None if told is None or not allowed else wanted_claim(told)
            reserves = wanted is not None if readable else None
        except DocumentUnreadable:
            wanted = reserves = None
        if allowed:
            self.untold += reserves is None
            self._tables.allowed(stored, item=item, reserves=reserves, wanted=wanted)

    def end(self, *, item: int, stage: Callable[[str], None] = lambda _text: None) -> Iterator[Placed]:
        """Judge the tables.

        Args:
            item: where a finding stands that is about no approval.
            stage: told what is done.
        """
        self._tables.copy(self._rows_of, stage=stage)
        asked = [(code, query) for code, queries in QUERIES for query in queries]
        for number, (code, query) in enumerate(asked, start=1):
            stage(f"comparing limits over time with the approvals, {number} of {len(asked) + 1}")
            for at, detail in self._scratch.execute(query):
                yield self._placed(code, at, str(detail), item)
        stage(f"comparing limits over time with the approvals, {len(asked) + 1} of {len(asked) + 1}")
        for number, rows in groupby(self._scratch.execute(ROWS), key=itemgetter(0)):
            for at, ordinal, what in _inconsistent(rows):
                detail = f"row {ordinal} of series {number}: {what}"
                yield self._placed(Code.SERIES_INCONSISTENT, at, detail, item)
        yield from self._destinations.end()

    def _placed(self, code: Code, at: int | None, detail: str, item: int) -> Placed:
        found = self._scratch.execute("SELECT writer, position, decision_id FROM allows WHERE item = ?", (at,))
        writer, position, decision_id = found.fetchone() or (None, None, None)
        finding = Finding(code=code, writer=writer, position=position, decision_id=decision_id, detail=detail)
        return Placed(at=item if at is None else at, finding=finding)


def _inconsistent(rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[int | None, int, str]]:
    """Yield item, ordinal and what is wrong of the rows of one series that do not follow from the one before."""
    last: tuple[int, ...] = _EMPTY
    for _series, ordinal, at, amount, total, net, net_count, old, stood_for, gone, item in rows:
        counts = _numbers(amount, total, net, old or "0")
        if counts is None:
            yield item, ordinal, "it holds no number"
            continue
        more, now_total, now_net, before = counts
        if ordinal != last[0] + 1:
            yield item, ordinal, "the row before it is not there"
        elif at < last[1]:
            yield item, ordinal, "it is older than the row before it"
        elif now_total != last[2] + more:
            yield item, ordinal, "its total is not that of the row before it and its amount"
        elif (now_net, net_count) != (last[3] + more - before, last[4] + (old is None)) or more < before:
            yield item, ordinal, "it does not count what the row before it counts and its amount"
        if (gone if stood_for else amount) != amount or (gone is not None) != bool(stood_for):
            yield item, ordinal, "whether a later row stands for it"
        last = (ordinal, at, now_total, now_net, net_count)


def _numbers(*texts: str) -> tuple[int, ...] | None:
    # Whatever is not written as the ledger writes it was not written by the ledger.
    written = all(text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS for text in texts)
    return tuple(int(text) for text in texts) if written else None


_MOST_DIGITS: Final = 100


def _is_larger(amount: str, adds: str, old: str | None) -> bool:
    """Whether an amount is the larger one of what was added and what counted before it."""
    numbers = _numbers(amount, adds, old or "0")
    return numbers is not None and numbers[0] == max(numbers[1:])
