"""Make the tables for events and for the documents that they refer to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make both tables; there is no way back, as evidence is not dropped."""
    op.create_table(
        "consent_event",
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("shard", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("id", sa.LargeBinary(16), nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("receipt", sa.Text),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("site", "shard", "id", name="consent_event_pkey"),
        sqlite_with_rowid=False,
    )
    with_receipt = sa.text("receipt IS NOT NULL")
    op.create_index(
        "consent_event_receipt",
        "consent_event",
        ["site", "shard", "receipt", "id"],
        postgresql_where=with_receipt,
        sqlite_where=with_receipt,
    )
    op.create_table(
        "consent_document",
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("first_used", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("site", "hash", name="consent_document_pkey"),
    )
