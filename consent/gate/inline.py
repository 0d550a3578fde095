"""
Addresses in the text of scripts.

A loader that is pasted inline builds a script element from an address that stands in its text.
Text cannot be run here, so every address in it counts. What is put together from pieces at run
time is not found: that is what a Content-Security-Policy is for.
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

#: How a script may write a slash.
_SLASH = re.compile(r"\\(?:/|x2f|u002f|u\{2f\})", re.IGNORECASE)

#: Names of vocabularies, which nobody fetches.
_NAMES = re.compile(r"(?:https?:)?//(?:www\.w3\.org|schema\.org)(?:/|$)", re.IGNORECASE)


def addresses(text: str) -> Iterator[str]:
    """Find the addresses that name a host in the *text* of a script."""
    for match in _ADDRESS.finditer(_SLASH.sub("/", text)):
        if not _NAMES.match(match.group()):
            yield match.group()


def mentions(text: str) -> Iterator[str]:
    """
    Find hosts that are named alone in the *text* of a script, as addresses.

    Much that looks like a host is none, such as ``"jquery.min.js"``, so this tells something
    only where the host is known.
    """
    for dot, host in _MENTION.findall(_SLASH.sub("/", text)):
        yield f"//www.{host}" if dot else f"//{host}"
