"""A file that takes long is made in the background, and taken when it is there."""

from __future__ import annotations

import io
import os
import re
import tempfile
import threading
import time
import zipfile
from unittest.mock import Mock

import msgspec
import pytest

from consent.day import DAY_MS
from consent.errors import LogError
from consent.web.desk import exports, prepared, preparing
from consent.web.desk.preparing import Prepared
from tests.conftest import Visitor, events
from tests.web.desk.reader import Reader
from tests.web.desk.test_slow_clients import free, waited_for

ADDRESS = re.compile(r"^/consent/audit(/exports/prepared/[A-Za-z0-9_-]{22})$")


@pytest.fixture
def who() -> list[str]:
    """Whom the site's login knows."""
    return ["Dr. Prüfer"]


@pytest.fixture
def reader(make_app, who, tmp_path, monkeypatch) -> Reader:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(preparing, "PULSE", 0.005)
    return Reader(make_app(CONSENT_AUDITOR=lambda: who[0]), decisions=4)


@pytest.fixture
def slow(monkeypatch):
    """Making a bundle goes on when this is set; three leaves are done before."""
    going_on, real = threading.Event(), exports.bundle.to_file

    def to_file(sealer, path, asked, progress):
        progress(3)
        assert going_on.wait(10)
        return real(sealer, path, asked, progress)

    monkeypatch.setattr(exports.bundle, "to_file", to_file)
    monkeypatch.setattr(prepared, "PATIENCE", 0.0)
    yield going_on
    going_on.set()
    for thread in threading.enumerate():
        if thread.name == "consent-prepare":
            thread.join(10)
    assert free() == prepared.SLOTS


def begin(reader: Reader) -> str:
    """Ask for a bundle that takes long; return where it will be."""
    answer = reader.post("/exports/file", format="bundle")
    assert answer.status_code == 303
    return ADDRESS.match(answer.location).group(1)


def about(reader: Reader, path: str, by: str = "Dr. Prüfer"):
    return reader.site.workshop.find(path.rpartition("/")[2], by)


def test_a_page_says_how_far_it_is_and_then_hands_it_out(reader, slow):
    """
    Whoever waits sees the progress, visitors decide meanwhile, and the file is whole; the export
    is one event, and so is each time that it is taken.
    """
    path = begin(reader)
    assert waited_for(lambda: about(reader, path).done == 3)
    running = reader.get(path)
    early = reader.post(path + "/file")
    assert Visitor(reader.app).decide("accept").status_code == 303
    assert free() == prepared.SLOTS - 1
    slow.set()
    assert waited_for(lambda: about(reader, path).size)
    ready = reader.get(path)
    answer = reader.post(path + "/file")

    assert "wird gerade zusammengestellt" in running.text
    assert re.search(r'<progress max="\d+" value="3"', running.text)
    assert (early.status_code, early.location) == (303, "/consent/audit" + path)
    assert "Die Datei ist fertig." in ready.text
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=consent-")
    assert (answer.mimetype, answer.content_length) == ("application/zip", len(answer.data))
    with zipfile.ZipFile(io.BytesIO(answer.data)) as zip:
        assert "manifest.note" in zip.namelist()
    done = [e for e in events(reader.app) if "export" in (e["event"], e.get("what"))]
    assert [(e["event"], e["by"]) for e in done] == [
        ("export", "Dr. Prüfer"),
        ("access", "Dr. Prüfer"),
    ]


def test_nobody_else_finds_it(reader, who, slow):
    """
    It belongs to who had it made; others see what they see of a page that is not there.
    """
    path = begin(reader)
    assert reader.get(path).status_code == 200
    who[0] = "Dr. Anders"
    reader.post("/enter")

    assert reader.get(path).status_code == 404
    assert reader.post(path + "/file").status_code == 404


@pytest.mark.parametrize(
    "id", ["x", "..", "%2e%2e", "A" * 22, "A" * 10_000, "%00", "\u2028" * 22, "..%2f..%2fetc"]
)
def test_what_there_is_not_is_not_found(onlooker, id):
    """
    An id that was never given leads nowhere, whatever it looks like.
    """
    assert onlooker.get(f"/exports/prepared/{id}").status_code == 404
    assert onlooker.post(f"/exports/prepared/{id}/file").status_code in (404, 405)


