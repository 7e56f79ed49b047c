"""One writer's chain, record by record: position, hash, link, signature. Holds one record's worth of state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from placet_policy.audit.findings import Code, Finding
from placet_policy.ledger.head import head_bytes
from placet_policy.ledger.interface import Receipt
from placet_policy.ledger.record import record_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from placet_policy.audit.items import StoredRecord, StoredWriter
    from placet_policy.ledger.record import Row

# How far a record is looked for that does not fit where it stands.
_NEIGHBOURS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A finding and the item that it is about, counted in the order of the stream.

    Attributes:
        at: the item's number.
        finding: what is wrong.
    """

    at: int
    finding: Finding


class ChainCheck:
    """What is known of one chain so far.

    Attributes:
        position: of its last record.
        sound: whether nothing is wrong with its last record.
        public_key: with which its records must be signed; None when nothing says so.
    """

    def __init__(self, *, declared: StoredWriter | None) -> None:
        """Begin a chain.

        Args:
            declared: the table's row about the writer; None when there is none.
        """
        self.position = 0
        self.sound = True
        self.public_key: bytes | None = None if declared is None else declared.public_key
        self._declared = declared
        self._key = _key(self.public_key)
        self._previous: bytes | None = None
        # A record that is whole but for its signature: the next one may still vouch for it.
        self._unsigned: Placed | None = None

    def read(self, stored: StoredRecord, *, at: int, writers: Iterable[str]) -> Iterator[Placed]:
        """Judge the next record of the chain.

        Args:
            stored: the record.
            at: its number in the stream.
            writers: every writer of the ledger, for a record that was put into the wrong chain.
        """
        wrong = self._first_wrong(stored, writers)
        self.sound = wrong is None
        unsigned, self._unsigned = self._unsigned, None
        if unsigned is not None:
            yield _vouched(unsigned) if wrong is None else unsigned
        if wrong is not None and wrong.code is Code.RECORD_FORGED:
            self._unsigned = Placed(at=at, finding=wrong)
        elif wrong is not None:
            yield Placed(at=at, finding=wrong)
        self.position = stored.position
        self._previous = stored.record_hash

    def end(self) -> Iterator[Placed]:
        """Judge what only the end of the chain decides."""
        if self._unsigned is not None:
            yield self._unsigned

    def _first_wrong(self, stored: StoredRecord, writers: Iterable[str]) -> Finding | None:
        expected = self.position + 1
        if stored.position != expected:
            code = Code.POSITION_MISSING if stored.position > expected else Code.POSITION_REPEATED
            return finding_about(stored, code, f"expected position {expected}")
        if not _fits(stored.row, stored.record_hash):
            return _misplaced(stored, writers)
        if stored.row["previous"] != self._previous:
            return finding_about(stored, Code.LINK_BROKEN)
        return self._wrong_writer(stored) or self._wrong_signature(stored)

    def _wrong_writer(self, stored: StoredRecord) -> Finding | None:
        is_writer = stored.row["kind"] == "writer"
        if is_writer != (stored.position == 1):
            return finding_about(stored, Code.CHAIN_WITHOUT_WRITER)
        if not is_writer:
            return None
        self.public_key = bytes(public) if isinstance(public := stored.row["public_key"], bytes) else None
        self._key = _key(self.public_key)
        declared = self._declared
        if declared is None:
            return finding_about(stored, Code.WRITER_CHANGED, "the table does not have this writer")
        if declared.public_key != self.public_key or declared.started_at != stored.row["decided_at"]:
            return finding_about(stored, Code.WRITER_CHANGED)
        return None

    def _wrong_signature(self, stored: StoredRecord) -> Finding | None:
        receipt = Receipt(
            ledger=str(stored.row["ledger"]),
            writer=stored.writer,
            position=stored.position,
            record_hash=stored.record_hash,
        )
        try:
            if self._key is not None:
                self._key.verify(stored.signature, head_bytes(receipt))
                return None
        except InvalidSignature:
            pass
        return finding_about(stored, Code.RECORD_FORGED)


def finding_about(stored: StoredRecord, code: Code, detail: str = "") -> Finding:
    """Return a finding with the names of the record concerned."""
    decision = stored.row["decision_id"]
    return Finding(
        code=code,
        writer=stored.writer,
        position=stored.position,
        decision_id=decision if isinstance(decision, str) else None,
        detail=detail,
    )


def _vouched(unsigned: Placed) -> Placed:
    forged = unsigned.finding
    replaced = Finding(
        code=Code.SIGNATURE_REPLACED,
        writer=forged.writer,
        position=forged.position,
        decision_id=forged.decision_id,
    )
    return Placed(at=unsigned.at, finding=replaced)


def _misplaced(stored: StoredRecord, writers: Iterable[str]) -> Finding:
    """Say where a record belongs whose hash does not fit its place; nowhere means that it was changed."""
    near = (stored.position + step for distance in range(1, _NEIGHBOURS + 1) for step in (-distance, distance))
    for position in near:
        if _fits({**stored.row, "position": position}, stored.record_hash):
            return finding_about(stored, Code.RECORD_MOVED, f"it was written for position {position}")
    for writer in writers:
        if _fits({**stored.row, "writer": writer}, stored.record_hash):
            return finding_about(stored, Code.RECORD_OF_OTHER_CHAIN, f"it was written by {writer}")
    return finding_about(stored, Code.RECORD_CHANGED)


def _fits(row: Row, digest: bytes) -> bool:
    return record_hash(row) == digest


def _key(public_key: bytes | None) -> Ed25519PublicKey | None:
    try:
        return None if public_key is None else Ed25519PublicKey.from_public_bytes(public_key)
    except ValueError:
        return None
