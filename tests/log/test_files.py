"""Whom the files of the log belong to, and who may read them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from consent.audit.inspector import Inspector
from consent.log import files, keys, stamp
from consent.log.anchor import Anchors
from consent.log.files import fresh, made, make_folder, opened
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

    def give(what, user, group):
        path = Path(f"/proc/self/fd/{what}").readlink() if isinstance(what, int) else what
        found[os.path.relpath(path, tmp_path)] = (user, group)

    monkeypatch.setattr(files.Path, "stat", lambda path, **_: look(path))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "fchown", give)
    monkeypatch.setattr(os, "lchown", give)
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


def test_others_of_the_machine_cannot_read_the_database(tmp_path):
    """
    Receipts are in it; so a folder that everybody may look into is no door to it.
    """
    before = os.umask(0)
    try:
        store = Store(f"sqlite:///{tmp_path}/consent.sqlite3", "site.example")
        store.count()
        beside = [path for path in tmp_path.iterdir() if not path.name.endswith(".lock")]
        modes = {path.name: path.stat().st_mode & 0o007 for path in beside}
        store.close()
    finally:
        os.umask(before)

    assert modes.keys() >= {"consent.sqlite3", "consent.sqlite3-wal"}
    assert set(modes.values()) == {0}


@pytest.mark.parametrize("kind", ["file", "link", "nothing"])
def test_what_is_written_anew_follows_no_link(tmp_path, kind):
    """
    A name that can be known before leads root to no other file, and what was cut off is in nobody's
    way.
    """
    (tmp_path / "passwd").write_text("kept")
    draft = tmp_path / "consent.checked.7.part"
    if kind == "file":
        draft.write_text("what was cut off here is longer")
    elif kind == "link":
        draft.symlink_to(tmp_path / "passwd")
    with os.fdopen(fresh(draft, 0o600), "w") as file:
        file.write("new")

    assert draft.read_text() == "new"
    assert not draft.is_symlink()
    assert (tmp_path / "passwd").read_text() == "kept"


def test_no_draft_of_the_log_follows_a_link(tmp_path, sealer):
    """
    Neither the result of a check, nor a stamp, nor anchors that are thinned out.
    """
    victim = tmp_path / "passwd"
    victim.write_text("kept")
    checked = Inspector(sealer).path
    checked.parent.mkdir(exist_ok=True)
    for path, write in (
        (checked.with_name(f"{checked.name}.{os.getpid()}.part"), Inspector(sealer).run),
        (tmp_path / "1.tsr.part", lambda: stamp._write(tmp_path / "1.tsr", b"stamp")),
        (tmp_path / "a.anchors.part", lambda: thinned(tmp_path / "a.anchors")),
    ):
        path.symlink_to(victim)
        write()

        assert not path.exists()
        assert victim.read_text() == "kept"


def thinned(path):
    """Let anchors be thinned out as when they are full."""
    path.touch()
    Anchors(path)._thin()
