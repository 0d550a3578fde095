"""Appending: an event, what it refers to, and that it waits to be sealed; all of it or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from os import urandom

from sqlalchemy import Engine

from consent.log.database import statements, tables
from consent.log.database.transaction import appending, change
from consent.log.document import Document
from consent.log.event import Event
from consent.log.merkle.tree import LENGTH, commitment
from consent.log.trees import SHARD


class Appender:
    """Adds to the log of one *site*. What is there already is not added again."""

    def __init__(self, engine: Engine, site: str) -> None:
        self._engine = engine
        self._site = site
        dialect = engine.dialect
        self._add_event = statements.creation(tables.event, dialect)
        self._add_pending = statements.creation(tables.pending, dialect)
        self._add_act = statements.creation(tables.act, dialect)
        self._add_document = statements.creation(tables.document, dialect)
        self._add_at_once = statements.recording(dialect)

    def add(self, event: Event, documents: Sequence[Document]) -> bool:
        """Return whether *event* was new, when it is durable and *documents* with it."""
        id, salt = event.id.bytes, urandom(LENGTH)
        row = (self._site, SHARD, id, event.recorded_at, event.receipt, event.body, salt)
        sealed_as = commitment(salt, event.body)
        if self._add_at_once and not documents and not event.is_act:
            # One way to a server and back instead of four, for which a visitor waits.
            return change(self._engine, self._add_at_once, (*row, sealed_as)) == 1
        with appending(self._engine) as cursor:
            for new in documents:
                about = (self._site, new.hash, new.media_type, event.recorded_at, new.body)
                cursor.execute(self._add_document, about)
            cursor.execute(self._add_event, row)
            is_new = cursor.rowcount == 1
            if is_new:
                cursor.execute(self._add_pending, (self._site, SHARD, id, sealed_as))
                if event.is_act:
                    cursor.execute(self._add_act, (self._site, SHARD, id))
            return is_new
