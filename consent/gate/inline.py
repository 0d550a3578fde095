"""
Addresses in the text of scripts.

A loader that is pasted inline builds a script element from an address that stands in its text.
Text cannot be run here, so every address in it counts, also with escapes or as several texts that
a plus joins. What is put together in another way at run time is not found: that is what a
Content-Security-Policy is for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_LABELS = r"(?:[\w-]+\.)+[^\W\d_][\w-]+"
_HOST = rf"(?:{_LABELS}|localhost|\[[0-9a-f:.]+\]|\d+\.\d+\.\d+\.\d+)"

#: An address with its host. The text before it may be a scheme or the end of one.
_ADDRESS = re.compile(
    rf"(?:\b(?:https?|wss?):[/\\]*|//)(?:[^\s/\"'`<>@]{{0,200}}@)?{_HOST}(?::\d+)?(?:/[^\s\"'`<>)\\]*)?",
    re.IGNORECASE,
)

#: A host alone in quotes, or its end, as in ``ssl + '.google-analytics.com/ga.js'``.
_MENTION = re.compile(
    rf"[\"'`](\.?)({_LABELS}(?:/[^\s\"'`<>]*)?)[\"'`]",
    re.IGNORECASE,
)

#: How a script may write a letter, and a slash (ECMAScript, sections 12.9.4 and B.1.1).
_ESCAPE = re.compile(
    r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|u\{([0-9a-f]{1,6})\}"
    r"|([0-3][0-7]{0,2}|[4-7][0-7]?)|([/\\])|[tnr]|\r?\n)",
    re.IGNORECASE,
)
#: Where one text ends and is continued with the next.
_JOINT = re.compile(r"[\"'`]\s*\+\s*[\"'`]")

#: Names of vocabularies, which nobody fetches.
_NAMES = re.compile(r"(?:https?:)?//(?:www\.w3\.org|schema\.org)(?:/|$)", re.IGNORECASE)


def addresses(text: str) -> Iterator[str]:
    """Find the addresses that name a host in the *text* of a script."""
    for match in _ADDRESS.finditer(_plain(text)):
        if not _NAMES.match(match.group()):
            yield match.group()


def mentions(text: str) -> Iterator[str]:
    """
    Find hosts that are named alone in the *text* of a script, as addresses.

    Much that looks like a host is none, such as ``"jquery.min.js"``, so this tells something
    only where the host is known.
    """
    for dot, host in _MENTION.findall(_plain(text)):
        yield f"//www.{host}" if dot else f"//{host}"


def _plain(text: str) -> str:
    """Return *text* with escapes read, and texts that are put together with a plus joined."""
    return _JOINT.sub("", _ESCAPE.sub(_letter, text) if "\\" in text else text)


def _letter(escape: re.Match[str]) -> str:
    *codes, octal, slash = escape.groups()
    number = int(octal, 8) if octal else int(next(filter(None, codes), "0"), 16)
    # What addresses are read without is left out.
    return "/" if slash else chr(number) if 0x20 < number < 0x110000 else ""
