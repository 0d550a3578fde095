"""Whom the files of the log belong to, and who may read them."""

from __future__ import annotations

import os
import resource
import stat
from pathlib import Path

import pytest

from consent.errors import LogUnavailable
from consent.log import files, keys
from consent.log.files import complete_or_absent, made, make_folder, opened
from consent.log.store import Store


@pytest.fixture
def given(monkeypatch, tmp_path):
    """What root gives away, by name below a folder that user 7 of group 8 owns."""
    found = {}
    real = os.stat

    def look(path):
        about = list(real(path))
        about[stat.ST_UID], about[stat.ST_GID] = 7, 8
        return os.stat_result(about)

    def give(what, user, group, *, follow_symlinks):
        assert follow_symlinks is isinstance(what, int)
        path = Path(f"/proc/self/fd/{what}").readlink() if isinstance(what, int) else what
        found[os.path.relpath(path, tmp_path)] = (user, group)

    monkeypatch.setattr(files.Path, "stat", lambda path, **_: look(path))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "chown", give)
    return found


def test_what_root_makes_belongs_to_the_owner_of_the_folder(given, tmp_path):
    """
    After a command that somebody ran as root the web server still has its folder, its database and
    its key: they belong to who owns the folder that they were made in.
    """
    store = Store(f"sqlite:///{tmp_path}/instance/consent.sqlite3", "site.example")
    store.count()
    keys.make(tmp_path / "instance" / "consent.key")
    store.close()

    drafts = [name for name in given if name.startswith("instance/consent.key.")]
    assert len(drafts) == 1
    assert given == dict.fromkeys(
        ["instance", "instance/consent.sqlite3", "instance/consent.sqlite3.lock", *drafts], (7, 8)
    )


def test_what_was_there_is_not_given_away(given, tmp_path):
    """
    Whoever owns the folder gets no file of somebody else by a link to it.
    """
    (tmp_path / "secret").touch()
    for name, target in (("there", "secret"), ("nowhere", "new")):
        (tmp_path / name).symlink_to(tmp_path / target)
        os.close(opened(tmp_path / name, os.O_RDONLY, 0o600))
        with pytest.raises(FileExistsError):
            made(tmp_path / name, os.O_RDONLY, 0o600)
    make_folder(tmp_path)

    assert (tmp_path / "new").exists()
    assert given == {}


def test_nobody_else_gives_anything_away(given, tmp_path, monkeypatch):
    """
    What others than root make is theirs, as ever.
    """
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    make_folder(tmp_path / "a" / "b")
    os.close(opened(tmp_path / "a" / "b" / "c", os.O_WRONLY, 0o600))

    assert given == {}
    assert (tmp_path / "a").lstat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("is_linked", [False, True])
def test_others_of_the_machine_cannot_read_the_database(tmp_path, is_linked):
    """
    Receipts are in it; so a folder that everybody may look into is no door to it, nor if a link led
    to it before there was one. Nor can others take the turn to write and keep it, so that nobody
    could decide any more.
    """
    file = tmp_path / "consent.sqlite3"
    if is_linked:
        (tmp_path / "shared").mkdir()
        file.symlink_to(tmp_path / "shared" / file.name)
    before = os.umask(0)
    try:
        store = Store(f"sqlite:///{file}", "site.example")
        store.count()
        modes = {path.name: path.stat().st_mode & 0o007 for path in tmp_path.rglob("consent.*")}
        store.close()
    finally:
        os.umask(before)

    assert modes.keys() >= {"consent.sqlite3", "consent.sqlite3-wal", "consent.sqlite3.lock"}
    assert set(modes.values()) == {0}


def test_no_log_begins_where_a_link_leads_nowhere(tmp_path):
    """
    Where the folder is a link to a disk that is not there just now, the operator reads that, and no
    other log begins beside the one on that disk (EV-01).
    """
    (tmp_path / "instance").symlink_to(tmp_path / "disk" / "instance")
    store = Store(f"sqlite:///{tmp_path}/instance/consent.sqlite3", "site.example")
    with pytest.raises(LogUnavailable, match=r"a link that leads nowhere: '.*/instance'"):
        store.count()
    assert not (tmp_path / "disk").exists()

    (tmp_path / "disk" / "instance").mkdir(parents=True)
    assert store.count() == 0
    store.close()


def write(path, content):
    """Let *path* be a file with *content*."""
    with complete_or_absent(path, 0o600) as file:
        file.write(content)


class TestCompleteOrAbsent:
    def test_a_write_that_fails_leaves_what_was_there(self, tmp_path):
        """
        On a full disk the old file stays as it was, and nothing of the new one is left beside it.
        """
        path = tmp_path / "consent.checked"
        path.write_text("old")
        _, hard = limit = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2, hard))
        try:
            with pytest.raises(OSError, match="too large"):
                write(path, b"new")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)

        assert (path.read_text(), list(tmp_path.iterdir())) == ("old", [path])

    def test_it_has_its_name_once_it_is_on_the_disk(self, tmp_path, monkeypatch):
        """
        A power cut finds the old file or the new one: the content is on the disk before the name
        changes, and the name before anybody goes on (EV-01).
        """
        path = tmp_path / "consent.anchors"
        steps = []

        def sync(descriptor):
            what = Path(f"/proc/self/fd/{descriptor}").readlink()
            steps.append((what == tmp_path, path.exists(), what.stat().st_size > 2))

        monkeypatch.setattr(os, "fsync", sync)
        with complete_or_absent(path, 0o640) as file:
            file.write(b"new")

        assert [(folder, named) for folder, named, _ in steps] == [(False, False), (True, True)]
        assert steps[0][2]
        assert path.stat().st_mode & 0o777 == 0o640

    def test_nobody_writes_into_the_draft_of_another(self, tmp_path):
        """
        Of two that write the same file at once, in threads or in containers where all have the same
        number, the last one counts, and as a whole.
        """
        path = tmp_path / "consent.checked"
        with complete_or_absent(path, 0o600) as first:
            first.write(b"first")
            with complete_or_absent(path, 0o600) as second:
                second.write(b"second, and longer")
            assert path.read_bytes() == b"second, and longer"

        assert path.read_bytes() == b"first"

    def test_a_link_in_the_place_of_a_draft_leads_nowhere(self, tmp_path, monkeypatch):
        """
        Whoever owns the folder leads root to no other file, even if he knew the name before.
        """
        monkeypatch.setattr(files.secrets, "token_hex", lambda _: "known")
        victim = tmp_path / "passwd"
        victim.write_text("kept")
        (tmp_path / "consent.checked.known.part").symlink_to(victim)
        with pytest.raises(FileExistsError):
            complete_or_absent(tmp_path / "consent.checked", 0o600).__enter__()

        assert victim.read_text() == "kept"

    def test_a_link_in_the_place_of_the_file_is_replaced(self, tmp_path):
        """
        Nor does a link where the file itself belongs.
        """
        victim = tmp_path / "passwd"
        victim.write_text("kept")
        path = tmp_path / "consent.checked"
        path.symlink_to(victim)
        write(path, b"new")

        assert (victim.read_text(), path.read_text(), path.is_symlink()) == ("kept", "new", False)
