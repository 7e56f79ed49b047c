"""What the ledger needs of a database: connections that can be trusted, and transactions that are durable."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Protocol

from placet_policy.errors import LedgerFault, LedgerUnavailable
from placet_policy.ledger.record import canonical_bytes
from placet_policy.ledger.tables import SCHEMA_VERSIONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from placet_policy.ledger.statements import Statements

_LOCK_DOMAIN = b"placet.lock/v1"


class Cursor(Protocol):
    """A statement's result."""

    def fetchone(self) -> Any:
        """Return the next row or None."""
        ...

    def fetchall(self) -> list[Any]:
        """Return all rows that are left."""
        ...


class Connection(Protocol):
    """A driver's connection without transactions of its own making."""

    def execute(self, statement: str, parameters: Mapping[str, object] = ..., /) -> Cursor:
        """Run one statement."""
        ...

    def close(self) -> None:
        """End the connection."""
        ...


class Store(Protocol):
    """One database. Methods may raise any of ``failures`` besides what they name."""

    @property
    def ledger_id(self) -> str:
        """UUID of the ledger that was found there at the start."""
        ...

    @property
    def statements(self) -> Statements:
        """The statements in its words."""
        ...

    @property
    def failures(self) -> tuple[type[Exception], ...]:
        """What its driver raises."""
        ...

    def connect(self, *, write: bool) -> Connection:
        """Open a connection to the very ledger that was found at the start.

        Raises:
            LedgerUnavailable: it is another one, of another version, or not durable.
        """
        ...

    def is_current(self, connection: Connection) -> bool:
        """Whether an open connection still leads to that ledger."""
        ...

    def begin(self, connection: Connection, locks: Sequence[int]) -> None:
        """Begin a transaction that holds these locks (see ``lock_id``) until it ends.

        Raises:
            LedgerUnavailable: what is committed would not be durable.
        """
        ...

    def commit(self, connection: Connection) -> None:
        """Commit; when this returns, the transaction survives a power cut.

        Raises:
            LedgerUnavailable: nobody knows whether it does.
        """
        ...

    def is_own_failure(self, error: Exception) -> bool:
        """Whether a statement failed because of its own values, which is nobody else's problem."""
        ...

    def now(self, connection: Connection) -> int:
        """The store's own time, microseconds since 1970: several processes measure windows with one clock."""
        ...

    def hold(self, connection: Connection, locks: Sequence[int]) -> None:
        """Wait for these locks and keep them until the connection is closed: see ``share``."""
        ...

    def share(self, connection: Connection, locks: Sequence[int]) -> bool:
        """Inside a transaction: keep others from holding these locks until it ends; False if somebody holds one."""
        ...

    def probe(self, connection: Connection) -> None:
        """Inside a transaction: write as much as a record needs, and take it away again."""
        ...


def lock_id(*parts: str) -> int:
    """Return the 64 bits, signed, under which writers of several processes lock one thing."""
    digest = hashlib.sha256(canonical_bytes(_LOCK_DOMAIN, parts)).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def read_id(connection: Connection, statements: Statements) -> str:
    """Return the id of the ledger behind a connection.

    Raises:
        LedgerUnavailable: its schema is of another version than this program's, or it has no id.
    """
    require_version(connection.execute(statements.schema_version).fetchone())
    found = connection.execute(statements.ledger_id).fetchone()
    if found is None:
        raise LedgerUnavailable("the ledger does not say which one it is", fault=LedgerFault.SCHEMA)
    return str(found[0])


def require_version(found: tuple[str] | None) -> None:
    """Raise LedgerUnavailable unless the store has the newest migration that this program knows."""
    version = "none" if found is None else found[0]
    if version == SCHEMA_VERSIONS[-1]:
        return
    if version == "none" or version in SCHEMA_VERSIONS:
        raise LedgerUnavailable(
            f"the ledger has schema {version}, this program needs {SCHEMA_VERSIONS[-1]}:"
            " run `python -m placet_policy ledger migrate --url URL`",
            fault=LedgerFault.SCHEMA,
        )
    raise LedgerUnavailable(
        f"the ledger has schema {version}, which is newer than this program, which knows {SCHEMA_VERSIONS[-1]}",
        fault=LedgerFault.SCHEMA,
    )
