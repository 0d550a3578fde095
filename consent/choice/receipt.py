"""The receipt id: random, made by the server, only with a grant (requirements EV-05)."""

from __future__ import annotations

from base64 import b32encode
from secrets import token_bytes


def new_receipt() -> str:
    """Return a new receipt id: 128 random bits as 26 characters of base32 (RFC 4648)."""
    return b32encode(token_bytes(16)).rstrip(b"=").decode()
