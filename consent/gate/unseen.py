"""
Attributes that load something although no element of the tree has them.

A second ``<body>`` adds to the first (HTML, section 13.2.6.4.7). Of an attribute that a tag has
twice only the first counts, but a browser that looks ahead may take another.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from justhtml import JustHTML

from consent.gate import starttag
from consent.gate.loads import Load, loads
from consent.gate.source import Source

_BODY = re.compile(r"<(?:body|html)(?=[\s/>])", re.IGNORECASE)

#: What of these may load something.
_OF_BODY = re.compile(r"style$|background$|ping$|attributionsrc$|on|data-")

#: What browsers look ahead for.
_AHEAD = frozenset({"image", "img", "input", "link", "script", "source", "video"})

#: Attributes of a link that tell together what is loaded.
_TOGETHER = ("rel", "href")


def unseen(source: Source) -> Iterator[tuple[int, int, tuple[Load, ...]]]:
    """Give beginning and end of each such attribute in *source*, and what it loads."""
    yield from _bodies(source)
    yield from _repeated(source)


def _bodies(source: Source) -> Iterator[tuple[int, int, tuple[Load, ...]]]:
    tags = [match.start() for match in _BODY.finditer(source.html)]
    apart = source.apart() if tags else []
    read: set[int] = set()
    for start in tags:
        before = bisect_left(apart, (start,))
        if before and start < apart[before - 1][1]:
            continue
        for name, begin, end in starttag.attributes(source.html, start):
            # A tag in a tag, be it a name or a value: from here on it has what that one has.
            if begin in read:
                break
            read.add(begin)
            if _OF_BODY.match(name) and (found := _read("div", f" {source.html[begin:end]}>")):
                yield begin, end, found


def _repeated(source: Source) -> Iterator[tuple[int, int, tuple[Load, ...]]]:
    for _, place in source.elements():
        if place.node.name not in _AHEAD:
            continue
        parts = list(starttag.attributes(source.html, place.start or 0))
        text = {name: source.html[begin:end] for name, begin, end in parts if name in _TOGETHER}
        seen = set()
        for name, begin, end in parts:
            if name in seen:
                tag = " ".join([source.html[begin:end], *text.values(), ">"])
                if found := _read(place.node.name, f" {tag}"):
                    yield begin, end, found
            seen.add(name)


def _read(name: str, attributes: str) -> tuple[Load, ...]:
    """Return what an element *name* with these *attributes* loads."""
    root = JustHTML(f"<{name}{attributes}", sanitize=False, fragment=True).root
    return tuple(loads(root.children[0])) if root.children else ()
