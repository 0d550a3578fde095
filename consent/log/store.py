"""
The store: what was recorded stays, in the order of the ids.

Events are appended and read, and there is no way to change or remove one. What an event refers
to, the notice and the files that were shown, is kept beside it under the hash of its content.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Sized
from contextlib import contextmanager
from operator import attrgetter
from time import monotonic
from typing import Any
from uuid import UUID

from sqlalchemy import URL, ColumnElement, Select, and_, select

from consent.errors import LogError
from consent.log.append import Appender
from consent.log.database import statements, tables
from consent.log.database.stream import fetch
from consent.log.database.transaction import attempt, reading
from consent.log.document import Document
from consent.log.documents import Documents
from consent.log.event import Event
from consent.log.merkle.logs import LogInfo
from consent.log.receipt import Evidence
from consent.log.sequence import in_order
from consent.log.snapshot import Snapshot
from consent.log.trees import SHARD
from consent.log.uuid7 import floor, time_of

_event = tables.event.c

#: Seconds for which a document is known to be there. A backup that somebody brings back into the
#: database in use has those alone that were shown by then, and no connection need be lost for it.
KNOWN = 3_600

#: How many events of a receipt are looked at to find the newest, however often it was changed.
RECENT = 64

#: How many events of a receipt are shown and handed out, the newest ones. Nobody decides as often,
#: and who sends thousands of decisions could keep a site busy with each look at them.
NEWEST = 200


class Store(Documents):
    """
    The log of one site in the database at *url*.

    Making a store opens nothing; it raises ConfigError for a URL that cannot be used. The
    database is looked at, and made if there is none, by the first call of a method. Each method
    raises LogUnavailable when the database cannot do what was asked.
    """

    def __init__(self, url: str | URL, site: str) -> None:
        super().__init__(url, site)
        self._appender = Appender(self._engine, site)
        dialect = self._engine.dialect
        self._select_newest = statements.newest_of_receipt(dialect)
        waiting = statements.selection(tables.pending, "id", ("site", "shard"), dialect)
        self._select_waiting = waiting + " ORDER BY id LIMIT 1"
        self._documents: set[str] = set()  # hashes that are known to be in the database
        self._known_until = 0.0

    def append(self, event: Event, documents: Iterable[Document] = ()) -> None:
        """
        Record *event* and the *documents* it refers to; return when both are durable.

        Appending the same event twice records it once, so it is safe to try again.
        """
        self._make_ready()
        now = monotonic()
        if now >= self._known_until:
            self._documents.clear()
            self._known_until = now + KNOWN
        fresh = [d for d in documents if d.hash not in self._documents]
        # In one order everywhere, so that two processes never wait for each other.
        fresh.sort(key=attrgetter("hash"))
        if not attempt(self._engine, lambda: self._appender.add(event, fresh)):
            self._require_same(event)
        self._documents.update(document.hash for document in fresh)

    def last(self, receipt: str) -> bytes | None:
        """Return the newest event of *receipt*, or None if there is none."""
        rows = self._ask(self._select_newest, (self.site, SHARD, receipt, RECENT), _event.body)
        bodies = in_order([body for (body,) in reversed(rows)], bytes)
        return bodies[-1] if bodies else None

    def history(self, receipt: str) -> list[bytes]:
        """Return the newest events of *receipt*, each after the one that it follows."""
        return in_order(self._all(self._newest(receipt, NEWEST, _event.body))[::-1], bytes)

    @contextmanager
    def snapshot(
        self,
        since_ms: int | None = None,
        until_ms: int | None = None,
        only: ColumnElement[bool] | None = None,
    ) -> Iterator[Snapshot]:
        """
        Open the events from *since_ms* to before *until_ms* (since 1970 UTC; None: open).

        *only* those of whose rows this is true as well.
        """
        self._make_ready()
        where = self._between(since_ms, until_ms)
        with reading(self._engine) as connection:
            yield Snapshot(connection, self.site, where if only is None else and_(where, only))

    def events(self, since_ms: int | None = None, until_ms: int | None = None) -> Iterator[bytes]:
        """Give the events of a time, bounded as in :meth:`snapshot`, one after the other."""
        with self.snapshot(since_ms, until_ms) as snapshot:
            yield from snapshot.events()

    def count(self, since_ms: int | None = None, until_ms: int | None = None) -> int:
        """Return how many events there are, bounded as in :meth:`snapshot`."""
        with self.snapshot(since_ms, until_ms) as snapshot:
            return snapshot.count()

    def logs(self) -> list[LogInfo]:
        """Return the sealed logs, oldest first."""
        with self.snapshot() as now:
            return now.logs()

    def evidence(self, receipt: str) -> list[Evidence]:
        """Return the events of *receipt* with what proves them, in the order of :meth:`history`."""
        query = self._newest(receipt, NEWEST, _event.body, _event.id, _event.salt)
        with self.snapshot() as now:
            rows = in_order(fetch(now.connection, query)[::-1], attrgetter("body"))
            # Somebody may have taken out a salt; then nothing is proven, which the file shows.
            found = [(body, id, salt or b"") for body, id, salt in rows]
            return [Evidence(body, salt, now.proof(id, salt)) for body, id, salt in found]

    def is_cut(self, receipt: str, given: Sized) -> bool:
        """Tell whether *receipt* has more events than those *given* by history or evidence."""
        if len(given) < NEWEST:
            return False
        return len(self._all(self._newest(receipt, NEWEST + 1, _event.id))) > NEWEST

    def ids(self, receipt: str) -> list[bytes]:
        """Return the ids of the events of *receipt*, in their order."""
        return self._all(select(_event.id).where(self._of(receipt)).order_by(_event.id))

    def secrets(self, ids: Sequence[bytes]) -> list[bytes]:
        """Return what nobody may find of the events *ids* once they are erased."""
        query = select(_event.id, _event.salt, _event.receipt).where(
            self._here(), _event.id.in_(ids)
        )
        return [
            secret
            for id, salt, receipt in self._rows(query)
            # Of an id as text only what is random: the time in it is that of others, too.
            for secret in (id, str(UUID(bytes=id))[15:].encode(), salt, (receipt or "").encode())
        ]

    def is_waiting(self) -> bool:
        """Tell whether an event waits to be sealed."""
        return self.waiting_since() is not None

    def waiting_since(self) -> int | None:
        """
        Return when the oldest event that waits to be sealed was made, None if none waits.

        The time is in milliseconds since 1970 UTC.
        """
        rows = self._ask(self._select_waiting, (self.site, SHARD), tables.pending.c.id)
        return time_of(rows[0][0]) if rows else None

    def _begin(self) -> None:
        super()._begin()
        self._documents.clear()

    def _require_same(self, event: Event) -> None:
        query = select(_event.body).where(self._here(), _event.id == event.id.bytes)
        if self._all(query) != [event.body]:
            raise LogError(f"another event has the id {event.id} already")

    def _here(self) -> ColumnElement[bool]:
        return and_(_event.site == self.site, _event.shard == SHARD)

    def _of(self, receipt: str, newest: int | None = None) -> ColumnElement[bool]:
        return statements.of_receipt(self.site, SHARD, receipt, self._engine.dialect, newest)

    def _newest(self, receipt: str, most: int, *columns: ColumnElement[Any]) -> Select[Any]:
        query = select(*columns).where(self._of(receipt, most))
        return query.order_by(_event.id.desc()).limit(most)

    def _between(self, since_ms: int | None, until_ms: int | None) -> ColumnElement[bool]:
        where = self._here()
        if since_ms is not None:
            where = and_(where, _event.id >= floor(since_ms).bytes)
        if until_ms is not None:
            where = and_(where, _event.id < floor(until_ms).bytes)
        return where
