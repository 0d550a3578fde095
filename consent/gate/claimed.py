"""
Templates in stored HTML with attributes of ours, by which the script of a page would open them.

What was made of a text before, where it comes a second time, is right so: what a template holds
waits for the service that it is of. What waits for another one, or for none, somebody else wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from justhtml import Element

from consent.gate import starttag
from consent.gate.carried import ANYTHING
from consent.gate.loads import Load, loads
from consent.gate.source import Source, inner, is_tangled
from consent.gate.stored import Embed

#: What opens a template, with the service that it waits for.
_WAITS = "data-consent"

#: What only a page has of ours, and no text.
_NEVER = frozenset({"data-consent-held", "data-consent-leftovers"})


def claims(html: str) -> tuple[Embed, ...]:
    """Find the attributes of ours at templates of *html* that are there, or may be opened."""
    lower = html.lower()
    if "<template" not in lower or _WAITS not in lower or is_tangled(html):
        return ()
    return tuple(_claims(Source(html)))


def _claims(source: Source) -> Iterator[Embed]:
    begun = (place.node for _, place in source.elements() if place.node.name == "template")
    waiting = [(node, frozenset[str]()) for node in begun]
    while waiting:
        template, before = waiting.pop()
        waits = before | {template.attrs.get(_WAITS) or ""}
        within, is_live = inner(template, is_live=True)
        # In SVG it is no template; the script would take the whole page for what is in it.
        never = _NEVER if template.namespace == "html" else _NEVER | {_WAITS}
        found, nested = ((), []) if is_live else _opened(within)
        for name, begin, end in starttag.attributes(source.html, template.origin_offset or 0):
            if name in never:
                yield Embed(begin, end, (Load(ANYTHING, name),), "attribute", "")
            elif name == _WAITS and found:
                yield Embed(begin, end, found, "attribute", "", waits=waits)
        if _WAITS in template.attrs:
            waiting += [(one, waits) for one in nested]


def _opened(within: list[Any]) -> tuple[tuple[Load, ...], list[Any]]:
    """Return what loads once what is *within* a template is there, and the templates in it."""
    found: list[Load] = []
    nested: list[Any] = []
    waiting = list(reversed(within))
    while waiting:
        node = waiting.pop()
        if isinstance(node, Element):
            found += loads(node)
            children, is_live = inner(node, is_live=True)
            if is_live:
                waiting += reversed(children)
            else:
                nested.append(node)
    return tuple(found), nested
