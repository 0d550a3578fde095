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
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import unescape
from urllib.parse import unquote

from justhtml import Element, Text

from consent.gate import css, inline, rules
from consent.gate.carried import ANYTHING, Carried, carried
from consent.gate.frame import POSTER
from consent.gate.hosts import REMOVED, plain
from consent.gate.source import readings

#: Attributes with one address, by element.
_ADDRESSES = {
    "iframe": ("src",),
    # The last two only in SVG; browsers that look ahead read them everywhere, as those of image.
    "script": ("src", "href", "xlink:href"),
    "img": ("src",),
    # Outside SVG browsers read it as img; those that look ahead read it everywhere.
    "image": ("src", "href", "xlink:href"),
    "source": ("src",),
    "track": ("src",),
    "video": ("src", "poster"),
    "audio": ("src",),
    "embed": ("src", "code"),
    "object": ("data", "codebase", "classid"),
    "applet": ("code", "codebase", "object"),
    "input": ("src",),
    "link": ("href",),
    "base": ("href",),
    "bgsound": ("src",),
    "portal": ("src",),
    "frame": ("src",),
    "model": ("src", "environmentmap"),  # Safari's, for things in three dimensions
}
#: Attributes with one address on whatever element.
_ANYWHERE = ("background",)

#: What elements of SVG load from; SMIL animations put addresses into others.
_IN_SVG = ("href", "xlink:href", "src")
_ANIMATED = ("to", "from", "by", "values")

#: Attributes that page scripts read an address from: of what loads, and of any element.
_LAZY = re.compile(r"data-(?:.*-)?(?:\w*src(?:set)?|original|lazy|poster|url)$")
#: Behind the last of such words only: of what stands there no earlier one makes more.
_LAZY_ANYWHERE = re.compile(r"data-(?>(?:.*-)?(?:bg|background)(?=-|$))(?:-\w++)*+$")
_ABSOLUTE = re.compile(r"\s*(?:https?:|//|\\\\|/\\)", re.IGNORECASE)

#: Relations of a ``<link>`` that load nothing.
_RELATIONS = frozenset(
    "alternate amphtml author bookmark canonical contents edituri external first help index last"
    " license me nofollow noopener noreferrer pingback prev profile publisher shortlink"
    " start tag up webmention wlwmanifest".split()
)

#: Types of scripts that run or decide what is fetched (HTML, section 4.12.1); others are data.
_RUNS = re.compile(
    r"\s*(?:module|importmap|speculationrules"
    r"|(?:text|application)/(?:x-)?(?:java|ecma|j|live)script[\d.]*)?\s*(?:;.*)?",
    re.IGNORECASE,
)

_REFRESH = re.compile(r"[\s\d.]*[;,]?\s*(?:url\s*=\s*)?[\"']?([^\"']*)", re.IGNORECASE)

#: One candidate of a set (HTML, section 4.8.4.2.2); commas may stand in an address.
_CANDIDATE = re.compile(
    r"([^\t\n\f\r ,](?:[^\t\n\f\r ]*[^\t\n\f\r ,])?)(?:,+|(?:[^,(]|\([^)]*(?:\)|$))*)"
)

#: Attributes with several addresses: how they are told apart.
_SEVERAL = {
    **dict.fromkeys(("srcset", "imagesrcset"), _CANDIDATE),
    **dict.fromkeys(("ping", "attributionsrc", "archive"), re.compile(r"[^\t\n\f\r ,]+")),
}

#: What makes more of an XML document than its letters say: own entities, other texts, XSLT.
_UNCLEAR = re.compile(r"<\?(?!xml\s)|<!(?!--|doctype[^\[>]{0,300}>)", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)

#: Elements that show a picture as a document, in which scripts run, or take parts out of it.
_SHOWS = frozenset({"iframe", "frame", "object", "embed", "portal", "use"})

#: Documents within documents that are read.
_DEEPEST = 6


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
    text = _text(node)
    if text and node.name == "style":
        yield from (Load(address, None) for address in css.addresses(text))
    elif "<" in text and node.namespace != "html":
        # A CDATA section, which browsers that look ahead take for markup.
        yield from (Load(address, None) for address in inline.addresses(text))
    elif text and node.name == "script" and _RUNS.fullmatch(node.attrs.get("type") or ""):
        yield from _script(text, None)
        if ahead(node):
            yield Load(ANYTHING, None)


