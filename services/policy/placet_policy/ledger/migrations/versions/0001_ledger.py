"""The whole schema of the first release.

Revision ID: 0001
"""

import uuid
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_APPEND_ONLY = ("meta", "writers", "records", "bundles")
_NO_BUNDLE = "the record names a bundle that the ledger does not hold"
_HAS_NO_BUNDLE = "NEW.revision IS NOT NULL AND NOT EXISTS (SELECT 1 FROM bundles WHERE bundles.revision = NEW.revision)"
_integer = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_text = sa.Text()
_bytes = sa.LargeBinary()


def upgrade() -> None:
    """Make the tables, and what keeps their rows as they are."""
    _tables()
    _records()
    triggers = _sqlite() if op.get_bind().dialect.name == "sqlite" else _postgresql()
    for statement in triggers:
        op.execute(statement)
    meta = sa.table("meta", sa.column("name", _text), sa.column("value", _text))
    op.execute(meta.insert().values(name="ledger_id", value=str(uuid.uuid4())))


def downgrade() -> None:
    """Nothing goes back: a ledger is never unmade by a program."""
    raise NotImplementedError


def _tables() -> None:
    op.create_table(
        "meta",
        sa.Column("name", _text, primary_key=True),
        sa.Column("value", _text, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "writers",
        sa.Column("writer", _text, primary_key=True),
        sa.Column("public_key", _bytes, nullable=False),
        sa.Column("started_at", _integer, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "contents",
        sa.Column("writer", _text, primary_key=True),
        sa.Column("position", _integer, primary_key=True),
        sa.Column("token_zlib", _bytes, nullable=False),
        sa.Column("input", _text),
        sa.Column("facts", _text),
        sa.Column("decision", _text, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "bundles",
        sa.Column("revision", _text, primary_key=True),
        sa.Column("version", _integer, nullable=False),
        sa.Column("first_active_at", _integer, nullable=False),
        sa.Column("content", _bytes, nullable=False),
        sqlite_strict=True,
    )
    op.create_table("probe", sa.Column("content", _bytes, nullable=False), sqlite_strict=True)


def _records() -> None:
    op.create_table(
        "records",
        sa.Column("id", _integer, sa.Identity(always=True), primary_key=True),
        sa.Column("writer", _text, nullable=False),
        sa.Column("position", _integer, nullable=False),
        sa.Column("previous", _bytes),
        sa.Column("kind", _text, nullable=False),
        sa.Column("decided_at", _integer, nullable=False),
        *(sa.Column(name, _text) for name in ("decision_id", "node", "key_id", "request_id", "request_type")),
        sa.Column("received_at", _integer),
        *(sa.Column(f"{name}_sha256", _bytes) for name in ("token", "detail", "extra", "input", "facts", "decision")),
        *(sa.Column(name, _text) for name in ("effect", "codes", "revision")),
        sa.Column("version", _integer),
        *(sa.Column(name, _text) for name in ("opa_version", "earlier", "timings")),
        *(sa.Column(name, _bytes) for name in ("public_key", "bundle_sha256")),
        sa.Column("archived_before", _integer),
        sa.Column("archive_sha256", _bytes),
        *(sa.Column(name, _bytes, nullable=False) for name in ("record_hash", "signature")),
        sa.CheckConstraint("position > 0", name="records_position"),
        sqlite_strict=True,
    )
    op.create_index("records_place", "records", ["writer", "position"], unique=True)
    op.create_index("records_decision", "records", ["decision_id"], unique=True)
    decision, stop = sa.text("kind = 'decision'"), sa.text("kind IN ('stop', 'start')")
    request = ["node", "request_id", "request_type", "detail_sha256"]
    op.create_index("records_request", "records", request, sqlite_where=decision, postgresql_where=decision)
    op.create_index("records_stop", "records", ["id"], sqlite_where=stop, postgresql_where=stop)


def _sqlite() -> Iterator[str]:
    for event, tables in (("UPDATE", (*_APPEND_ONLY, "contents")), ("DELETE", _APPEND_ONLY)):
        for table in tables:
            yield (
                f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    yield (
        f"CREATE TRIGGER records_bundle BEFORE INSERT ON records WHEN {_HAS_NO_BUNDLE}"
        f" BEGIN SELECT RAISE(ABORT, '{_NO_BUNDLE}'); END"
    )
    yield "PRAGMA application_id = 1886151540"


def _postgresql() -> Iterator[str]:
    yield (
        "CREATE FUNCTION placet_append_only() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';"
        " END $$"
    )
    yield (
        "CREATE FUNCTION placet_bundle_kept() RETURNS trigger LANGUAGE plpgsql AS $$"
        f" BEGIN IF {_HAS_NO_BUNDLE} THEN RAISE EXCEPTION '{_NO_BUNDLE}'"
        " USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$"
    )
    changes = (("UPDATE", (*_APPEND_ONLY, "contents")), ("DELETE", _APPEND_ONLY))
    for event, tables in (*changes, ("TRUNCATE", (*_APPEND_ONLY, "contents"))):
        for table in tables:
            yield (
                f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION placet_append_only()"
            )
    yield ("CREATE TRIGGER records_bundle BEFORE INSERT ON records FOR EACH ROW EXECUTE FUNCTION placet_bundle_kept()")
