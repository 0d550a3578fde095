"""The tree is that of RFC 6962, in every size, and a proof proves what it says and nothing else."""

from __future__ import annotations

from hashlib import sha256

import pytest

from consent.log import trees
from consent.log.merkle import tile, tree
from consent.log.merkle.tile import Edge
from consent.log.verify import Checkpoint, is_consistent
from tests.each import each

#: Inputs and roots of Certificate Transparency's reference tests, for the first 1 to 8 leaves.
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "6061626364656667"
          "68696a6b6c6d6e6f"]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [sha256(b"\0" + bytes.fromhex(text)).digest() for text in INPUTS]

MOST = 65


def naive(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962, section 2.1, word by word."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\1" + naive(leaves[:k]) + naive(leaves[k:])).digest()


def naive_path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH(m, D[n]) of section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*naive_path(m, leaves[:k]), naive(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive(leaves[:k])]


def naive_proof(m: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """PROOF(m, D[n]) and SUBPROOF(m, D[n], b) of section 2.1.2."""
    if m == len(leaves):
        return [] if whole else [naive(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*naive_proof(m, leaves[:k], whole), naive(leaves[k:])]
    return [*naive_proof(m - k, leaves[k:], False), naive(leaves[:k])]


def some(count: int) -> list[bytes]:
    return [sha256(n.to_bytes(4, "big")).digest() for n in range(count)]


def nodes(leaves: list[bytes]) -> tree.Nodes:
    return lambda level, index: naive(leaves[index << level : (index + 1) << level])


def test_the_roots_are_those_of_the_reference():
    """
    The trees of Certificate Transparency's own tests have the same roots here (EV-08).
    """
    found = [tree.root(n, nodes(LEAVES)).hex() for n in range(1, 9)]

    assert found == ROOTS
    assert tree.root(0, nodes([])).hex() == sha256().hexdigest()


@pytest.mark.parametrize(
    ("index", "size", "path"),
    [
        (0, 1, ""),
        (0, 8, "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7 "
               "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e "
               "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"),
        (5, 8, "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b "
               "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0 "
               "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
        (2, 3, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    ],
)  # fmt: skip
def test_the_paths_are_those_of_the_reference(index, size, path):
    """
    The audit paths of Certificate Transparency's own tests come out here (EV-08).
    """
    assert [hash.hex() for hash in tree.inclusion(index, size, nodes(LEAVES))] == path.split()


@each("size", range(1, MOST + 1))
def test_every_path_is_the_one_of_the_definition(size):
    """
    In every tree of up to 65 leaves the path of each leaf is that of RFC 6962, and leads from
    that leaf to the root (EV-08).
    """
    leaves = some(size)
    root = naive(leaves)

    for index in range(size):
        path = tree.inclusion(index, size, nodes(leaves))
        assert path == naive_path(index, leaves)
        assert tree.root_of_inclusion(leaves[index], index, size, path) == root


def shows(old: int, size: int, proof: list[bytes], old_root: bytes, root: bytes) -> bool:
    """Whether *proof* shows an auditor that one tree begins with the other."""
    return is_consistent(Checkpoint("log", old, old_root), Checkpoint("log", size, root), proof)


@each("size", range(1, MOST + 1))
def test_every_proof_of_consistency_is_the_one_of_the_definition(size):
    """
    Between every two trees of up to 65 leaves the proof is that of RFC 6962, and shows that one
    begins with the other (EV-08).
    """
    leaves = some(size)
    root = naive(leaves)

    for old in range(1, size + 1):
        proof = tree.consistency(old, size, nodes(leaves))
        assert proof == naive_proof(old, leaves)
        assert shows(old, size, proof, naive(leaves[:old]), root)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 21])
def test_a_path_does_not_prove_anything_else(size):
    """
    A path of another leaf, place or size, or one that was cut, lengthened or changed, does not
    lead to the root (EV-08).
    """
    leaves = some(size)
    root = naive(leaves)

    for index in range(size):
        path = tree.inclusion(index, size, nodes(leaves))
        wrong = [
            (leaves[index], other, size, path) for other in range(-1, size + 2) if other != index
        ]
        wrong += [(b"\0" * 32, index, size, path), (leaves[index], index, 2 * size, path)]
        wrong += [(leaves[index], index, size, [*path, b"\0" * 32])]
        wrong += [(leaves[index], index, size, path[:-1])] if path else []
        wrong += [
            (leaves[index], index, size, [*path[:n], b"\0" * 32, *path[n + 1 :]])
            for n in range(len(path))
        ]
        assert all(tree.root_of_inclusion(*about) != root for about in wrong)
        assert tree.root_of_inclusion(leaves[index], index, size, [*path, b"\0" * 32]) is None


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 21])
def test_a_proof_of_consistency_does_not_prove_anything_else(size):
    """
    A proof for other sizes or other roots, or one that was changed, shows nothing (EV-08).
    """
    leaves, zero = some(size), b"\0" * 32
    root = naive(leaves)

    for old in range(1, size + 1):
        first, proof = naive(leaves[:old]), tree.consistency(old, size, nodes(leaves))
        wrong = [(old, size, proof, zero, root), (old, size, proof, first, zero)]
        wrong += [(old, size, [*proof, zero], first, root), (0, size, proof, first, root)]
        wrong += [(size + 1, size, proof, first, root), (old, 2 * size, proof, first, root)]
        wrong += [(old, size, proof[:-1], first, root)] if proof else []
        # The same with one more step to both roots is a proof of no tree with as many leaves.
        higher = tree.node_hash(zero, first), tree.node_hash(zero, root)
        wrong += [(old, size, [*proof, zero], *higher)]
        for n in range(len(proof)):
            wrong.append((old, size, [*proof[:n], zero, *proof[n + 1 :]], first, root))
        assert not any(shows(*about) for about in wrong)


