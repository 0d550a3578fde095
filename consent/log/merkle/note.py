"""
Signed notes (C2SP signed-note), as Go's checksum database and transparency logs use them.

    note      = text "\\n" 1*signature
    text      = lines of Unicode without control characters, each ended by "\\n"
    signature = "— " key-name " " base64(key-id || Ed25519 signature of the text) "\\n"
    key-id    = first 4 bytes of SHA-256(key-name || "\\n" || 0x01 || public key)
    vkey      = key-name "+" hex(key-id) "+" base64(0x01 || public key)

A signature of a key that is not known is no reason to refuse a note: keys change.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from consent.errors import LogError

if TYPE_CHECKING:
    # Ten megabytes that a process which neither signs nor verifies has no use for.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

#: The longest note and the most signatures that are read, as others have it.
MAX_LENGTH = 1_000_000
MAX_SIGNATURES = 100

_ED25519 = b"\x01"
_SIGNATURE = re.compile(r"— (\S+) ([A-Za-z0-9+/]+={0,2})")
_NAME = re.compile(r"[^\s+]+")
_VKEY = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key under a name."""

    name: str
    key: Ed25519PublicKey
    id: bytes = field(init=False)

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise LogError(f"a key is named {self.name!r}, wanted a name without space and +")
        named = self.name.encode() + b"\n" + _ED25519 + self.key.public_bytes_raw()
        object.__setattr__(self, "id", sha256(named).digest()[:4])

    @property
    def vkey(self) -> str:
        """The key as a text, for whoever wants to verify."""
        public = b64encode(_ED25519 + self.key.public_bytes_raw()).decode()
        return f"{self.name}+{self.id.hex()}+{public}"


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key under a name."""

    name: str
    key: Ed25519PrivateKey

    @property
    def verifier(self) -> Verifier:
        """What verifies the signatures of this key."""
        return Verifier(self.name, self.key.public_key())


def parse_vkey(vkey: str) -> Verifier:
    """Return the key that *vkey* spells. Raises LogError if it spells none."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    match = _VKEY.fullmatch(vkey)
    public = match and _decoded(match[3])
    if not match or not public or public[:1] != _ED25519 or len(public) != 33:
        raise LogError(f"found {vkey[:200]!r}, wanted the key of an Ed25519 verifier")
    verifier = Verifier(match[1], Ed25519PublicKey.from_public_bytes(public[1:]))
    if verifier.id.hex() != match[2]:
        raise LogError(f"the key {match[1]} has the id {match[2]}, wanted {verifier.id.hex()}")
    return verifier


def sign(text: str, signers: Iterable[Signer]) -> str:
    """
    Return *text* as a note with a signature of each of *signers*.

    Raises LogError unless it is whole lines without control characters.
    """
    if not text.endswith("\n") or _CONTROL.search(text):
        raise LogError("a note is asked for a text that is no lines")
    lines = [text, "\n"]
    for signer in signers:
        signature = signer.verifier.id + signer.key.sign(text.encode())
        lines.append(f"— {signer.name} {b64encode(signature).decode()}\n")
    return "".join(lines)


def open_note(note: str, verifiers: Iterable[Verifier]) -> str:
    """
    Return the text of *note*, which at least one of *verifiers* signed.

    Raises LogError if none did, if a signature of one of them is wrong, or if it is no note.
    """
    from cryptography.exceptions import InvalidSignature

    text, signatures = _parts(note)
    known = {(verifier.name, verifier.id): verifier for verifier in verifiers}
    verified = False
    for name, id, signature in signatures:
        verifier = known.get((name, id))
        if verifier is None:
            continue
        try:
            verifier.key.verify(signature, text.encode())
        except InvalidSignature:
            raise LogError(f"the signature of {name} does not fit the note") from None
        verified = True
    if not verified:
        wanted = ", ".join(f"{name}+{id.hex()}" for name, id in known) or "none that is known"
        found = ", ".join(f"{name}+{id.hex()}" for name, id, _ in signatures)
        raise LogError(f"the note is signed by {found}, wanted {wanted}")
    return text


def _parts(note: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    text, mark, tail = note.rpartition("\n\n")
    lines = tail.split("\n")
    if (
        not mark
        or len(note) > MAX_LENGTH
        or _CONTROL.search(note)
        or lines.pop() != ""
        or not 0 < len(lines) <= MAX_SIGNATURES
    ):
        raise LogError("found something else, wanted a signed note")
    return text + "\n", [_signature(line) for line in lines]


def _signature(line: str) -> tuple[str, bytes, bytes]:
    match = _SIGNATURE.fullmatch(line)
    decoded = match and _decoded(match[2])
    if not match or not _NAME.fullmatch(match[1]) or not decoded or len(decoded) < 5:
        raise LogError("a line of the note is no signature")
    return match[1], decoded[:4], decoded[4:]


def _decoded(text: str) -> bytes | None:
    """Return what *text* is in base64, None if it is none or not in its only spelling."""
    try:
        decoded = b64decode(text, validate=True)
    except Base64Error:
        return None
    return decoded if b64encode(decoded).decode() == text else None
