"""What the tests bring from the npm registry is what was published, or nothing."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import sys
import tarfile

import brotli
import pytest

from tools import npm
from tools.npm import Package

LIST = [{"metadata": {"rawFilterList": "###cookie-banner"}}]


def archive(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return made.getvalue()


@pytest.fixture
def published(tmp_path, monkeypatch) -> Package:
    """A package of somebody, for an environment that lacks it."""
    files = {"run.js": b"act()", "list.json": json.dumps(LIST).encode(), "LICENSE": b"theirs"}
    content = archive({**files, "bin/browser.br": brotli.compress(b"#!/bin/sh")})
    monkeypatch.setattr(npm, "download", lambda _: content)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    digest = base64.b64encode(hashlib.sha512(content).digest()).decode()
    takes = {"run.js": "run.js", "list.json": "list.txt", "bin/browser.br": "browser"}
    return Package("@somebody/lists", "1.2.3", digest, takes)


def test_only_the_wanted_files_are_installed(published):
    """
    A script is kept as it is, of a compiled filter list the text it was made from; a program that
    was made smaller can be started.
    """
    npm.bring(published)

    assert {path.name: path.read_text() for path in published.folder.iterdir()} == {
        "run.js": "act()",
        "list.txt": "###cookie-banner",
        "browser": "#!/bin/sh",
    }
    assert os.access(published.folder / "browser", os.X_OK)
    assert [path.name for path in published.folder.parent.iterdir()] == ["1.2.3"]


def test_what_is_there_is_not_asked_for_again(published, monkeypatch):
    """
    Without a network the tests run with what was installed before.
    """
    npm.bring(published)
    monkeypatch.setattr(npm, "download", None)

    npm.bring(published)


def test_other_bytes_than_published_are_refused(published, monkeypatch):
    """
    A registry that hands out something else under the same version installs nothing.
    """
    monkeypatch.setattr(npm, "download", lambda _: archive({"run.js": b"steal()"}))

    with pytest.raises(OSError, match="not the bytes"):
        npm.bring(published)
    assert not published.folder.exists()


def test_what_npm_cannot_fetch_is_reported(tmp_path, monkeypatch):
    """
    Without the registry nothing is installed, and npm's own words say why.
    """
    program = tmp_path / "npm"
    program.write_text("#!/bin/sh\necho no such host >&2; exit 1\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    with pytest.raises(OSError, match="no such host"):
        npm.download(npm.LISTS)
