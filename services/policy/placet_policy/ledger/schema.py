"""The SQLite file: its tables, its version, and how a connection to it is opened."""

from __future__ import annotations

import os
import sqlite3
import uuid
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from placet_policy.errors import LedgerUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA_VERSION = 1
# "plct": tells our file from any other SQLite database.
_APPLICATION_ID = 0x706C6374
_BUSY_TIMEOUT_SECONDS = 1.0
_SCHEMA = f"""
BEGIN EXCLUSIVE;
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE records (
    writer TEXT NOT NULL, position INTEGER NOT NULL CHECK (position > 0), kind TEXT NOT NULL,
    decided_at INTEGER NOT NULL, decision_id TEXT UNIQUE, node TEXT, key_id TEXT, request_id TEXT, request_type TEXT,
    received_at INTEGER, effect TEXT, revision TEXT, version INTEGER, opa_version TEXT, token_sha256 BLOB,
    detail_sha256 BLOB, extra_sha256 BLOB, record_hash BLOB NOT NULL, reasons TEXT, earlier TEXT, timings TEXT,
    facts TEXT, input TEXT, token_zlib BLOB,
    PRIMARY KEY (writer, position)
) STRICT;
CREATE INDEX records_request ON records (node, request_id, request_type, detail_sha256) WHERE kind = 'decision';
CREATE INDEX records_stop ON records (kind) WHERE kind <> 'decision';
CREATE TRIGGER records_no_update BEFORE UPDATE ON records BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER records_no_delete BEFORE DELETE ON records BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TABLE probe (content BLOB NOT NULL) STRICT;
PRAGMA application_id = {_APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
"""


def ledger_path(url: str) -> Path:
    """Return the file that a ledger URL names: ``sqlite:////absolute/path`` or ``sqlite:///relative/path``.

    Raises:
        ValueError: another scheme, a host, a query, or no file.
    """
    parts = urlsplit(url)
    if parts.scheme != "sqlite" or parts.netloc or parts.query or parts.fragment or len(parts.path) <= 1:
        raise ValueError("a ledger URL is sqlite:////absolute/path or sqlite:///relative/path")
    return Path(unquote(parts.path[1:]))


def create_or_open(path: Path, *, new_id: Callable[[], str] = lambda: str(uuid.uuid4())) -> str:
    """Make the file if it is not there, check that it is a ledger of a version we know, and return its id.

    Raises:
        LedgerUnavailable: no such folder, not a ledger, a newer schema, or any failure of SQLite.
    """
    try:
        _make_private(path)
        connection = connect(path, mode="rw")
        try:
            if _is_empty(connection):
                _create(connection, new_id())
            return read_id(connection)
        finally:
            connection.close()
    except (sqlite3.Error, OSError) as error:
        raise LedgerUnavailable(f"{path}: {error}") from error


def connect(path: Path, *, mode: str) -> sqlite3.Connection:
    """Open an existing file, ``rw`` or ``ro``; every COMMIT of a ``rw`` connection is on the disk when it returns."""
    uri = f"file:{quote(str(path))}?mode={mode}"
    connection = sqlite3.connect(
        uri, uri=True, isolation_level=None, timeout=_BUSY_TIMEOUT_SECONDS, check_same_thread=False
    )
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


def read_id(connection: sqlite3.Connection) -> str:
    """Return the id of the ledger behind a connection.

    Raises:
        LedgerUnavailable: it is no ledger, or one written by a newer version of Placet.
    """
    if connection.execute("PRAGMA application_id").fetchone() != (_APPLICATION_ID,):
        raise LedgerUnavailable("the file is a database of something else")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version != SCHEMA_VERSION:
        raise LedgerUnavailable(f"the file has schema version {version}, this program knows {SCHEMA_VERSION}")
    found = connection.execute("SELECT value FROM meta WHERE name = 'ledger_id'").fetchone()
    if found is None:
        raise LedgerUnavailable("the file does not say which ledger it is")
    return str(found[0])


def _make_private(path: Path) -> None:
    """Make the file, or tighten the one that is there: it holds the nodes' tokens. SQLite's side files follow it."""
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


def _is_empty(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT count(*) = 0 FROM sqlite_schema").fetchone()[0])


def _create(connection: sqlite3.Connection, ledger_id: str) -> None:
    try:
        connection.executescript(_SCHEMA)
        connection.execute("INSERT INTO meta VALUES ('ledger_id', ?)", (ledger_id,))
        connection.execute("COMMIT")
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        # Another process may have made the tables in the same moment; then they are there now.
        if _is_empty(connection):
            raise
