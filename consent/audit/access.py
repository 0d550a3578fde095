"""
Who may audit: those who were invited by a link, and those whom the site's own login knows.

An invitation has an id of 128 random bits, which is no secret: the link has it under a signature.
A link is opened once. Whoever opened it has a secret in the browser, of which the database holds
the SHA-256 alone. With that secret, and in no other browser, the link opens again after a pause,
until the invitation ends. All times are milliseconds since 1970 UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    delete,
    func,
    or_,
    select,
    update,
)

from consent.day import DAY_MS
from consent.errors import one_line
from consent.log.database import statements, tables
from consent.log.database.stream import fetch
from consent.log.store import Store

MINUTE = 60_000

#: How long a link waits to be opened, at most.
OPENS = 7 * DAY_MS

#: After so long without a request somebody is no longer at the desk.
IDLE = 30 * MINUTE

#: How long whom the site's login knows stays at the desk, at most.
SHIFT = 12 * 60 * MINUTE

#: Longest name, in characters.
LONGEST = 100

#: What the id of somebody begins with whom the site's login knows.
LOGIN = "login:"

State = Literal["waiting", "opened", "expired", "revoked"]

_auditor, _session = tables.auditor.c, tables.audit_session.c


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody may audit until a certain time."""

    id: str
    name: str
    made_at: int
    opens_until: int  #: when the link is of no use any more if it was not opened
    works_until: int  #: when everything ends
    opened_at: int | None
    revoked_at: int | None

    @property
    def until(self) -> int:
        """When it ends, or ended, as it is now."""
        if self.revoked_at is not None:
            return self.revoked_at
        return self.opens_until if self.opened_at is None else self.works_until

    def state(self, now: int) -> State:
        """Return what has become of it."""
        if self.revoked_at is not None:
            return "revoked"
        if now >= self.until:
            return "expired"
        return "waiting" if self.opened_at is None else "opened"


@dataclass(frozen=True, slots=True)
class Auditor:
    """Somebody who is at the desk."""

    id: str  #: of the invitation, or :data:`LOGIN` and the name
    name: str
    until: int  #: when this ends, at the latest

    @property
    def is_invited(self) -> bool:
        """Whether a link let them in, and not the site's login."""
        return not self.id.startswith(LOGIN)


