"""The ledger's store in one SQLite file, for one machine: WAL and synchronous=FULL."""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING, cast

from sqlalchemy.dialects import sqlite

from placet_policy.errors import LedgerFault, LedgerUnavailable
from placet_policy.ledger.sqlite_file import FileConnection, connect_file, make_file, require_not_moved, require_ours
from placet_policy.ledger.statements import Statements, compile_statements
from placet_policy.ledger.store import Connection, read_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placet_policy.ledger.location import SqliteLocation

# About the size of a record: a probe that fits where a record would not proves nothing.
_PROBE = bytes(8192)
DIALECT = sqlite.dialect(paramstyle="named")
STATEMENTS = compile_statements(DIALECT)


class SqliteStore:
    """A ``Store`` in one file."""

    def __init__(self, location: SqliteLocation) -> None:
        """Open the file, making it if there is none.

        Raises:
            LedgerUnavailable: it cannot be used, is another database's or of another version.
        """
        self._path = location.path
        try:
            make_file(self._path)
            connection = connect_file(self._path, mode="ro")
            try:
                require_not_moved(connection)
                self._ledger_id = read_id(cast("Connection", connection), STATEMENTS)
            finally:
                connection.close()
        except LedgerUnavailable as error:
            raise LedgerUnavailable(f"{self._path}: {error.cause}", fault=error.fault) from error
        except (sqlite3.Error, OSError) as error:
            raise LedgerUnavailable(f"{self._path}: {error}") from error

    @property
    def ledger_id(self) -> str:
        """See ``Store.ledger_id``."""
        return self._ledger_id

    @property
    def statements(self) -> Statements:
        """See ``Store.statements``."""
        return STATEMENTS

    @property
    def failures(self) -> tuple[type[Exception], ...]:
        """See ``Store.failures``."""
        return (sqlite3.Error,)

    def connect(self, *, write: bool) -> Connection:
        """See ``Store.connect``."""
        opened = connect_file(self._path, mode="rw" if write else "ro")
        connection = cast("Connection", opened)
        try:
            require_ours(opened)
            require_not_moved(opened)
            self._require_same(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _require_same(self, connection: Connection) -> None:
        if read_id(connection, STATEMENTS) != self._ledger_id:
            raise LedgerUnavailable("the file was replaced by another ledger", fault=LedgerFault.REPLACED)

    def is_current(self, connection: Connection) -> bool:
        """See ``Store.is_current``: the file under this name is still the one that was opened."""
        return self._path.stat().st_ino == cast("FileConnection", connection).inode

    def begin(self, connection: Connection, locks: Sequence[int]) -> None:
        """See ``Store.begin``: a file has one writer at a time, which is every lock at once."""
        del locks
        connection.execute("BEGIN IMMEDIATE")

    def commit(self, connection: Connection) -> None:
        """See ``Store.commit``."""
        connection.execute("COMMIT")

    def is_own_failure(self, error: Exception) -> bool:
        """See ``Store.is_own_failure``."""
        return isinstance(error, sqlite3.IntegrityError | sqlite3.DataError | ValueError | OverflowError)

    def now(self, connection: Connection) -> int:
        """See ``Store.now``: a file has the clock of its machine."""
        del connection
        return time.time_ns() // 1000

    def hold(self, connection: Connection, locks: Sequence[int]) -> None:
        """See ``Store.hold``: a file serves one process, which knows by itself who is alone."""

    def share(self, connection: Connection, locks: Sequence[int]) -> bool:
        """See ``Store.share``."""
        del connection, locks
        return True

    def probe(self, connection: Connection) -> None:
        """See ``Store.probe``."""
        connection.execute(STATEMENTS.insert_probe, {"content": _PROBE})
        connection.execute("DELETE FROM probe")
