"""
HTML that a content management system stored: everything in it that loads from somewhere.

The text is parsed as a browser parses it. What loads is found with its place in the source, and
with what a template may hold of it; everything between stays as it was, byte for byte. Before
that is relied on, it is tried: all of it is replaced, the result is parsed again, and nothing
that loads may be left outside a template, nor may a template hold more than it should. Where
that fails, as in HTML that was broken on purpose, attributes are taken out instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from html import unescape
from typing import Literal

from justhtml import Element

from consent.gate import starttag
from consent.gate.carried import ANYTHING
from consent.gate.hosts import REMOVED
from consent.gate.loads import Load, action, loads
from consent.gate.markup import CLOSING, opening, unhurried
from consent.gate.source import RAW, VOID, Place, Source, inner, is_tangled, live, readings
from consent.gate.unseen import unseen
from consent.gate.whole import MEMORABLE, MEMORY, held

#: What stands in the page for it: visible content, a script, a picture, nothing, or the element
#: itself without one attribute, or a whole form.
Kind = Literal["content", "script", "image", "hidden", "attribute", "form"]

_KINDS: dict[str, Kind] = {
    **dict.fromkeys(
        ("iframe", "object", "embed", "applet", "video", "audio", "model", "svg", "portal"),
        "content",
    ),
    **dict.fromkeys(("img", "image", "picture", "meta"), "image"),
    **dict.fromkeys(("link", "style", "base", "bgsound"), "hidden"),
    "script": "script",
}

_MAY_LOAD = re.compile(
    r"<(?:iframe|script|img|image|picture|source|video|audio|track|object|embed|applet|link|style"
    r"|meta|base|svg|noscript|body|html|form|input|model|portal|bgsound)(?=[\s/>])"
    r"|[\s/\"'](?:style|background|ping|attributionsrc|on[a-z]+|data-[\w-]+)\s*=",
    re.IGNORECASE,
)
#: An address with a host, or what may hide one: an escape, a text within the text, texts as one,
#: rules about links that stand elsewhere.
_NAMES_A_HOST = re.compile(
    r"//|\\|https?:|wss?:|ftp:|data:|javascript:|srcdoc|speculationrules"
    r"|[\"'`]\.?(?:[\w-]+\.)+[^\W\d_]"
    r"|[\"'`]\s*\+\s*[\"'`]",
    re.IGNORECASE,
)

#: How deep in other elements something can be held: below 512, browsers put what is in a
#: template behind it. The page has some of its own.
DEEPEST = 256
#: How many ``noscript`` within another one are read.
_NESTED = 3

_UNREAD = Load(ANYTHING, None)

_TRIAL = "trial"

_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Embed:
    """One part of stored HTML that loads from somewhere."""

    start: int  #: where it begins in the source
    end: int  #: where it ends
    loads: tuple[Load, ...]  #: at least one
    kind: Kind
    markup: str  #: what a template may hold instead; empty: nothing
    label: str | None = None  #: the text instead of a picture; None: it has none
    inside: frozenset[str] = frozenset()  #: links, buttons and forms that it stands in
    waits: frozenset[str] = frozenset()  #: services that it waits for as it stands


def embeds(html: str, *, is_far: bool = True) -> tuple[Embed, ...]:
    """
    Find what loads in *html*, in the order of the source.

    A form comes before what stands in it; whoever replaces it passes the rest over. *is_far*:
    HTML that names no host is of no interest.
    """
    return _remembered(html, is_far) if len(html) <= MEMORABLE else _find(html, is_far)


@lru_cache(MEMORY)
def _remembered(html: str, is_far: bool) -> tuple[Embed, ...]:
    return _find(html, is_far)


def asleep(html: str) -> tuple[Load, ...]:
    """Return what stands in templates of *html* itself. Firefox looks ahead into these, too."""
    if "<template" not in html.lower():
        return ()
    if is_tangled(html):
        return (_UNREAD,)
    inert = (place.node for place in Source(html).places if not place.is_live)
    return tuple(load for node in inert if isinstance(node, Element) for load in loads(node))


def calmed(html: str) -> str:
    """Return *html* with nothing in templates of its own that Firefox asks for all the same."""
    if is_tangled(html):
        return html
    places = Source(html).places
    pieces, position = [], 0
    for number, place in enumerate(places, 1):
        start, is_template = place.start, number < place.stop and not places[number].is_live
        if start is None or start < position or not is_template:
            continue
        within = places[number : place.stop]
        end = max(starttag.end(html, one.start or 0) or 0 for one in within)
        if end > start:
            pieces += [html[position:start], unhurried(html[start:end])]
            position = end
    return "".join([*pieces, html[position:]])


def _find(html: str, is_far: bool = True) -> tuple[Embed, ...]:
    if not _MAY_LOAD.search(html):
        return ()
    if is_far and not _NAMES_A_HOST.search(REMOVED.sub("", unescape(html))):
        return ()
    if is_tangled(html):
        return (Embed(0, len(html), (_UNREAD,), "hidden", ""),)
    source = Source(html)
    for is_held in (True, False):
        found = _sorted(_list(source, is_held=is_held))
        if _is_sound(html, found):
            return found
    everything = tuple(load for element in readings(html) for load in loads(element))
    return (Embed(0, len(html), everything, "hidden", ""),)


def _sorted(found: Iterator[Embed]) -> tuple[Embed, ...]:
    # An element that a misnested tag made twice stands in the source once.
    once = {(embed.start, embed.end): embed for embed in found}
    return tuple(sorted(once.values(), key=lambda embed: (embed.start, -embed.end)))


def _list(source: Source, *, is_held: bool) -> Iterator[Embed]:
    behind = 0
    for number, place in source.elements():
        if number < behind:
            continue
        if place.node.name == "noscript" and place.node.namespace == "html":
            yield from _without_script(source, place)
            continue
        can_hold = is_held and place.depth < DEEPEST
        if whole := _whole(source, number, place) if can_hold else None:
            behind = place.stop
            yield from whole
        else:
            yield from _parts(source, place, is_held=can_hold)
    for begin, end, found in unseen(source):
        yield Embed(begin, end, found, "attribute", "")


def _whole(source: Source, number: int, place: Place) -> list[Embed] | None:
    """Return what can be held as one, an empty list if it loads nothing; None: it cannot."""
    node, start = place.node, place.start or 0
    after = source.tag_end(place)
    kind = _KINDS.get(node.name)
    if kind is None or after is None or node.namespace not in ("html", node.name):
        return None
    markup = end = None
    if node.name in VOID:
        end, markup = after, source.html[start:after]
    elif closing := source.closing(place):
        end = closing[1]
        markup = source.html[start:end]
        if node.name == "iframe" or (node.name == "script" and "src" in node.attrs):
            markup = source.html[start:after] + source.html[slice(*closing)]
    elif node.name in RAW:
        end = len(source.html)
        inside = "" if node.name == "iframe" or "src" in node.attrs else source.html[after:]
        markup = f"{source.html[start:after]}{inside}</{node.name}>"
    if end is None or markup is None:
        return None
    if node.name not in RAW and "template" in markup.lower():
        return None
    found = tuple(
        load
        for inner in source.places[number : place.stop]
        if isinstance(inner.node, Element) and inner.is_live
        for load in loads(inner.node)
    )
    if not found:
        return []
    kind = "hidden" if kind == "image" and _is_unseen(node) else kind
    label = _label(source.places[number : place.stop]) if kind == "image" else None
    return [Embed(start, end, found, kind, markup, label, place.inside)]


def _parts(source: Source, place: Place, *, is_held: bool) -> Iterator[Embed]:
    """Find the attributes of an element that load, and where its form leads."""
    node, start = place.node, place.start or 0
    found = list(loads(node))
    by_attribute = {load.attribute for load in found}
    if found and source.tag_end(place) is None:
        # The page that follows would complete the tag.
        yield Embed(start, len(source.html), tuple(found), "hidden", "")
        return
    if by_attribute - {None}:
        for name, begin, end in starttag.attributes(source.html, start):
            if name in by_attribute:
                own = tuple(load for load in found if load.attribute == name)
                yield Embed(begin, end, own, "attribute", "")
    if None in by_attribute:
        closing = source.closing(place)
        end = closing[1] if closing else len(source.html)
        yield Embed(start, end, tuple(load for load in found if not load.attribute), "hidden", "")
    leads = action(node)
    if leads and is_held and (closing := source.closing(place)):
        form = source.html[start : closing[1]]
        if [one.name for one in held(form) or ()] == ["form"]:
            yield Embed(start, closing[1], (Load(leads, "action"),), "form", form)


def _without_script(source: Source, place: Place) -> Iterator[Embed]:
    """Find what loads where scripts are off. No template helps there: nothing opens it."""
    after, closing = source.tag_end(place), source.closing(place)
    if after is None:
        return
    end = closing[0] if closing else len(source.html)
    within = source.html[after:end].lower()
    if "<annotation-xml" in within or within.count("<noscript") > _NESTED:
        # A browser does not end a noscript in one of the first; the parser does.
        yield Embed(after, end, (_UNREAD,), "hidden", "", inside=place.inside)
        return
    for embed in embeds(source.html[after:end], is_far=False):
        begin, end = embed.start + after, embed.end + after
        yield replace(embed, start=begin, end=end, markup="", inside=embed.inside | place.inside)


def _is_sound(html: str, found: tuple[Embed, ...]) -> bool:
    """Tell whether nothing in *html* loads any more when all that was *found* is replaced."""
    pieces, position, held = [], 0, 0
    for embed in found:
        if embed.start < position or embed.kind == "form":
            continue
        held += bool(embed.markup)
        instead = f"{opening(_TRIAL)}{embed.markup}{CLOSING}" if embed.markup else ""
        pieces += [html[position : embed.start], instead]
        position = embed.end
    rest = "".join([*pieces, html[position:]])
    for element in live(rest):
        if element.name == "template" and element.attrs.get("data-consent") == _TRIAL:
            held -= element.namespace == "html" and len(inner(element, is_live=True)[0]) == 1
    return held == 0 and not any(True for element in readings(rest) for _ in loads(element))


def _is_unseen(node: Element) -> bool:
    sizes = {(node.attrs.get(name) or "").strip().lower() for name in ("width", "height")}
    style = node.attrs.get("style") or ""
    tiny = sizes <= {"0", "1", "0px", "1px"}
    return tiny or "hidden" in node.attrs or _UNSEEN.search(style) is not None


def _label(places: list[Place]) -> str | None:
    texts = (place.node.attrs.get("alt") for place in places if isinstance(place.node, Element))
    return next((text for text in texts if text is not None), None)
