"""The published lines of writers, kept where the database's owner cannot change them: the log.

    {"event": "ledger_writer", "ledger": …, "writer": …, "public_key": "<hex>", …}
    {"event": "ledger_head", "ledger": …, "writer": …, "position": …, "record_hash": "<hex>", "signature": "<hex>",
     "timestamp": "<RFC 3339>", …}

Other lines of the same files are passed over.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from placet_policy.audit.findings import Code, Finding
from placet_policy.ledger.head import Head, HeadInvalid, verify_head
from placet_policy.ledger.interface import Receipt

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import Any

    from placet_policy.audit.items import StoredRecord

_MAX_LINE_BYTES: Final = 1024 * 1024
_MICROSECONDS: Final = 1_000_000


class PublishedUnreadable(Exception):  # noqa: N818  (named after what happened)
    """A line says that it is one of ours and is not.

    Attributes:
        place: file and line.
    """

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


@dataclass(frozen=True, slots=True, kw_only=True)
class _PublishedHead:
    head: Head
    logged_at: int
    place: str


class Published:
    """What was published, in a scratch database."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._ledger = ""

    def load(self, path: Path) -> None:
        """Take in the lines of one file.

        Raises:
            OSError: it cannot be read.
            PublishedUnreadable: a line of ours is malformed.
        """
        with path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(_MAX_LINE_BYTES), b""), start=1):
                self._take(line, f"{path.name}:{number}")

    def begin(self, ledger: str) -> Iterator[Finding]:
        """Choose the ledger; a finding when every published line is about another one."""
        self._ledger = ledger
        (others, ours) = self._connection.execute(
            "SELECT coalesce(sum(ledger <> ?1), 0), coalesce(sum(ledger = ?1), 0) FROM published_writers", (ledger,)
        ).fetchone()
        if others and not ours:
            yield Finding(code=Code.LEDGER_UNPUBLISHED, detail=ledger)

    def public_keys(self, writer: str) -> tuple[bytes, ...]:
        """Return the keys that were published for a writer: one, unless somebody published another."""
        found = self._connection.execute(
            "SELECT public_key FROM published_writers WHERE ledger = ? AND writer = ?", (self._ledger, writer)
        )
        return tuple(key for (key,) in found)

    def differing(self, stored: StoredRecord, public_key: bytes | None) -> Iterator[tuple[Code, str]]:
        """Yield what the heads that were published for a record's place say against it."""
        for published in self._heads(stored.writer, "position = ?", stored.position):
            if published.head.receipt.record_hash != stored.record_hash:
                signed = _is_signed(published.head, (*self.public_keys(stored.writer), public_key))
                yield (Code.HEAD_DIFFERS if signed else Code.PUBLISHED_INVALID), published.place

    def lost(self, writer: str, position: int, *, public_key: bytes | None, newest: int) -> Finding | None:
        """Return a finding when a head behind the chain's end was published.

        Args:
            writer: the chain.
            position: its last position in the ledger, 0 for none.
            public_key: the chain's own key, for a writer whose first line is not among the published.
            newest: the time of the ledger's newest record, microseconds.
        """
        for published in self._heads(writer, "position > ?", position):
            if not _is_signed(published.head, (*self.public_keys(writer), public_key)):
                return Finding(code=Code.PUBLISHED_INVALID, writer=writer, detail=published.place)
            code = Code.TAIL_CUT if published.logged_at <= newest else Code.LEDGER_BEHIND
            detail = (
                f"position {published.head.receipt.position} was published ({published.place}), {position} is the last"
            )
            return Finding(code=code, writer=writer, position=position + 1, detail=detail)
        return None

    def writers_with_heads(self) -> Iterator[str]:
        """Yield every writer of the ledger whose heads were published."""
        found = self._connection.execute(
            "SELECT DISTINCT writer FROM published_heads WHERE ledger = ? ORDER BY writer", (self._ledger,)
        )
        yield from (writer for (writer,) in found.fetchall())

    def _heads(self, writer: str, condition: str, position: int) -> Iterator[_PublishedHead]:
        found = self._connection.execute(
            "SELECT position, record_hash, signature, logged_at, place FROM published_heads"  # noqa: S608  (our words)
            f" WHERE ledger = ? AND writer = ? AND {condition} ORDER BY position",
            (self._ledger, writer, position),
        )
        for at, digest, signature, logged_at, place in found:
            receipt = Receipt(ledger=self._ledger, writer=writer, position=at, record_hash=digest)
            yield _PublishedHead(head=Head(receipt=receipt, signature=signature), logged_at=logged_at, place=place)

    def _take(self, line: bytes, place: str) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            return
        if not isinstance(said, dict):
            return
        try:
            if said.get("event") == "ledger_writer":
                self._insert("published_writers", (said["ledger"], said["writer"], _bytes(said, "public_key", 32)))
            elif said.get("event") == "ledger_head":
                self._insert("published_heads", (*_head_values(said), place))
        except (KeyError, TypeError, ValueError) as error:
            raise PublishedUnreadable(place) from error

    def _insert(self, table: str, values: tuple[object, ...]) -> None:
        marks = ", ".join("?" * len(values))
        self._connection.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", values)  # noqa: S608  (our names)


def _head_values(said: Mapping[str, Any]) -> tuple[object, ...]:
    position = said["position"]
    if isinstance(position, bool) or not isinstance(position, int) or not 0 < position < 2**63:
        raise ValueError("position")
    logged = datetime.fromisoformat(said["timestamp"])
    if logged.tzinfo is None:
        raise ValueError("timestamp")
    return (
        said["ledger"],
        said["writer"],
        position,
        _bytes(said, "record_hash", 32),
        _bytes(said, "signature", 64),
        int(logged.timestamp() * _MICROSECONDS),
    )


def _bytes(said: Mapping[str, Any], name: str, length: int) -> bytes:
    value = bytes.fromhex(said[name])
    if len(value) != length:
        raise ValueError(name)
    return value


def _is_signed(head: Head, keys: tuple[bytes | None, ...]) -> bool:
    for key in keys:
        try:
            if key is not None:
                verify_head(head, public_key=key)
                return True
        except HeadInvalid:
            continue
    return False
