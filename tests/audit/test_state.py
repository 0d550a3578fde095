"""Whether the log is unbroken is found out by looking, and each way to break it is seen."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import replace
from random import SystemRandom
from types import SimpleNamespace

import pytest
from sqlalchemy import delete, insert, select, text, update

from consent.audit import inspection
from consent.audit.finding import BROKEN, REMARKS, Finding
from consent.audit.inspection import inspect
from consent.audit.inspector import DEAD_MS, REST, Inspection, Inspector, findings
from consent.audit.state import PATIENCE_MS, state
from consent.day import DAY_MS
from consent.errors import LogUnavailable
from consent.log import event, keys, succession
from consent.log.database import tables
from consent.log.erase import Eraser
from consent.log.merkle.checkpoint import Checkpoint, claimed
from consent.log.merkle.note import Signer
from consent.log.seal import Sealer
from consent.log.store import Store
from tests.log.audit import note_of
from tests.log.samples import DAY, MS, NOW, RECEIPT, SITE, SOFTWARE, make, record, refuse

ORIGIN = f"{SITE}/consent/2026"
EVENTS = 600

#: Receipts of the events behind places 511 to 513.
THREE = [f"{n:026d}" for n in (510, 511, 512)]


@pytest.fixture
def full(store, sealer):
    """A log with several tiles and the checkpoints of two days."""
    first, then = range(EVENTS // 2), range(EVENTS // 2, EVENTS - 1)
    record(store, (refuse(now_ns=NOW + n * MS) for n in first))
    sealer.seal(NOW)
    record(store, (make(now_ns=NOW + DAY + n * MS, receipt=f"{n:026d}") for n in then))
    sealer.seal(NOW + DAY)
    return sealer


def do(store, statement) -> None:
    """Do something to the database behind the back of the log."""
    store.transact(lambda connection: connection.execute(statement))


def kinds(findings) -> list[str]:
    return [finding.what for finding in findings]


def quick(sealer, sample: int = EVENTS) -> list[str]:
    """What a look at so many leaves finds, whatever the clock says of those that wait."""
    return [what for what in kinds(state(sealer, sample).findings) if what != "waiting"]


def thorough(sealer) -> list[str]:
    return [what for what in kinds(inspect(sealer).findings) if what != "waiting"]


def leaf(index: int):
    return tables.leaf.c.leaf_index == index


def edit(index: int, **values):
    """Alter the event with a place."""
    id = tables.leaf.select().with_only_columns(tables.leaf.c.id).where(leaf(index))
    return update(tables.event).where(tables.event.c.id == id.scalar_subquery()).values(**values)


def flipped(level: int, number: int, byte: int):
    """Flip a bit in a tile."""

    def work(connection):
        tile = tables.tile.c
        here = (tile.level == level, tile.number == number)
        row = connection.execute(tables.tile.select().where(*here)).one()
        hashes = bytearray(row.hashes)
        hashes[byte] ^= 1
        connection.execute(update(tables.tile).where(*here).values(hashes=bytes(hashes)))

    return work


class TestUnbroken:
    """What is as it was sealed is called unbroken, and what that rests on is said."""

    def test_a_log_that_nobody_touched_is_unbroken(self, full):
        """
        Nothing is found in a log that is as it was sealed, and it is told how much was looked
        at and when the last checkpoint was published (EV-08).
        """
        seen = state(full)

        assert seen.findings == ()
        assert seen.is_unbroken
        assert not seen.is_empty
        assert (seen.leaves, seen.anchors, seen.erased) == (EVENTS, 1, 0)
        assert 40 <= seen.sampled <= 41
        assert seen.sealed_at == (NOW + DAY) // MS
        assert seen.waiting_since is None
        assert inspect(full) == inspection.Inspected(EVENTS, 0, ())

    def test_before_anything_is_sealed_there_is_nothing_to_say(self, sealer):
        """
        A site that begins is neither broken nor proven to be unbroken.
        """
        seen = state(sealer)

        assert seen.is_empty
        assert (seen.sealed_at, seen.leaves, seen.findings) == (None, 0, ())
        assert inspect(sealer).leaves == 0

    def test_erasures_and_new_logs_are_no_breach(self, store, full):
        """
        A log with erasures, a new key and a new year is unbroken (AU-09, EV-08).
        """
        Eraser(full, "Müller").erase_receipt(f"{400:026d}", "art-17", NOW + 2 * DAY)
        succession.rotate(full, "Müller", now_ns=NOW + 3 * DAY)
        store.append(make(now_ns=NOW + 60 * DAY))
        full.seal(NOW + 60 * DAY)
        seen = state(full, sample=EVENTS + 10)

        assert (seen.findings, seen.erased, len(seen.logs)) == ((), 1, 3)
        found = inspect(full)
        assert (found.findings, found.erased, found.leaves) == ((), 1, seen.leaves)

    def test_what_is_worth_knowing_is_no_breach(self, store, full, monkeypatch):
        """
        Events that wait for long, a key that does not sign this log and anchors that are gone
        are said, and the log is unbroken all the same.
        """
        store.append(make(now_ns=NOW))
        monkeypatch.setattr("time.time_ns", lambda: NOW + (PATIENCE_MS + 1) * MS)
        assert kinds(state(full).findings) == ["waiting"]
        full.key.unlink()
        keys.make(full.key)
        full.anchors.path.unlink()
        seen = state(full)

        assert kinds(seen.findings) == ["waiting", "unanchored", "key"]
        assert seen.is_unbroken
        assert seen.sealed_at is None

    def test_a_log_that_the_anchors_do_not_have_is_told(self, full):
        """
        Anchors from before the newest log began do not show whether that was cut: it is said.
        """
        older = full.anchors.path.read_bytes()
        succession.rotate(full, "Müller", now_ns=NOW + 3 * DAY)
        full.anchors.path.write_bytes(older)
        seen = state(full)

        assert kinds(seen.findings) == ["unanchored"]
        assert (seen.is_unbroken, seen.findings[0].origin) == (True, f"{ORIGIN}.1")

    def test_who_may_not_read_the_key_can_look_all_the_same(self, full):
        """
        Where another user seals, this one looks at everything but the key.
        """
        full.key.chmod(0o644)
        full.anchors.path.unlink()
        full.anchors.path.mkdir()

        assert kinds(state(full).findings) == ["unknown"]


class TestBroken:
    """Each way to alter the database is seen."""

    @pytest.mark.parametrize(
        ("statement", "found"),
        [
            (edit(5, body=b"{}"), ["altered"]),
            (edit(5, salt=b"x" * 32), ["altered"]),
            (edit(5, salt=None), ["altered"]),
            (delete(tables.leaf).where(leaf(7)), ["missing"]),
            (delete(tables.event).where(tables.event.c.receipt == f"{500:026d}"), ["record"]),
            (delete(tables.tile).where(tables.tile.c.number == 1), ["tree"]),
            (update(tables.head).values(size=EVENTS - 1), ["head"]),
            (update(tables.head).values(log="2025"), ["head"]),
            (edit(0, body=b'{"key":7}'), ["opening", "head", "anchor"]),
            (edit(0, body=b"["), ["opening", "head", "anchor"]),
            (edit(0, body=b'{"x":' + b"[" * 100_000), ["opening", "head", "anchor"]),
            (update(tables.checkpoint).values(note="x"), ["signature", "anchor"]),
            (delete(tables.checkpoint), ["head", "anchor"]),
        ],
        ids=[
            "an event is edited", "a salt is edited", "a salt is taken", "a leaf is removed",
            "an event is removed", "a tile is removed", "the head goes back",
            "the head is another log", "another opening", "an opening that is none", "a nested one",
            "a checkpoint is replaced by nonsense", "all checkpoints are removed",
        ],
    )  # fmt: skip
    def test_what_was_altered_is_named(self, store, full, statement, found):
        """
        What somebody edited or removed in the database makes the log broken, and the kind of
        breach is named (EV-08).
        """
        do(store, statement)
        seen = state(full, sample=EVENTS)

        assert not seen.is_unbroken
        assert not seen.is_empty
        assert set(found) <= set(kinds(seen.findings))
        assert set(found) <= set(thorough(full)) | {"altered", "record", "missing", "tree"}

    @pytest.mark.parametrize(
        ("place", "found"),
        [((0, 0, 100), {"tree", "altered"}), ((1, 0, 40), {"tree", "checkpoint"})],
        ids=["a leaf's", "an upper one"],
    )
    def test_a_hash_of_the_tree_is_altered(self, store, full, place, found):
        """
        One bit of one hash, at the bottom or further up, breaks the log (EV-08).
        """
        store.transact(flipped(*place))

        assert found <= set(quick(full))
        assert "tree" in thorough(full) or "checkpoint" in thorough(full)

    @pytest.mark.parametrize("index", [1, EVENTS // 2, EVENTS - 1])
    def test_a_place_near_the_end_is_removed(self, store, full, index):
        """
        Among the newest places none can go without being missed, by chance or not.
        """
        do(store, delete(tables.leaf).where(leaf(index)))

        assert quick(full, sample=0) == ["missing"]

    @pytest.mark.parametrize("name", ["2026", "2026.1", "2027"])
    def test_each_of_several_logs_is_looked_at(self, store, full, monkeypatch, name):
        """
        What was altered in a log before or after others is found with its place, by a look at all
        leaves, at that one alone by chance, and by a check of everything (EV-08).
        """
        succession.rotate(full, "Müller", now_ns=NOW + 3 * DAY)
        store.append(make(now_ns=NOW + 4 * DAY))
        full.seal(NOW + 4 * DAY)
        store.append(make(now_ns=NOW + 60 * DAY))
        full.seal(NOW + 60 * DAY)
        here = select(tables.leaf.c.id).where(tables.leaf.c.log == name, leaf(1)).scalar_subquery()
        do(store, update(tables.event).where(tables.event.c.id == here).values(body=b"{}"))
        seen = state(full, sample=EVENTS + 10)

        assert seen.sampled == seen.leaves
        before = sum(log.size for log in seen.logs if log.folder < name)
        monkeypatch.setattr(SystemRandom, "sample", lambda *_: [before + 1])
        for found in (seen.findings, state(full, sample=1).findings, inspect(full).findings):
            [finding] = found
            assert (finding.what, finding.origin) == ("altered", f"{SITE}/consent/{name}")
            assert finding.places == (1,)

    def test_a_checkpoint_of_somebody_else(self, store, full, tmp_path):
        """
        A checkpoint over the same tree that another key signed is no checkpoint of this log.
        """
        checkpoint = claimed(note_of(store, ORIGIN))
        other = Signer(ORIGIN, keys.make(tmp_path / "other.key"))
        do(store, update(tables.checkpoint).values(note=checkpoint.signed(other)))

        assert "signature" in quick(full)
        assert "signature" in thorough(full)

    def test_a_checkpoint_over_another_tree(self, store, full):
        """
        A checkpoint that the right key signed, over another tree, is seen as well.
        """
        note = Checkpoint(ORIGIN, EVENTS, b"x" * 32).signed(full.signer(ORIGIN))
        day = (NOW + DAY) // DAY
        do(store, update(tables.checkpoint).where(tables.checkpoint.c.day == day).values(note=note))

        assert "checkpoint" in quick(full)
        assert "checkpoint" in thorough(full)

    def test_yesterdays_copy_of_the_database(self, store, sealer, url, tmp_path):
        """
        A database that was put back to yesterday's is whole in itself, and broken: more than
        it holds was published (EV-08).
        """
        file = url.removeprefix("sqlite:///")
        store.append(make())
        sealer.seal(NOW)
        store.close()
        shutil.copy(file, tmp_path / "backup")
        store.append(make(now_ns=NOW + DAY))
        sealer.seal(NOW + DAY)
        store.close()
        shutil.copy(tmp_path / "backup", file)
        store = Store(url, SITE)
        again = Sealer(store, sealer.key, SOFTWARE)

        assert quick(again) == thorough(again) == ["anchor"]
        store.close()

    def test_a_log_that_follows_nothing(self, store, full):
        """
        If the older log is taken away, the newer one names an end that is not there.
        """
        store.append(make(now_ns=NOW + 60 * DAY))
        full.seal(NOW + 60 * DAY)
        for table in (tables.checkpoint, tables.leaf, tables.tile):
            do(store, delete(table).where(table.c.log == "2026"))

        assert "chain" in quick(full)
        assert "chain" in thorough(full)


class TestEverything:
    """What only a check of everything can see."""

    def test_one_altered_event_among_all(self, store, full):
        """
        It is found wherever it is, with its place (EV-08).
        """
        do(store, edit(123, body=b"{}"))
        [finding] = inspect(full).findings

        assert (finding.what, finding.origin, finding.places) == ("altered", ORIGIN, (123,))

    @pytest.mark.parametrize(
        ("statement", "found"),
        [
            (delete(tables.leaf).where(leaf(300)), ("missing", 1, (300,))),
            (edit(0, salt=bytes(32)), ("altered", 1, (0,))),
            (
                update(tables.checkpoint).values(note=tables.checkpoint.c.note + "x"),
                ("signature", 2, (EVENTS // 2, EVENTS - 1)),
            ),
        ],
        ids=["a place", "the first record", "all checkpoints"],
    )
    def test_what_both_looks_see_is_counted_once(self, store, full, statement, found):
        """
        What a look by chance has seen as well is counted once, with its place.
        """
        do(store, statement)
        [finding] = inspect(full).findings

        assert (finding.what, finding.count, finding.places) == found
        assert bool(finding.said) is (finding.what == "signature")

    @pytest.mark.parametrize(
        ("statement", "found"),
        [
            (delete(tables.leaf).where(tables.leaf.c.leaf_index.in_([254, 255, 256])), "missing"),
            (delete(tables.leaf).where(tables.leaf.c.leaf_index.in_([597, 598, 599])), "missing"),
            (delete(tables.event).where(tables.event.c.receipt.in_(THREE)), "record"),
        ],
        ids=["places where pieces join", "places at the end", "events"],
    )  # fmt: skip
    def test_all_that_was_removed_is_named(self, store, full, monkeypatch, statement, found):
        """
        Of what somebody removed each place is named, at the ends of what is read at once, too
        (EV-08).
        """
        monkeypatch.setattr(inspection, "PIECE", 256)
        do(store, statement)
        [finding] = [one for one in inspect(full).findings if one.places]

        assert (finding.what, finding.count) == (found, 3)
        first = 511 if found == "record" else finding.places[0]
        assert finding.places == (first, first + 1, first + 2)

    def test_a_hash_in_the_middle_of_the_tree(self, store, full):
        """
        A tile is compared with what its leaves give.
        """
        store.transact(flipped(1, 0, 40))

        assert "tree" in thorough(full)

    def test_an_older_checkpoint(self, store, full):
        """
        Each checkpoint that is kept is checked, not only the newest.
        """
        first = tables.checkpoint.c.day == NOW // DAY
        do(store, update(tables.checkpoint).where(first).values(note="nonsense"))

        assert quick(full) == []
        [finding] = inspect(full).findings
        assert (finding.what, finding.places) == ("signature", (EVENTS // 2,))

    def test_a_record_that_was_hidden(self, store, full):
        """
        An event that can no longer be found under its receipt or its time was tampered with.
        """
        do(store, edit(500, receipt="another"))
        do(store, edit(501, recorded_at=7))
        [finding] = inspect(full).findings

        assert (finding.what, finding.count, finding.places) == ("column", 2, (500, 501))

    def test_a_line_that_is_no_event(self, store, full):
        """
        What somebody had sealed although it is no event is found, and keeps nobody from checking
        all the rest (EV-08).
        """
        made = [make(now_ns=NOW + 2 * DAY + n * MS) for n in range(3)]
        record(
            store, map(lambda event, body: replace(event, body=body), made, (b"?", b"{}", b"\xff"))
        )
        full.seal(NOW + 2 * DAY)
        [finding] = inspect(full).findings

        places = tuple(range(EVENTS, EVENTS + 3))
        assert (finding.what, finding.is_broken, finding.places) == ("column", True, places)

    def test_a_record_that_went_without_an_erasure(self, store, full):
        """
        A record that was taken out and called erased, with no erasure that says so, is found;
        one that an erasure names is not (AU-09).
        """
        Eraser(full, "Müller").erase_receipt(f"{400:026d}", "art-17", NOW + 2 * DAY)
        do(store, delete(tables.event).where(tables.event.c.receipt == f"{500:026d}"))
        do(store, update(tables.leaf).where(leaf(501)).values(id=None))

        assert quick(full) == []
        [finding] = inspect(full).findings
        assert (finding.what, finding.places) == ("erased", (501,))

    @pytest.mark.parametrize(
        ("indexes", "rows", "found"),
        [("501", 1, []), ("501", 2, ["erased"]), ("500-501", 1, ["erased"])],
    )
    def test_an_erasure_that_contradicts_itself_is_none(self, store, full, indexes, rows, found):
        """
        One that was sealed and counts other records than it names gives no reason for any: that one
        went without is found.
        """
        do(store, delete(tables.event).where(tables.event.c.receipt == f"{500:026d}"))
        do(store, update(tables.leaf).where(leaf(501)).values(id=None))
        about = {"site": SITE, "origin": ORIGIN, "by": "Müller", "software": SOFTWARE}
        about |= {"indexes": indexes, "rows": rows, "ground": "art-17"}
        store.append(event.erasure(now_ns=NOW + 2 * DAY, **about))
        full.seal(NOW + 2 * DAY)

        assert [what for what in thorough(full) if what != "returned"] == found

    def test_an_erased_record_that_is_back(self, store, full, url, tmp_path):
        """
        A record that an erasure names and that is there again is said, and is no breach; it is
        told until a later check of everything finds it gone.
        """
        with store.snapshot() as now:
            [event] = now.connection.execute(
                tables.event.select().where(tables.event.c.receipt == f"{400:026d}")
            ).mappings()
            event = dict(event)
        Eraser(full, "Müller").erase_receipt(f"{400:026d}", "art-17", NOW + 2 * DAY)
        do(store, insert(tables.event).values(**event))
        do(store, update(tables.leaf).where(leaf(401)).values(id=event["id"]))
        [finding] = inspect(full).findings

        assert (finding.what, finding.is_broken, finding.places) == ("returned", False, (401,))
        last = Inspector(full).run()
        assert finding in findings(state(full), last, last, last.seen_at)

    @pytest.mark.parametrize(("days", "logs"), [(2, 1), (60, 2)], ids=["this year", "the next"])
    def test_what_is_erased_meanwhile_is_no_breach(self, store, full, days, logs):
        """
        A record that goes while everything is checked is named by an erasure that comes later, in a
        log perhaps that began meanwhile.
        """

        def erase(done):
            if store.ids(f"{400:026d}"):
                Eraser(full, "Müller").erase_receipt(f"{400:026d}", "art-17", NOW + days * DAY)

        assert inspect(full, erase).findings == ()
        assert len(store.logs()) == logs


class TestInspector:
    """The check in the background."""

    def test_its_result_is_kept(self, store, full):
        """
        What was checked, how much and when is known to other processes, until the next check.
        """
        inspector = Inspector(full)
        assert inspector.last() is None
        inspector.run()
        other = Inspector(Sealer(store, full.key, SOFTWARE))

        last = other.last()
        assert last.is_unbroken
        assert (last.leaves, last.of, last.findings) == (EVENTS, EVENTS, ())
        assert last.began_at <= last.seen_at == last.ended_at

        do(store, edit(123, body=b"{}"))
        other.run()
        assert not inspector.last().is_unbroken
        assert kinds(inspector.last().findings) == ["altered"]

    def test_it_is_that_of_its_own_site(self, full, url):
        """
        Of several sites with one key none has what was checked, or found, of another one.
        """
        other = Store(url, "other.example")
        record(other, [refuse(site="other.example")])
        inspectors = Inspector(full), Inspector(Sealer(other, full.key, SOFTWARE))
        inspectors[1].sealer.seal(NOW)
        do(full.store, edit(123, body=b"{}"))
        inspectors[0].run()

        assert (inspectors[1].last(), inspectors[1].current()) == (None, None)
        inspectors[1].run()
        assert [one.last().leaves for one in inspectors] == [EVENTS, 2]
        assert [one.last().is_unbroken for one in inspectors] == [False, True]
        other.close()

    def test_it_runs_beside_everything_else(self, full, monkeypatch):
        """
        It begins in a thread that keeps no server from ending, one at a time, says how far it is,
        and is over at some time.
        """
        monkeypatch.setattr("consent.audit.inspector.PULSE", 0)
        monkeypatch.setattr(inspection, "PIECE", 256)
        seen, inspector = [], Inspector(full)
        import threading

        go, over = threading.Event(), threading.Event()

        def sleep(_):
            seen.append(inspector.current())
            go.wait(10)

        monkeypatch.setattr("time.sleep", sleep)
        run = inspector._run
        monkeypatch.setattr(inspector, "_run", lambda begun: (run(begun), over.set()))

        assert inspector.start()
        assert not inspector.start()
        assert [t.daemon for t in threading.enumerate() if t.name == "consent-check"] == [True]
        go.set()
        assert over.wait(20)
        assert [each.leaves for each in seen] == [256, 512, 600]
        assert all(not each.is_complete and each.of == EVENTS for each in seen)
        assert inspector.last().leaves == EVENTS
        over.clear()
        assert inspector.start()
        assert over.wait(20)

    def test_it_leaves_half_of_the_time_to_others_and_gives_signs_of_life(self, full, monkeypatch):
        """
        Between two pieces a check rests as long as it worked; however long it takes, everybody
        sees that it goes on, and how far it is, and it writes that at most once a second.
        """
        clock, rests, told, inspector = [time.monotonic()], [], [], Inspector(full)

        def sleep(seconds):
            clock[0] += seconds
            rests.append(seconds)
            current = inspector.current()
            told.append((current.leaves, current.is_running(int(clock[0] * 1000))))

        def work(sealer, beat):
            for done, seconds in enumerate((5, 0, 0.25, 0.25, 0.25, 50, 50), 1):
                clock[0] += seconds
                beat(done)
            return inspection.Inspected(7, 0, ())

        at = SimpleNamespace(monotonic=lambda: clock[0], sleep=sleep)
        monkeypatch.setattr("consent.audit.inspector.time", at)
        monkeypatch.setattr("consent.audit.inspector.now_ms", lambda: int(clock[0] * 1000))
        monkeypatch.setattr("consent.audit.inspector.inspect", work)
        inspector.run()

        assert rests[1:] == pytest.approx([REST, 0.25, 0.25, 0.25, 50, 50])
        assert told == [(done, True) for done in (1, 2, 2, 2, 5, 6, 7)]

    @pytest.mark.parametrize(
        "kept",
        [
            *(b"", b"{", b"\xff", b"[]", b"7", b'{"x":' * 100_000, b'{"%s": 7}'),
            *(b'{"%s": {"last": 7}}', b'{"%s": {"last": {"began_at": 7}}}'),
            b'{"%s": {"current": {"began_at": 7, "seen_at": "x", "findings": []}}}',
            b'{"%s": {"last": {"began_at": 7, "seen_at": 7, "findings": ['
            b'{"what": "x", "places": []}]}}}',
        ],
        ids=[
            *("empty", "cut", "bytes", "a list", "a number", "nested", "no checks", "no check"),
            *("half", "no time", "no finding"),
        ],
    )
    def test_a_result_that_was_altered_is_none(self, full, kept):
        """
        What lies in the place of a result and is none, or one that only a later version knows,
        means that nothing was checked, and stands in no later check's way.
        """
        inspector = Inspector(full)
        inspector.path.write_bytes(kept.replace(b"%s", SITE.encode()))

        assert (inspector.last(), inspector.current()) == (None, None)
        inspector.run()
        assert Inspector(full).last().is_unbroken

    def test_what_it_found_is_told_until_the_next_one(self, full):
        """
        What only a check of everything finds stays told, what each look sees by itself does not;
        and of a check that was cut off it is said, not of one that goes on or ended.
        """
        seen = state(full)
        now = seen.seen_at
        found = tuple(Finding(what, ORIGIN) for what in (*BROKEN, *REMARKS))
        ended, goes_on = Inspection(now, now, now, findings=found), Inspection(now, now)
        cut_off = Inspection(now, now - DEAD_MS)

        assert kinds(findings(seen, ended, ended, now)) == [*BROKEN, "returned"]
        assert kinds(findings(seen, None, goes_on, now)) == []
        assert kinds(findings(seen, None, cut_off, now)) == ["interrupted"]

    def test_one_that_was_cut_off_is_not_waited_for(self, full, monkeypatch):
        """
        A check whose process ended gives no sign of life, and another one can begin, also if it
        began while the clock was ahead.
        """
        inspector = Inspector(full)
        inspector.run()
        kept = json.loads(inspector.path.read_text())
        kept[SITE]["current"] |= {"ended_at": None}
        inspector.path.write_text(json.dumps(kept))
        current = inspector.current()

        assert current.is_running(current.seen_at + DEAD_MS - 1)
        assert not current.is_running(current.seen_at + DEAD_MS)
        assert not current.is_running(current.seen_at - 365 * DAY_MS)

    def test_what_cannot_be_written_is_known_here(self, full):
        """
        Where there is no place for the result, this process knows it all the same.
        """
        inspector = Inspector(full)
        inspector.path.mkdir()
        inspector.run()

        assert inspector.last().is_unbroken
        assert Inspector(full).last() is None

    def test_what_is_newer_counts_where_it_cannot_be_written(self, store, full, monkeypatch):
        """
        What this process found last is what it tells, though an older result can still be read
        (EV-08).
        """

        def full_disk(*_):
            raise OSError

        inspector = Inspector(full)
        Eraser(full, "Müller").erase_receipt(f"{400:026d}", "art-17", NOW + 2 * DAY)
        inspector.run()
        do(store, edit(123, body=b"{}"))
        monkeypatch.setattr("consent.audit.inspector._write", full_disk)
        inspector.run()

        assert (
            kinds(inspector.last().findings) == kinds(inspector.current().findings) == ["altered"]
        )
        other = Inspector(full).last()
        assert (other.erased, other.is_unbroken) == (1, True)

    def test_a_database_that_fails_is_no_result(self, store, full):
        """
        A check that could not be done to the end says why, and the one before stays the last.
        """
        inspector = Inspector(full)
        inspector.run()
        do(store, text("ALTER TABLE consent_tile RENAME TO gone"))
        made = inspector.run()

        assert "consent_tile" in made.problem
        assert not made.is_unbroken
        assert inspector.last().is_unbroken
        assert inspector.current() == made
        do(store, text("ALTER TABLE consent_checkpoint RENAME TO away"))
        with pytest.raises(LogUnavailable):
            inspector.start()


class TestBrokenOnPostgreSQL:
    """The same looks on the other database."""

    @pytest.fixture
    def url(self, postgresql):
        return postgresql

    def test_the_looks_are_the_same(self, store, sealer):
        """
        On PostgreSQL a log is unbroken until somebody alters it, at a look and when everything
        is checked (EV-08).
        """
        for n in range(20):
            store.append(make(now_ns=NOW + n * MS))
        sealer.seal(NOW)
        Eraser(sealer, "Müller").erase(store.ids(RECEIPT)[3:5], "art-17", NOW + DAY)
        assert quick(sealer) == thorough(sealer) == []

        do(store, edit(9, body=b"{}"))
        do(store, delete(tables.leaf).where(leaf(11)))
        assert set(quick(sealer)) == set(thorough(sealer)) == {"altered", "missing"}
