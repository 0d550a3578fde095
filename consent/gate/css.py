"""
Addresses that a style sheet loads (CSS Values 4, section 4.5; CSS Cascade 5, section 2).

Neither comments nor strings are told apart, so nothing can hide an address behind an odd one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from consent.gate.hosts import REMOVED
from consent.gate.inline import addresses as in_text

_URL = re.compile(r"\b(?:url|src)\(\s*[\"']?([^\"'()]*)", re.IGNORECASE)

#: ``@import`` and ``image-set()`` take an address as a string.
_STRING = re.compile(r"[\"'][\x00-\x20]*((?:(?:https?|wss?|ftp):|[/\\]{2})[^\"']*)", re.IGNORECASE)

_ESCAPE = re.compile(r"\\(?:([0-9a-f]{1,6})[ \t\n\r\f]?|(.)|\r?\n)", re.IGNORECASE | re.DOTALL)


def addresses(text: str) -> Iterator[str]:
    """Find the addresses that *text* makes a browser load, relative ones of ``url()`` included."""
    for value in _URL.findall(text):
        yield _plain(value)
    # Names may be written with escapes too: then no address at all is overlooked.
    for written in (text, _plain(text)) if "\\" in text else (text,):
        for value in _STRING.findall(REMOVED.sub("", written)):
            yield _plain(value)
    if "\\" in text:
        yield from _URL.findall(_plain(text))
        yield from in_text(_plain(text))


def _plain(text: str) -> str:
    return _ESCAPE.sub(_character, text)


def _character(escape: re.Match[str]) -> str:
    code, letter = escape.groups()
    if code is None:
        return letter or ""
    return chr(number) if 0 < (number := int(code, 16)) < 0x110000 else "\ufffd"
