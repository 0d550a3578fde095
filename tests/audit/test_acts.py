"""What was done with the log is found among everything else in it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import insert, select

from consent.audit.acts import Act, acts
from consent.log import event
from consent.log.database import schema, tables
from consent.log.database.connection import connect
from consent.log.database.transaction import writing
from consent.log.erase import Eraser
from consent.log.retention import expired
from consent.log.seal import Sealer
from consent.log.store import Store
from consent.log.trees import SHARD
from tests.each import each
from tests.log.samples import MS, NOW, RECEIPT, SITE, SOFTWARE, make


def look(n, **different):
    about = {"now_ns": NOW + n * MS, "site": SITE, "by": "Anna", "software": SOFTWARE}
    return event.access(**about, **{"what": "look-up", "about": f"page {n}", **different})


def take(n):
    return event.export(
        now_ns=NOW + n * MS, site=SITE, by="Berta", format="csv",
        since=date(2026, 1, 1), until=None, rows=3, software=SOFTWARE,
    )  # fmt: skip


def told(store, count=9, before=None):
    return [(act.by, act.what, act.about) for act in acts(store, count, before)]


class TestActs:
    """On SQLite; the class below runs all of it on PostgreSQL."""

    def test_all_that_somebody_did_is_listed(self, store: Store, tmp_path: Path):
        """
        Look-ups, exports and erasures stand in one list, the newest first, and decisions do not
        (AU-03).
        """
        store.append(make())
        store.append(look(1))
        store.append(take(2))
        sealer = Sealer(store, tmp_path / "keys" / "consent.key", SOFTWARE)
        Eraser(sealer, "Carla").erase_receipt(RECEIPT, "art-17", NOW + 3 * MS)

        assert told(store) == [
            ("Carla", "erasure", "art-17, 1"),
            ("Berta", "export", "csv 2026-01-01.., 3"),
            ("Anna", "look-up", "page 1"),
        ]
        assert acts(store, 1)[0].at == NOW // MS + 3

    def test_pages_follow_one_another(self, store: Store):
        """
        However many there are, each is on one page, and none on two.
        """
        for n in range(7):
            store.append(look(n))
        pages, before = [], None
        while page := acts(store, 3, before):
            pages.append([act.about for act in page])
            before = page[-1].id

        assert pages == [
            ["page 6", "page 5", "page 4"], ["page 3", "page 2", "page 1"], ["page 0"]
        ]  # fmt: skip

    def test_an_act_that_is_erased_is_gone_from_the_list(self, store: Store, tmp_path: Path):
        """
        A look-up is kept as long as an export, and then nothing of it is left.
        """
        store.append(look(1))
        sealer = Sealer(store, tmp_path / "keys" / "consent.key", SOFTWARE)
        with store.snapshot() as now:
            assert list(expired(now, 2025, date(2027, 1, 1))) == []
            ids = list(expired(now, 2026, date(2030, 1, 1)))
        Eraser(sealer, "Carla").erase(ids, "retention", NOW + 2 * MS)

        assert told(store) == [("Carla", "erasure", "retention, 1")]
        with store.snapshot() as now:
            assert len(now.connection.execute(select(tables.act)).all()) == 1

    def test_what_was_done_before_there_was_a_list_is_in_it(self, url: str, tmp_path, monkeypatch):
        """
        Exports and erasures of older versions are found when the tables are brought up to date,
        also where other texts speak of them.
        """
        monkeypatch.setattr(schema, "_migrate", schema._migrate.step_by_step)
        (tmp_path / "instance").mkdir(exist_ok=True)
        engine = connect(url)
        old = [make(layer='"event":"export"'), take(1)]
        with writing(engine) as connection:
            config = Config()
            config.set_main_option("script_location", "consent.log.database:migrations")
            config.attributes["connection"] = connection
            command.upgrade(config, "0003")
            rows = [
                {
                    "site": SITE, "shard": SHARD, "id": one.id.bytes, "body": one.body,
                    "recorded_at": one.recorded_at, "receipt": None, "salt": b"s" * 32,
                }
                for one in old
            ]  # fmt: skip
            connection.execute(insert(tables.event), rows)
        engine.dispose()
        store = Store(url, SITE)

        assert told(store) == [("Berta", "export", "csv 2026-01-01.., 3")]
        store.close()


@each(
    "what, about, page, rest",
    [
        ("look-up", "receipt", "receipt", ""),
        ("look-up", "receipt, none found", "receipt_none", ""),
        ("look-up", "receipt file 2026 3", "receipt_file", " 2026 3"),
        ("export", "proof 2026 3", "proof", " 2026 3"),
        ("export", "csv, 3", None, "csv, 3"),
        ("sign-in", "link 0a1b", "link", " 0a1b"),
        ("look-up", "recordings", None, "recordings"),
        ("invite", "place Dr. Link", None, "place Dr. Link"),
    ],
)
def test_a_page_is_told_from_what_else_an_act_is_about(what, about, page, rest):
    """
    Only what an auditor opened or took along is named as a page is, nobody's name and no format.
    """
    act = Act(UUID(int=0), "Anna", what, about)

    assert (act.page, act.rest) == (page, rest)


class TestActsOnPostgreSQL(TestActs):
    """The same promises on PostgreSQL."""

    @pytest.fixture
    def url(self, postgresql: str) -> str:
        return postgresql
