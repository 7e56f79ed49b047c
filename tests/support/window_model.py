"""What limits over time mean, in dictionaries: nothing here knows a database, a running total or a superseded row."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field

from placet_policy.ledger.series import Reservation, Series, SigningKey


@dataclass
class Row:
    """What a group counts in one series."""

    at: int
    amount: int


@dataclass
class Group:
    """Reservations of which at most one can happen.

    Attributes:
        key: the signing key.
        shared: what all of them use up.
        newest: number of its newest reservation.
        rows: what it counts, by series.
    """

    key: SigningKey
    shared: frozenset[str]
    newest: int
    rows: dict[Series, Row] = field(default_factory=dict)


class WindowModel:
    """All reservations ever made."""

    def __init__(self) -> None:
        """Start empty."""
        self.groups: list[Group] = []
        self.made: list[Reservation] = []
        self.last: dict[SigningKey, int] = {}

    def group_of(self, reservation: Reservation) -> Group | None:
        """The group that a reservation would join: of those it shares something with, the one with the newest."""
        joined = [each for each in self.groups if each.key == reservation.key and each.shared & reservation.spends]
        return max(joined, key=lambda each: each.newest, default=None)

    def reserve(self, reservation: Reservation, *, clock: int) -> None:
        """Make a reservation."""
        now = max(clock, self.last.get(reservation.key, 0))
        group = self.group_of(reservation)
        if group is None:
            group = Group(key=reservation.key, shared=reservation.spends, newest=0)
            self.groups.append(group)
        group.shared &= reservation.spends
        group.newest = len(self.made) + 1
        for series, amount in reservation.amounts.items():
            old = group.rows.get(series)
            group.rows[series] = Row(at=now, amount=amount if old is None else max(amount, old.amount))
        self.made.append(reservation)
        self.last[reservation.key] = now

    def beside(self, reservation: Reservation, series: Series, *, clock: int, seconds: int | None) -> tuple[int, int]:
        """Amount and count beside a reservation that is not made yet; without `seconds` of all times."""
        now = max(clock, self.last.get(reservation.key, 0))
        own = self.group_of(reservation)
        rows = [
            group.rows[series]
            for group in self.groups
            if group.key == reservation.key and group is not own and series in group.rows
        ]
        counted = [row.amount for row in rows if seconds is None or row.at > now - seconds * 1_000_000]
        old = own.rows[series].amount if own is not None and series in own.rows else 0
        return sum(counted) + max(0, old - reservation.amounts[series]), len(counted)

    def replaces(self, reservation: Reservation, series: Series) -> int | None:
        """What the group that a reservation would join counts in a series; None where it would join none."""
        own = self.group_of(reservation)
        if own is None:
            return None
        return own.rows[series].amount if series in own.rows else 0

    def most_that_can_happen(self, key: SigningKey, series: Series) -> int:
        """The largest sum of reservations of which no two use up the same, found by trying all."""
        mine = [each for each in self.made if each.key == key and series in each.amounts]
        return max(
            sum(each.amounts[series] for each in chosen)
            for count in range(len(mine) + 1)
            for chosen in itertools.combinations(mine, count)
            if _can_all_happen(chosen)
        )


def _can_all_happen(chosen: Iterable[Reservation]) -> bool:
    used: set[str] = set()
    for reservation in chosen:
        if used & reservation.spends:
            return False
        used |= reservation.spends
    return True
