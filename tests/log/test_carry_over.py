"""A log of the first version is taken over whole."""

from __future__ import annotations

from operator import attrgetter

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import insert, select

from consent.errors import LogError
from consent.log.copy import copy
from consent.log.database import tables
from consent.log.database.connection import connect
from consent.log.database.transaction import writing
from consent.log.merkle import tree
from consent.log.store import Store
from tests.log.samples import MS, NOW, SITE, make, refuse

EVENTS = [
    (site, event)
    for site in (SITE, "other.example")
    for n in range(300)  # more than are taken over at once
    for event in (make(now_ns=NOW + n * MS, site=site), refuse(now_ns=NOW + n * MS, site=site))
]


class TestCarryOver:
    """On SQLite; the class below runs all of it on PostgreSQL."""

    @pytest.fixture
    def old(self, url, tmp_path):
        """A database as version 0001 left it."""
        (tmp_path / "instance").mkdir()
        engine = connect(url)
        with writing(engine) as connection:
            config = Config()
            config.set_main_option("script_location", "consent.log.database:migrations")
            config.attributes["connection"] = connection
            command.upgrade(config, "0001")
            columns = [c for c in tables.event.c if c.name != "salt"]
            names = [column.name for column in columns]
            rows = [
                dict(
                    zip(names, (site, 0, e.id.bytes, e.recorded_at, e.receipt, e.body), strict=True)
                )
                for site, e in EVENTS
            ]
            connection.execute(insert(tables.event), rows)
        engine.dispose()

    def test_who_copies_it_changes_nothing_in_it(self, old, store, tmp_path):
        """
        The old database is what one can go back to, so a copy does not bring it up to date, as
        only a newer version could read it then; it says what would.
        """
        target = Store(f"sqlite:///{tmp_path}/new.db", SITE)
        with pytest.raises(LogError, match=r"found 0001, wanted 0004\n.*flask consent check"):
            copy(store, target)

        assert store.version() == "0001"
        assert target.version() is None

    def test_every_event_gets_a_salt_and_a_place_in_line(self, old, store):
        """
        What was recorded before there was a tree will be sealed like everything else, each event
        under a salt of its own (EV-08).
        """
        own = [event for site, event in EVENTS if site == SITE]
        own.sort(key=attrgetter("id"))
        assert list(store.events()) == [event.body for event in own]

        with store._engine.connect() as connection:
            rows = connection.execute(
                select(tables.event.c.body, tables.event.c.salt, tables.pending.c.commitment)
                .where(tables.event.c.site == tables.pending.c.site)
                .where(tables.event.c.id == tables.pending.c.id)
            ).all()
        assert len(rows) == len(EVENTS)
        assert len({salt for _, salt, _ in rows}) == len(EVENTS)
        assert all(tree.commitment(salt, body) == known for body, salt, known in rows)

    def test_a_log_of_the_first_version_goes_on(self, old, store):
        """
        After the change the log is written and read as before.
        """
        store.append(make(now_ns=NOW + 9 * MS))

        assert store.count() == 601


class TestCarryOverOnPostgreSQL(TestCarryOver):
    """The same promises on PostgreSQL."""

    @pytest.fixture
    def url(self, postgresql: str) -> str:
        return postgresql
