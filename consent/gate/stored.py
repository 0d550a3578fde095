"""
HTML that a content management system stored, with embeds as editors paste them.

The text is parsed as a browser parses it; frames and scripts of known services are found,
and everything between them stays as it was, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape

from justhtml import Element, JustHTML, Node, Text

#: Elements that load from another host by themselves, and the attribute that says from where.
_LOADS = {"iframe": "src", "script": "src"}

_MAY_LOAD = re.compile("<(?:iframe|script)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Embed:
    """One element of stored HTML that loads from somewhere."""

    start: int  #: where its start tag begins
    end: int  #: where its end tag ends
    address: str  #: as written
    markup: str  #: the element again, without what stood inside it


def replace_embeds(html: str, replacement: Callable[[Embed], str | None]) -> str:
    """Return *html* with each embed replaced; None as replacement leaves it as it is."""
    if not _MAY_LOAD.search(html):
        return html
    pieces, position = [], 0
    for embed in _embeds(html):
        new = replacement(embed)
        if new is not None:
            pieces += [html[position : embed.start], new]
            position = embed.end
    return "".join([*pieces, html[position:]])


def _embeds(html: str) -> Iterator[Embed]:
    tree = JustHTML(html, sanitize=False, fragment=True, track_node_locations=True)
    found = sorted(_loading(tree.root), key=lambda node: node.origin_offset or 0)
    for node in found:
        start = node.origin_offset or 0
        yield Embed(
            start, _end(html, node, start), node.attrs[_LOADS[node.name]] or "", _again(node)
        )


def _loading(root: Node) -> Iterator[Element]:
    """Find the nodes that load. What is inside a template does not."""
    nodes: list[Node | Text] = [root]
    while nodes:
        node = nodes.pop()
        if isinstance(node, Element) and _LOADS.get(node.name) in node.attrs:
            yield node
        if not isinstance(node, Text):
            nodes.extend(node.children or ())


def _end(html: str, node: Element, start: int) -> int:
    inside = node.children[-1] if node.children else None
    after = start
    if inside is not None and inside.origin_offset is not None:
        after = inside.origin_offset + (len(inside.data or "") if isinstance(inside, Text) else 0)
    closing = re.compile(rf"</{node.name}(?=[\s/>])[^>]*>", re.IGNORECASE).search(html, after)
    return closing.end() if closing else len(html)


def _again(node: Element) -> str:
    """
    Write the element with its attributes and nothing inside.

    Its inside is of no use: a script with an address ignores it, and so does a frame. Written
    out, it could close the template around it.
    """
    attributes = "".join(
        f" {name}" if value is None else f' {name}="{escape(value)}"'
        for name, value in node.attrs.items()
    )
    return f"<{node.name}{attributes}></{node.name}>"
