"""What the policy tier asks of a ledger: a snapshot before OPA, a durable commit after it (design section 2).

OPA runs between the two, so no transaction stays open meanwhile: ``commit`` fails with ``VersionMoved`` when another
record about the same keys was written since the snapshot, and the evaluation starts again from a new snapshot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from placet_policy.ledger.series import SigningKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from contextlib import AbstractAsyncContextManager

    from placet_callback.strict_json import JSONValue

    from placet_policy.ledger.history import Destination, History, Window
    from placet_policy.ledger.outpoints import OtherAmount
    from placet_policy.ledger.series import Reservation


@dataclass(frozen=True, slots=True)
class RequestKey:
    """One node's request; its version is the number of decisions about it.

    Attributes:
        node: name of the node whose key signed the token.
        request_id: the node's request_id.
    """

    node: str
    request_id: str


# What a version may belong to. A class of its own each, so that no two of them can ever be equal.
VersionKey = RequestKey | SigningKey
# How many records each request had, and how many reservations each signing key, at the moment of the snapshot.
Versions = Mapping[VersionKey, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierRecord:
    """A record about the same node and request_id that was there before.

    Attributes:
        decision_id: UUID of that evaluation.
        request_type: the integer that the node sent then.
        detail_sha256: SHA-256 of the ``request_detail`` text then, 32 bytes.
        effect: ``ALLOW``, ``DENY`` or ``HOLD``.
    """

    decision_id: str
    request_type: int
    detail_sha256: bytes
    effect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What the ledger knew at one moment.

    Attributes:
        earlier: oldest first. Bounded: the first record of every distinct type and detail, and the newest ones, so
            that a reused request_id shows however often it was asked again.
        versions: hand this to ``commit`` unchanged.
        history: of the signing key, None where the request reserves nothing.
        unseen: whom the request pays and no recorded one did; hand this to ``commit``, too.
        other_amount: an outpoint of the request that an ALLOW of its key stated with another amount; never allow it.
    """

    earlier: tuple[EarlierRecord, ...]
    versions: Versions
    history: History | None = None
    unseen: tuple[Destination, ...] = ()
    other_amount: OtherAmount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One decision as the ledger keeps it. The token is the node's own signed evidence.

    Attributes:
        decision_id: UUID of the evaluation.
        node: name of the node whose key signed the token.
        key_id: SHA-256 of that key's SPKI, hexadecimal.
        request_id: the node's.
        request_type: the integer the node sent, known or not.
        received_at: when the edge had the request, Unix seconds by the edge's clock; None when it did not say.
        decided_at: when the decision was made, Unix seconds.
        token: the compact token.
        token_sha256: SHA-256 of ``token``, 32 bytes.
        detail_sha256: SHA-256 of the ``request_detail`` text, 32 bytes.
        extra_sha256: SHA-256 of the ``extra_info`` text, 32 bytes.
        effect: ``ALLOW``, ``DENY`` or ``HOLD``.
        reasons: list of {code, rule, message, remediation}.
        facts: what was proven; None when facts were not made.
        input: the input document that OPA saw; None when OPA was not asked.
        revision: ``sha256:<hex>`` of the active bundle; empty when there was none.
        version: version of the TUF targets metadata; 0 while unsigned.
        opa_version: the version that OPA reported; empty when OPA was not asked.
        earlier: decision_ids of the records about the same request, oldest first.
        timings: milliseconds by step name.
    """

    decision_id: str
    node: str
    key_id: str
    request_id: str
    request_type: int
    received_at: float | None
    decided_at: float
    token: str
    token_sha256: bytes
    detail_sha256: bytes
    extra_sha256: bytes
    effect: str
    reasons: JSONValue
    facts: JSONValue
    input: JSONValue
    revision: str
    version: int
    opa_version: str
    earlier: tuple[str, ...]
    timings: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Where a durable record is. Only a completed commit makes one.

    Attributes:
        ledger: UUID of the store.
        writer: UUID of the process start that wrote the record.
        position: the record's place in the writer's sequence, from 1.
        record_hash: SHA-256 of the record's canonical bytes (docs/ledger-format.md), 32 bytes.
    """

    ledger: str
    writer: str
    position: int
    record_hash: bytes


class Ledger(Protocol):
    """A store of decisions. Every method raises ``LedgerUnavailable`` when the store fails in any way."""

    @property
    def ledger_id(self) -> str:
        """UUID of the store."""
        ...

    async def snapshot(
        self, *, node: str, request_id: str, reservation: Reservation | None = None, windows: Sequence[Window] = ()
    ) -> Snapshot:
        """Return what is known of a request and its signing key, and the versions that ``commit`` must find unchanged.

        Args:
            node: name of the node whose key signed the token.
            request_id: the node's.
            reservation: what an ALLOW would reserve, None for nothing.
            windows: over which the history adds up.
        """
        ...

    async def commit(
        self,
        record: Record,
        *,
        versions: Versions,
        reservation: Reservation | None = None,
        unseen: Sequence[Destination] = (),
        alone: bool = False,
    ) -> Receipt:
        """Write one record; when this returns, the record survives a power cut.

        Args:
            record: the decision. Only an ALLOW reserves.
            versions: of the snapshot. The signing key's only matters to an ALLOW.
            reservation: the one that the snapshot was given.
            unseen: of the snapshot; whatever the decision is, they have now been seen.
            alone: the caller is inside ``alone``.

        Raises:
            VersionMoved: another record about the same keys was committed since the snapshot, or somebody is alone
                with one of them, or the ledger knows another amount of an outpoint.
            LedgerUnavailable: not written, or nobody knows whether it was.
        """
        ...

    def alone(self, keys: Iterable[VersionKey]) -> AbstractAsyncContextManager[None]:
        """Keep every other evaluation about these keys from being recorded, in all processes, until the context ends.

        Waits for its turn. Raises LedgerUnavailable when that takes too long; the caller's deadline ends it earlier.
        """
        ...

    async def mark_stop(self, *, stopped: bool, at: float) -> Receipt | None:
        """Record that this writer's stop was set or lifted at ``at`` (Unix seconds), unless its chain says so already.

        A chain begins unstopped: a process that starts while it is stopped records that, and one that does not was
        not stopped. What other pods record says nothing about this one, which has a stop file of its own.

        Returns:
            The receipt of the new record, None when nothing changed.
        """
        ...

    async def keep_bundle(self, *, revision: str, version: int, content: bytes, at: float) -> Receipt:
        """Keep a release for good and record that it becomes active; no decision under it can be recorded before.

        Args:
            revision: ``sha256:<hex>`` of the delivered file.
            version: version of the TUF targets metadata; 0 while unsigned.
            content: the bytes that OPA is served. Kept once a revision, however often it becomes active.
            at: when it becomes active, Unix seconds.
        """
        ...

    async def check(self) -> None:
        """Prove that the store can be written right now."""
        ...
