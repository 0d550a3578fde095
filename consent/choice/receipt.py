"""The receipt id: random, made by the server, only with a grant (requirements EV-05)."""

from __future__ import annotations

from base64 import b32encode
from os import urandom


def new_receipt() -> str:
    """Return a new receipt id: 128 random bits as 26 characters of base32 (RFC 4648)."""
    return b32encode(urandom(16)).decode().rstrip("=")
