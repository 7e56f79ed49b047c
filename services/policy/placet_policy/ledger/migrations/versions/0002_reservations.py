"""What limits over time are counted from.

Revision ID: 0002
"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = ("signers", "series", "claims", "spends", "reservations", "superseded", "outpoints", "destinations")
_integer = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_text = sa.Text()


def upgrade() -> None:
    """Make the tables, and what keeps their rows as they are."""
    _names()
    _claims()
    _reservations()
    triggers = _sqlite() if op.get_bind().dialect.name == "sqlite" else _postgresql()
    for statement in triggers:
        op.execute(statement)


def downgrade() -> None:
    """Nothing goes back: a ledger is never unmade by a program."""
    raise NotImplementedError


def _names() -> None:
    op.create_table(
        "signers",
        sa.Column("id", _integer, sa.Identity(always=True), primary_key=True),
        sa.Column("root_key", _text, nullable=False),
        sa.Column("path", _text, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("signers_key", "signers", ["root_key", "path"], unique=True)
    op.create_table(
        "series",
        sa.Column("id", _integer, sa.Identity(always=True), primary_key=True),
        sa.Column("signer", _integer, nullable=False),
        sa.Column("asset", _text, nullable=False),
        sa.Column("destination", _text, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("series_name", "series", ["signer", "asset", "destination"], unique=True)
    op.create_table(
        "destinations",
        sa.Column("network", _text, primary_key=True),
        sa.Column("address", _text, primary_key=True),
        sa.Column("first_seen", _integer, nullable=False),
        sqlite_strict=True,
    )


def _claims() -> None:
    op.create_table(
        "claims",
        sa.Column("id", _integer, sa.Identity(always=True), primary_key=True),
        sa.Column("signer", _integer, nullable=False),
        sa.Column("first", _integer),
        sa.Column("replaces", _integer),
        sa.Column("decision_id", _text, nullable=False),
        sa.Column("request_id", _text, nullable=False),
        sa.Column("hashes_sha256", sa.LargeBinary(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("claims_replaces", "claims", ["replaces"], unique=True)
    op.create_table(
        "spends",
        sa.Column("signer", _integer, primary_key=True),
        sa.Column("spend", _text, primary_key=True),
        sa.Column("claim", _integer, primary_key=True),
        sqlite_strict=True,
    )
    op.create_index("spends_claim", "spends", ["claim"])
    op.create_table(
        "outpoints",
        sa.Column("signer", _integer, primary_key=True),
        sa.Column("outpoint", _text, primary_key=True),
        sa.Column("amount", _text, nullable=False),
        sa.Column("claim", _integer, nullable=False),
        sqlite_strict=True,
    )


def _reservations() -> None:
    op.create_table(
        "reservations",
        sa.Column("series", _integer, primary_key=True),
        sa.Column("ordinal", _integer, primary_key=True),
        sa.Column("first", _integer, nullable=False),
        sa.Column("at", _integer, nullable=False),
        *(sa.Column(name, _text, nullable=False) for name in ("amount", "total", "net")),
        sa.Column("net_count", _integer, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("reservations_at", "reservations", ["series", "at", "ordinal"])
    op.create_index("reservations_first", "reservations", ["first"])
    op.create_table(
        "superseded",
        sa.Column("series", _integer, primary_key=True),
        sa.Column("at", _integer, primary_key=True),
        sa.Column("ordinal", _integer, primary_key=True),
        sa.Column("amount", _text, nullable=False),
        sqlite_strict=True,
    )


def _sqlite() -> Iterator[str]:
    for table in _TABLES:
        for event in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _postgresql() -> Iterator[str]:
    for table in _TABLES:
        for event in ("UPDATE", "DELETE", "TRUNCATE"):
            yield (
                f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION placet_append_only()"
            )
