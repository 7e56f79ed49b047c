"""Statements on a ledger's database past the ledger itself, as whoever owns it could run them."""

import sqlite3
from typing import Any

import psycopg
from placet_policy.ledger.location import Location, SqliteLocation
from placet_policy.ledger.postgres import connect_database


def execute(location: Location, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements in one transaction; the rows of the last one."""
    if isinstance(location, SqliteLocation):
        with sqlite3.connect(location.path) as file:
            rows = [file.execute(statement).fetchall() for statement in statements]
        file.close()
        return rows[-1]
    with connect_database(location) as database, database.transaction():
        cursors = [database.execute(statement.encode()) for statement in statements]
        return cursors[-1].fetchall() if cursors[-1].description else []


def refused_by_trigger(location: Location, statement: str) -> bool:
    """Whether the database says that a table is append-only."""
    try:
        execute(location, statement)
    except (sqlite3.IntegrityError, psycopg.errors.IntegrityConstraintViolation) as error:
        return "is append-only" in str(error)
    return False
