"""
Tiles: how a tree is kept (C2SP tlog-tiles).

A tile holds up to 256 hashes of 32 bytes. Tile *n* of row 0 holds the leaves from 256 n on; the
hash over a full tile stands in row 1, at place *n* of that row, and so on. Full tiles never
change. At the right edge of the tree each row has at most one that is not full, and from these
few the root is made, whatever the size of the tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from hashlib import sha256
from itertools import islice

from consent.log.merkle.tree import LENGTH, Nodes, node_hash

#: Hashes in a full tile, 2**HEIGHT.
WIDTH = 256
HEIGHT = 8

#: Returns the hashes of a tile by row and number.
Tiles = Callable[[int, int], bytes]


class Edge:
    """The right edge of a growing tree: what appending to it needs to know."""

    def __init__(self, size: int, tiles: Tiles) -> None:
        """Read the edge of a tree of *size* leaves. Raises IndexError for a tile that was cut."""
        self.size = size
        self._rows: list[bytearray] = []
        for row, (number, place) in enumerate(_edge(size)):
            hashes = tiles(row, number)[: place * LENGTH] if place else b""
            if len(hashes) < place * LENGTH:
                raise IndexError(f"tile {number} of level {row} was cut")
            self._rows.append(bytearray(hashes))

    def append(self, hashes: Iterable[bytes]) -> Iterator[tuple[int, int, bytes]]:
        """
        Add leaf *hashes*; give row, number and content of each tile that is full or new.

        The edge is that of the larger tree when all of them were taken.
        """
        before, source = self.size, iter(hashes)
        while some := list(islice(source, WIDTH - self.size % WIDTH)):
            yield from self._add(0, self.size, b"".join(some))
            self.size += len(some)
        for row, (number, place) in enumerate(_edge(self.size)):
            grown = self.size >> row * HEIGHT > before >> row * HEIGHT
            if place and grown:
                yield row, number, bytes(self._rows[row])

    def root(self) -> bytes:
        """Return the hash of the whole tree, which is not empty."""
        peaks = [peak for row in reversed(self._rows) for peak in _peaks(bytes(row))]
        hash = peaks.pop()
        while peaks:
            hash = node_hash(peaks.pop(), hash)
        return hash

    def _add(self, row: int, place: int, hashes: bytes) -> Iterator[tuple[int, int, bytes]]:
        if row == len(self._rows):
            self._rows.append(bytearray())
        tile = self._rows[row]
        tile += hashes
        if len(tile) == WIDTH * LENGTH:
            full = bytes(tile)
            tile.clear()
            yield row, place >> HEIGHT, full
            yield from self._add(row + 1, place >> HEIGHT, _fold(full))


def node(level: int, index: int, tiles: Tiles) -> bytes:
    """Return the hash of a complete subtree, as :data:`consent.log.merkle.tree.Nodes` names it."""
    row, number, rest, place = _place(level, index)
    hashes = tiles(row, number)
    if row:
        return _above(hashes)[rest][place * LENGTH :][:LENGTH]
    return _fold(hashes[place * LENGTH << rest :][: LENGTH << rest])


def needed(work: Callable[[Nodes], object]) -> set[tuple[int, int]]:
    """Return row and number of the tiles that hold what *work* asks for of nodes."""
    found = set()

    def note(level: int, index: int) -> bytes:
        found.add(_place(level, index)[:2])
        return b""

    work(note)
    return found


def _place(level: int, index: int) -> tuple[int, int, int, int]:
    """Return row and number of a node's tile, its level above that tile, and its place there."""
    row, rest = divmod(level, HEIGHT)
    number, place = divmod(index, WIDTH >> rest)
    return row, number, rest, place


@lru_cache(maxsize=32)
def _above(hashes: bytes) -> list[bytes]:
    """
    Return a tile and what is above it in the tree, level by level.

    It is kept for the few tiles of the upper rows, which most proofs need.
    """
    levels = [hashes]
    while len(levels[-1]) > LENGTH:
        levels.append(_pairs(levels[-1]))
    return levels


def _edge(size: int) -> Iterator[tuple[int, int]]:
    """Give for each row the number of its last tile and how many hashes that has."""
    while size:
        yield divmod(size, WIDTH)
        size >>= HEIGHT


def _peaks(row: bytes) -> Iterator[bytes]:
    """Give the hashes over the complete subtrees in a tile, the largest first."""
    start = 0
    for bit in reversed(range(HEIGHT)):
        width = LENGTH << bit
        if len(row) - start >= width:
            yield _fold(row[start : start + width])
            start += width


def _fold(row: bytes) -> bytes:
    """Return the hash over 2**n hashes that stand one after the other."""
    while len(row) > LENGTH:
        row = _pairs(row)
    return row


def _pairs(row: bytes) -> bytes:
    """Return the hashes over each two in *row*; one that is left over is left out."""
    pairs = range(0, len(row) - LENGTH, 2 * LENGTH)
    return b"".join([sha256(b"\x01" + row[n : n + 2 * LENGTH]).digest() for n in pairs])
