"""The SQLite file: how it is made, and how a connection to it is opened."""

from __future__ import annotations

import os
import sqlite3
import uuid
from enum import IntEnum
from typing import TYPE_CHECKING
from urllib.parse import quote

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from placet_policy.errors import LedgerFault, LedgerUnavailable
from placet_policy.ledger.tables import SCHEMA_VERSIONS, VERSION_TABLE, metadata
from placet_policy.ledger.triggers import sqlite_triggers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# "plct": tells our file from any other SQLite database.
APPLICATION_ID = 0x706C6374
_BUSY_TIMEOUT_SECONDS = 1.0


class Moved(IntEnum):
    """How far ``ledger move`` has come, in SQLite's own number for applications; 0 in every file that nobody moved."""

    NO = 0
    BEGUN = 1
    DONE = 2


_NOT_WRITTEN = {
    Moved.BEGUN: "a move of the ledger to PostgreSQL was begun and not ended: run `ledger move` again",
    Moved.DONE: "the ledger was moved to PostgreSQL and goes on there; this file can only be read",
}


class FileConnection(sqlite3.Connection):
    """A connection that knows which file it was opened on, whatever has the file's name now.

    Attributes:
        inode: the file's.
    """

    inode: int = 0


def make_file(path: Path, *, new_id: Callable[[], str] = lambda: str(uuid.uuid4())) -> None:
    """Make the file and its tables if there is none, and tighten the one that is there.

    Raises:
        LedgerUnavailable: it is the database of something else.
        sqlite3.Error: SQLite cannot use it.
        OSError: the folder is not there or not ours.
    """
    make_private(path)
    connection = connect_file(path, mode="rw")
    try:
        if _is_empty(connection):
            _create(connection, new_id())
        require_ours(connection)
    finally:
        connection.close()


def make_private(path: Path) -> None:
    """Make an empty file, or tighten the one that is there: it holds the nodes' tokens. SQLite's other files follow."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        # Never opened here: closing any descriptor of a database file drops the locks of the whole process.
        path.chmod(0o600)
        return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        # SQLite makes the file's content durable; that the folder names the file is ours to ensure.
        os.fsync(folder)
    finally:
        os.close(folder)


def connect_file(path: Path, *, mode: str) -> FileConnection:
    """Open an existing file, ``rw`` or ``ro``; every COMMIT of a ``rw`` connection is on the disk when it returns."""
    inode = path.stat().st_ino
    uri = f"file:{quote(str(path))}?mode={mode}"
    connection = sqlite3.connect(
        uri,
        uri=True,
        isolation_level=None,
        timeout=_BUSY_TIMEOUT_SECONDS,
        check_same_thread=False,
        factory=FileConnection,
    )
    connection.inode = inode
    try:
        if mode == "rw" and connection.execute("PRAGMA journal_mode = WAL").fetchone() != ("wal",):
            raise sqlite3.OperationalError("the file system does not allow write-ahead logging")  # noqa: TRY301
        connection.execute("PRAGMA synchronous = FULL")
        # On macOS a plain fsync leaves the data in the drive's cache; elsewhere this changes nothing.
        connection.execute("PRAGMA fullfsync = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def require_ours(connection: sqlite3.Connection) -> None:
    """Refuse the file of something else, and a ledger from before the first release.

    Raises:
        LedgerUnavailable: saying which of the two, and what to do.
    """
    if connection.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
        raise LedgerUnavailable("the file is a database of something else", fault=LedgerFault.REPLACED)
    has_version = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (VERSION_TABLE,)).fetchone()
    if has_version is None:
        raise LedgerUnavailable(
            "the file is a ledger from before the first release, which this program does not read:"
            " keep it, and name another file",
            fault=LedgerFault.SCHEMA,
        )


def require_not_moved(connection: sqlite3.Connection) -> None:
    """Refuse to write to a ledger that goes on elsewhere, or may: each of the two would approve a whole window.

    Raises:
        LedgerUnavailable: it was moved, or a move was begun.
    """
    mark = moved_mark(connection)
    if mark is not Moved.NO:
        raise LedgerUnavailable(_NOT_WRITTEN[mark], fault=LedgerFault.REPLACED)


def moved_mark(connection: sqlite3.Connection) -> Moved:
    """Return how far a move has come; a number that no version wrote counts as the end of one."""
    (number,) = connection.execute("PRAGMA user_version").fetchone()
    return Moved(number) if number in set(Moved) else Moved.DONE


def mark_moved(connection: sqlite3.Connection, mark: Moved) -> None:
    """Write down how far a move has come, durably unless a transaction is open."""
    connection.execute(f"PRAGMA user_version = {mark.value}")


def _is_empty(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT count(*) = 0 FROM sqlite_schema").fetchone()[0])


def _create(connection: sqlite3.Connection, ledger_id: str) -> None:
    try:
        connection.execute("BEGIN EXCLUSIVE")
        for statement in _statements():
            connection.execute(statement)
        connection.execute("INSERT INTO meta VALUES ('ledger_id', ?)", (ledger_id,))
        connection.execute("COMMIT")
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        # Another process may have made the tables in the same moment; then they are there now.
        if _is_empty(connection):
            raise


def _statements() -> Iterator[str]:
    """What the migrations would have done, without Alembic; a test compares the two."""
    dialect = sqlite.dialect()
    for table in metadata.sorted_tables:
        yield str(CreateTable(table).compile(dialect=dialect))
        for index in sorted(table.indexes, key=lambda each: str(each.name)):
            yield str(CreateIndex(index).compile(dialect=dialect))
    yield from sqlite_triggers().values()
    yield f"CREATE TABLE {VERSION_TABLE} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"
    yield f"INSERT INTO {VERSION_TABLE} VALUES ('{SCHEMA_VERSIONS[-1]}')"  # noqa: S608  (our own names)
    yield f"PRAGMA application_id = {APPLICATION_ID}"