class Access:
    """Who may audit the site of *store*. Each method raises LogUnavailable as the store does."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def invite(self, name: str, days: int, now: int) -> Invitation:
        """Invite *name*, a :func:`clean` one, for *days*."""
        while (id := token_urlsafe(16)).startswith("-"):
            pass  # commands would take it for an option
        end = now + days * DAY_MS
        made = Invitation(id, name, now, min(now + OPENS, end), end, None, None)
        row = {field: getattr(made, field) for field in Invitation.__slots__}
        row["site"] = self._store.site
        self._store.transact(lambda connection: _add(connection, tables.auditor, row))
        return made

    def invitations(self) -> list[Invitation]:
        """Return all invitations, the newest first."""
        query = self._invitations(_auditor.site == self._store.site)
        rows = self._rows(query.order_by(_auditor.made_at.desc(), _auditor.id))
        return [Invitation(*row) for row in rows]

    def revoke(self, id: str, now: int) -> Invitation | None:
        """End an invitation at once, and return it; None if there is none with this *id*."""
        self._store.transact(lambda connection: self._revoke(connection, id, now))
        return self._invitation(id)

    def ended(self, until: int) -> int:
        """Return how many invitations ended before *until*."""
        number: int = self._rows(select(func.count()).where(self._over(until)))[0][0]
        return number

    def forget(self, until: int) -> int:
        """Forget whose invitation or session ended before *until*; return how many were invited."""
        return self._store.transact(lambda connection: self._forget(connection, until))

    def openable(self, id: str, secret: str, now: int) -> Invitation | None:
        """
        Return the invitation that a link with *id* opens now, or None.

        *secret* is what the browser holds, "" if nothing: it opens its own link again.
        """
        found, own = self._invitation(id), and_(self._session(secret), _session.auditor == id)
        is_own = bool(self._rows(select(_session.id).where(own)))
        state = found.state(now) if found else "expired"
        return found if state == "waiting" or (state == "opened" and is_own) else None

    def open(self, id: str, old: str, secret: str, now: int) -> Auditor | None:
        """
        Let in whoever has the link with *id*, to be known by *secret*; None: it does not open.

        *old* is what the browser held before, as in :meth:`openable`.
        """
        return self._store.transact(lambda connection: self._open(connection, id, old, secret, now))

    def admit(self, name: str, secret: str, now: int) -> Auditor:
        """Let in whom the site's login knows as *name*, to be known by *secret*."""
        new = Auditor(LOGIN + name, name, now + SHIFT)
        self._store.transact(lambda connection: self._begin(connection, new, secret, now))
        return new

    def at_desk(self, secret: str, now: int) -> Auditor | None:
        """Return who is known by *secret*, and note that they were here; None: nobody is."""
        same = and_(_auditor.site == _session.site, _auditor.id == _session.auditor)
        query = select(
            _session.auditor, _session.name, _session.ends_at, _session.seen_at, _auditor.revoked_at
        ).select_from(tables.audit_session.outerjoin(tables.auditor, same))
        rows = self._rows(query.where(self._session(secret)))
        if not rows or rows[0].revoked_at is not None or now >= rows[0].ends_at:
            return None
        pause = now - rows[0].seen_at
        if abs(pause) > IDLE:  # who was seen later than now came in by a clock that was ahead
            return None
        if pause >= MINUTE:
            seen = update(tables.audit_session).where(self._session(secret)).values(seen_at=now)
            self._store.transact(lambda connection: connection.execute(seen))
        return Auditor(rows[0].auditor, rows[0].name, rows[0].ends_at)

    def leave(self, secret: str) -> None:
        """Forget whoever is known by *secret*."""
        gone = delete(tables.audit_session).where(self._session(secret))
        self._store.transact(lambda connection: connection.execute(gone))

    def _open(
        self, connection: Connection, id: str, old: str, secret: str, now: int
    ) -> Auditor | None:
        done = select(_session.name, _session.ends_at)
        done = done.where(self._session(secret), _session.auditor == id)
        if known := connection.execute(done).one_or_none():
            return Auditor(id, *known)  # it was, and nobody heard of it
        own = select(_session.id).where(self._session(old), _session.auditor == id).exists()
        first = and_(_auditor.opened_at.is_(None), _auditor.opens_until > now)
        valid = and_(self._one(id), _auditor.revoked_at.is_(None), _auditor.works_until > now)
        opening = update(tables.auditor).where(valid, or_(first, own))
        opening = opening.values(opened_at=func.coalesce(_auditor.opened_at, now))
        if not connection.execute(opening).rowcount:
            return None
        connection.execute(delete(tables.audit_session).where(self._session(old)))
        found = Invitation(*connection.execute(self._invitations(self._one(id))).one())
        new = Auditor(id, found.name, found.works_until)
        self._begin(connection, new, secret, now)
        return new

    def _begin(self, connection: Connection, new: Auditor, secret: str, now: int) -> None:
        over = and_(_session.site == self._store.site, _session.ends_at <= now)
        connection.execute(delete(tables.audit_session).where(over))
        row = {"site": self._store.site, "id": _digest(secret), "auditor": new.id, "name": new.name}
        times = {"began_at": now, "seen_at": now, "ends_at": new.until}
        _add(connection, tables.audit_session, {**row, **times})

    def _revoke(self, connection: Connection, id: str, now: int) -> None:
        own = and_(_session.site == self._store.site, _session.auditor == id)
        connection.execute(delete(tables.audit_session).where(own))
        valid = and_(self._one(id), _auditor.revoked_at.is_(None))
        connection.execute(update(tables.auditor).where(valid).values(revoked_at=now))

    def _forget(self, connection: Connection, until: int) -> int:
        over = and_(_session.site == self._store.site, _session.ends_at < until)
        connection.execute(delete(tables.audit_session).where(over))
        return connection.execute(delete(tables.auditor).where(self._over(until))).rowcount

    def _invitation(self, id: str) -> Invitation | None:
        rows = self._rows(self._invitations(self._one(id)))
        return Invitation(*rows[0]) if rows else None

    def _invitations(self, where: ColumnElement[bool]) -> Any:
        return select(*(_auditor[field] for field in Invitation.__slots__)).where(where)

    def _over(self, until: int) -> ColumnElement[bool]:
        ended = func.coalesce(_auditor.revoked_at, _auditor.works_until)
        return and_(_auditor.site == self._store.site, ended < until)

    def _one(self, id: str) -> ColumnElement[bool]:
        return and_(_auditor.site == self._store.site, _auditor.id == id)

    def _session(self, secret: str) -> ColumnElement[bool]:
        return and_(_session.site == self._store.site, _session.id == _digest(secret))

    def _rows(self, query: Any) -> Sequence[Any]:
        with self._store.snapshot() as now:
            return fetch(now.connection, query)


def clean(name: str) -> str:
    """Return a *name* as it may stand in the log."""
    return one_line(name, LONGEST)


def _add(connection: Connection, table: Table, row: Mapping[str, object]) -> None:
    """Add a *row*, which is there already where a transaction is done once more."""
    added = statements.creation(table, connection.dialect)
    connection.exec_driver_sql(added, tuple(row[column.name] for column in table.columns))


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
