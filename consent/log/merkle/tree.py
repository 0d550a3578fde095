"""
Merkle trees as RFC 6962, section 2.1, has them, over salted commitments.

    commitment = HMAC-SHA256(key = salt, message = the stored bytes of the event)
    leaf hash  = SHA-256(0x00 || "consent-leaf/1\\n" || base64(commitment) || "\\n")
    node hash  = SHA-256(0x01 || left || right)

The tree of *size* leaves is never in memory: what is asked of it is put together from complete
subtrees, which a :data:`Nodes` finds. A node is named by its level, 0 for the leaves, and its
index in that level, and stands for ``2**level`` leaves.
"""

from __future__ import annotations

import hmac
from binascii import b2a_base64
from collections.abc import Callable, Iterator
from hashlib import sha256

#: Bytes of a hash.
LENGTH = 32

#: Returns the hash of a complete subtree by level and index.
Nodes = Callable[[int, int], bytes]


def commitment(salt: bytes, body: bytes) -> bytes:
    """Return what binds to *body*, and tells nothing about it once *salt* is gone."""
    return hmac.digest(salt, body, "sha256")


def leaf_hash(commitment: bytes) -> bytes:
    """Return the hash of the leaf that holds *commitment*."""
    return sha256(b"\x00consent-leaf/1\n" + b2a_base64(commitment)).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node above *left* and *right*."""
    return sha256(b"\x01" + left + right).digest()


def root(size: int, nodes: Nodes) -> bytes:
    """Return the hash of the whole tree of *size* leaves."""
    if size == 0:
        return sha256().digest()
    return _range(0, size, nodes)


def inclusion(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """
    Return the audit path of leaf *index*, from the leaf up (RFC 6962, section 2.1.1).

    Raises IndexError if there is no such leaf.
    """
    if not 0 <= index < size:
        raise IndexError(f"leaf {index} of a tree with {size}")
    path = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_range(middle, high, nodes))
            high = middle
        else:
            path.append(_range(low, middle, nodes))
            low = middle
    return path[::-1]


def consistency(old: int, size: int, nodes: Nodes) -> list[bytes]:
    """
    Return the proof that the first *old* leaves are those of the smaller tree (section 2.1.2).

    Raises IndexError unless the smaller tree is one, and not larger.
    """
    if not 0 < old <= size:
        raise IndexError(f"a tree with {old} leaves within one with {size}")
    proof = []
    low, high = 0, size
    while high != old:
        middle = low + _split(high - low)
        if old <= middle:
            proof.append(_range(middle, high, nodes))
            high = middle
        else:
            proof.append(_range(low, middle, nodes))
            low = middle
    if low > 0:
        # Otherwise the smaller tree is a complete subtree, whose hash the reader has.
        proof.append(_range(low, high, nodes))
    return proof[::-1]


def root_of_inclusion(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """
    Return the root of the tree in which *path* puts *leaf*, or None if it fits no such tree.

    RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size:
        return None
    node, last = index, size - 1
    for hash in path:
        if last == 0:
            return None
        if node & 1 or node == last:
            leaf = node_hash(hash, leaf)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            leaf = node_hash(leaf, hash)
        node, last = node >> 1, last >> 1
    return leaf if last == 0 else None


def _split(size: int) -> int:
    """Return the largest power of two below *size*, which is at least 2."""
    return 1 << (size - 1).bit_length() - 1


def _range(low: int, high: int, nodes: Nodes) -> bytes:
    """Return the hash over the leaves from *low* to before *high*, a subtree of some tree."""
    *rest, hash = [nodes(level, index) for level, index in _complete(low, high)]
    for left in reversed(rest):
        hash = node_hash(left, hash)
    return hash


def _complete(low: int, high: int) -> Iterator[tuple[int, int]]:
    """Give the complete subtrees that make up a range, the largest first."""
    while low < high:
        level = (high - low).bit_length() - 1
        yield level, low >> level
        low += 1 << level
