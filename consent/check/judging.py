"""
Judge what :file:`probe.js` measured of a layer.

Each function yields findings: what, and what was found for reject and for accept or what was
wanted. A contrast below 4.5 is hard to read, one below 3 hard to see (WCAG 2.2, success
criteria 1.4.3 and 1.4.11); a target under 24 pixels is hard to hit (2.5.8).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import floor
from typing import Any

from consent.check.colour import WHITE, Coat, Colour, contrast, seen

TEXT, SHAPE, TARGET = 4.5, 3.0, 24.0

#: The decisions whose buttons are compared.
_BOTH = ("reject", "accept")

#: What differs between two buttons only because they stand side by side or say different
#: things. Their sizes are compared as boxes instead.
_PLACE = frozenset(
    {
        "block-size", "bottom", "height", "inline-size", "inset-block-end", "inset-block-start",
        "inset-inline-end", "inset-inline-start", "left", "perspective-origin", "right", "top",
        "transform-origin", "width",
    }
)  # fmt: skip

#: How much of the window the first layer leaves to the page, at least.
_FREE = 0.1

#: What a browser paints under everything in dark mode.
_DARK = Colour(18, 18, 18)

Measured = Mapping[str, Any]


def usable(layer: Measured | None) -> bool:
    """
    Tell whether both buttons are there and shown, so that more can be said about them.

    *layer* None: it is not in the page.
    """
    return layer is not None and all(layer[one] and layer[one]["shown"] for one in _BOTH)


def resting(layer: Measured | None, *, is_first: bool) -> Iterator[str]:
    """Judge a layer that nobody touches; None: it is not in the page."""
    if layer is None:
        yield "found no layer, wanted one that is shown"
        return
    for decision in _BOTH:
        if not layer[decision]:
            yield f"no {decision} button, wanted one"
        elif not layer[decision]["shown"]:
            yield f"the {decision} button is not shown, wanted it to be seen"
    if layer["reject"] and layer["accept"]:
        yield from _unequal(layer["reject"], layer["accept"])
    if usable(layer):
        yield from _hard_to_see(layer)
        yield from _hard_to_hit(layer)
        if is_first:
            yield from _out_of_place(layer)


def changed(on_reject: Measured, on_accept: Measured) -> Iterator[str]:
    """Judge a state that was entered on each button in turn."""
    yield from _unequal(on_reject["reject"], on_accept["accept"])
    for finding in _unequal(on_accept["reject"], on_reject["accept"]):
        yield f"while the other is touched, {finding}"
    for decision, layer in (("reject", on_reject), ("accept", on_accept)):
        yield from _faint_text(layer, layer[decision], f"the {decision} button")


def ringed(normal: Measured, focused: Mapping[str, Measured]) -> Iterator[str]:
    """Judge how the focus is shown on each button."""
    for decision in _BOTH:
        before, after = normal[decision], focused[decision][decision]
        base, coats = _base(normal), _coats(after["coats"])
        around = seen(coats[:-1]).over(base)
        marks = [Colour(*after["outline"])] if after["outline"] else []
        if after["shadow"] != before["shadow"]:
            marks += [Colour(*shadow) for shadow in after["shadows"]]
        if after["border"] and after["border"] != before["border"]:
            marks.append(Colour(*after["border"]))
        best = max((contrast(mark.over(around), around) for mark in marks), default=1.0)
        if best < SHAPE:
            yield f"the focus on {decision} has a contrast of {_short(best)}, wanted {SHAPE:.0f}"


def _unequal(reject: Measured, accept: Measured) -> Iterator[str]:
    if len(reject["styles"]) != len(accept["styles"]):
        yield "the buttons hold different elements, wanted the same in both"
    for number, (mine, theirs) in enumerate(zip(reject["styles"], accept["styles"], strict=False)):
        part = ("", "::before ", "::after ")[number % 3]
        inside = "an element inside, " if number >= 3 else ""
        for name in sorted({*mine, *theirs} - _PLACE):
            if mine.get(name) != theirs.get(name):
                yield f"{inside}{part}{name}: reject {mine.get(name)}, accept {theirs.get(name)}"
    for side in ("width", "height"):
        mine, theirs = reject["box"][side], accept["box"][side]
        if abs(mine - theirs) > 1:
            yield f"{side}: reject {mine:.0f} px, accept {theirs:.0f} px"


def _hard_to_see(layer: Measured) -> Iterator[str]:
    for decision in _BOTH:
        button = layer[decision]
        yield from _faint_text(layer, button, f"the {decision} button")
        coats, base = _coats(button["coats"]), _base(layer)
        around = seen(coats[:-1]).over(base)
        edges = [seen(coats)]
        if button["border"]:
            edges.append(seen(coats, Colour(*button["border"])))
        best = max(contrast(edge.over(base), around) for edge in edges)
        if best < SHAPE:
            yield (
                f"the {decision} button stands out from what is around it with a contrast of "
                f"{_short(best)}, wanted {SHAPE:.0f}"
            )
    for text in layer["texts"]:
        yield from _faint_text(layer, {**text, "text": text["colour"]}, f'"{text["text"]}"')


def _faint_text(layer: Measured, part: Measured, what: str) -> Iterator[str]:
    if part["picture"]:
        yield f"{what} stands on a picture or gradient, wanted a plain colour behind text"
        return
    coats, base = _coats(part["coats"]), _base(layer)
    ratio = contrast(seen(coats, Colour(*part["text"])).over(base), seen(coats).over(base))
    if ratio < TEXT:
        yield f"the text of {what} has a contrast of {_short(ratio)}, wanted {TEXT}"


def _hard_to_hit(layer: Measured) -> Iterator[str]:
    for text, box in layer["targets"]:
        if min(box["width"], box["height"]) < TARGET:
            size = f"{floor(box['width'])} x {floor(box['height'])} px"
            yield f'"{text}" is {size} large, wanted {TARGET:.0f} x {TARGET:.0f}'


def _out_of_place(layer: Measured) -> Iterator[str]:
    wide, high = layer["window"]
    for decision in _BOTH:
        box = layer[decision]["box"]
        right, bottom = box["x"] + box["width"], box["y"] + box["height"]
        if box["x"] < 0 or box["y"] < 0 or right > wide or bottom > high:
            yield f"the {decision} button is outside the window, wanted it in view at once"
        elif not layer[decision]["top"]:
            yield f"the {decision} button is covered by something, wanted it within reach"
    if not layer["modal"] and layer["free"] < _FREE:
        free = floor(layer["free"] * 100)
        yield f"{free}% of the window are left free, wanted {_FREE:.0%} at least"
    alpha = seen(_coats(layer["own"])).alpha
    if alpha < 0.99:
        yield f"the background lets {1 - alpha:.0%} of the page through, wanted none behind text"


def _short(ratio: float) -> float:
    """Return *ratio* with one digit, rounded down: too little is not to read as enough."""
    return floor(ratio * 10) / 10


def _coats(measured: list[Any]) -> list[Coat]:
    return [Coat(Colour(*fill), opacity) for fill, opacity in measured]


def _base(layer: Measured) -> Colour:
    return _DARK if layer["dark"] else WHITE
