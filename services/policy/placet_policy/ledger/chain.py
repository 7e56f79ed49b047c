"""One writer's chain: where the next record goes, and whether the last one is still where it was.

Used by the writer's thread alone; ``head`` may be read from anywhere.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from placet_policy.errors import LedgerFault, LedgerUnavailable
from placet_policy.ledger.interface import Receipt
from placet_policy.ledger.record import record_hash

if TYPE_CHECKING:
    from placet_policy.ledger.head import Head, WriterKey
    from placet_policy.ledger.record import Contents, Entry, Row
    from placet_policy.ledger.statements import Statements
    from placet_policy.ledger.store import Connection


@dataclass(frozen=True, slots=True)
class _Tail:
    position: int
    record_hash: bytes | None


_START = _Tail(0, None)


class Chain:
    """The sequence of one process start."""

    def __init__(self, *, ledger_id: str, writer_id: str, key: WriterKey, statements: Statements) -> None:
        self.writer_id = writer_id
        self._ledger_id = ledger_id
        self._key = key
        self._statements = statements
        self._head: Head | None = None
        self._tail = _START
        self._written: list[Head] = []
        # Sent in transactions of which nobody knows whether they were committed.
        self._doubtful: set[_Tail] = set()
        self._known = False

    @property
    def head(self) -> Head | None:
        """The newest record that is known to be durable."""
        return self._head

    def resume(self, connection: Connection) -> None:
        """Find the end of the chain, inside a transaction, unless nothing happened since it was known.

        Raises:
            LedgerUnavailable: the newest durable record is not there, or one is there that this process never wrote.
        """
        if self._known:
            return
        self._require_head(connection)
        found = connection.execute(self._statements.tail, {"writer": self.writer_id}).fetchone()
        tail = _START if found is None else _Tail(found[0], bytes(found[1]))
        durable = _START if self._head is None else _tail_of(self._head)
        if tail not in {durable, *self._doubtful}:
            raise LedgerUnavailable(
                f"position {tail.position} of this writer's chain is not by this writer", fault=LedgerFault.BEHIND
            )
        # Our lock is held, so whatever is in doubt has ended by now: it is here, or it never will be.
        self._doubtful &= {tail}
        self._tail = tail
        self._known = True

    def append(self, connection: Connection, entry: Entry) -> Receipt:
        """Write a record at the end of the chain, signed; it counts once ``settle`` was called."""
        place: Row = {
            "ledger": self._ledger_id,
            "writer": self.writer_id,
            "position": self._tail.position + 1,
            "previous": self._tail.record_hash,
        }
        row = {**entry.row, **place}
        head = self._sign(row)
        columns = {name: value for name, value in row.items() if name != "ledger"}
        stored = {**columns, "record_hash": head.receipt.record_hash, "signature": head.signature}
        connection.execute(self._statements.insert_record, stored)
        if entry.contents is not None:
            connection.execute(self._statements.insert_contents, self._contents(head.receipt, entry.contents))
        self._tail = _Tail(head.receipt.position, head.receipt.record_hash)
        self._written.append(head)
        return head.receipt

    def mark(self) -> tuple[int, _Tail]:
        """Return a state to which ``cut`` can go back."""
        return len(self._written), self._tail

    def cut(self, mark: tuple[int, _Tail]) -> None:
        """Forget what was appended since ``mark``: the savepoint was rolled back."""
        count, self._tail = mark
        del self._written[count:]

    def distrust(self) -> None:
        """Look again before the next record: something failed that may have to do with the chain's end."""
        self._known = False

    def settle(self) -> None:
        """What was appended is durable."""
        if self._written:
            self._head = self._written[-1]
            self._written = []
            self._doubtful = set()

    def doubt(self) -> None:
        """The transaction failed, or nobody knows; what was appended may turn up or not."""
        self._doubtful |= {_tail_of(head) for head in self._written}
        self._written = []
        self._known = False

    def _require_head(self, connection: Connection) -> None:
        if self._head is None:
            return
        receipt = self._head.receipt
        place = {"writer": self.writer_id, "position": receipt.position}
        found = connection.execute(self._statements.hash_at, place).fetchone()
        if found is None or bytes(found[1]) != receipt.record_hash:
            raise LedgerUnavailable(
                f"the record at position {receipt.position}, which was durable, is not there", fault=LedgerFault.BEHIND
            )

    def _sign(self, row: Row) -> Head:
        return self._key.sign(
            Receipt(
                ledger=self._ledger_id,
                writer=self.writer_id,
                position=self._tail.position + 1,
                record_hash=record_hash(row),
            )
        )

    def _contents(self, receipt: Receipt, contents: Contents) -> Row:
        return {
            "writer": receipt.writer,
            "position": receipt.position,
            "token_zlib": zlib.compress(contents.token.encode("ascii")),
            "input": contents.input,
            "facts": contents.facts,
            "decision": contents.decision,
        }


def _tail_of(head: Head) -> _Tail:
    return _Tail(head.receipt.position, head.receipt.record_hash)
