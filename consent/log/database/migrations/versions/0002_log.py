"""Make the tables for the logs, and give every event that is there a salt and a place in line."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from consent.log.merkle.tree import LENGTH, commitment

revision = "0002"
down_revision = "0001"

#: Events that are held in memory at once.
CHUNK = 1000


def upgrade() -> None:
    """Make five tables and a column; there is no way back, as evidence is not dropped."""
    op.add_column("consent_event", sa.Column("salt", sa.LargeBinary(32)))
    op.create_table(
        "consent_pending",
        *_site(),
        sa.Column("id", sa.LargeBinary(16), nullable=False),
        sa.Column("commitment", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("site", "shard", "id", name="consent_pending_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "consent_leaf",
        *_site(),
        sa.Column("log", sa.Text, nullable=False),
        sa.Column("leaf_index", sa.BigInteger, nullable=False),
        sa.Column("id", sa.LargeBinary(16)),
        sa.PrimaryKeyConstraint("site", "shard", "log", "leaf_index", name="consent_leaf_pkey"),
        sqlite_with_rowid=False,
    )
    with_id = sa.text("id IS NOT NULL")
    op.create_index(
        "consent_leaf_id",
        "consent_leaf",
        ["site", "shard", "id"],
        postgresql_where=with_id,
        sqlite_where=with_id,
    )
    op.create_table(
        "consent_tile",
        *_site(),
        sa.Column("log", sa.Text, nullable=False),
        sa.Column("level", sa.SmallInteger, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint(
            "site", "shard", "log", "level", "number", name="consent_tile_pkey"
        ),
    )
    op.create_table(
        "consent_head",
        *_site(),
        sa.Column("log", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("site", "shard", name="consent_head_pkey"),
    )
    op.create_table(
        "consent_checkpoint",
        *_site(),
        sa.Column("log", sa.Text, nullable=False),
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("site", "shard", "log", "day", name="consent_checkpoint_pkey"),
    )
    _line_up(op.get_bind())


def _site() -> tuple[sa.Column[str], sa.Column[int]]:
    return (
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("shard", sa.SmallInteger, nullable=False, server_default="0"),
    )


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *map(sa.column, ("site", "shard", "id", *columns)))


def _line_up(connection: sa.Connection) -> None:
    event = _table("consent_event", "body", "salt")
    pending = _table("consent_pending", "commitment")
    here = [event.c[name] == sa.bindparam(f"its_{name}") for name in ("site", "shard", "id")]
    salting = sa.update(event).where(*here).values(salt=sa.bindparam("salt"))
    for rows in _chunks(connection, event):
        salts = [os.urandom(LENGTH) for _ in rows]
        connection.execute(
            salting,
            [
                {"its_site": site, "its_shard": shard, "its_id": id, "salt": salt}
                for (site, shard, id, _), salt in zip(rows, salts, strict=True)
            ],
        )
        connection.execute(
            sa.insert(pending),
            [
                {"site": site, "shard": shard, "id": id, "commitment": commitment(salt, body)}
                for (site, shard, id, body), salt in zip(rows, salts, strict=True)
            ],
        )


def _chunks(connection: sa.Connection, event: sa.TableClause) -> Iterator[Sequence[Any]]:
    """Give site, shard, id and body of all events in the order of these keys."""
    keys = sa.tuple_(event.c.site, event.c.shard, event.c.id)
    query = sa.select(event.c.site, event.c.shard, event.c.id, event.c.body)
    query = query.order_by(event.c.site, event.c.shard, event.c.id).limit(CHUNK)
    rows = connection.execute(query).all()
    while rows:
        yield rows
        rows = connection.execute(query.where(keys > sa.tuple_(*rows[-1][:3]))).all()
