"""
Proofs as files.

Inclusion (C2SP tlog-proof): this leaf is in that log. ``extra`` is the salt of the event.

    "c2sp.org/tlog-proof@v1\\n" "extra " base64(salt) "\\n" "index " index "\\n"
    *(base64(hash) "\\n") "\\n" checkpoint

Consistency (the body of C2SP tlog-witness' add-checkpoint): the log of this checkpoint begins
with the one that had *old* leaves.

    "old " old "\\n" *(base64(hash) "\\n") "\\n" checkpoint

A checkpoint is a signed note, and hashes are in the order in which a verifier needs them.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable


def inclusion(index: int, salt: bytes, path: Iterable[bytes], checkpoint: str) -> str:
    """Return the file that shows that a log holds the event with this *salt*."""
    extra = b64encode(salt).decode()
    head = f"c2sp.org/tlog-proof@v1\nextra {extra}\nindex {index}\n"
    return f"{head}{_lines(path)}\n{checkpoint}"


def consistency(old: int, proof: Iterable[bytes], checkpoint: str) -> str:
    """Return the file that shows that a log only grew since it had *old* leaves."""
    return f"old {old}\n{_lines(proof)}\n{checkpoint}"


def _lines(hashes: Iterable[bytes]) -> str:
    return "".join(f"{b64encode(hash).decode()}\n" for hash in hashes)
