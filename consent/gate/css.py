"""
Addresses that a style sheet loads (CSS Values 4, section 4.5; CSS Cascade 5, section 2).

Neither comments nor strings are told apart, so nothing can hide an address behind an odd one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from consent.gate.carried import ANYTHING
from consent.gate.hosts import REMOVED
from consent.gate.inline import addresses as in_text

_URL = re.compile(r"\b(?:url|src)\(\s*[\"']?([^\"'()]*)", re.IGNORECASE)

#: ``@import`` and ``image-set()`` take an address as a string. No string of CSS begins right behind
#: an equals sign; pictures within addresses have the names of their vocabularies there.
_STRING = re.compile(
    r"(?<!xmlns=)(?<!xmlns=\\)(?<!xmlns:xlink=)(?<!xmlns:xlink=\\)"
    r"[\"'][\x00-\x20]*((?:(?:https?|wss?|ftp):|[/\\]{2})[^\"']*)",
    re.IGNORECASE,
)

#: One letter, or a line that goes on. A form feed ends a line, too (CSS Syntax 3, section 3.3).
_ESCAPE = re.compile(
    r"\\(?:([0-9a-f]{1,6})(?:\r\n|[ \t\n\r\f])?|\r\n|[\n\r\f]|(.))", re.IGNORECASE | re.DOTALL
)

#: A style sheet within one. What is imported need not say that it is one: in a page without a
#: doctype any type will do, and one of Chromium's own in all. A comment may stand before it.
_SHEET = re.compile(
    r"@import\s*+(?:/\*|(?:(?:url|src)\(\s*+)?+[\"']?+[\x00-\x20]*+data:)", re.IGNORECASE
)


def addresses(text: str) -> Iterator[str]:
    """Find the addresses that *text* makes a browser load, relative ones of ``url()`` included."""
    for value in (*_URL.findall(text), *_STRING.findall(REMOVED.sub("", text))):
        yield _plain(value)
    read = text
    if "\\" in text:
        # Names may be written with escapes too: then no address at all is overlooked.
        read = _plain(text)
        yield from _URL.findall(read)
        yield from _STRING.findall(REMOVED.sub("", read))
        yield from in_text(read)
    if _SHEET.search(REMOVED.sub("", read)):
        yield ANYTHING


def _plain(text: str) -> str:
    return _ESCAPE.sub(_character, text)


def _character(escape: re.Match[str]) -> str:
    code, letter = escape.groups()
    if code is None:
        return letter or ""
    return chr(number) if 0 < (number := int(code, 16)) < 0x110000 else "\ufffd"
