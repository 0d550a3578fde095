"""What no layer may bring along: what loads, runs, styles, moves or hides by itself."""

from __future__ import annotations

from collections.abc import Iterator

from justhtml import Node

from consent.gate.carried import ANYTHING
from consent.gate.hosts import read
from consent.gate.loads import loads
from consent.web.fairness.tree import every, tag

#: Elements that do, whatever they load. The last ones make text small, pale, crossed out or
#: unreadable without a style.
_ELEMENTS = (
    "script, style, link, base, meta, iframe, frame, frameset, portal, object, embed, applet,"
    " video, audio, bgsound, template, noscript, fieldset[disabled],"
    " font, basefont, marquee, s, strike, del, bdo"
)

#: What a key could press or change by accident if it had the focus from the start.
_PRESSED = ("a", "button", "input", "select", "summary", "textarea")

_WANTED = "no element that loads, runs, styles or hides by itself"


def foreign(tree: Node) -> Iterator[tuple[str, str, str]]:
    """Find in *tree* where something foreign stands, what it is, and what was wanted."""
    found = every(tree, _ELEMENTS)
    for node in found:
        yield "layer", tag(node), _WANTED
    for node in every(tree, "*"):
        addresses = [load.address for load in loads(node)]
        if node not in found and any(one == ANYTHING or read(one)[0] for one in addresses):
            yield "layer", tag(node), _WANTED
        for name in node.attrs:
            if name == "style" or name.startswith("on"):
                yield "layer", f"{name}= at {tag(node)}", "no inline style or script"
            if name == "autofocus" and node.name in _PRESSED:
                yield "layer", f"autofocus at {tag(node)}", "no button or field preferred"
