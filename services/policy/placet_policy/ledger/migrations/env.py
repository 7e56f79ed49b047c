"""Alembic's environment: runs the steps on the connection that it is handed, in one transaction."""

from alembic import context

from placet_policy.ledger.tables import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, version_table=VERSION_TABLE
)
with context.begin_transaction():
    context.run_migrations()
