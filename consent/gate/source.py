"""
HTML as a browser reads it, with the place of every node in the source.

The tree comes from a parser that follows the HTML standard; it knows where a node begins, and
this finds where it ends.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from justhtml import Comment, Element, JustHTML, Text
from justhtml import Template as TemplateElement

from consent.gate import starttag

#: Elements without an end tag.
VOID = frozenset("base bgsound embed frame image img input link meta source track".split())

#: Elements whose inside is text (HTML, section 13.2.6.4.7, with scripting).
RAW = frozenset(
    "iframe noembed noframes noscript plaintext script style textarea title xmp".split()
)

#: Where other languages than HTML begin and end.
_FOREIGN = re.compile(r"(</?)(?=(?:svg|math)[\t\n\f\r />])", re.IGNORECASE)

#: Ends any tag that the source leaves open, whatever quotes it has. In text it is text.
_FINISH = "'\">"

#: How far behind its last child an element's own end tag is looked for.
_GAP = 4096

#: A sign that begins nothing, so that it is text, and how many of them can be read. The parser
#: puts a text together at each, which takes longer the more of it there is.
_STRAY = re.compile(r"<(?![A-Za-z/!?])")
_STRAYS = 5_000

#: Ends of comments that the parser misreads: dashes before the two that end one with a mark, and a
#: mark right behind those that begin one, which ends nothing.
_DASHES = re.compile(r"(?<=<!--)-+(?=--!>)|(?<!-)(?<!<!)-+(?=--!>)|(?<=<!--)!")

#: What a template has that does not hold what is in it.
_PARTS = frozenset({"for", "shadowrootmode"})

_INTERACTIVE = frozenset({"a", "button", "form"})


@dataclass(slots=True)
class Place:
    """One node and where it stands."""

    node: Any
    start: int | None  #: None: the parser made it up
    is_live: bool  #: whether it is part of the page rather than of a template
    inside: frozenset[str]  #: links, buttons and forms around it
    stop: int  #: number of the first node behind its descendants
    reach: int  #: behind where it and the last of its descendants begin
    depth: int  #: how many elements it is in


@dataclass(slots=True)
class Source:
    """The nodes of *html* in the order of the document, as a browser has them that runs scripts."""

    html: str
    is_scripted: bool = True  #: False: as one has them that does not
    places: list[Place] = field(default_factory=list)
    _starts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        text = readable(self.html) + _FINISH
        tree = JustHTML(
            text,
            sanitize=False,
            fragment=True,
            track_node_locations=True,
            scripting_enabled=self.is_scripted,
        )
        self._list(tree.root)
        self._starts = sorted({place.start for place in self.places if place.start is not None})

    def _list(self, root: Any) -> None:
        waiting: list[tuple[Any, bool, frozenset[str], int] | int] = [
            (child, True, frozenset(), 0) for child in reversed(root.children or ())
        ]
        while waiting:
            entry = waiting.pop()
            if isinstance(entry, int):
                self._close(entry)
                continue
            node, is_live, inside, depth = entry
            place = self._place(node, is_live, inside, depth)
            self.places.append(place)
            within, is_live = inner(node, is_live=is_live)
            if not within:
                continue
            if node.name in _INTERACTIVE:
                inside = inside | {node.name}
            waiting.append(place.stop - 1)
            waiting += [(child, is_live, inside, depth + 1) for child in reversed(within)]

    def _close(self, number: int) -> None:
        place = self.places[number]
        place.stop = len(self.places)
        within = self.places[number + 1 : number + 2]
        while within:
            place.reach = max(place.reach, within[0].reach)
            following = within[0].stop
            within = self.places[following : following + 1] if following < place.stop else []

    def elements(self) -> Iterator[tuple[int, Place]]:
        """Give number and place of the elements of the page that stand in the source."""
        for number, place in enumerate(self.places):
            if place.is_live and place.start is not None and isinstance(place.node, Element):
                yield number, place

    def tag_end(self, place: Place) -> int | None:
        """Return where the start tag of *place* ends; None: the source ends before."""
        return starttag.end(self.html, place.start or 0)

    def closing(self, place: Place) -> tuple[int, int] | None:
        """Return beginning and end of the end tag of *place*, or None if there is none."""
        after = max(place.reach, self.tag_end(place) or 0)
        limit = self._next(after)
        if place.node.name not in RAW:
            limit = min(limit, after + _GAP)
        pattern = rf"</{re.escape(place.node.name)}(?=[\t\n\f\r />])[^>]*>"
        *_, last = [None, *re.compile(pattern, re.IGNORECASE).finditer(self.html, after, limit)]
        return last.span() if last else None

    def apart(self) -> list[tuple[int, int]]:
        """Return, sorted, what holds no tags of the page: comments, texts and templates."""
        found, number = [], 0
        while number < len(self.places):
            place = self.places[number]
            start, end, number = place.start, place.reach, number + 1
            within = self.places[number : min(number + 1, place.stop)]
            if within and place.node.name in RAW and place.node.namespace == "html":
                start = self.tag_end(place)
                end = (start or 0) + len(within[0].node.data or "")
            elif within and not within[0].is_live:
                number = place.stop
            elif not isinstance(place.node, Comment):
                continue
            if start is not None:
                found.append((start, end))
        return sorted(found)

    def _next(self, offset: int) -> int:
        """Return where the next node from *offset* on begins, or where the source ends."""
        number = bisect_left(self._starts, offset)
        return self._starts[number] if number < len(self._starts) else len(self.html)

    def _place(self, node: Any, is_live: bool, inside: frozenset[str], depth: int) -> Place:
        start: int | None = node.origin_offset
        reach = 1 if start is None else start + 1
        if isinstance(node, Text):
            reach += len(node.data or "") - 1
        elif isinstance(node, Comment):
            reach += len(str(node.data or "")) + 3 * self.html.startswith("<!--", start)
        return Place(node, start, is_live, inside, len(self.places) + 1, reach, depth)


def inner(node: Any, *, is_live: bool) -> tuple[list[Any], bool]:
    """Return what is in *node*, and whether it is part of the page, as *node* itself may be."""
    if isinstance(node, Text | Comment):
        return [], is_live
    if isinstance(node, TemplateElement) and node.template_content is not None:
        # A declarative shadow root is part of the page (HTML, section 4.12.3), and so is what
        # Chromium puts in the place of a marker that the page has.
        is_part = not _PARTS.isdisjoint(node.attrs)
        return node.template_content.children or [], is_live and is_part
    return node.children or [], is_live


def readings(html: str, *, is_document: bool = False) -> Iterator[Element]:
    """
    Give the elements of *html* that are part of the page to some browser.

    One runs scripts, one does not, and one looks ahead for what to fetch: it reads SVG and MathML
    as if they were HTML. *is_document*: it is a whole one.
    """
    lower = html.lower()
    for text in (
        (html, _FOREIGN.sub(r"\1x-", html)) if "<svg" in lower or "<math" in lower else (html,)
    ):
        for is_scripted in (True, False) if "<noscript" in lower else (True,):
            yield from live(text, is_document=is_document, is_scripted=is_scripted)


def live(html: str, *, is_document: bool = False, is_scripted: bool = True) -> Iterator[Element]:
    """
    Give the elements of *html* that are part of the page, in no order.

    *is_document*: it is a whole one. *is_scripted*: a browser reads it that runs scripts.
    """
    text, is_part = readable(html), not is_document
    root = JustHTML(text, sanitize=False, fragment=is_part, scripting_enabled=is_scripted).root
    waiting = list(root.children or ())
    while waiting:
        node = waiting.pop()
        within, is_live = inner(node, is_live=True)
        if isinstance(node, Element):
            yield node
        if is_live:
            waiting += within


def is_tangled(html: str) -> bool:
    """Tell whether reading *html* would take too long."""
    return any(islice(_STRAY.finditer(html), _STRAYS, None))


def readable(html: str) -> str:
    """
    Return *html*, with everything in its place, so that the parser reads it as browsers do.

    It drops one byte order mark, and is of another mind where some comments end.
    """
    marked = "\ufeff" + html if html.startswith("\ufeff") else html
    return _DASHES.sub(lambda found: "?" * len(found[0]), marked) if "!" in html else marked
