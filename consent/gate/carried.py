"""
What an address carries itself: ``data:`` (Fetch, section 6).

It may be a page, a style sheet or a script. Whether it is base64 and in which letters it is
written is read in several ways where it is not plain; then each of them counts.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from consent.gate.hosts import plain

#: Stands for whatever address may be in what is not read. None in HTML is spelled like this.
ANYTHING = "\0"

_DATA = re.compile(r"data:([^,]*),(.*)", re.IGNORECASE | re.DOTALL)
_BASE64 = re.compile(r"; *base64\s*$")

#: Begins a change of letters in ISO-2022-JP, in the midst of a word.
_ESCAPE = b"\x1b"


@dataclass(frozen=True, slots=True)
class Carried:
    """The inside of an address, not yet decoded."""

    kind: str  #: its media type, in small letters
    inside: tuple[str, ...]  #: as it stands in the address, and as some browsers take it

    def texts(self) -> Iterator[str] | None:
        """Give each way to read it, or None if it may be anything."""
        inside = (unquote_to_bytes(text.encode("utf-8", "replace")) for text in self.inside)
        raws = tuple(raw for text in inside for raw in self._raws(text))
        return None if any(_ESCAPE in raw for raw in raws) else _decoded(raws)

    def _raws(self, raw: bytes) -> Iterator[bytes]:
        if not _BASE64.search(self.kind):
            yield raw
        if "base64" in self.kind:
            with suppress(ValueError):
                yield b64decode(raw + b"===")


def carried(address: str) -> Carried | None:
    """Return what *address* carries, or None if it is of another kind."""
    data = _DATA.match(plain(address))
    if not data:
        return None
    # Chromium leaves tabs and line breaks in it, unlike in other addresses.
    return Carried(data[1].lower(), tuple({data[2]: None, address.partition(",")[2]: None}))


def _decoded(raws: tuple[bytes, ...]) -> Iterator[str]:
    for raw in raws:
        yield raw.decode("utf-8", "replace")
        if b"\0" in raw:
            yield raw.decode("utf-16-le", "replace")
            yield raw.decode("utf-16-be", "replace")
