"""A ledger as a stream of items: what a database is read into, an export is written from, and a verifier judges.

The order is the contract: the header first; a bundle and a writer before every record that names it; the records of one
writer by position. The chains of several writers may be mixed in any way, so that an export can be continued.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from placet_policy.ledger.record import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Which ledger it is.

    Attributes:
        ledger: UUID of the store.
        schema: the migration that the store had.
    """

    ledger: str
    schema: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBundle:
    """A release that was active.

    Attributes:
        revision: ``sha256:<hex>`` of the delivered file.
        version: version of the TUF targets metadata.
        first_active_at: microseconds since 1970.
        content: the archive that OPA was served.
    """

    revision: str
    version: int
    first_active_at: int
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWriter:
    """A process start, as the table of writers has it.

    Attributes:
        writer: UUID.
        public_key: Ed25519, 32 bytes.
        started_at: microseconds since 1970.
    """

    writer: str
    public_key: bytes
    started_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredContents:
    """What stands beside a decision's record.

    Attributes:
        token: the node's compact token; None when what is stored is no compressed token.
        input: the input document as JSON text; None when OPA was not asked.
        facts: the facts as JSON text; None when none were made.
        decision: effect and reasons as JSON text.
    """

    token: str | None = field(repr=False)
    input: str | None = field(repr=False)
    facts: str | None = field(repr=False)
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRecord:
    """One record as it was found; nothing about it is believed.

    Attributes:
        row: every name of ``ledger.record.FIELDS``.
        record_hash: what is stored as its hash.
        signature: what is stored as its writer's signature.
        contents: None when they are not there.
    """

    row: Row
    record_hash: bytes
    signature: bytes = field(repr=False)
    contents: StoredContents | None

    @property
    def writer(self) -> str:
        """UUID of the process start that claims to have written it."""
        return str(self.row["writer"])

    @property
    def position(self) -> int:
        """Its place in the writer's chain."""
        position = self.row["position"]
        return position if isinstance(position, int) else 0

    @property
    def is_decision(self) -> bool:
        """Whether it is one of those that have contents."""
        return self.row["kind"] == "decision"


@dataclass(frozen=True, slots=True, kw_only=True)
class StrayContents:
    """Contents without a record.

    Attributes:
        writer: whose they claim to be.
        position: where.
    """

    writer: str
    position: int


Item = Header | StoredBundle | StoredWriter | StoredRecord | StrayContents
