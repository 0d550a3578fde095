"""Make the tables of the auditor's desk, and find what was done with the log before."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make six tables; there is no way back, as evidence is not dropped."""
    _sharded("consent_act", ("id",), sa.Column("id", sa.LargeBinary(16), nullable=False))
    _whole(
        "consent_auditor",
        ("id",),
        *_texts("id", "name"),
        *_times("made_at", "opens_until", "works_until"),
        *_times("opened_at", "revoked_at", nullable=True),
    )
    _whole(
        "consent_audit_session",
        ("id",),
        *_texts("id", "auditor", "name"),
        *_times("began_at", "seen_at", "ends_at"),
    )
    _sharded(
        "consent_daily",
        ("day", "what", "value", "kind"),
        sa.Column("day", sa.Integer, nullable=False),
        *_texts("what", "value", "kind"),
        sa.Column("count", sa.BigInteger, nullable=False),
    )
    _sharded(
        "consent_counted",
        ("log",),
        *_texts("log"),
        sa.Column("leaves", sa.BigInteger, nullable=False),
    )
    _whole(
        "consent_shot",
        ("notice", "language", "width"),
        *_texts("notice", "language"),
        sa.Column("width", sa.Integer, nullable=False),
        *_times("taken_at"),
        *_texts("media_type"),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=True,
    )
    _find_acts()


def _find_acts() -> None:
    # As the canonical form has it, and no text: quotes in one are escaped.
    marks = [f'"event":"{sort}"'.encode().hex() for sort in ("export", "key", "erasure")]
    if op.get_bind().dialect.name == "sqlite":
        found = [f"instr(body, x'{mark}') > 0" for mark in marks]
    else:
        found = [f"position('\\x{mark}'::bytea in body) > 0" for mark in marks]
    op.execute(
        "INSERT INTO consent_act (site, shard, id) SELECT site, shard, id FROM consent_event"  # noqa: S608
        f" WHERE receipt IS NULL AND ({' OR '.join(found)})"
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _times(*names: str, nullable: bool = False) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger, nullable=nullable) for name in names]


def _sharded(name: str, key: tuple[str, ...], *columns: sa.Column[Any]) -> None:
    shard = sa.Column("shard", sa.SmallInteger, nullable=False, server_default="0")
    _whole(name, ("shard", *key), shard, *columns)


def _whole(
    name: str, key: tuple[str, ...], *columns: sa.Column[Any], sqlite_with_rowid: bool = False
) -> None:
    op.create_table(
        name,
        sa.Column("site", sa.Text, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("site", *key, name=f"{name}_pkey"),
        sqlite_with_rowid=sqlite_with_rowid,
    )
