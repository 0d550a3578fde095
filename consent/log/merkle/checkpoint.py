"""
Checkpoints (C2SP tlog-checkpoint): what a log says about itself, in three lines.

    origin "\\n"                  which log: "<site>/consent/<year>"
    size "\\n"                    how many leaves, in decimal
    base64(root) "\\n"            the hash of the tree over all of them

Signed as a note, under the origin as the name of the key. A log without leaves has none.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass

from consent.errors import LogError
from consent.log.merkle.note import Signer, Verifier, open_note, sign

_LINES = re.compile(r"([^\s+]+)\n([1-9][0-9]{0,17})\n([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)\n")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The size and the root of a log at one moment."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The three lines. Raises LogError for a log that has no leaf yet."""
        text = f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"
        parse(text)
        return text

    def signed(self, signer: Signer) -> str:
        """Return the checkpoint as a note of *signer*."""
        return sign(self.text, [signer])


def parse(text: str) -> Checkpoint:
    """Return what *text* says. Raises LogError unless it is three lines in their one spelling."""
    match = _LINES.fullmatch(text)
    if match is None:
        raise LogError("found something else, wanted the three lines of a checkpoint")
    return Checkpoint(match[1], int(match[2]), b64decode(match[3]))


def claimed(note: str) -> Checkpoint:
    """Return what *note* says, whoever signed it: for a note of our own database."""
    return parse(note.partition("\n\n")[0] + "\n")


def open_checkpoint(note: str, verifiers: Iterable[Verifier]) -> Checkpoint:
    """
    Return the checkpoint in *note*, signed by the one of *verifiers* that has its origin's name.

    Raises LogError if there is none such.
    """
    origin = claimed(note).origin
    return parse(open_note(note, [v for v in verifiers if v.name == origin]))
