"""Migrations and tables say the same, and the serving process never imports Alembic."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from placet_policy.errors import LedgerFault, LedgerUnavailable
from placet_policy.ledger.location import SqliteLocation
from placet_policy.ledger.migrate import migrate
from placet_policy.ledger.sqlite import SqliteStore
from placet_policy.ledger.sqlite_file import make_file
from placet_policy.ledger.tables import SCHEMA_VERSIONS, metadata
from sqlalchemy import NullPool, create_engine


def schema(path: Path) -> dict[str, str]:
    """Every table, index and trigger of a file, in words that do not depend on line breaks."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    application = connection.execute("PRAGMA application_id").fetchone()
    connection.close()
    return {"application_id": str(application), **{name: "".join(sql.split()) for name, sql in rows}}


def test_a_made_file_is_a_migrated_file(tmp_path: Path) -> None:
    """What the service makes by itself has the very tables, indices and triggers of the migrations."""
    make_file(tmp_path / "made")
    migrate(SqliteLocation(path=tmp_path / "migrated"))
    made, migrated = schema(tmp_path / "made"), schema(tmp_path / "migrated")
    # Alembic writes its own table with a named key.
    made.pop("alembic_version"), migrated.pop("alembic_version")
    assert made == migrated
    assert len([name for name in made if "_no_" in name]) == 25


def test_the_migrations_lead_to_the_tables(tmp_path: Path) -> None:
    """Alembic finds nothing to do between the newest migration and the tables of the code."""
    path = tmp_path / "migrated"
    migrate(SqliteLocation(path=path))
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == SCHEMA_VERSIONS[-1] == "0002"


def test_migrating_again_changes_nothing(tmp_path: Path) -> None:
    """The ledger keeps its id."""
    location = SqliteLocation(path=tmp_path / "ledger")
    migrate(location)
    before = SqliteStore(location).ledger_id
    migrate(location)
    assert SqliteStore(location).ledger_id == before
    assert location.path.stat().st_mode & 0o777 == 0o600


def test_a_file_from_before_the_first_release_is_refused(tmp_path: Path) -> None:
    """The old file is not touched, by the service or by the command, and the sentence says what to do."""
    path = tmp_path / "old"
    connection = sqlite3.connect(path)
    connection.executescript("CREATE TABLE records (x); PRAGMA application_id = 1886151540; PRAGMA user_version = 1;")
    connection.close()
    content = path.read_bytes()
    for attempt in (lambda: SqliteStore(SqliteLocation(path=path)), lambda: migrate(SqliteLocation(path=path))):
        with pytest.raises(LedgerUnavailable) as refused:
            attempt()
        assert refused.value.fault is LedgerFault.SCHEMA
        assert "from before the first release" in refused.value.cause
        assert "keep it, and name another file" in refused.value.cause
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("records",)]
    connection.close()
    assert len(path.read_bytes()) == len(content)


def test_the_service_does_not_import_alembic() -> None:
    """Whoever serves cannot migrate by accident; a SQLite ledger does not wait for the PostgreSQL driver."""
    code = (
        "import sys, placet_policy.tier, placet_policy.server;"
        "print([name for name in ('alembic', 'psycopg', 'sqlalchemy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['sqlalchemy']\n"
