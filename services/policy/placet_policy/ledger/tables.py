"""The ledger's tables, once for both stores. What a column means stands in docs/ledger-format.md."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

# The newest migration that this program was written for, and the ones before it, oldest first.
SCHEMA_VERSIONS = ("0001", "0002")
# Alembic's own table: which migration a store has. Named here because the serving process never imports Alembic.
VERSION_TABLE = "alembic_version"

metadata = MetaData()
_integer = BigInteger().with_variant(Integer(), "sqlite")

meta = Table(
    "meta",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_strict=True,
)
writers = Table(
    "writers",
    metadata,
    Column("writer", Text, primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("started_at", _integer, nullable=False),
    sqlite_strict=True,
)
records = Table(
    "records",
    metadata,
    # The order of arrival in this store; not part of the record.
    Column("id", _integer, Identity(always=True), primary_key=True),
    Column("writer", Text, nullable=False),
    Column("position", _integer, nullable=False),
    Column("previous", LargeBinary),
    Column("kind", Text, nullable=False),
    Column("decided_at", _integer, nullable=False),
    Column("decision_id", Text),
    Column("node", Text),
    Column("key_id", Text),
    Column("request_id", Text),
    Column("request_type", Text),
    Column("received_at", _integer),
    Column("token_sha256", LargeBinary),
    Column("detail_sha256", LargeBinary),
    Column("extra_sha256", LargeBinary),
    Column("input_sha256", LargeBinary),
    Column("facts_sha256", LargeBinary),
    Column("decision_sha256", LargeBinary),
    Column("effect", Text),
    Column("codes", Text),
    Column("revision", Text),
    Column("version", _integer),
    Column("opa_version", Text),
    Column("earlier", Text),
    Column("timings", Text),
    Column("public_key", LargeBinary),
    Column("bundle_sha256", LargeBinary),
    Column("archived_before", _integer),
    Column("archive_sha256", LargeBinary),
    Column("record_hash", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    CheckConstraint("position > 0", name="records_position"),
    sqlite_strict=True,
)
Index("records_place", records.c.writer, records.c.position, unique=True)
Index("records_decision", records.c.decision_id, unique=True)
_DECISION, _STOP = text("kind = 'decision'"), text("kind IN ('stop', 'start')")
Index(
    "records_request",
    records.c.node,
    records.c.request_id,
    records.c.request_type,
    records.c.detail_sha256,
    sqlite_where=_DECISION,
    postgresql_where=_DECISION,
)
Index("records_stop", records.c.id, sqlite_where=_STOP, postgresql_where=_STOP)
contents = Table(
    "contents",
    metadata,
    Column("writer", Text, primary_key=True),
    Column("position", _integer, primary_key=True),
    Column("token_zlib", LargeBinary, nullable=False),
    Column("input", Text),
    Column("facts", Text),
    Column("decision", Text, nullable=False),
    sqlite_strict=True,
)
bundles = Table(
    "bundles",
    metadata,
    Column("revision", Text, primary_key=True),
    Column("version", _integer, nullable=False),
    Column("first_active_at", _integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    sqlite_strict=True,
)
# Never holds a row for longer than the transaction that proves that one could be written.
probe = Table("probe", metadata, Column("content", LargeBinary, nullable=False), sqlite_strict=True)
