"""Pictures of notices: what a browser showed of a version, by language and width (EV-12)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from consent.log.database import statements, tables
from consent.log.database.stream import fetch
from consent.log.store import Store

MEDIA_TYPE = "image/png"

#: Pixels: a phone and a desk.
WIDTHS = (360, 1280)

_shot = tables.shot.c


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture, without itself."""

    notice: str
    language: str
    width: int
    taken_at: int  #: milliseconds since 1970 UTC
    size: int  #: bytes


def keep(store: Store, shot: Shot, body: bytes) -> None:
    """Keep a picture, in the place of an earlier one of the same notice and width."""
    row = (
        store.site, shot.notice, shot.language, shot.width, shot.taken_at, MEDIA_TYPE, body
    )  # fmt: skip

    def write(connection: Connection) -> None:
        connection.exec_driver_sql(statements.replacement(tables.shot, connection.dialect), row)

    store.transact(write)


def of(store: Store, notice: str) -> list[Shot]:
    """Return the pictures of a *notice*, the narrow ones first."""
    with store.snapshot() as now:
        # One that somebody took out is of no bytes: it keeps nobody from the others.
        size = func.coalesce(func.length(_shot.body), 0)
        query = select(_shot.notice, _shot.language, _shot.width, _shot.taken_at, size).where(
            _shot.site == store.site, _shot.notice == notice
        )
        return [Shot(*row) for row in fetch(now.connection, query.order_by(_shot.width))]


def picture(store: Store, notice: str, language: str, width: int) -> bytes | None:
    """Return the bytes of a picture, or None if there is none."""
    with store.snapshot() as now:
        query = select(_shot.body).where(
            _shot.site == store.site,
            _shot.notice == notice,
            _shot.language == language,
            _shot.width == width,
        )
        rows = fetch(now.connection, query)
    return bytes(rows[0][0]) if rows else None
