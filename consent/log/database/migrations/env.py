"""Run the steps in the transaction that :mod:`consent.log.database.schema` opened."""

from __future__ import annotations

from alembic import context

from consent.log.database import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.metadata,
    version_table=tables.VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
