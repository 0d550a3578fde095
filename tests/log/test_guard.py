"""Nobody can give a log another past: what was published is known outside the database."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from unittest.mock import Mock

import pytest
from sqlalchemy import text

from consent.errors import LogError, LogUnavailable
from consent.log import anchor, bundle, keys, succession
from consent.log.leaves import every_leaf
from consent.log.merkle.checkpoint import claimed
from consent.log.merkle.logs import Name
from consent.log.seal import Sealer
from consent.log.store import Store
from consent.log.trees import Trees
from tests.log.samples import DAY, MS, NOW, SITE, SOFTWARE, make, refuse

ORIGIN = f"{SITE}/consent/2026"
AGAIN = f"{SITE}/consent/2026.1"


def add(store: Store, sealer: Sealer, *moments: int) -> str:
    """Record and seal an event at each of *moments*; return the newest checkpoint."""
    for moment in moments:
        store.append(make(now_ns=NOW + moment * MS))
        sealer.seal(NOW + moment * MS)
    return store.logs()[-1].checkpoint


def again(url: str, sealer: Sealer) -> tuple[Store, Sealer]:
    """A process that starts later, on the database that is there then."""
    store = Store(url, SITE)
    return store, Sealer(store, sealer.key, SOFTWARE)


@pytest.fixture
def restored(store, sealer, url, tmp_path):
    """A log whose database was put back to what it was before its last two events."""
    file = url.removeprefix("sqlite:///")
    add(store, sealer, 0, 1)
    store.close()
    shutil.copy(file, tmp_path / "backup")
    newest = add(store, sealer, 2, 3)
    store.close()
    shutil.copy(tmp_path / "backup", file)
    store, sealer = again(url, sealer)
    yield store, sealer, newest
    store.close()


def test_yesterdays_database_is_not_sealed(restored):
    """
    After an old copy of the database was put back sealing refuses, says what happened and what
    to do, and decisions are recorded all the same (EV-01, EV-08).
    """
    store, sealer, _ = restored
    store.append(make(now_ns=NOW + 4 * MS))

    for _ in range(2):
        with pytest.raises(LogError, match=f"{ORIGIN}: a checkpoint with 5 .* has 3") as refused:
            sealer.seal(NOW)
    assert "flask consent log reopen" in str(refused.value)
    assert store.logs()[0].size == 3
    assert store.count() == 4
    assert store.is_waiting()


def test_yesterdays_database_is_not_taken_along(restored, tmp_path):
    """
    Nor does anybody get a bundle of it, signed as if it were the log, though nothing waits to be
    sealed and find it out (EV-08).
    """
    store, sealer, _ = restored

    with pytest.raises(LogError, match=f"{ORIGIN}: a checkpoint with 5 .* has 3"):
        bundle.to_file(sealer, tmp_path / "b.zip", bundle.Request("Vorstand", SOFTWARE, NOW))
    assert (store.count(), (tmp_path / "b.zip").exists()) == (3, False)


@pytest.mark.parametrize("moments", [(7, 8), (7, 8, 9)], ids=["as many", "more"])
def test_a_log_that_took_another_way_is_not_sealed(restored, moments):
    """
    If the old copy grew again without the anchors, its newer leaves are not the published ones,
    and that is found out (EV-08).
    """
    store, sealer, _ = restored
    anchors = sealer.anchors.path.read_bytes()
    sealer.anchors.path.unlink()
    add(store, sealer, *moments)
    sealer.anchors.path.write_bytes(anchors)
    store.append(make(now_ns=NOW + 10 * MS))

    with pytest.raises(LogError, match="has others in their place"):
        Sealer(store, sealer.key, SOFTWARE).seal(NOW)


def test_without_anchors_yesterdays_log_ends_with_its_key(restored):
    """
    Where the anchors are lost with the newest database, nothing tells that it is an older one. Who
    gives up the key signs nothing in the place of what others hold, as docs/log.md advises.
    """
    store, sealer, _ = restored
    [before] = store.logs()
    store.append(make(now_ns=NOW + 4 * MS))
    for lost in (sealer.anchors.path, sealer.key):
        lost.unlink()

    with pytest.raises(LogError, match="the key of the log is gone"):
        sealer.seal(NOW)
    assert succession.rotate(sealer, "Vorstand", lost=True, now_ns=NOW) == AGAIN
    assert sealer.seal(NOW) == 1
    assert store.logs()[0].checkpoint == before.checkpoint


def test_a_database_that_is_exchanged_while_a_process_runs_is_noticed(store, sealer, url, tmp_path):
    """
    A process that sealed before the exchange does not seal after it.
    """
    file = url.removeprefix("sqlite:///")
    add(store, sealer, 0)
    store.close()
    shutil.copy(file, tmp_path / "backup")
    add(store, sealer, 1)
    store.close()
    shutil.copy(tmp_path / "backup", file)
    store.append(make(now_ns=NOW + 2 * MS))

    with pytest.raises(LogError, match="was published"):
        sealer.seal(NOW)


def test_a_lost_database_is_not_replaced_in_silence(store, sealer, url):
    """
    A new and empty database beside the anchors of a log is not taken for a first start.
    """
    add(store, sealer, 0, 1)
    store.close()
    Path(url.removeprefix("sqlite:///")).unlink()
    store, sealer = again(url, sealer)
    store.append(make())

    with pytest.raises(LogError, match="and the database has 0"):
        sealer.seal(NOW)
    assert succession.reopen(sealer, NOW) == AGAIN
    assert [(log.origin, log.size) for log in store.logs()] == [(AGAIN, 2)]
    store.close()


def test_a_reopened_log_names_the_gap(restored):
    """
    The successor says in its first leaf from where it goes on and what is missing, holds what
    was recorded meanwhile, and is sealed like any other (EV-08).
    """
    store, sealer, newest = restored
    store.append(make(now_ns=NOW + 4 * MS))
    kept = store.logs()[0].checkpoint

    assert succession.reopen(sealer, NOW) == AGAIN
    old, new = store.logs()
    with store.snapshot() as snapshot:
        opening = snapshot.opening(AGAIN)
    assert (opening["reason"], opening["gap"], opening["previous"]) == ("reopened", newest, kept)
    assert (old.checkpoint, old.folder, new.folder, new.size) == (kept, "2026", "2026.1", 2)
    assert claimed(add(store, sealer, 5)).size == 3


def test_a_reopened_log_stays_open_in_later_processes(restored, url):
    """
    What has been admitted once is no reason to refuse any more; what goes missing later is.
    """
    store, sealer, _ = restored
    succession.reopen(sealer, NOW)
    store, sealer = again(url, sealer)
    newest = add(store, sealer, 5)
    store.close()

    assert claimed(newest).origin == AGAIN
    sealer.anchors.append(newest.replace("\n2\n", "\n9\n"), NOW // MS)
    store, sealer = again(url, sealer)
    with pytest.raises(LogError, match=r"2026\.1: a checkpoint with 9 leaves"):
        add(store, sealer, 6)
    succession.reopen(sealer, NOW)
    store.close()
    store, sealer = again(url, sealer)
    assert claimed(add(store, sealer, 7)).origin == f"{SITE}/consent/2026.2"
    store.close()


def test_a_database_that_fails_is_not_taken_for_another_one(store, sealer, url, monkeypatch):
    """
    A server that goes away while the anchors are compared is told as that: nobody is to bring
    back a copy, or to begin a new log, for it.
    """
    add(store, sealer, 0)
    _, later = again(url, sealer)

    def fail(*_):
        raise LogUnavailable("gone for a moment")

    monkeypatch.setattr(Trees, "root", fail)
    with pytest.raises(LogUnavailable, match="gone for a moment"):
        later.require_sound()


def test_a_log_is_reopened_again_under_a_new_name(restored, url):
    """
    Every successor has a name of its own, also after one that the database lost as well.
    """
    store, sealer, newest = restored
    lost = newest.replace("2026\n5\n", "2026.4\n7\n")
    sealer.anchors.append(lost, NOW // MS)

    assert succession.reopen(sealer, NOW) == f"{SITE}/consent/2026.5"
    with store.snapshot() as snapshot:
        assert snapshot.opening(f"{SITE}/consent/2026.5")["gap"] == lost


def test_nothing_is_reopened_without_need(store, sealer):
    """
    A log that is as it was published is not given up by mistake.
    """
    add(store, sealer, 0)

    with pytest.raises(LogError, match="no log has to be reopened"):
        succession.reopen(sealer, NOW)


def test_a_tree_that_was_changed_is_not_signed(store, sealer):
    """
    Hashes that somebody changed in the database do not get a signature (EV-08).
    """
    add(store, sealer, 0, 1)
    with store._engine.begin() as connection:
        connection.execute(text("UPDATE consent_tile SET hashes = :hashes"), {"hashes": b"\0" * 96})

    with pytest.raises(LogError, match="not the one of its last checkpoint"):
        add(store, sealer, 2)


def test_a_tree_that_is_gone_is_not_signed(store, sealer, url):
    """
    Tiles that are missing stop the sealing, and the log can be reopened.
    """
    add(store, sealer, 0, 1)
    with store._engine.begin() as connection:
        connection.execute(text("DELETE FROM consent_tile"))

    with pytest.raises(LogError, match="is gone"):
        add(store, sealer, 2)
    assert succession.reopen(sealer, NOW) == AGAIN


class TestAnchors:
    """The file outside the database."""

    def test_each_line_is_one_checkpoint(self, store, sealer):
        """
        Other programs can read the anchors: JSON, one line for each checkpoint.
        """
        note = add(store, sealer, 0).replace("\n", "\\n")

        assert sealer.anchors.path.read_text("utf-8") == (
            f'{{"at":"2026-11-25T03:50:00.123Z","checkpoint":"{note}"}}\n'
        )
        assert sealer.anchors.path.stat().st_mode & 0o777 == 0o600

    def test_a_line_that_was_cut_off_does_no_harm(self, store, sealer, url):
        """
        A power cut in the middle of a line leaves the lines before and after it readable.
        """
        add(store, sealer, 0)
        newest = add(store, sealer, 1)
        with sealer.anchors.path.open("ab") as file:
            file.write(sealer.anchors.path.read_bytes()[:100])
        sealer.anchors.append(newest, NOW // MS)

        assert [*sealer.anchors.newest(SITE).values()] == [newest]
        assert sealer.anchors.path.read_bytes().count(b"\n") == 4

    @pytest.mark.parametrize(
        "line",
        [b"{}", b"[]", b"1", b"\xff", b'{"checkpoint":1}', b'{"checkpoint":"x"}', b"", b"[" * 5000],
        ids=range(8),
    )
    def test_a_line_of_something_else_is_passed_over(self, store, sealer, line):
        """
        What is no anchor is no reason to stop.
        """
        newest = add(store, sealer, 0)
        with sealer.anchors.path.open("ab") as file:
            file.write(line + b"\n")

        assert [*sealer.anchors.newest(SITE).values()] == [newest]

    @pytest.mark.parametrize("full", [anchor.FULL, 100], ids=["usual", "long"])
    def test_an_older_anchor_does_not_hide_a_newer_one(self, store, sealer, monkeypatch, full):
        """
        The order of the lines is no matter, as several processes write them; nor is it when a
        long file is made shorter.
        """
        older, newest = add(store, sealer, 0), add(store, sealer, 1)
        monkeypatch.setattr(anchor, "FULL", full)
        sealer.anchors.append(older, NOW // MS)

        assert [*sealer.anchors.newest(SITE).values()] == [newest]
        assert sealer.anchors.newest("other.example") == {}

    def test_sealing_goes_on_where_a_server_has_put_its_own_files_in_place(
        self, store, sealer, monkeypatch
    ):
        """
        eventlet, by which gunicorn and Flask-SocketIO may serve, has its own ``os.fdopen``, which
        closes what it was told to leave open: anchors are written there, too.
        """
        fdopen = os.fdopen
        monkeypatch.setattr(os, "fdopen", lambda file, mode, closefd=True: fdopen(file, mode))

        newest = add(store, sealer, 0, 1)
        assert [*sealer.anchors.newest(SITE).values()] == [newest]

    def test_no_thread_sees_what_another_one_has_half_read(self, store, sealer, monkeypatch):
        """
        While the desk reads the anchors, the thread that seals knows all of them or reads them
        itself: with a part it would seal an old copy of the database, and publish that.
        """
        newest = add(store, sealer, 0, 1)
        seen, claimed = [], anchor.claimed

        def interrupted(note):
            if not seen:
                seen.append(None)
                seen.append(fresh.newest(SITE))
            return claimed(note)

        fresh = anchor.Anchors(sealer.anchors.path)
        monkeypatch.setattr(anchor, "claimed", interrupted)

        assert fresh.newest(SITE) == seen[1] == {Name(2026): newest}

    def test_a_long_file_keeps_the_last_line_of_each_day(self, store, sealer, monkeypatch):
        """
        The file does not grow without end, and still knows the newest checkpoint and what was
        published at the end of each day; processes that have it open notice.
        """
        other = anchor.Anchors(sealer.anchors.path)
        add(store, sealer, 0, 1, DAY // MS)
        with sealer.anchors.path.open("ab") as file:
            file.write(b"no anchor\n")
        assert other.newest(SITE)
        monkeypatch.setattr(anchor, "FULL", 100)
        newest = add(store, sealer, DAY // MS + 1)

        lines = sealer.anchors.path.read_text("utf-8").splitlines()
        assert [line[7:17] for line in lines] == ["2026-11-25", "2026-11-26"]
        assert [*other.newest(SITE).values()] == [*sealer.anchors.newest(SITE).values()] == [newest]
        other.append(newest, NOW // MS)
        assert sealer.anchors.newest(SITE) == other.newest(SITE)

    def test_a_long_file_is_added_to_where_it_cannot_be_replaced(self, store, sealer, monkeypatch):
        """
        On Windows, where no file takes the place of an open one, sealing goes on all the same.
        """
        add(store, sealer, 0)
        monkeypatch.setattr(anchor, "FULL", 100)
        monkeypatch.setattr(anchor, "CAN_REPLACE", False)
        monkeypatch.setattr(Path, "replace", Mock(side_effect=PermissionError))
        newest = add(store, sealer, 1)

        assert [*sealer.anchors.newest(SITE).values()] == [newest]
        assert sealer.anchors.path.read_bytes().count(b"\n") == 2

    def test_when_a_checkpoint_was_published_is_found_among_the_others(self, store, sealer):
        """
        The time of a checkpoint is that of its own line, and unknown where it has none.
        """
        first, last = add(store, sealer, 0), add(store, sealer, 1500)
        path = sealer.anchors.path

        assert anchor.moment(path, first) == NOW // MS
        assert anchor.moment(path, last) == NOW // MS + 1500
        assert anchor.moment(path, first.replace("\n2\n", "\n7\n")) is None

    @pytest.mark.parametrize(
        "at", ['"at":"yesterday",', '"at":1,', ""], ids=["no time", "no text", "none"]
    )
    def test_a_checkpoint_whose_time_cannot_be_read_has_none(self, store, sealer, at):
        """
        Where the file is gone, or the line has no time, when it was published is unknown, and
        whoever asks gets an answer all the same.
        """
        note = add(store, sealer, 0)
        path = sealer.anchors.path
        path.write_text(re.sub('"at":"[^"]*",', at, path.read_text("utf-8")), "utf-8")

        assert anchor.moment(path, note) is None
        path.unlink()
        assert anchor.moment(path, note) is None

    def test_anchors_that_cannot_be_kept_are_told(self, store, sealer):
        """
        If the file cannot be written or read, whoever looks after the site learns it.
        """
        sealer.anchors.path.mkdir(parents=True)

        with pytest.raises(LogError, match=r"consent\.anchors: cannot be read"):
            add(store, sealer, 0)
        with pytest.raises(LogError, match=r"consent\.anchors: cannot be written"):
            sealer.anchors.append("x\n", NOW // MS)


class TestRotation:
    """Another key, known or lost."""

    def test_two_at_once_do_not_take_the_key_of_a_third(self, store, sealer, monkeypatch):
        """
        Where another process finishes a rotation, and one more has begun, the first one leaves the
        key of that where it is: the log goes on under the one that it names.
        """
        add(store, sealer, 0)
        other, publish = Sealer(store, sealer.key, SOFTWARE), sealer.publish

        def overtaken(note, now_ns):
            publish(note, now_ns)
            if keys.next_of(sealer.key).exists():
                succession.rotate(other, "x", now_ns=NOW)
                keys.make(keys.next_of(sealer.key))

        monkeypatch.setattr(sealer, "publish", overtaken)
        succession.rotate(sealer, "Vorstand", now_ns=NOW)
        monkeypatch.undo()

        store.append(refuse(now_ns=NOW + MS))
        assert sealer.seal(NOW + MS) == 1

    def test_one_that_was_overtaken_begins_no_log(self, store, sealer, monkeypatch):
        """
        Nor does one begin a log with a key that others have used and replaced since: nobody would
        have it any more.
        """
        add(store, sealer, 0)
        other, seal = Sealer(store, sealer.key, SOFTWARE), sealer.seal

        def overtaken(now_ns):
            monkeypatch.undo()
            for _ in range(2):
                succession.rotate(other, "x", now_ns=NOW)
            return seal(now_ns)

        monkeypatch.setattr(sealer, "seal", overtaken)
        with pytest.raises(LogError, match="another rotation has ended meanwhile"):
            succession.rotate(sealer, "Vorstand", now_ns=NOW)

        store.append(refuse(now_ns=NOW + MS))
        assert sealer.seal(NOW + MS) == 1
        assert len(store.logs()) == 3

    def test_the_old_key_names_the_new_one(self, store, sealer):
        """
        A rotation stands in the old log under the old key, and the next log begins with that
        log's last checkpoint under the new key (EV-08).
        """
        add(store, sealer, 0)
        store.append(refuse(now_ns=NOW + MS))
        before = sealer.key.read_bytes()

        assert succession.rotate(sealer, "Vorstand", now_ns=NOW) == AGAIN
        old, new = store.logs()
        with store.snapshot() as snapshot:
            last = [*every_leaf(snapshot, ORIGIN)][-1].body.decode()
            opening = snapshot.opening(AGAIN)
        assert '"by":"Vorstand","event":"key","format":"consent-event/1"' in last
        assert f'"key":"{new.vkey}"' in last
        assert (opening["previous"], opening["reason"]) == (old.checkpoint, "rotation")
        assert old.size == 4
        assert sealer.key.read_bytes() != before
        assert [path.name for path in sealer.key.parent.glob("consent.key*")] == ["consent.key"]
        assert claimed(add(store, sealer, 2)).origin == AGAIN

    def test_a_key_that_a_link_leads_to_is_gone(self, store, sealer, tmp_path):
        """
        Where the key lies elsewhere and a link leads to it, the new one takes its place there, so
        that nobody can sign with the old one any more (SE-12).
        """
        elsewhere = tmp_path / "elsewhere" / "verein.key"
        for folder in (elsewhere.parent, sealer.key.parent):
            folder.mkdir(exist_ok=True)
        sealer.key.symlink_to(elsewhere)
        add(store, sealer, 0)
        before = elsewhere.read_bytes()
        succession.rotate(sealer, "Vorstand", now_ns=NOW)
        add(store, sealer, 1)

        assert sealer.key.is_symlink()
        assert [*elsewhere.parent.iterdir()] == [elsewhere]
        assert elsewhere.read_bytes() != before

    def test_a_process_that_runs_takes_the_new_key(self, store, sealer, url):
        """
        A web server need not be started again after a rotation.
        """
        running, other = again(url, sealer)
        add(running, other, 0)
        succession.rotate(sealer, "Vorstand", now_ns=NOW)

        assert claimed(add(running, other, 1)).origin == AGAIN
        running.close()

    @pytest.mark.parametrize(
        ("why", "told"),
        [(KeyboardInterrupt, KeyboardInterrupt), (PermissionError(13, "denied"), LogError)],
        ids=["cut off", "refused"],
    )
    def test_a_rotation_that_was_cut_off_is_finished(self, store, sealer, monkeypatch, why, told):
        """
        If the machine goes down before the new key is in its place, or it cannot be put there,
        sealing refuses and says what to do, and doing it again finishes it.
        """
        add(store, sealer, 0)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", Mock(side_effect=why))
            with pytest.raises(told):
                succession.rotate(sealer, "Vorstand", now_ns=NOW)
        with pytest.raises(LogError, match="flask consent log rotate"):
            add(store, sealer, 1)

        assert succession.rotate(sealer, "Vorstand", now_ns=NOW) == AGAIN
        assert sealer.seal(NOW) == 1
        assert len(store.logs()) == 2

    def test_a_lost_key_is_not_replaced_in_silence(self, store, sealer):
        """
        If the key is gone, no other one signs the log until somebody says that it is lost; then
        the next log begins without a word of the old one.
        """
        add(store, sealer, 0)
        sealer.key.unlink()
        with pytest.raises(LogError, match="the key of the log is gone"):
            add(store, sealer, 1)
        with pytest.raises(LogError, match="the key of the log is gone"):
            succession.rotate(sealer, "Vorstand", now_ns=NOW)

        assert succession.rotate(sealer, "Vorstand", lost=True, now_ns=NOW) == AGAIN
        assert [log.size for log in store.logs()] == [2, 1]
        assert sealer.seal(NOW) == 1

    def test_a_key_that_is_there_is_not_lost(self, store, sealer):
        """
        Nobody gives up a key by a slip.
        """
        add(store, sealer, 0)

        with pytest.raises(LogError, match="without --lost"):
            succession.rotate(sealer, "Vorstand", lost=True, now_ns=NOW)

    def test_another_key_does_not_sign_the_log(self, store, sealer, tmp_path):
        """
        A key that was exchanged by hand is noticed, and signs no bundle either.
        """
        add(store, sealer, 0)
        sealer.key.unlink()
        keys.make(sealer.key)

        asked = bundle.Request("Vorstand", SOFTWARE, NOW)
        with pytest.raises(LogError, match="not the one that signed the log"):
            bundle.to_file(sealer, tmp_path / "b.zip", asked)
        with pytest.raises(LogError, match="not the one that signed the log"):
            add(store, sealer, 1)

    def test_where_another_key_lies_the_way_on_is_told(self, store, sealer):
        """
        Who has put another key in the place of one that is lost, or an older database under a
        newer key, reads what to do, and that works.
        """
        add(store, sealer, 0)
        other = sealer.key.rename(sealer.key.with_suffix(".other"))
        keys.make(sealer.key)

        with pytest.raises(LogError, match=r"move the other one away, then: .* rotate --lost"):
            add(store, sealer, 1)
        with pytest.raises(LogError, match="move it away first"):
            succession.rotate(sealer, "Vorstand", lost=True, now_ns=NOW)
        sealer.key.replace(other)
        assert succession.rotate(sealer, "Vorstand", lost=True, now_ns=NOW) == AGAIN
        assert sealer.seal(NOW) == 1

    def test_without_a_log_there_is_no_key_to_change(self, sealer):
        """
        Before the first decision there is nothing to rotate.
        """
        with pytest.raises(LogError, match="no log yet"):
            succession.rotate(sealer, "Vorstand", now_ns=NOW)

    def test_the_next_year_follows_a_rotation(self, store, sealer):
        """
        After a rotation the new year has a log of its own like every year.
        """
        add(store, sealer, 0)
        succession.rotate(sealer, "Vorstand", now_ns=NOW)
        store.append(make(now_ns=NOW + 40 * DAY))
        sealer.seal(NOW + 40 * DAY)

        assert [log.folder for log in store.logs()] == ["2026", "2026.1", "2027"]
