"""Run the steps on the connection that :mod:`consent.log.schema` opened, in its transaction."""

from __future__ import annotations

from alembic import context

from consent.log import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.metadata,
    version_table=tables.VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
