"""Reads and writes the history of a signing key on a connection that the caller has.

Writing happens under the key's lock, in the transaction that writes the record. Reading may happen without any lock:
the key's version is read first, and whoever commits afterwards moves it.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from placet_policy.errors import VersionMoved
from placet_policy.ledger.history import (
    DestinationSeen,
    History,
    Replaced,
    SeriesHistory,
    Usage,
    Window,
    destinations_of,
)
from placet_policy.ledger.outpoints import OtherAmount, Remembered, other_amount
from placet_policy.ledger.reservation_statements import MAX_STARTS
from placet_policy.ledger.series import WHOLE_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from placet_policy.ledger.history import Destination
    from placet_policy.ledger.reservation_statements import ReservationStatements
    from placet_policy.ledger.series import Reservation, Series, SigningKey
    from placet_policy.ledger.store import Connection

_MICROSECONDS: Final = 1_000_000


class _Last(NamedTuple):
    """The newest row of a series; that of an empty one has no ordinal."""

    ordinal: int
    at: int
    total: int
    net: int
    net_count: int


class _Counting(NamedTuple):
    """The row by which a group counts in a series."""

    ordinal: int
    at: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """The claim that counts for what a request uses up, and what its group counts in each series."""

    claim: int
    first: int
    replaced: Replaced
    spends: frozenset[str]
    counting: Mapping[int, _Counting]


_EMPTY: Final = _Last(0, 0, 0, 0, 0)


class Reserving:
    """The history of one signing key through one connection."""

    def __init__(self, connection: Connection, statements: ReservationStatements, key: SigningKey) -> None:
        """Find the key.

        Args:
            connection: where to read, and where to write inside its transaction.
            statements: in the words of its store.
            key: whose history.
        """
        self._connection = connection
        self._statements = statements
        self._key = key
        found = connection.execute(statements.signer, {"root_key": key.root_key, "path": key.path}).fetchone()
        self._signer: int | None = None if found is None else found[0]

    def version(self) -> int:
        """How often the key has reserved."""
        return self._last(self._series(WHOLE_KEY)).ordinal

    def history(self, reservation: Reservation, *, windows: Sequence[Window], clock: int) -> History:
        """What counts beside a reservation that is not made yet.

        Args:
            reservation: of this key.
            windows: at most ``MAX_STARTS``.
            clock: the store's time, microseconds.
        """
        now = max(clock, self._last(self._series(WHOLE_KEY)).at)
        claim = self._claim(reservation)
        return History(
            now=now // _MICROSECONDS,
            series=tuple(
                self._series_history(series, adds, windows=windows, now=now, claim=claim)
                for series, adds in reservation.amounts.items()
            ),
            destinations=tuple(
                DestinationSeen(chain=to.chain, address=to.address, first_seen=self._seen(to))
                for to in destinations_of(reservation)
            ),
            replaced=None if claim is None else claim.replaced,
        )

    def other_amount(self, reservation: Reservation) -> OtherAmount | None:
        """Return an outpoint of a reservation that an ALLOW of this key stated with another amount, None for none."""
        return other_amount(reservation.inputs, self._remembered(reservation))

    def usages(self, *, windows: Sequence[Window], clock: int) -> Iterator[tuple[str, str, Usage, list[Usage]]]:
        """Yield asset and destination of every series of the key, what counts of all times, and in each window."""
        if self._signer is None:
            return
        now = max(clock, self._last(self._series(WHOLE_KEY)).at)
        starts = [now - window.seconds * _MICROSECONDS for window in windows]
        for number, asset, destination in self._rows(self._statements.series_of, {"signer": self._signer}):
            last = self._last(number)
            yield asset, destination, Usage(last.net, last.net_count), self._windows(number, last, starts)

    def reserve(self, reservation: Reservation, *, decision_id: str, request_id: str, clock: int) -> None:
        """Write a reservation; the caller holds the key's lock.

        Raises:
            VersionMoved: the ledger knows another amount of one of its outpoints. Nothing was written.
        """
        if self.other_amount(reservation) is not None:
            # Two ALLOWs of one key never pass between each other's snapshot and commit, as each moves the key's
            # version, and the snapshot looks for this. Looked at again under the lock, it rests on this table alone.
            raise VersionMoved("an outpoint has another amount")
        at = max(clock, self._last(self._series(WHOLE_KEY)).at)
        claim = self._claim(reservation)
        first = self._write_claim(reservation, claim, decision_id=decision_id, request_id=request_id)
        for series, amount in reservation.amounts.items():
            number = self._series(series) or self._insert_series(series)
            counting = None if claim is None else claim.counting.get(number)
            self._write_row(number, amount, at=at, first=first, counting=counting)

    def _series_history(
        self, series: Series, adds: int, *, windows: Sequence[Window], now: int, claim: _Claim | None
    ) -> SeriesHistory:
        number = self._series(series)
        last = self._last(number)
        counting = claim.counting.get(number) if claim is not None and number is not None else None
        # The larger of the two counts, at the new time: by so much the earlier one counts beside the new one.
        more = 0 if counting is None else max(0, counting.amount - adds)
        lifetime = _without(Usage(last.net, last.net_count), counting, more)
        starts = [now - window.seconds * _MICROSECONDS for window in windows]
        usages = self._windows(number, last, starts)
        found = []
        for window, start, usage in zip(windows, starts, usages, strict=True):
            inside = counting if counting is not None and counting.at > start else None
            found.append((window, _without(usage, inside, more)))
        return SeriesHistory(series=series, adds=adds, lifetime=lifetime, windows=tuple(found))

    def _windows(self, number: int | None, last: _Last, starts: Sequence[int]) -> list[Usage]:
        """What counts after each start: two running totals apart, less what is superseded between them."""
        if number is None or not starts:
            return [Usage(0, 0) for _ in starts]
        padded = [*starts, *[starts[0]] * (MAX_STARTS - len(starts))]
        parameters = {"series": number, **{f"start{index}": start for index, start in enumerate(padded)}}
        rows = self._connection.execute(self._statements.before, parameters).fetchall()
        before = {index: (ordinal, int(total)) for index, ordinal, total in rows if ordinal is not None}
        wanted = {"series": number, "start": min(starts)}
        gone = [(at, int(amount)) for at, amount in self._rows(self._statements.superseded, wanted)]
        usages = []
        for index, start in enumerate(starts):
            ordinal, total = before.get(index, (0, 0))
            within = [amount for at, amount in gone if at > start]
            usages.append(Usage(last.total - total - sum(within), last.ordinal - ordinal - len(within)))
        return usages

    def _claim(self, reservation: Reservation) -> _Claim | None:
        """The newest claim that counts for anything that the reservation uses up."""
        if self._signer is None:
            return None
        found = []
        for spend in sorted(reservation.spends):
            rows = self._rows(self._statements.claim, {"signer": self._signer, "spend": spend})
            found += [(*row, spend) for row in rows]
        if not found:
            return None
        claim, first, decision_id, request_id, digest, spend = max(found, key=operator.itemgetter(0))
        return _Claim(
            claim=claim,
            first=first,
            replaced=Replaced(
                decision_id=decision_id,
                request_id=request_id,
                spend=spend,
                same_hashes=bytes(digest) == reservation.hashes_sha256(),
            ),
            spends=frozenset(str(row[0]) for row in self._rows(self._statements.spends_of, {"claim": claim})),
            counting={
                number: _Counting(ordinal, at, int(amount))
                for number, ordinal, at, amount in self._rows(self._statements.counting, {"first": first})
            },
        )

    def _write_claim(self, reservation: Reservation, claim: _Claim | None, *, decision_id: str, request_id: str) -> int:
        """Write the claim and return the first one of its group.

        What all members of a group use up is what each of them must share with the next: then any two of them exclude
        each other, and one amount can stand for all. Otherwise A and C could both happen, with a B between them that
        shares one input with each.
        """
        row = {
            "signer": self._signer_or_new(),
            "first": None if claim is None else claim.first,
            "replaces": None if claim is None else claim.claim,
            "decision_id": decision_id,
            "request_id": request_id,
            "hashes_sha256": reservation.hashes_sha256(),
        }
        (number,) = self._connection.execute(self._statements.insert_claim, row).fetchone()
        shared = reservation.spends if claim is None else reservation.spends & claim.spends
        for spend in sorted(shared):
            self._connection.execute(
                self._statements.insert_spend, {"signer": self._signer_or_new(), "spend": spend, "claim": number}
            )
        self._remember(reservation, number)
        return int(number) if claim is None else claim.first

    def _remember(self, reservation: Reservation, claim: int) -> None:
        """Keep the amount of every outpoint that no earlier ALLOW stated; those that one did have the same."""
        for outpoint, amount in sorted(reservation.inputs.items()):
            row = {"signer": self._signer_or_new(), "outpoint": outpoint, "amount": str(amount), "claim": claim}
            self._connection.execute(self._statements.remember, row)

    def _remembered(self, reservation: Reservation) -> dict[str, Remembered]:
        if self._signer is None:
            return {}
        found = {}
        for outpoint in reservation.inputs:
            wanted = {"signer": self._signer, "outpoint": outpoint}
            for amount, decision_id in self._rows(self._statements.outpoint, wanted):
                found[outpoint] = Remembered(int(amount), decision_id)
        return found

    def _write_row(self, number: int, amount: int, *, at: int, first: int, counting: _Counting | None) -> None:
        last = self._last(number)
        old = 0 if counting is None else counting.amount
        new = max(amount, old)
        row = {
            "series": number,
            "ordinal": last.ordinal + 1,
            "first": first,
            "at": at,
            "amount": str(new),
            "total": str(last.total + new),
            "net": str(last.net + new - old),
            "net_count": last.net_count + (1 if counting is None else 0),
        }
        self._connection.execute(self._statements.insert_reservation, row)
        if counting is not None:
            gone = {"series": number, "at": counting.at, "ordinal": counting.ordinal, "amount": str(old)}
            self._connection.execute(self._statements.insert_superseded, gone)

    def _signer_or_new(self) -> int:
        if self._signer is None:
            row = {"root_key": self._key.root_key, "path": self._key.path}
            (number,) = self._connection.execute(self._statements.insert_signer, row).fetchone()
            self._signer = int(number)
        return self._signer

    def _series(self, series: Series) -> int | None:
        if self._signer is None:
            return None
        found = self._connection.execute(self._statements.series, self._named(series)).fetchone()
        return None if found is None else int(found[0])

    def _insert_series(self, series: Series) -> int:
        (number,) = self._connection.execute(self._statements.insert_series, self._named(series)).fetchone()
        return int(number)

    def _named(self, series: Series) -> dict[str, object]:
        asset = "" if series.asset is None else series.asset.text()
        return {"signer": self._signer, "asset": asset, "destination": series.destination or ""}

    def _last(self, number: int | None) -> _Last:
        if number is None:
            return _EMPTY
        found = self._connection.execute(self._statements.last, {"series": number}).fetchone()
        if found is None:
            return _EMPTY
        ordinal, at, total, net, net_count = found
        return _Last(ordinal, at, int(total), int(net), net_count)

    def _seen(self, to: Destination) -> int | None:
        wanted = {"network": to.network, "address": to.address}
        found = self._connection.execute(self._statements.seen, wanted).fetchone()
        return None if found is None else int(found[0])

    def _rows(self, statement: str, parameters: Mapping[str, object]) -> list[Any]:
        return self._connection.execute(statement, parameters).fetchall()


def see(
    connection: Connection, statements: ReservationStatements, destinations: Iterable[Destination], *, clock: int
) -> None:
    """Note whom a request pays; the caller holds their locks."""
    for to in destinations:
        row = {"network": to.network, "address": to.address, "first_seen": clock // _MICROSECONDS}
        connection.execute(statements.see, row)


def _without(usage: Usage, counting: _Counting | None, more: int) -> Usage:
    if counting is None:
        return Usage(usage.amount + more, usage.count)
    return Usage(usage.amount - counting.amount + more, usage.count - 1)
