"""Opening a ledger from its settings: the store, a new writer's key, its publication, and the chain's first record."""

from __future__ import annotations

import asyncio
import os
import sys
import time
import uuid
from typing import TYPE_CHECKING

import structlog

from placet_policy.errors import LedgerFault, LedgerUnavailable
from placet_policy.ledger.chain import Chain
from placet_policy.ledger.head import WriterKey
from placet_policy.ledger.location import PostgresLocation
from placet_policy.ledger.sqlite import SqliteStore
from placet_policy.ledger.stored import StoredLedger

if TYPE_CHECKING:
    from pathlib import Path

    from placet_policy.ledger.location import Location
    from placet_policy.ledger.store import Store
    from placet_policy.ledger.writer import WriterObserver

_log = structlog.get_logger()


class Unobserved:
    """A ``WriterObserver`` that does nothing."""

    def committed(self, size: int, seconds: float) -> None:
        """See ``WriterObserver``."""

    def connected(self) -> None:
        """See ``WriterObserver``."""

    def commit_failed(self) -> None:
        """See ``WriterObserver``."""


async def open_ledger(
    location: Location, *, standby: bool = False, observer: WriterObserver | None = None
) -> StoredLedger:
    """Open a ledger and begin a new chain in it.

    Args:
        location: where it is. A SQLite file is made if there is none.
        standby: whether PostgreSQL must have a synchronous standby.
        observer: told about transactions and connections.

    Raises:
        LedgerUnavailable: it cannot be used, or the chain could not be begun.
    """
    store = await asyncio.to_thread(_open_store, location, standby=standby)
    key = WriterKey.generate()
    writer_id = str(uuid.uuid4())
    chain = Chain(ledger_id=store.ledger_id, writer_id=writer_id, key=key, statements=store.statements)
    ledger = StoredLedger(store=store, chain=chain, observer=observer or Unobserved())
    # Published before anything is signed with it: only what is published elsewhere tells a rebuilt chain from ours.
    _log.info("ledger_writer", ledger=store.ledger_id, writer=writer_id, public_key=key.public_key.hex())
    try:
        await ledger.begin(public_key=key.public_key, at=time.time())
    except BaseException:
        await ledger.close()
        raise
    return ledger


def _open_store(location: Location, *, standby: bool) -> Store:
    if not isinstance(location, PostgresLocation):
        return SqliteStore(location)
    # Imported here: a SQLite ledger need not wait for the driver.
    from placet_policy.ledger.postgres import PostgresStore  # noqa: PLC0415

    return PostgresStore(location, standby=standby)


async def migrate_at_start(url: str, *, password_file: Path | None) -> None:
    """Run the migrations in a process of their own, so that this one never imports Alembic.

    Raises:
        LedgerUnavailable: they failed; the cause is what they said.
    """
    environ = {**os.environ, "PLACET_POLICY_LEDGER_URL": url}
    if password_file is not None:
        environ["PLACET_POLICY_LEDGER_PASSWORD_FILE"] = str(password_file)
    arguments = (sys.executable, "-m", "placet_policy", "ledger", "migrate")
    process = await asyncio.create_subprocess_exec(
        *arguments, env=environ, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    if process.returncode:
        raise LedgerUnavailable(said.decode(errors="replace").strip(), fault=LedgerFault.SCHEMA)
