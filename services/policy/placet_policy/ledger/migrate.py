"""``ledger migrate``: bring a ledger's schema to this program's version. The only module that imports Alembic."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import alembic.command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import NullPool, create_engine, event, text

from placet_policy.errors import LedgerFault, LedgerUnavailable
from placet_policy.ledger.location import PostgresLocation
from placet_policy.ledger.sqlite_file import connect_file, make_private, require_ours
from placet_policy.ledger.store import lock_id

if TYPE_CHECKING:
    import sqlite3

    from sqlalchemy import Connection, Engine

    from placet_policy.ledger.location import Location, SqliteLocation

_MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(location: Location) -> None:
    """Run every step that is missing, in one transaction; safe to run twice, and by several at once.

    Raises:
        LedgerUnavailable: the store is not a ledger, or newer than this program.
        sqlalchemy.exc.SQLAlchemyError, sqlite3.Error, psycopg.Error, OSError: the store cannot be used.
    """
    engine = _postgres_engine(location) if isinstance(location, PostgresLocation) else _sqlite_engine(location)
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    try:
        with engine.begin() as connection:
            _lock(connection)
            config.attributes["connection"] = connection
            alembic.command.upgrade(config, "head")
    except CommandError as error:
        raise LedgerUnavailable(
            f"the ledger's schema is newer than this program: {error}", fault=LedgerFault.SCHEMA
        ) from error
    finally:
        engine.dispose()


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": lock_id("migrate")})


def _postgres_engine(location: PostgresLocation) -> Engine:
    from placet_policy.ledger.postgres import connect_database  # noqa: PLC0415

    def connect() -> object:
        connection = connect_database(location)
        connection.autocommit = False
        return connection

    return create_engine("postgresql+psycopg://", creator=connect, poolclass=NullPool)


def _sqlite_engine(location: SqliteLocation) -> Engine:
    def connect() -> sqlite3.Connection:
        make_private(location.path)
        connection = connect_file(location.path, mode="rw")
        if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone() != (0,):
            require_ours(connection)
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN EXCLUSIVE")

    return engine