def test_a_failure_is_told_and_frees_the_slot(reader, monkeypatch, caplog):
    """
    The auditor reads that it failed, the operator why, and nothing half made is kept.
    """

    def to_file(_sealer, path, *_):
        path.write_bytes(b"half")
        raise LogError("the disk is full")

    monkeypatch.setattr(exports.bundle, "to_file", to_file)
    path = begin(reader)

    assert "ließ sich nicht zusammenstellen" in reader.get(path).text
    assert "the disk is full" in caplog.text
    assert free() == prepared.SLOTS
    assert reader.post(path + "/file").status_code == 303
    assert not reader.site.workshop.path(about(reader, path)).exists()


def test_a_sign_of_life_that_cannot_be_given_ends_nothing(reader, slow, monkeypatch):
    """
    While the disk has no room for a moment, or Windows refuses to replace what somebody reads, the
    progress waits, and the file is made all the same.
    """
    path, real, refused = begin(reader), os.replace, []
    assert waited_for(lambda: about(reader, path).done == 3)

    def refuse(*names):
        refused.append(names)
        raise PermissionError

    monkeypatch.setattr(os, "replace", refuse)
    assert waited_for(lambda: len(refused) > 1)
    monkeypatch.setattr(os, "replace", real)
    slow.set()

    assert waited_for(lambda: about(reader, path).size)


def test_what_was_cut_off_is_told(reader, slow, monkeypatch):
    """
    A file whose process has gone is never waited for in vain.
    """
    path = begin(reader)
    monkeypatch.setattr(preparing, "DEAD_MS", -1_000)

    assert "abgebrochen" in reader.get(path).text


@pytest.mark.parametrize("days", [0, -365], ids=["later", "the clock was ahead"])
def test_it_is_gone_after_an_hour(reader, slow, monkeypatch, days):
    """
    What was made lies in the temporary folder no longer than it has to; not for a year because the
    clock was a year ahead.
    """
    path = begin(reader)
    slow.set()
    assert waited_for(lambda: about(reader, path).size)
    folder = reader.site.workshop.path(about(reader, path)).parent
    assert folder.stat().st_mode & 0o777 == 0o700
    later = time.time_ns() // 1_000_000 + preparing.KEPT_MS + 1_000 + days * DAY_MS
    monkeypatch.setattr(preparing, "now_ms", lambda: later)

    assert reader.get(path).status_code == 404
    assert not folder.exists()


def test_a_file_that_somebody_deleted_is_not_there(reader, slow):
    """
    Where what keeps a temporary folder clean was quicker, the auditor reads that nothing is there.
    """
    path = begin(reader)
    slow.set()
    assert waited_for(lambda: about(reader, path).size)
    reader.site.workshop.path(about(reader, path)).unlink()

    assert reader.post(f"{path}/file").status_code == 404
    assert waited_for(lambda: free() == prepared.SLOTS)


def test_one_thread_looks_after_all_files(reader, slow, monkeypatch):
    """
    However many files an auditor has had made, one thread waits to delete them, until all are gone.
    """
    monkeypatch.setattr(preparing, "SWEEP", 0.01)
    slow.set()
    before = set(threading.enumerate())
    for _ in range(3):
        path = begin(reader)
        assert waited_for(lambda path=path: about(reader, path).size)
    folder = reader.site.workshop.path(about(reader, path)).parent.parent
    assert len(list(folder.iterdir())) == 3
    assert waited_for(lambda: reader.site.workshop._sweeper)
    assert [one.name for one in {*threading.enumerate()} - before].count("consent-sweep") == 1
    monkeypatch.setattr(preparing, "KEPT_MS", -1)

    assert waited_for(lambda: not any(folder.iterdir()))
    assert waited_for(lambda: reader.site.workshop._sweeper is None)


def test_what_takes_no_time_is_handed_out_at_once(reader, tmp_path):
    """
    Nobody sees a page about a file that is there, and nothing of it stays.
    """
    answer = reader.post("/exports/file", format="bundle")

    assert answer.status_code == 200
    assert answer.content_length == len(answer.data)
    assert list(tmp_path.glob("consent-exports-*/*")) == []


