"""The verifier's trees and proofs are those of RFC 6962, at every size."""

from __future__ import annotations

import pytest

from consent.log.verify import (
    Checkpoint,
    Tree,
    is_consistent,
    leaf_hashes,
    read_leaves,
    root_by_inclusion,
)
from tests.each import each
from tests.log.bundles import leaf_hash, mth, path, proof, sha

SIZE = 65
HASHES = [sha(bytes([n])) for n in range(SIZE)]
ROOTS = [b"", *(mth(HASHES[:n]) for n in range(1, SIZE + 1))]


def state(size: int) -> Checkpoint:
    return Checkpoint("log", size, ROOTS[size])


@pytest.mark.parametrize("step", [1, 2, 3, 7, 16, 65])
def test_a_tree_grows_to_the_same_roots_in_any_steps(step):
    """
    It does not matter in which pieces the leaves are read.
    """
    tree = Tree()
    for start in range(0, SIZE, step):
        tree.extend(HASHES[start : start + step])

        assert tree.root() == ROOTS[tree.size]


def test_a_leaf_is_what_the_format_says():
    """
    The salted commitment is HMAC-SHA256 as others compute it, for events of any length.
    """
    events = [bytes(n) for n in range(0, 200, 7)]
    salts = [sha(bytes([n])) for n in range(len(events))]

    assert leaf_hashes(salts, events) == [
        leaf_hash(s, e) for s, e in zip(salts, events, strict=True)
    ]


@each("size", range(1, SIZE + 1))
def test_every_inclusion_is_proven_and_no_other(size):
    """
    In a tree of any size each leaf is proven at its own index, and neither another leaf nor
    another index nor a shorter or longer path.
    """
    for index in range(size):
        good = path(index, HASHES[:size])

        assert root_by_inclusion(HASHES[index], index, size, good) == ROOTS[size]
        assert root_by_inclusion(sha(b"x"), index, size, good) != ROOTS[size]
        assert root_by_inclusion(HASHES[index], index ^ 1, size, good) != ROOTS[size] or size == 1
        assert root_by_inclusion(HASHES[index], index, size, [*good, sha(b"x")]) is None
        assert root_by_inclusion(HASHES[index], index + size, size, good) is None
        assert root_by_inclusion(HASHES[index], -1, size, good) is None
        if good:
            assert root_by_inclusion(HASHES[index], index, size, good[:-1]) != ROOTS[size]


@each("new", range(1, SIZE + 1))
def test_every_consistency_is_proven_and_no_other(new):
    """
    Each tree is proven to continue each smaller one, and no other.
    """
    for old in range(1, new + 1):
        good = proof(old, HASHES[:new])
        forged = Checkpoint("log", old, sha(b"x"))

        assert is_consistent(state(old), state(new), good)
        assert not is_consistent(forged, state(new), good)
        assert not is_consistent(state(old), state(new), [*good, sha(b"x")])
        assert not good or not is_consistent(state(old), state(new), good[:-1])
        assert (
            not good or not is_consistent(state(old), state(new), good[::-1]) or good == good[::-1]
        )
        assert old == new or not is_consistent(state(new), state(old), good)


def test_a_leaf_can_be_written_in_one_way_only():
    """
    No other text than the one that was signed is read as the same salt and hash.
    """
    line = b"A" * 43 + b"= " + b"BA" * 21 + b"A="
    known = read_leaves([line, line])
    others = {line[:at] + bytes([c]) + line[at + 1 :] for at in range(89) for c in b"A=B \n/\xc3"}
    others |= {line[:at] + b"=" + line[at + 1 : 43] + b"A" + line[44:] for at in range(43)}
    others |= {b"A" * at + b"= " + line[: 87 - at].replace(b" ", b"A") for at in range(43)}

    assert known == ([bytes(32)] * 2, [known[1][0]] * 2)
    assert [one for one in others - {line} if read_leaves([line, one]) == known] == []
