"""What a decision must have left behind, from its own input document: what OPA was shown its record vouches for.

The history in the document is that of the very state on which the reservation was written, or the commit would have
failed. So the document says not only what was added to each series but also what the series came to.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from placet_policy.facts.detail import kind_of
from placet_policy.facts.prove import Facts, FactStatus
from placet_policy.ledger.history import destinations_of
from placet_policy.ledger.reservations import reservation_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from placet_policy.ledger.history import Destination
    from placet_policy.ledger.series import Reservation


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRow:
    """What one series must say.

    Attributes:
        asset: as ``series.asset``.
        destination: as ``series.destination``.
        adds: base units that the approval moves.
        net: base units that count in the series from then on.
        net_count: approvals that count in the series from then on.
    """

    asset: str
    destination: str
    adds: int
    net: int
    net_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedClaim:
    """What one ALLOW must have written.

    Attributes:
        reservation: what follows from the facts.
        replaced: decision_id of the earlier ALLOW that it replaces or repeats, None for none.
        now: Unix seconds of the snapshot; the reservation is not older.
        rows: one for each of its series.
    """

    reservation: Reservation
    replaced: str | None
    now: int
    rows: tuple[WantedRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A document of a request that an ALLOW makes reserve something.

    Attributes:
        reservation: what follows from the facts.
        history: `input.history` as it is written.
    """

    reservation: Reservation
    history: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSeen:
    """Since when the ledger knew whom a request pays.

    Attributes:
        now: Unix seconds of the snapshot.
        destinations: each with Unix seconds, None where no recorded request had paid it.
    """

    now: int
    destinations: tuple[tuple[Destination, int | None], ...]


class DocumentUnreadable(Exception):  # noqa: N818  (named after what happened)
    """An input document is not one that this program would have made, so nothing follows from it."""


def read_document(request_type: object, text: str | None) -> Told | None:
    """Return what a decision's document tells of limits over time; None where its request can reserve nothing.

    Args:
        request_type: as recorded.
        text: the input document; None when OPA was not asked.

    Raises:
        DocumentUnreadable: nothing can be said.
    """
    with _readable():
        kind = kind_of(int(str(request_type)))
        document = {} if text is None else json.loads(text)
        reservation = None if kind is None else reservation_of(kind, _facts(document))
        return None if reservation is None else Told(reservation=reservation, history=document["history"])


def told_first_seen(told: Told) -> FirstSeen:
    """Return since when the ledger knew the destinations that a decision pays.

    Raises:
        DocumentUnreadable: nothing can be said.
    """
    with _readable():
        pairs = zip(destinations_of(told.reservation), told.history["destinations"], strict=True)
        return FirstSeen(
            now=int(told.history["now"]),
            destinations=tuple(
                (to, None if said["first_seen"] is None else int(said["first_seen"])) for to, said in pairs
            ),
        )


def wanted_claim(told: Told) -> WantedClaim:
    """Return what an ALLOW with this document reserves.

    Raises:
        DocumentUnreadable: nothing can be said.
    """
    with _readable():
        return _wanted(told.reservation, told.history)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise DocumentUnreadable from error


def _facts(document: Mapping[str, Any]) -> Facts:
    """As much of the facts as a reservation follows from."""
    said = document.get("facts") or {}
    return Facts(
        status=FactStatus(said.get("status", FactStatus.UNPROVABLE)),
        missing=(),
        contradictions=(),
        chain=said.get("chain"),
        transfers=tuple(said.get("transfers", ())),
        signer=said.get("signer"),
        hashes=tuple(said.get("hashes", ())),
    )


def _wanted(reservation: Reservation, history: Mapping[str, Any]) -> WantedClaim:
    rows = []
    for (series, adds), said in zip(reservation.amounts.items(), history["series"], strict=True):
        if said["adds"] != str(adds) or said["destination"] != series.destination:
            raise ValueError("the history is about other series")
        rows.append(
            WantedRow(
                asset="" if series.asset is None else series.asset.text(),
                destination=series.destination or "",
                adds=adds,
                # What counts beside it, and itself.
                net=int(said["lifetime"]["amount"]) + adds,
                net_count=int(said["lifetime"]["count"]) + 1,
            )
        )
    replaced = history["replaced"]
    return WantedClaim(
        reservation=reservation,
        replaced=None if replaced is None else str(replaced["decision_id"]),
        now=int(history["now"]),
        rows=tuple(rows),
    )
