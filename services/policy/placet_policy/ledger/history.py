"""What the ledger knows about a signing key's earlier approvals: `input.history` of the input document.

Amounts and counts are those of everything **else** that counts: with what this request adds they are what would count
after its ALLOW. An earlier ALLOW that this request replaces or repeats is therefore not in them; only by how much it
was larger is, because the larger of the two counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from placet_callback.strict_json import JSONValue

    from placet_policy.ledger.series import Reservation, Series


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Window:
    """A length of time over which approvals are added up; policy data.

    Attributes:
        name: by which rules ask for it.
        seconds: its length; an approval of exactly this age is no longer in it.
    """

    name: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What counts.

    Attributes:
        amount: base units.
        count: approvals.
    """

    amount: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesHistory:
    """One series of the signing key that this request would add to.

    Attributes:
        series: which.
        adds: base units that an ALLOW of this request reserves in it; to every count it adds 1.
        replaces: base units that the ALLOW which this request replaces or repeats counts in it, 0 where that one moved
            something else; None where it replaces nothing.
        lifetime: all that was ever approved beside it.
        windows: the same for each window of the bundle.
    """

    series: Series
    adds: int
    replaces: int | None
    lifetime: Usage
    windows: tuple[tuple[Window, Usage], ...]

    def to_json(self) -> dict[str, JSONValue]:
        """An item of `input.history.series`."""
        return {
            "asset": None if self.series.asset is None else self.series.asset.to_json(),
            "destination": self.series.destination,
            "adds": str(self.adds),
            "replaces": None if self.replaces is None else str(self.replaces),
            "lifetime": _usage(self.lifetime),
            "windows": [
                {"name": window.name, "seconds": window.seconds, **_usage(usage)} for window, usage in self.windows
            ],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationSeen:
    """Since when the ledger knows a destination.

    Attributes:
        chain: the registry's id of the chain, None where it has none.
        address: as in `facts.transfers[].to`.
        first_seen: Unix seconds of the first recorded request that pays it, whatever came of it; None for never.
    """

    chain: str | None
    address: str
    first_seen: int | None

    def to_json(self) -> dict[str, JSONValue]:
        """An item of `input.history.destinations`."""
        return {"chain": self.chain, "address": self.address, "first_seen": self.first_seen}


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """The earlier ALLOW with which this request cannot both happen.

    Attributes:
        decision_id: of the latest such ALLOW.
        request_id: under which it was asked.
        spend: the nonce, outpoint or hash that both use up.
        same_hashes: it signed exactly what this request signs, so that it is repeated and not replaced.
    """

    decision_id: str
    request_id: str
    spend: str
    same_hashes: bool

    def to_json(self) -> dict[str, JSONValue]:
        """The object `input.history.replaced`."""
        return {
            "decision_id": self.decision_id,
            "request_id": self.request_id,
            "spend": self.spend,
            "same_hashes": self.same_hashes,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """`input.history` of a request whose signing key is proven.

    Attributes:
        now: Unix seconds; the end of every window: the later of the database's clock and the ledger's last record.
        series: every series that an ALLOW of this request would add to, the key's own first.
        destinations: every destination that it pays.
        replaced: what it would replace or repeat.
    """

    now: int
    series: tuple[SeriesHistory, ...]
    destinations: tuple[DestinationSeen, ...]
    replaced: Replaced | None

    def to_json(self) -> dict[str, JSONValue]:
        """The object `input.history`."""
        return {
            "now": self.now,
            "series": [each.to_json() for each in self.series],
            "destinations": [each.to_json() for each in self.destinations],
            "replaced": None if self.replaced is None else self.replaced.to_json(),
        }


def first_history(reservation: Reservation, *, windows: tuple[Window, ...], now: int) -> History:
    """Return the history of a key whose first approval this would be, to a destination that nobody asked for before."""
    nothing = Usage(0, 0)
    return History(
        now=now,
        series=tuple(
            SeriesHistory(
                series=series,
                adds=adds,
                replaces=None,
                lifetime=nothing,
                windows=tuple((window, nothing) for window in windows),
            )
            for series, adds in reservation.amounts.items()
        ),
        destinations=tuple(
            DestinationSeen(chain=to.chain, address=to.address, first_seen=None) for to in destinations_of(reservation)
        ),
        replaced=None,
    )


class Destination(NamedTuple):
    """Whom a reservation pays.

    Attributes:
        network: as in ``Asset.network``.
        chain: the registry's id of the chain, None where it has none.
        address: as in `facts.transfers[].to`.
    """

    network: str
    chain: str | None
    address: str


def destinations_of(reservation: Reservation) -> tuple[Destination, ...]:
    """Return everybody whom a reservation pays, each once."""
    return tuple(
        dict.fromkeys(
            Destination(series.asset.network, series.asset.chain, series.destination)
            for series in reservation.amounts
            if series.asset is not None and series.destination is not None
        )
    )


def _usage(usage: Usage) -> dict[str, JSONValue]:
    return {"amount": str(usage.amount), "count": usage.count}
