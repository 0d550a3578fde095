"""
What an element of HTML loads by itself, and from where.

Names count whatever namespace they are in: browsers look ahead in the source for what they may
load soon, and do not know yet what is SVG or MathML then.

Counted is everything that a browser fetches without a press of the visitor: the attributes of the
HTML standard, style, event handlers, and the ``data-`` attributes from which lazy loaders fill
them in. Links and forms are not: they go where the visitor sends them.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import unescape
from urllib.parse import unquote, unquote_to_bytes

from justhtml import Element, Text

from consent.gate import css, inline
from consent.gate.frame import POSTER
from consent.gate.hosts import plain
from consent.gate.source import live

#: Attributes with one address, by element.
_ADDRESSES = {
    "iframe": ("src",),
    "script": ("src",),
    "img": ("src",),
    # Outside SVG browsers read it as img; those that look ahead read it everywhere.
    "image": ("src", "href", "xlink:href"),
    "source": ("src",),
    "track": ("src",),
    "video": ("src", "poster"),
    "audio": ("src",),
    "embed": ("src",),
    "object": ("data", "codebase", "archive", "classid"),
    "applet": ("code", "codebase", "archive", "object"),
    "input": ("src",),
    "link": ("href",),
    "base": ("href",),
    "bgsound": ("src",),
    "portal": ("src",),
    "frame": ("src",),
}
#: Attributes with one address on whatever element.
_ANYWHERE = ("background", "ping", "attributionsrc")

#: Attributes with several addresses and their sizes.
_SETS = ("srcset", "imagesrcset")

#: What elements of SVG load from; SMIL animations put addresses into others.
_IN_SVG = ("href", "xlink:href", "src")
_ANIMATED = ("to", "from", "by", "values")

#: Attributes that page scripts read an address from: of what loads, and of any element.
_LAZY = re.compile(r"data-(?:.*-)?(?:\w*src(?:set)?|original|lazy|poster|url)$")
_LAZY_ANYWHERE = re.compile(r"data-(?:.*-)?(?:bg|background)(?:-\w+)*$")
_ABSOLUTE = re.compile(r"\s*(?:https?:|//|\\\\|/\\)", re.IGNORECASE)

#: Relations of a ``<link>`` that load nothing.
_RELATIONS = frozenset(
    "alternate amphtml author bookmark canonical contents edituri external first help index last"
    " license me next nofollow noopener noreferrer pingback prev profile publisher search shortlink"
    " start tag up webmention wlwmanifest".split()
)

#: Types of scripts that run or decide what is fetched (HTML, section 4.12.1); others are data.
_RUNS = re.compile(
    r"\s*(?:module|importmap|speculationrules"
    r"|(?:text|application)/(?:x-)?(?:java|ecma|j|live)script[\d.]*)?\s*(?:;.*)?",
    re.IGNORECASE,
)

_REFRESH = re.compile(r"[\s\d.]*[;,]?\s*(?:url\s*=\s*)?[\"']?([^\"']*)", re.IGNORECASE)

_DATA = re.compile(r"data:([^,]*),(.*)", re.IGNORECASE | re.DOTALL)

#: Elements that show a picture as a document, in which scripts run.
_SHOWS = frozenset({"iframe", "frame", "object", "embed", "portal"})

#: Documents within documents that are read.
_DEEPEST = 6
#: What stands for anything that is not read.
ANYTHING = "//unreadable.invalid/"


@dataclass(frozen=True, slots=True)
class Load:
    """One address that is fetched."""

    address: str
    attribute: str | None  #: where it stands; None: in the text of the element
    is_mention: bool = False  #: it may be no address at all, unless its host is known


def loads(node: Element, depth: int = 0) -> Iterator[Load]:
    """
    Find what *node* itself loads, its descendants left out.

    Documents in an attribute count as its own; *depth* is how many *node* is in.
    """
    for name, value in node.attrs.items():
        if value:
            yield from _attribute(node, name.lower(), value, depth)
    text = "".join(child.data or "" for child in node.children or () if isinstance(child, Text))
    if text and node.name == "style":
        yield from (Load(address, None) for address in css.addresses(text))
    elif "<" in text and node.namespace != "html":
        # A CDATA section, which browsers that look ahead take for markup.
        yield from (Load(address, None) for address in inline.addresses(text))
    elif text and node.name == "script" and _RUNS.fullmatch(node.attrs.get("type") or ""):
        yield from _script(text, None)


def action(node: Element) -> str | None:
    """Return where a form sends what is typed into it, or None."""
    return node.attrs.get("action") if node.name == "form" else None


def _attribute(node: Element, name: str, value: str, depth: int) -> Iterator[Load]:
    if name in _ADDRESSES.get(node.name, ()) or name in _ANYWHERE or _is_svg(node, name):
        if node.name != "link" or _is_loaded(node):
            yield from _address(node, plain(value), name, depth)
    elif node.namespace == "svg" and name in _ANIMATED:
        yield from _animated(node, value, name, depth)
    elif name in _SETS:
        yield from (Load(part, name) for part in re.split(r"[\s,]+", value) if part)
    elif name == "srcdoc":
        yield from _document(value, name, depth + 1)
    elif name == "style" or (node.namespace == "svg" and "(" in value):
        yield from (Load(address, name) for address in css.addresses(value))
    elif name.startswith("on"):
        yield from _script(value, name)
    elif name == "content" and node.name == "meta":
        yield from _refresh(node, value)
    elif _is_lazy(node, name) and _ABSOLUTE.match(value):
        yield from (Load(part, name) for part in re.split(r"[\s,]+", value) if part)


def _is_svg(node: Element, name: str) -> bool:
    return node.namespace == "svg" and node.name != "a" and name in _IN_SVG


def _is_lazy(node: Element, name: str) -> bool:
    if name == POSTER:  # ours, and only taken if it is on the site
        return False
    return bool(_LAZY_ANYWHERE.match(name) or (node.name in _ADDRESSES and _LAZY.match(name)))


def _is_loaded(link: Element) -> bool:
    relations = (link.attrs.get("rel") or "").lower().split()
    return not _RELATIONS.issuperset(relations)


def _address(node: Element, value: str, name: str, depth: int) -> Iterator[Load]:
    """Read one address, or the text that it carries itself."""
    if data := _DATA.match(value):
        kind, text = data.groups()
        if node.name in _SHOWS and "ml" in kind.lower():
            yield from _document(_carried(kind, text), name, depth + 1)
        elif not kind.lower().startswith("image/"):
            yield from _script(_carried(kind, text), name)
            if kind.lower().startswith("text/css"):
                yield from (Load(address, name) for address in css.addresses(_carried(kind, text)))
    elif value.lower().startswith("javascript:"):
        yield from _script(unquote(value), name)
    else:
        yield from (Load(part, name) for part in ([value] if name != "ping" else value.split()))


def _animated(node: Element, value: str, name: str, depth: int) -> Iterator[Load]:
    """Read a list of what an animation puts into an attribute, which may be one with a style."""
    for part in value.split(";"):
        yield from _address(node, plain(part), name, depth)
    yield from (Load(address, name) for address in css.addresses(value))


def _document(text: str, name: str, depth: int) -> Iterator[Load]:
    """Find what a document that stands in an attribute loads, with and without scripts."""
    if depth > _DEEPEST:
        yield Load(ANYTHING, name)
        return
    yield from (Load(address, name) for address in inline.addresses(unescape(text)))
    for is_scripted in (True, False)[: 1 + ("<noscript" in text.lower())]:
        for node in live(text, is_document=True, is_scripted=is_scripted):
            for load in loads(node, depth):
                yield replace(load, attribute=name)


def _carried(kind: str, text: str) -> str:
    raw = unquote_to_bytes(text)
    if kind.lower().rstrip().endswith("base64"):
        try:
            raw = b64decode(raw + b"===")
        except ValueError:
            return ""
    # Without zeros UTF-16 is ASCII, too.
    return raw.decode("utf-8", "replace").replace("\0", "")


def _script(text: str, attribute: str | None) -> Iterator[Load]:
    yield from (Load(address, attribute) for address in inline.addresses(text))
    yield from (Load(address, attribute, is_mention=True) for address in inline.mentions(text))


def _refresh(node: Element, value: str) -> Iterator[Load]:
    if (node.attrs.get("http-equiv") or "").strip().lower() == "refresh":
        match = _REFRESH.match(value)
        if match and match.group(1):
            yield Load(match.group(1), "content")