@pytest.mark.parametrize("trap", ["open", "shared", "theirs", "link"])
def test_a_folder_of_somebody_else_is_not_used(reader, tmp_path, monkeypatch, caplog, trap):
    """
    Who lays out the folder before cannot read along; the auditor reads that it cannot be.
    """
    reader.post("/exports/file", format="bundle")
    (folder,) = tmp_path.glob("consent-exports-*")
    if trap in ("open", "shared"):
        folder.chmod(0o755 if trap == "open" else 0o770)
    elif trap == "theirs":
        somebody = os.geteuid() + 1
        monkeypatch.setattr("os.geteuid", lambda: somebody)
    else:
        folder.rmdir()
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        folder.symlink_to(tmp_path / "elsewhere")
    answer = reader.post("/exports/file", format="bundle")

    assert answer.status_code == 503
    assert free() == prepared.SLOTS
    assert not any((tmp_path / "elsewhere").glob("*"))
    assert "TMPDIR" in caplog.text


def test_where_users_have_no_numbers_the_folder_is_used_as_it_is(make_app, tmp_path, monkeypatch):
    """
    On Windows, where neither owner nor mode of a folder are told and the temporary one is the
    user's own, the site starts and a file is made.
    """
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for missing in ("getuid", "geteuid", "chown"):
        monkeypatch.delattr(os, missing)
    reader = Reader(make_app(CONSENT_AUDITOR=lambda: "Dr. Prüfer"), decisions=1)
    folder = reader.site.workshop._place
    folder.mkdir()
    folder.chmod(0o777)

    assert re.fullmatch("consent-exports-[0-9a-f]{16}", folder.name)
    assert reader.post("/exports/file", format="bundle").status_code == 200


def test_a_machine_without_a_temporary_folder_says_so(reader, monkeypatch, caplog):
    """
    Where a container has no place for files that do not stay, the auditor reads that it cannot be
    just now, and the operator what is missing; nothing is held for good.
    """
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", list)

    assert reader.post("/exports/file", format="bundle").status_code == 503
    assert "TMPDIR" in caplog.text
    assert free() == prepared.SLOTS


@pytest.mark.parametrize("path", ["/exports/file", "/overview/check"])
def test_a_host_without_a_thread_to_spare_says_so(reader, path, monkeypatch, caplog):
    """
    Where a limit of processes is reached, the auditor reads that it cannot be just now, and the
    operator what helps.
    """
    full = Mock(side_effect=RuntimeError("can't start new thread"))
    monkeypatch.setattr(threading.Thread, "start", full)

    assert reader.post(path, format="bundle").status_code == 503
    assert "ulimit" in caplog.text
    assert free() == prepared.SLOTS


def test_the_last_thread_to_spare_makes_the_file(reader, monkeypatch):
    """
    Where a host has one thread left, the file is made all the same, without signs of life, and
    the slot is free again.
    """
    begin, refused = threading.Thread.start, []

    def only_one(thread):
        if thread.name in ("consent-export", "consent-sweep"):
            refused.append(thread.name)
            raise RuntimeError("can't start new thread")
        begin(thread)

    monkeypatch.setattr(threading.Thread, "start", only_one)
    for number in range(1, prepared.SLOTS + 2):
        answer = reader.post("/exports/file", format="bundle")
        assert (answer.status_code, answer.mimetype) == (200, "application/zip")
        answer.close()
        assert refused == ["consent-export", "consent-sweep"] * number
    assert free() == prepared.SLOTS


@pytest.mark.parametrize("trap", ["open", "link"])
def test_in_a_folder_of_somebody_else_nothing_is_deleted_or_handed_out(reader, tmp_path, trap):
    """
    Who lays out the folder before cannot lead what is tidied up, or looked for, to other files.
    """
    elsewhere = tmp_path / "elsewhere"
    mine, id = elsewhere / "mine", "A" * 22
    for folder in (mine, elsewhere / id):
        folder.mkdir(parents=True)
    (mine / "letter").write_text("kept")
    theirs = Prepared(id, "Dr. Prüfer", "consent.zip", "application/zip", 4_102_444_800_000, size=4)
    (elsewhere / id / "about.json").write_bytes(msgspec.json.encode(theirs))
    (elsewhere / id / "file").symlink_to(mine / "letter")
    os.utime(mine, (1, 1))
    folder = tmp_path / reader.site.workshop._name
    if trap == "open":
        elsewhere.rename(folder)
        folder.chmod(0o777)
    else:
        folder.symlink_to(elsewhere)
    answers = [reader.get(f"/exports/prepared/{id}"), reader.post(f"/exports/prepared/{id}/file")]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert (folder / "mine" / "letter").read_text() == "kept"
