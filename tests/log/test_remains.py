"""Pieces of what was erased are found wherever they are in a file, and nothing else is."""

from __future__ import annotations

import random

import pytest

from consent.log import remains

SECRET = bytes(range(100, 132))
OTHER = bytes(range(1, 33))


@pytest.fixture
def file(tmp_path):
    """A file of several blocks without a secret in it."""
    file = tmp_path / "consent.db"
    file.write_bytes(random.Random(1).randbytes(2 * remains.BLOCK + 4096))
    return file


def put(file, at: int, piece: bytes) -> None:
    with file.open("r+b") as stream:
        stream.seek(at)
        stream.write(piece)


@pytest.mark.parametrize("at", [*range(8), *range(remains.BLOCK - 20, remains.BLOCK + 4, 3)])
@pytest.mark.parametrize("start", [0, 5, 16])
def test_half_of_a_secret_is_found_wherever_it_begins(file, at, start):
    """
    Sixteen bytes of a secret are seen at any place, also where two blocks meet.
    """
    assert not remains.found(file, [OTHER, SECRET])
    put(file, at, SECRET[start : start + 16])

    assert remains.found(file, [OTHER, SECRET])
    assert not remains.found(file, [OTHER])


def test_the_end_of_a_file_is_seen(file):
    """
    What stands at the very end of a file of any length is found.
    """
    with file.open("ab") as stream:
        stream.write(b"abc" + SECRET[:16])

    assert remains.found(file, [SECRET])


def test_a_few_bytes_in_common_are_an_accident(file):
    """
    Eight equal bytes in a large file are no piece of a secret; the next ones tell.
    """
    put(file, 800, SECRET[8:16] + b"....")

    assert not remains.found(file, [SECRET])


def test_the_program_tells_it_with_its_exit_code(file):
    """
    Asked in another process the answer is the same; in doubt it is yes.
    """
    missing = file.with_name("consent.db-wal")
    assert not remains.are_in((file, missing), [SECRET])
    put(file, 4000, SECRET)
    assert remains.are_in((file, missing), [SECRET])
    assert remains.are_in((file.parent,), [SECRET])