def ahead(node: Element) -> str | None:
    """Return the speculation rules in *node* that fetch links wherever they lead, or None."""
    if node.name != "script" or "speculationrules" not in (node.attrs.get("type") or "").lower():
        return None
    text = _text(node)
    return text if text and rules.leaves(text) else None


def action(node: Element) -> str | None:
    """Return where a form sends what is typed into it, or None."""
    return node.attrs.get("action") if node.name == "form" else None


def _text(node: Element) -> str:
    return "".join(child.data or "" for child in node.children or () if isinstance(child, Text))


def _attribute(node: Element, name: str, value: str, depth: int) -> Iterator[Load]:
    if name.startswith("on"):
        yield from _script(value, name)
    elif name in _ADDRESSES.get(node.name, ()) or name in _ANYWHERE or _is_svg(node, name):
        if node.name != "link" or _is_loaded(node):
            yield from _address(node, value, name, depth)
    elif node.namespace == "svg" and name in _ANIMATED:
        yield from _animated(node, value, name, depth)
    elif parts := _SEVERAL.get(name):
        yield from (Load(part, name) for part in parts.findall(value))
    elif name == "srcdoc":
        yield from _document(value, name, depth + 1)
    elif name == "style" or (node.namespace == "svg" and "(" in value):
        yield from (Load(address, name) for address in css.addresses(value))
    elif name == "content" and node.name == "meta":
        yield from _refresh(node, value)
    elif _is_lazy(node, name) and _ABSOLUTE.match(value):
        yield from (Load(part, name) for part in _CANDIDATE.findall(value))


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
    if data := carried(value):
        if not data.kind.startswith("image/") or _is_more(node):
            yield from _carried(node, data, name, depth)
    elif (address := plain(value)).lower().startswith("javascript:"):
        yield from _script(unquote(address), name)
    else:
        yield Load(address, name)


def _is_more(node: Element) -> bool:
    """
    Tell whether what calls itself a picture may be more than that in *node*.

    Chromium runs it as a script, and takes it for a style sheet in pages without a doctype.
    """
    if node.name == "link":
        return "stylesheet" in (node.attrs.get("rel") or "").lower()
    return node.name == "script" or node.name in _SHOWS


def _carried(node: Element, data: Carried, name: str, depth: int) -> Iterator[Load]:
    texts = data.texts()
    if texts is None:
        yield Load(ANYTHING, name)
    for text in texts or ():
        if node.name in _SHOWS and "ml" in data.kind:
            yield from _document(text, name, depth + 1, is_xml="html;" not in f"{data.kind};")
        else:
            yield from _script(text, name)
            if node.name == "link":
                yield from (Load(address, name) for address in css.addresses(text))


def _animated(node: Element, value: str, name: str, depth: int) -> Iterator[Load]:
    """Read a list of what an animation puts into an attribute, which may be one with a style."""
    for part in value.split(";"):
        yield from _address(node, part, name, depth)
    yield from (Load(address, name) for address in css.addresses(value))


def _document(text: str, name: str, depth: int, *, is_xml: bool = False) -> Iterator[Load]:
    """Find what a document that stands in an attribute loads, with and without scripts."""
    if depth > _DEEPEST or (is_xml and _UNCLEAR.search(text)):
        yield Load(ANYTHING, name)
        return
    yield from (Load(address, name) for address in inline.addresses(unescape(text)))
    if is_xml:
        # Elements have whatever prefix there, and a text goes on behind a comment.
        for part in (text, _COMMENT.sub("", text)):
            flat = REMOVED.sub("", unescape(part))
            yield from (Load(address, name) for address in css.addresses(flat))
            yield from (Load(address, name) for address in inline.addresses(flat))
    for node in readings(text, is_document=True):
        for load in loads(node, depth):
            yield replace(load, attribute=name)


def _script(text: str, attribute: str | None) -> Iterator[Load]:
    yield from (Load(address, attribute) for address in inline.addresses(text))
    yield from (Load(address, attribute, is_mention=True) for address in inline.mentions(text))


def _refresh(node: Element, value: str) -> Iterator[Load]:
    if (node.attrs.get("http-equiv") or "").strip().lower() == "refresh":
        match = _REFRESH.match(value)
        if match and match.group(1):
            yield Load(match.group(1), "content")
