"""Archive contents: export the whole ledger, verify the export, record it, and only then erase what is old.

Records stay for ever; tokens, inputs, facts and reasons hold personal data and can go. The record of the archive is
signed and published like any other, so that contents that are gone without one are found.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, cast

from sqlalchemy import bindparam, delete, exists, func, select

from placet_policy.audit.database import open_reader
from placet_policy.audit.evidence import EvidenceCheck
from placet_policy.audit.export_read import read_export
from placet_policy.audit.export_write import write_export
from placet_policy.audit.scratch import scratch
from placet_policy.audit.verify import verify
from placet_policy.ledger import sqlite
from placet_policy.ledger.heads import HeadPublisher
from placet_policy.ledger.location import PostgresLocation
from placet_policy.ledger.opening import open_ledger
from placet_policy.ledger.sqlite_file import connect_file
from placet_policy.ledger.tables import contents, records

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy.engine import Dialect
    from sqlalchemy.sql.elements import ClauseElement

    from placet_policy.audit.verify import Report
    from placet_policy.ledger.location import Location
    from placet_policy.ledger.store import Connection

# No evaluation takes so long that its record, dated before the limit, could still arrive.
MIN_AGE_SECONDS: Final = 3600
_OLD: Final = exists(
    select(records.c.id).where(
        records.c.writer == contents.c.writer,
        records.c.position == contents.c.position,
        records.c.decided_at < bindparam("before"),
    )
)
_COUNT: Final = select(func.count()).select_from(contents).where(_OLD)
_ERASE: Final = delete(contents).where(_OLD)


def export_verified(location: Location, path: Path, *, resume: bool, progress: Callable[[int], None]) -> Report:
    """Write an export and read it back.

    Returns:
        What ``verify`` says about the file; nothing may be erased unless it is whole.

    Raises:
        As ``open_reader``, ``write_export``.
    """
    with open_reader(location) as reader:
        write_export(reader, path, resume=resume, progress=progress)
    with path.open("rb") as file, scratch() as connection:
        return verify(
            read_export(file),
            evidence=EvidenceCheck(nodes=None),
            published=None,
            rows_of=None,
            scratch=connection,
            progress=progress,
        )


async def record_archive(location: Location, path: Path, *, before: int, at: float) -> None:
    """Record an archive in a chain of its own, which is published by log lines as every chain is.

    Args:
        location: the ledger.
        path: the verified export.
        before: microseconds since 1970; the contents of decisions made before are in it.
        at: Unix seconds.

    Raises:
        LedgerUnavailable: not recorded, or nobody knows; nothing may be erased.
    """
    digest = file_sha256(path)
    ledger = await open_ledger(location)
    try:
        await ledger.mark_archive(before=before, sha256=digest, at=at)
        HeadPublisher(head=lambda: ledger.head, published=lambda _position: None).publish()
    finally:
        await ledger.close()


def erase(location: Location, *, before: int) -> int:
    """Erase the contents of decisions made before a moment, as the owner of the tables.

    Args:
        location: the ledger.
        before: microseconds since 1970.

    Returns:
        How many.

    Raises:
        sqlite3.Error, psycopg.Error, OSError: nothing was erased.
    """
    connection, dialect = _open(location)

    def compiled(statement: ClauseElement) -> str:
        return str(statement.compile(dialect=dialect))

    try:
        connection.execute("BEGIN")
        (count,) = connection.execute(compiled(_COUNT), {"before": before}).fetchone()
        connection.execute(compiled(_ERASE), {"before": before})
        connection.execute("COMMIT")
        if not isinstance(location, PostgresLocation):
            # Its write-ahead log still holds what the pages no longer do.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return int(count)
    finally:
        connection.close()


def _open(location: Location) -> tuple[Connection, Dialect]:
    if isinstance(location, PostgresLocation):
        from placet_policy.ledger import postgres  # noqa: PLC0415  (a SQLite ledger has no use for the driver)

        return cast("Connection", postgres.connect_database(location)), postgres.DIALECT
    connection = connect_file(location.path, mode="rw")
    # Freed pages would keep what was erased.
    connection.execute("PRAGMA secure_delete = ON")
    return cast("Connection", connection), sqlite.DIALECT


def file_sha256(path: Path) -> bytes:
    """Return the SHA-256 of a file, 32 bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
