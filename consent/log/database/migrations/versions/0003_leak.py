"""Make the table for what browsers refused to load."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make one table."""
    op.create_table(
        "consent_leak",
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("directive", sa.Text, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("site", "day", "origin", "directive", name="consent_leak_pkey"),
        sqlite_with_rowid=False,
    )
