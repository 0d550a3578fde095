"""
Remains: pieces of erased records that are still in a file. Also a program of its own.

SQLite overwrites a row that is deleted with zeros, but a row that once had to make room moved to
another page, and of that a copy may be left where no row is any more. To find out whether that is
so takes no lock and a fraction of the time of writing the whole file anew.

The program reads secrets as hexadecimal lines and ends with 1 if a piece of one is in a file that
it was named. It is a process of its own since closing a file takes all locks of the process from
it, those of SQLite too, and imports nothing but the standard library for a quick start.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

#: Bytes that are compared at once, at each place in a file that is a multiple of them. So of
#: everything that is twice as long, one such piece is seen wherever it begins.
WIDTH = 8

#: Bytes in a row of one secret that are no accident.
LONG_ENOUGH = 12

BLOCK = 1 << 20  # bytes


def are_in(files: Sequence[Path], secrets: Iterable[bytes]) -> bool:
    """
    Tell whether a piece of one of *secrets* is in one of *files*; look in another process.

    In doubt, as where that process cannot read them, the answer is yes.
    """
    looking = subprocess.run(  # noqa: S603 - this file, by this Python
        [sys.executable, "-I", __file__, *map(str, files)],
        input="".join(f"{secret.hex()}\n" for secret in secrets).encode(),
        check=False,
    )
    return looking.returncode != 0


def found(file: Path, secrets: Iterable[bytes]) -> bool:
    """Tell whether a piece of one of *secrets* is in *file*."""
    pieces: dict[int, list[tuple[bytes, int]]] = {}
    for secret in secrets:
        for at in range(len(secret) - WIDTH + 1):
            piece = int.from_bytes(secret[at : at + WIDTH], sys.byteorder)
            pieces.setdefault(piece, []).append((secret, at))
    wanted = frozenset(pieces)
    before = b""
    with file.open("rb") as stream:
        while block := stream.read(BLOCK):
            whole = block + bytes(-len(block) % WIDTH)
            numbers = memoryview(whole).cast("Q")
            if not wanted.isdisjoint(numbers):
                near = before + whole + stream.read(LONG_ENOUGH)
                stream.seek(-(len(near) - len(before) - len(whole)), 1)
                hits = [n for n, number in enumerate(numbers) if number in wanted]
                for n in hits:
                    place = len(before) + n * WIDTH
                    if any(_run(near, place, *one) >= LONG_ENOUGH for one in pieces[numbers[n]]):
                        return True
            before = block[-LONG_ENOUGH:]
    return False


def _run(block: bytes, place: int, secret: bytes, at: int) -> int:
    """Return how many bytes in a row of *secret*, of which *at* is at *place*, are in *block*."""
    start, end = 0, WIDTH
    while start < min(at, place) and block[place - start - 1] == secret[at - start - 1]:
        start += 1
    while block[place + end : place + end + 1] == secret[at + end : at + end + 1] != b"":
        end += 1
    return start + end


def main(names: Sequence[str]) -> int:
    """Return 1 if a secret of the input is in one of the files, else 0."""
    secrets = [bytes.fromhex(line) for line in sys.stdin]
    files = [path for path in map(Path, names) if path.exists()]
    return int(any(found(file, secrets) for file in files))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
