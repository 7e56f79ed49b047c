"""Rows of a large ledger, made beforehand as the policy tier makes them one by one: a true chain, signed, with limits.

Contents are left out, as in a ledger whose contents were archived; the last record says that they were. One signing key
makes half of the approvals, so that its series is as long as one can be; a thousand others share the rest.
"""

import hashlib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from placet_policy.ledger.head import WriterKey
from placet_policy.ledger.interface import Receipt
from placet_policy.ledger.record import (
    FIELDS,
    Entry,
    Value,
    archive_entry,
    bundle_entry,
    decision_entry,
    microseconds,
    record_hash,
    writer_entry,
)
from placet_policy.ledger.series import Reservation

from bench.ledger_payments import Payments

BUSY_SIGNER = 0
OTHER_SIGNERS = 1000
YEAR = 365 * 86400
_MICROSECONDS = 1_000_000
_BUNDLE = b"packed"
_COLUMNS = (*(name for name in FIELDS if name != "ledger"), "record_hash", "signature")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "writers": ("writer", "public_key", "started_at"),
    "bundles": ("revision", "version", "first_active_at", "content"),
    "records": _COLUMNS,
    "signers": ("id", "root_key", "path"),
    "series": ("id", "signer", "asset", "destination"),
    "claims": ("id", "signer", "first", "replaces", "decision_id", "request_id", "hashes_sha256"),
    "spends": ("signer", "spend", "claim"),
    "reservations": ("series", "ordinal", "first", "at", "amount", "total", "net", "net_count"),
}
Row = tuple[object, ...]
Rows = dict[str, list[Row]]


@dataclass(slots=True)
class _Series:
    number: int
    ordinal: int = 0
    total: int = 0


@dataclass(slots=True)
class _Signer:
    number: int
    series: list[_Series] = field(default_factory=list)


class LedgerRows:
    """One chain and what it reserves."""

    def __init__(self, *, ledger: str, count: int, end: float) -> None:
        """Prepare.

        Args:
            ledger: UUID of the store.
            count: how many approvals.
            end: time of the last, Unix seconds; they are a year, evenly.
        """
        self._ledger = ledger
        self._count = count
        self._end = end
        self._key = WriterKey.generate()
        self._writer = str(uuid.uuid4())
        self._position = 0
        self._previous: bytes | None = None
        self._payments = Payments()
        self._template = decision_entry(self._payments.record(0)).row
        self._signers: dict[int, _Signer] = {}
        self._made = 0
        self._numbers = 0

    def batches(self, size: int) -> Iterator[Rows]:
        """All rows, by table, so many approvals at a time."""
        yield self._beginning()
        for first in range(1, self._count + 1, size):
            rows: Rows = {name: [] for name in COLUMNS}
            for number in range(first, min(first + size, self._count + 1)):
                self._approve(rows, number)
            yield rows
        before = int(self._end * _MICROSECONDS) + 1
        yield {"records": [self._append(archive_entry(before=before, sha256=bytes(32), at=self._end))]}

    def _beginning(self) -> Rows:
        at = self._end - YEAR
        revision, started = str(self._template["revision"]), microseconds(at)
        bundle = bundle_entry(revision=revision, version=0, content=_BUNDLE, at=at)
        return {
            "writers": [(self._writer, self._key.public_key, started)],
            "bundles": [(revision, 0, started, _BUNDLE)],
            "records": [self._append(writer_entry(public_key=self._key.public_key, at=at)), self._append(bundle)],
        }

    def _approve(self, rows: Rows, number: int) -> None:
        at = int((self._end - YEAR + YEAR * number / self._count) * _MICROSECONDS)
        signer = BUSY_SIGNER if number % 2 else 1 + number // 2 % OTHER_SIGNERS
        decision_id = str(uuid.UUID(bytes=hashlib.sha256(b"%d" % number).digest()[:16]))
        named: dict[str, Value] = {
            "decided_at": at,
            "decision_id": decision_id,
            "request_id": f"{number:032}:1",
            "token_sha256": hashlib.sha256(b"token %d" % number).digest(),
        }
        rows["records"].append(self._append(Entry(row={**self._template, **named})))
        reservation = self._payments.reservation(number, signer=signer)
        found = self._signers.get(signer) or self._new_signer(rows, signer, reservation)
        digest = hashlib.sha256(reservation.hashes[0].encode()).digest()
        ids = (decision_id, named["request_id"])
        rows["claims"].append((number, found.number, None, None, *ids, digest))
        rows["spends"] += [(found.number, spend, number) for spend in reservation.spends]
        for series, amount in zip(found.series, reservation.amounts.values(), strict=True):
            series.ordinal += 1
            series.total += amount
            totals = (str(amount), str(series.total), str(series.total), series.ordinal)
            rows["reservations"].append((series.number, series.ordinal, number, at, *totals))

    def _new_signer(self, rows: Rows, signer: int, reservation: Reservation) -> _Signer:
        made = self._signers[signer] = _Signer(len(self._signers) + 1)
        rows["signers"].append((made.number, reservation.key.root_key, reservation.key.path))
        for series in reservation.amounts:
            self._numbers += 1
            made.series.append(_Series(self._numbers))
            asset = "" if series.asset is None else series.asset.text()
            rows["series"].append((self._numbers, made.number, asset, series.destination or ""))
        return made

    def _append(self, entry: Entry) -> Row:
        self._position += 1
        place: dict[str, Value] = {"writer": self._writer, "position": self._position, "previous": self._previous}
        row: dict[str, Value] = {**entry.row, "ledger": self._ledger, **place}
        digest = record_hash(row)
        receipt = Receipt(ledger=self._ledger, writer=self._writer, position=self._position, record_hash=digest)
        self._previous = digest
        stored = {**row, "record_hash": digest, "signature": self._key.sign(receipt).signature}
        return tuple(stored[name] for name in _COLUMNS)
