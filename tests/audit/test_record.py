"""One event, its place and its receipt; versions of notices and their pictures; both databases."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import delete, insert

from consent.audit import shots, versions
from consent.audit.given import Kept
from consent.audit.record import chain, checked, compared, leaf, record
from consent.audit.search import page
from consent.audit.shots import Shot
from consent.audit.versions import Versions
from consent.canonical import canonical
from consent.day import date_of
from consent.log import succession
from consent.log.database import tables
from consent.log.document import Document
from consent.log.erase import Eraser
from consent.log.export.selection import Selection
from consent.log.merkle.logs import Name
from consent.log.store import Store
from tests.log.conftest import postgresql, sealer, server, store, url
from tests.log.samples import DAY, MS, NOW, RECEIPT, SITE, make, refuse

__all__ = ["postgresql", "sealer", "server", "store", "url"]  # fixtures


def notice(language: str, text: str) -> Document:
    """Return as much of a notice as a list of versions needs."""
    facts = {"language": language, "services": [], "purposes": [], "texts": {"a": text}}
    return Document("application/json", canonical(facts))


class TestRecord:
    """On SQLite."""

    def test_an_event_is_found_with_its_place_and_its_receipt(self, store, sealer):
        """
        A record knows where it is sealed and since when, and what else has its receipt.
        """
        first, second = make(), make(now_ns=NOW + DAY, kind="change")
        store.append(first)
        store.append(second)
        with store.snapshot() as now:
            assert record(now, first.id).place is None
            assert checked(now, record(now, first.id)) is None
        sealer.seal(NOW + DAY)
        with store.snapshot() as now:
            found = record(now, second.id)
            assert (found.body, found.place.index, found.place.size) == (second.body, 2, 3)
            assert found.place.by.isoformat() == "2026-11-26"
            assert [one.id for one in chain(now, RECEIPT)] == [first.id, second.id]
            assert checked(now, found).holds
            assert record(now, UUID(int=0)) is None

    def test_it_is_said_since_when_an_event_is_sealed(self, store, sealer):
        """
        That is the day of the first checkpoint that covers it, to the last leaf of each.
        """
        days = {}
        for n in (0, 1):
            made = [make(now_ns=NOW + n * DAY + one) for one in (0, 1)]
            for event in made:
                store.append(event)
                days[event.id] = date_of(NOW // DAY + n)
            sealer.seal(NOW + n * DAY + 2)

        with store.snapshot() as now:
            assert {id: record(now, id).place.by for id in days} == days

    def test_the_place_of_what_was_erased_names_the_erasure(self, store, sealer):
        """
        An erased event has no page, but its place is still proven, and leads to the erasure.
        """
        store.append(make())
        store.append(refuse(now_ns=NOW + DAY))
        for n in (1, 2):
            store.append(make(now_ns=NOW + DAY + n * MS, receipt="B" * 26))
        store.append(make(now_ns=NOW + DAY + 3 * MS))
        sealer.seal(NOW + DAY)
        Eraser(sealer, "DSB").erase_receipt(RECEIPT, "art-17", NOW + 2 * DAY)
        Eraser(sealer, "DSB").erase_receipt("B" * 26, "art-17", NOW + 3 * DAY)
        with store.snapshot() as now:
            gone, there = leaf(now, Name(2026), 1), leaf(now, Name(2026), 2)
            later = {leaf(now, Name(2026), n).erased_by for n in (3, 4)}
            assert [record(now, id).event["indexes"] for id in later] == ["3-4"]
            assert (gone.id, gone.holds, there.holds, there.erased_by) == (None, True, True, None)
            assert record(now, gone.erased_by).event["indexes"] == "1 5"
            assert leaf(now, Name(2026), 99) is None
            assert leaf(now, Name(1999), 0) is None

    def test_the_same_place_of_another_log_leads_to_its_own_erasure(self, store, sealer):
        """
        Where places of the same number were erased in two logs, each leads to the erasure that
        took its own event, and not to the one that came last (AU-09).
        """
        for receipt, then in ((RECEIPT, NOW), ("B" * 26, NOW + 60 * DAY)):
            store.append(make(now_ns=then, receipt=receipt))
            sealer.seal(then)
        for receipt, ground in ((RECEIPT, "art-17"), ("B" * 26, "restore")):
            Eraser(sealer, "DSB").erase_receipt(receipt, ground, NOW + 61 * DAY)
        with store.snapshot() as now:
            by = [leaf(now, Name(year), 1).erased_by for year in (2026, 2027)]
            assert [record(now, id).event["ground"] for id in by] == ["art-17", "restore"]

    def test_an_event_of_another_site_is_not_there(self, store, sealer, url):
        """
        Sites that share a database do not see each other's records, not even by their id, and
        cannot prove them.
        """
        event = make()
        store.append(event)
        sealer.seal(NOW)
        with closing(Store(url, "other.example")) as other, other.snapshot() as now:
            assert record(now, event.id) is None
            assert chain(now, RECEIPT) == []
            assert leaf(now, Name(2026), 1) is None
            assert now.proof(event.id.bytes, b"") is None
            assert page(now, Selection()).rows == ()

    def test_a_place_is_proven_in_its_own_log(self, store, sealer):
        """
        The first place of a log is looked up in that one, whichever came before or after.
        """
        store.append(make())
        sealer.seal(NOW + DAY)
        succession.rotate(sealer, by="DSB", now_ns=NOW + 2 * DAY)
        with store.snapshot() as now:
            sizes = [log.size for log in now.logs()]
            found = [leaf(now, name, 0) for name in (Name(2026), Name(2026, 1))]

        assert [(one.size, one.holds) for one in found] == [(size, True) for size in sizes]
        assert sizes == [3, 1]

    def test_what_vanished_from_the_log_was_not_erased(self, store, sealer, monkeypatch):
        """
        A file proves that its record was sealed. That it was erased is said only where its place
        says so: not of a record that somebody deleted, nor where an older copy of the database has
        no such place, or another record at it (EV-08).
        """
        made = [make(now_ns=NOW + n * MS, receipt=RECEIPT if n == 1 else None) for n in range(4)]
        for event in made:
            store.append(event)
        sealer.seal(NOW + DAY)
        with store.snapshot() as now:
            stored = [record(now, event.id) for event in made]
            kept = [Kept(one.body, one.salt, now.proof(one.id.bytes, one.salt)) for one in stored]
        Eraser(sealer, "DSB").erase_receipt(RECEIPT, "art-17", NOW + DAY)
        with store.snapshot() as now:
            assert [one.word for one in compared(now, kept)] == ["same", "erased", "same", "same"]

        for table, ids in ((tables.event, made[2:]), (tables.leaf, made[3:])):
            gone = delete(table).where(table.c.id.in_([one.id.bytes for one in ids]))
            store.transact(lambda connection, gone=gone: connection.execute(gone))
        with store.snapshot() as now:
            found = [(one.word, one.index) for one in compared(now, kept)[1:]]
            assert found == [("erased", 2), ("gone", 3), ("gone", 4)]
            assert [leaf(now, Name(2026), n).is_gone for n in (1, 2, 3)] == [False, False, True]
            last = kept[-1]
            proofs = ("nonsense", last.proof.replace("index 4", "index 3"), None)
            others = (*proofs, last.proof.replace(SITE, f"other.{SITE}"))
            found = compared(now, [replace(last, proof=proof) for proof in others])
            assert [one.word for one in found] == ["bad", "bad", "unknown", "unknown"]
            monkeypatch.setattr(type(now), "leaf_hash", lambda *_: bytes(32))
            assert [one.word for one in compared(now, kept)] == ["same", "gone", "gone", "gone"]

    def test_versions_are_listed_with_their_use(self, store, monkeypatch):
        """
        The latest version comes first; first and last day and the counts are those of the days,
        and pages follow each other.
        """
        monkeypatch.setattr(versions, "SIZE", 2)
        made = [notice("de", "eins"), notice("en", "one"), notice("de", "zwei")]
        for n, document in enumerate(made):
            store.append(refuse(now_ns=NOW + n * DAY, notice=document.hash), [document])
        today, key = NOW // DAY, {"site": store.site, "shard": 0, "what": "notice"}
        rows = [
            {**key, "day": today + n, "value": made[0].hash, "kind": kind, "count": 2 + n}
            for n, kind in ((0, "grant"), (0, "refusal"), (500, "grant"))
        ]
        store.transact(lambda connection: connection.execute(insert(tables.daily), rows))
        shelf = Versions(store)

        first = shelf.page()
        rest = shelf.page((first[1].first_used, first[1].hash))

        assert [one.hash for one in first] == [one.hash for one in made[::-1]]
        assert [one.hash for one in rest] == [made[0].hash]
        use = rest[0].use
        assert (use.first, use.last, use.total) == (today, today + 500, 2 + 2 + 502)
        assert use.counts == {"grant": 504, "refusal": 2}
        assert (first[0].use, first[1].language) == (None, "en")
        assert shelf.earlier(first[0]) == made[0].hash
        assert shelf.earlier(rest[0]) is None
        assert shelf.newest((today + 2) * 86_400_000)[1] == made[1].hash
        assert shelf.newest(0) is None
        assert shelf.version(made[0].hash).use == use
        assert shelf.version("ff" * 32) is None

    def test_notices_and_pictures_of_another_site_are_not_there(self, store, url):
        """
        Sites that share a database list their own versions, and show their own pictures, alone.
        """
        document = notice("de", "eins")
        store.append(refuse(notice=document.hash), [document])
        shots.keep(store, Shot(document.hash, "de", 1280, 1, 3), b"one")
        with closing(Store(url, "other.example")) as other:
            shelf = Versions(other)
            assert (shelf.page(), shelf.version(document.hash)) == ([], None)
            assert shelf.newest(NOW // 1_000_000 + 1) is None
            assert versions.whole(other, document.hash[:16]) == document.hash[:16]
            assert shots.of(other, document.hash) == []
            assert shots.picture(other, document.hash, "de", 1280) is None
        assert versions.whole(store, document.hash[:16]) == document.hash

    def test_a_picture_takes_the_place_of_an_earlier_one(self, store):
        """
        Of each version, language and width there is one picture, with the time it was taken.
        """
        shots.keep(store, Shot("ab", "de", 1280, 1, 3), b"old")
        shots.keep(store, Shot("ab", "de", 1280, 2, 4), b"new!")
        shots.keep(store, Shot("ab", "de", 360, 3, 5), b"small")

        assert shots.of(store, "ab") == [
            Shot("ab", "de", 360, 3, 5), Shot("ab", "de", 1280, 2, 4)
        ]  # fmt: skip
        assert shots.picture(store, "ab", "de", 1280) == b"new!"
        assert shots.picture(store, "ab", "en", 1280) is None


class TestRecordOnPostgreSQL(TestRecord):
    """The same on the other database."""

    @pytest.fixture
    def url(self, postgresql):
        return postgresql
