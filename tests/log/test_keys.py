"""The key is made once, for its owner alone, and nothing else is taken for one."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from consent.errors import LogError
from consent.log import keys


@pytest.fixture
def path(tmp_path):
    return tmp_path / "instance" / "consent.key"


def test_a_key_is_made_for_its_owner_alone(path):
    """
    The file of the key can be read by nobody else from its first moment on, is in a form that
    other programs read, and nothing is left beside it (SE-12).
    """
    made = keys.make(path)

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["consent.key"]
    read = load_pem_private_key(path.read_bytes(), None)
    assert read.private_bytes_raw() == made.private_bytes_raw()
    assert keys.load(path).private_bytes_raw() == made.private_bytes_raw()


def test_no_key_is_no_mistake(path):
    """
    Before the first start there is none.
    """
    assert keys.load(path) is None


def test_a_key_that_is_there_stays(path):
    """
    Processes that start at once all end up with the same key.
    """
    with ThreadPoolExecutor(8) as pool:
        made = [key.private_bytes_raw() for key in pool.map(keys.make, [path] * 8)]

    assert len(set(made)) == 1


def test_a_link_leads_to_the_key(path, tmp_path):
    """
    Where a deployment keeps the key elsewhere and has laid a link to it, to no file yet at its
    first start, the key is made there: nothing is signed by one that nobody has (SE-12).
    """
    target = tmp_path / "shared" / "verein.key"
    path.parent.mkdir()
    path.symlink_to("../shared/verein.key")
    made = keys.make(path)

    assert keys.load(path).private_bytes_raw() == made.private_bytes_raw()
    assert target.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in (*path.parent.iterdir(), *target.parent.iterdir())] == [
        "consent.key",
        "verein.key",
    ]
    assert path.is_symlink()


def test_a_key_that_is_not_kept_is_none(path, monkeypatch):
    """
    Nor is one that somebody else made first and took away at once.
    """
    monkeypatch.setattr(os, "link", Mock(side_effect=FileExistsError))

    with pytest.raises(LogError, match="went away"):
        keys.make(path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o644])
def test_a_key_that_others_can_read_is_refused(path, mode):
    """
    With a key that others may have read nothing is signed, and the message says how to mend it
    (SE-12).
    """
    keys.make(path)
    path.chmod(mode)

    with pytest.raises(LogError, match=f"mode 0{mode:o}, wanted 0600") as refused:
        keys.load(path)
    assert "chmod 600" in str(refused.value)


def pem_of(key, format=PrivateFormat.PKCS8) -> bytes:
    return key.private_bytes(Encoding.PEM, format, NoEncryption())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"secret\n",
        pem_of(generate_private_key(SECP256R1())),
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    ],
    ids=["nothing", "text", "other kind", "broken"],
)
def test_something_else_is_no_key(path, content):
    """
    A file that holds something else is named, and its content is not repeated (SE-12).
    """
    path.parent.mkdir()
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(LogError, match=r"consent\.key: found something else") as refused:
        keys.load(path)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "spelt",
    [
        lambda pem: pem.replace(b"\n", b"\r\n"),
        lambda pem: pem[:60] + b"\n" + pem[60:],
        lambda pem: b"the key of the site\n" + pem,
        lambda pem: pem.rstrip(b"\n"),
    ],
    ids=["line ends", "lines", "text before", "no end"],
)
def test_a_key_in_another_spelling_is_the_same_key(path, spelt):
    """
    A key that another program or an editor wrote otherwise is read as well.
    """
    made = keys.make(path)
    path.write_bytes(spelt(path.read_bytes()))

    assert keys.load(path).private_bytes_raw() == made.private_bytes_raw()


def test_to_sign_is_to_load_no_other_kinds_of_keys(path):
    """
    Whoever seals has nothing in memory that reads the keys of SSH or RSA: 1.3 MB.
    """
    keys.make(path)
    program = (
        "import sys; from pathlib import Path; from consent.log import keys;"
        "keys.load(Path(sys.argv[1])).sign(b'');"
        "print('cryptography.hazmat.primitives.serialization' in sys.modules)"
    )
    command = [sys.executable, "-c", program, path]

    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_place_that_cannot_be_used_is_told(path):
    """
    If the key cannot be made or read, the message says where and why.
    """
    path.parent.write_text("a file where a folder should be")

    with pytest.raises(LogError, match=r"consent\.key: the key of the log cannot be made"):
        keys.make(path)
    with pytest.raises(LogError, match=r"consent\.key: the key of the log cannot be read"):
        keys.load(path)


def test_a_full_disk_leaves_no_piece_of_a_key(path, monkeypatch):
    """
    What could not be written to its end does not stay beside the key.
    """

    def fill(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fill)
    with pytest.raises(LogError, match="No space"):
        keys.make(path)
    assert list(path.parent.iterdir()) == []


def test_a_key_takes_the_place_of_another(path):
    """
    After a rotation the old key is gone from the disk.
    """
    keys.make(path)
    new = keys.make(path.with_name("next"))
    keys.replace(path, path.with_name("next"), new)

    assert keys.load(path).private_bytes_raw() == new.private_bytes_raw()
    assert [file.name for file in path.parent.iterdir()] == ["consent.key"]
