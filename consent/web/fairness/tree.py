"""A rendered layer as a browser reads it: which elements it has, and what of it is shown."""

from __future__ import annotations

from collections.abc import Iterator

from justhtml import Element, JustHTML, Node, Text

from consent.gate.source import readable

#: Attributes that hide an element, and the value that does if not every value does.
_HIDING = {"hidden": None, "inert": None, "popover": None, "aria-hidden": "true"}

#: Elements whose text nobody sees, as it stands for something else or is a choice among several.
_TEXTLESS = frozenset(
    "canvas datalist meter noembed noframes progress rp script select style svg template"
    " title".split()
)


def parse(html: str) -> Node:
    """Return the root above everything in *html*."""
    root = JustHTML(readable(html), sanitize=False, fragment=True).root
    assert isinstance(root, Node)  # noqa: S101 - tells the type checker what "fragment" gives
    return root


def every(node: Node, selector: str) -> list[Element]:
    """Return what *selector* selects below *node*, in the order of the document."""
    return [found for found in node.query(selector) if isinstance(found, Element)]


def words(node: Node | Text, *, folded: bool = True) -> str:
    """
    Return the text of *node* that is shown, with single spaces.

    What stands in closed details is left out unless *folded*.
    """
    return plain("".join(_pieces(node, folded)))


def plain(text: str) -> str:
    """Return *text* with single spaces."""
    return " ".join(text.split())


def _pieces(node: Node | Text, folded: bool) -> Iterator[str]:
    if isinstance(node, Text):
        yield node.data or ""
        return
    if isinstance(node, Element) and (
        _hides(node) or node.name in _TEXTLESS or _is_shut_dialog(node)
    ):
        return
    closed = not folded and _is_closed(node)
    for child in node.children or ():
        if not closed or getattr(child, "name", "") == "summary":
            yield from _pieces(child, folded)
    # A browser begins a new line here, or at least leaves a gap.
    yield " " if node.name in ("p", "li", "dt", "dd", "h1", "h2", "h3", "div", "br") else ""


def hidden(node: Element) -> str:
    """Say what hides *node*, itself or something around it; "" if it is shown."""
    for place in (node, *above(node)):
        by = _hides(place)
        if by:
            return f"{by} at {tag(place)}"
        if place is not node and _is_closed(place):
            return f"closed {tag(place)}"
    return ""


def above(node: Node) -> Iterator[Element]:
    """Yield the elements around *node*, from the inside out."""
    around = node.parent
    while isinstance(around, Element):
        yield around
        around = around.parent


def tag(node: Node | Text) -> str:
    """Return how *node* is written, shortened, for a message."""
    if not isinstance(node, Element):
        return f"the text {words(node)[:40]!r}"
    attributes = "".join(
        f' {name}="{value}"' if value else f" {name}" for name, value in node.attrs.items()
    )
    return f"<{node.name}{attributes}"[:80] + ">"


def look(node: Element) -> dict[str, str]:
    """Return what a style sheet can tell *node* by, apart from its value."""
    found = {name: value or "" for name, value in node.attrs.items() if name != "value"}
    if "class" in found:
        found["class"] = " ".join(sorted(found["class"].split()))
    return {"element": node.name, **found}


def skeleton(node: Node) -> list[object]:
    """Return the elements inside *node*, without their text."""
    inside = [child for child in node.children or () if isinstance(child, Element)]
    return [(look(child), skeleton(child)) for child in inside]


def _hides(node: Element) -> str:
    for name, value in _HIDING.items():
        if name in node.attrs and value in (None, (node.attrs[name] or "").lower()):
            return name
    return ""


def _is_closed(node: Node) -> bool:
    if not isinstance(node, Element):
        return False
    return _is_shut_dialog(node) or (node.name == "details" and "open" not in node.attrs)


def _is_shut_dialog(node: Element) -> bool:
    # The script opens a dialog that is the layer itself.
    return node.name == "dialog" and not {"open", "data-consent-layer"} & node.attrs.keys()
