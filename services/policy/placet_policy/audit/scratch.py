"""A temporary database on disk, so that a verification needs the same memory for ten records and for ten million."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_TABLES = """
CREATE TABLE published_writers (ledger TEXT, writer TEXT, public_key BLOB, PRIMARY KEY (ledger, writer, public_key));
CREATE TABLE published_heads (
    ledger TEXT, writer TEXT, position INTEGER, record_hash BLOB, signature BLOB, logged_at INTEGER, place TEXT,
    PRIMARY KEY (ledger, writer, position, record_hash, signature)
) WITHOUT ROWID;
CREATE TABLE bundles (revision TEXT PRIMARY KEY, content BLOB);
CREATE TABLE without_contents (
    at INTEGER PRIMARY KEY, writer TEXT, position INTEGER, decision_id TEXT, decided_at INTEGER
);
"""


@contextlib.contextmanager
def scratch() -> Iterator[sqlite3.Connection]:
    """Open it; it goes away with the context."""
    # An empty name is a file that SQLite makes, keeps small parts of in memory, and removes itself.
    connection = sqlite3.connect("", isolation_level=None)
    try:
        connection.executescript(_TABLES)
        connection.execute("BEGIN")
        yield connection
    finally:
        connection.close()