@pytest.mark.parametrize(("old", "size"), [(0, 5), (6, 5), (-1, 5)])
def test_there_is_no_proof_of_what_is_not(old, size):
    """
    Nobody can ask for a proof about a tree that never was.
    """
    with pytest.raises(IndexError):
        tree.consistency(old, size, nodes(some(size)))
    with pytest.raises(IndexError):
        tree.inclusion(old - 1 if old <= 0 else size, size, nodes(some(size)))


def test_a_leaf_is_a_salted_commitment():
    """
    The leaf of an event is worked out from its bytes and its salt as FORMAT.md says (AU-09).
    """
    commitment = tree.commitment(bytes(range(32)), b"{}")

    assert commitment.hex() == "86227fe96722a2247dcfee12c07d89c1b0567bbc9aa6a8d804838f66a3da843f"
    assert tree.leaf_hash(commitment).hex() == (
        "587fcf702a736840eedcdf8ffb8e566ada695c14282e244c449e1b04ad379007"
    )


class Kept(dict):
    """Tiles in memory, as a database keeps them."""

    def read(self, row: int, number: int) -> bytes:
        return self.get((row, number), b"")

    def grow(self, size: int, leaves: list[bytes]) -> Edge:
        edge = Edge(size, self.read)
        for row, number, content in edge.append(leaves):
            self[row, number] = content
        return edge


@pytest.mark.parametrize("step", [1, 2, 3, 255, 256, 257, 700])
def test_a_tree_may_grow_in_steps_of_any_size(step):
    """
    However many events are sealed at once, tiles and root are the same (EV-08).
    """
    leaves = some(700)
    kept, size = Kept(), 0
    while size < len(leaves):
        edge = kept.grow(size, leaves[size : size + step])
        size = edge.size
        if step > 2 or size > 690:
            assert edge.root() == naive(leaves[:size])

    assert kept == tiles_of(leaves)


def tiles_of(leaves: list[bytes]) -> Kept:
    """The tiles that a tree has, worked out from their definition."""
    kept, row = Kept(), leaves
    for level in range(3):
        for number in range(0, len(row), 256):
            kept[level, number // 256] = b"".join(row[number : number + 256])
        row = [naive(row[n : n + 256]) for n in range(0, len(row) - 255, 256)]
        if not row:
            break
    return kept


def test_a_tree_of_more_than_two_rows_is_right():
    """
    A tree with more leaves than two rows of tiles can hold has the root and the paths of the
    definition (EV-08).
    """
    leaves = some(256 * 256 + 300)
    kept = Kept()
    edge = kept.grow(0, leaves)
    root = naive(leaves)

    def read(level: int, index: int) -> bytes:
        return tile.node(level, index, kept.read)

    assert edge.root() == root == tree.root(len(leaves), read)
    assert kept.grow(edge.size, []).root() == root
    for index in (0, 255, 256, 65_535, 65_536, len(leaves) - 1):
        path = tree.inclusion(index, len(leaves), read)
        assert tree.root_of_inclusion(leaves[index], index, len(leaves), path) == root
    for old in (1, 256, 257, 65_536, 65_537):
        proof = tree.consistency(old, len(leaves), read)
        assert shows(old, len(leaves), proof, naive(leaves[:old]), root)


def test_an_edge_is_read_from_tiles_that_have_grown_meanwhile():
    """
    A tile that was written further than the head says, by a seal that was cut off, does no harm.
    """
    leaves = some(400)
    kept = Kept()
    kept.grow(0, leaves)
    edge = kept.grow(300, leaves[300:310])

    assert edge.root() == naive(leaves[:310])


@pytest.mark.parametrize("index", [0, 70_000, 999_999, 16_000_000])
def test_a_proof_is_made_from_tiles_that_are_asked_for_once(index):
    """
    Which tiles a proof needs is known before any is read, and they are few in a log of any size.
    """
    read, size = set(), 16_700_000

    def tiles(level: int, number: int) -> bytes:
        read.add((level, number))
        return bytes(256 * 32)

    needed = tile.needed(lambda nodes: tree.inclusion(index, size, nodes))
    tree.inclusion(index, size, lambda *node: tile.node(*node, tiles))

    assert needed == read
    assert len(needed) <= trees.TILES
