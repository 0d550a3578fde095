"""The little SVG that the pictures need: elements, numbers and gradients."""

from __future__ import annotations

from collections.abc import Iterable

Point = tuple[float, float]


def number(value: float | str) -> str:
    """Write a number with at most one decimal; text stays as it is."""
    if isinstance(value, str):
        return value
    short = f"{value:.1f}".removesuffix(".0")
    return "0" if short == "-0" else short


def tag(name: str, *inside: str, **attributes: float | str) -> str:
    """Return one element; ``stroke_width=2`` becomes ``stroke-width="2"``."""
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{number(value)}"'
        for key, value in attributes.items()
    )
    return f"<{name}{told}>{''.join(inside)}</{name}>" if inside else f"<{name}{told}/>"


def path(points: Iterable[Point], *, close: bool = False, **attributes: float | str) -> str:
    """Return a path of straight lines through the points."""
    line = "L".join(f"{number(x)},{number(y)}" for x, y in points)
    return tag("path", d=f"M{line}{'Z' if close else ''}", **attributes)


def fade(id: str, *colours: str, across: bool = False) -> str:
    """Return a gradient from the first colour to the last, downwards or across."""
    stops = (
        tag("stop", offset=f"{index / (len(colours) - 1):.2f}", stop_color=colour)
        for index, colour in enumerate(colours)
    )
    return tag("linearGradient", *stops, id=id, x1=0, y1=0, x2=int(across), y2=int(not across))


def picture(width: int, height: int, *inside: str) -> str:
    """Return the whole file."""
    body = "\n".join(inside)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}">\n{body}\n</svg>\n'
    )
