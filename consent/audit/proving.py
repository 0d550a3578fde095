"""
Checking one event now: from its bytes to the signature, one step after the other.

What is checked is the very file that a visitor or an auditor takes along
(:mod:`consent.log.merkle.proof`), against the newest signed checkpoint. Nothing is taken from what
was found earlier, and every step says what it computed.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from typing import Literal

from consent.errors import LogError
from consent.log.fields import fields_of
from consent.log.merkle import tree
from consent.log.merkle.checkpoint import Checkpoint, claimed, open_checkpoint
from consent.log.merkle.note import parse_vkey

Name = Literal["line", "salt", "leaf", "path", "signature"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a check: what it computed, and whether that is what it has to be."""

    name: Name
    holds: bool
    values: dict[str, str | int] = field(default_factory=dict)
    why: str = ""  #: what is wrong, in the words of who found out


@dataclass(frozen=True, slots=True)
class Check:
    """What came out; a check without steps proves nothing."""

    steps: tuple[Step, ...]
    origin: str  #: of the log; "": the proof does not say

    @property
    def holds(self) -> bool:
        """Whether every step holds."""
        return bool(self.steps) and all(step.holds for step in self.steps)


def check(id: str, body: bytes, salt: bytes, proof: str, vkey: str) -> Check:
    """
    Check that the event *id* with these bytes is in the log that the *proof* names.

    *vkey* verifies the checkpoint; it is the auditor's to know whose it is.
    """
    # A whole program, of which no other page nor a command has any need.
    from consent.log.verify import Wrong, read_proof

    try:
        told, index, path, note = read_proof(proof)
        text = note.decode()
        claim = claimed(text)
    except (Wrong, LogError, UnicodeDecodeError) as error:
        return Check((Step("path", holds=False, why=str(error)),), "")
    commitment = tree.commitment(salt, body)
    leaf = tree.leaf_hash(commitment)
    steps = (
        _line(id, body),
        Step("salt", told == salt, {"commitment": _b64(commitment)}),
        Step("leaf", holds=True, values={"leaf": _b64(leaf)}),
        _path(leaf, index, path, claim),
        _signature(text, vkey, claim),
    )
    return Check(steps, claim.origin)


def _line(id: str, body: bytes) -> Step:
    """Look whether the line is the one that it is kept as: rows may have been exchanged."""
    own = str(fields_of(body).get("id", "?"))
    return Step("line", own == id, {"id": own})


def _path(leaf: bytes, index: int, path: list[bytes], claim: Checkpoint) -> Step:
    root = tree.root_of_inclusion(leaf, index, claim.size, path)
    values: dict[str, str | int] = {
        "index": index,
        "size": claim.size,
        "hashes": len(path),
        "root": "-" if root is None else _b64(root),
        "signed": _b64(claim.root),
    }
    return Step("path", root == claim.root, values)


def _signature(text: str, vkey: str, claim: Checkpoint) -> Step:
    values: dict[str, str | int] = {"origin": claim.origin, "vkey": vkey}
    try:
        open_checkpoint(text, [parse_vkey(vkey)])
    except LogError as error:
        return Step("signature", holds=False, values=values, why=str(error))
    return Step("signature", holds=True, values=values)


def _b64(hash: bytes) -> str:
    return b64encode(hash).decode()
