"""The receipt id: random, made by the server, only with a grant (requirements EV-05)."""

from __future__ import annotations

from secrets import randbits

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def new_receipt() -> str:
    """Return a new receipt id: 128 random bits as 26 characters of base32 (RFC 4648)."""
    # Two bits of padding on the right make 26 letters of five bits.
    bits = randbits(128) << 2
    return "".join([_ALPHABET[bits >> shift & 31] for shift in range(125, -1, -5)])
