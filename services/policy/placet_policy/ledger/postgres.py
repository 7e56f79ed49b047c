"""The ledger's store in PostgreSQL, for several policy pods at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import psycopg
from psycopg import errors
from sqlalchemy.dialects.postgresql import psycopg as dialect

from placet_policy.errors import LedgerFault, LedgerUnavailable
from placet_policy.ledger.durability import require_durable, settings_query
from placet_policy.ledger.statements import Statements, compile_statements
from placet_policy.ledger.store import Connection, read_id, require_version

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy.engine import Dialect

    from placet_policy.ledger.location import PostgresLocation

DIALECT: Dialect = dialect.dialect()  # type: ignore[no-untyped-call]
STATEMENTS = compile_statements(DIALECT)
_PROBE = bytes(8192)
_NOW = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
_SHARE = "SELECT coalesce(bool_and(pg_try_advisory_xact_lock_shared(id)), true) FROM unnest(%(locks)s::bigint[]) AS id"
# Every wait has an end. libpq takes whole seconds, and two at least; the server's are milliseconds.
_TIMEOUTS = {"connect_timeout": "3", "tcp_user_timeout": "5000", "keepalives_idle": "5", "keepalives_interval": "2"}
_SESSION = (
    "SET statement_timeout = 5000; SET lock_timeout = 4000; SET idle_in_transaction_session_timeout = 10000;"
    " SET default_transaction_isolation = 'read committed'"
)


class PostgresStore:
    """A ``Store`` in one database."""

    def __init__(self, location: PostgresLocation, *, standby: bool) -> None:
        """Look at the database.

        Args:
            location: where it is.
            standby: whether a synchronous standby is required.

        Raises:
            LedgerUnavailable: out of reach, not a ledger, of another version, or not durable.
        """
        self._location = location
        self._standby = standby
        self._settings_query = settings_query(standby=standby)
        self._warnings: list[str] = []
        self._ledger_id: str | None = None
        try:
            connection = self.connect(write=True)
            try:
                self._ledger_id = read_id(connection, STATEMENTS)
            finally:
                connection.close()
        except LedgerUnavailable as error:
            raise LedgerUnavailable(f"{location.shown}: {error.cause}", fault=error.fault) from error
        except (psycopg.Error, OSError) as error:
            raise LedgerUnavailable(f"{location.shown}: {error}".strip()) from error

    @property
    def ledger_id(self) -> str:
        """See ``Store.ledger_id``."""
        return self._ledger_id or ""

    @property
    def statements(self) -> Statements:
        """See ``Store.statements``."""
        return STATEMENTS

    @property
    def failures(self) -> tuple[type[Exception], ...]:
        """See ``Store.failures``."""
        return (psycopg.Error,)

    def connect(self, *, write: bool) -> Connection:
        """See ``Store.connect``."""
        opened = connect_database(self._location)
        try:
            opened.execute(_SESSION)
            connection = cast("Connection", opened)
            self._require_same(connection)
            if write:
                self._require_durable(connection)
                opened.add_notice_handler(self._notice)
        except BaseException:
            opened.close()
            raise
        return connection

    def is_current(self, connection: Connection) -> bool:
        """See ``Store.is_current``."""
        return not _opened(connection).closed

    def begin(self, connection: Connection, locks: Sequence[int]) -> None:
        """See ``Store.begin``."""
        # Sorted, so that two processes never wait for each other. READ COMMITTED, so that what is read once the locks
        # are held includes whatever their last holder committed.
        ids = ",".join(str(lock) for lock in sorted(locks))
        cursor = _opened(connection).execute(
            f"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; {self._settings_query};"  # noqa: S608  (integers of our own making)
            f" SELECT count(pg_advisory_xact_lock(id)) FROM unnest(ARRAY[{ids}]::bigint[]) AS id"
        )
        cursor.nextset()
        # Any of them may have been changed under an open connection.
        require_durable(cast("Any", cursor.fetchone()), standby=self._standby)

    def commit(self, connection: Connection) -> None:
        """See ``Store.commit``."""
        self._warnings.clear()
        status = _opened(connection).execute("COMMIT").statusmessage
        # A transaction that failed answers COMMIT with ROLLBACK; one whose wait for the standby was cancelled succeeds
        # with a warning that it may be on one machine only.
        if status != "COMMIT" or self._warnings:
            raise LedgerUnavailable(f"COMMIT was answered {status} {'; '.join(self._warnings)}".strip())

    def is_own_failure(self, error: Exception) -> bool:
        """See ``Store.is_own_failure``."""
        return isinstance(error, errors.IntegrityError | errors.DataError | ValueError | OverflowError)

    def now(self, connection: Connection) -> int:
        """See ``Store.now``."""
        (now,) = connection.execute(_NOW).fetchone()
        return int(now)

    def hold(self, connection: Connection, locks: Sequence[int]) -> None:
        """See ``Store.hold``; one after the other in their order, so that two processes never wait for each other."""
        for lock in sorted(locks):
            connection.execute("SELECT pg_advisory_lock(%(lock)s)", {"lock": lock})

    def share(self, connection: Connection, locks: Sequence[int]) -> bool:
        """See ``Store.share``."""
        found = connection.execute(_SHARE, {"locks": sorted(locks)}).fetchone()
        return bool(found[0])

    def probe(self, connection: Connection) -> None:
        """See ``Store.probe``: rolled back, because the writer's role may not delete."""
        connection.execute("SAVEPOINT probe")
        connection.execute(STATEMENTS.insert_probe, {"content": _PROBE})
        connection.execute("ROLLBACK TO SAVEPOINT probe")

    def _require_same(self, connection: Connection) -> None:
        try:
            found = read_id(connection, STATEMENTS)
        except errors.UndefinedTable:
            require_version(None)
            raise
        if self._ledger_id is not None and found != self._ledger_id:
            raise LedgerUnavailable("the database holds another ledger", fault=LedgerFault.REPLACED)

    def _require_durable(self, connection: Connection) -> None:
        require_durable(connection.execute(self._settings_query).fetchone(), standby=self._standby)

    def _notice(self, notice: errors.Diagnostic) -> None:
        if notice.severity_nonlocalized == "WARNING":
            self._warnings.append(str(notice.message_primary))


def connect_database(location: PostgresLocation) -> psycopg.Connection[tuple[Any, ...]]:
    """Open a connection without transactions of its own making.

    Raises:
        psycopg.Error: the database cannot be reached.
        OSError: the password file cannot be read.
    """
    given: dict[str, Any] = {**_TIMEOUTS, **location.parameters}
    if location.password_file is not None:
        # Read each time, so that a password can be changed under a running service.
        given["password"] = _password(location.password_file)
    return psycopg.connect("", autocommit=True, **given)


def _password(file: Path) -> str:
    try:
        password = file.read_text(encoding="utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        # Its message would hold the password.
        raise LedgerUnavailable(f"{file}: not UTF-8") from None
    if "\x00" in password:
        raise LedgerUnavailable(f"{file}: holds a NUL")
    return password


def _opened(connection: Connection) -> psycopg.Connection[tuple[Any, ...]]:
    return cast("psycopg.Connection[tuple[Any, ...]]", connection)
