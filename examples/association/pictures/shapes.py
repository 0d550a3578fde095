"""What the scenes are put together from: hills, trees, apples, houses."""

from __future__ import annotations

from math import cos, pi, sin
from random import Random

from .svg import Point, number, path, tag

LEAVES = ("#5f7f3a", "#6f8f40", "#8a9a3f", "#b08a34", "#4f7338")


def hill(
    dice: Random, width: float, height: float, top: float, swing: float, **attributes: str
) -> str:
    """A rolling hill over the whole width, filled to the bottom."""
    waves = [(dice.uniform(0.6, 2.4), dice.uniform(0, 2 * pi), dice.random()) for _ in range(3)]
    points = [
        (x, top + swing * sum(s * sin(f * 2 * pi * x / width + p) for f, p, s in waves) / 1.6)
        for x in range(0, int(width) + 20, 20)
    ]
    return path([*points, (width, height), (0, height)], close=True, **attributes)


def cloud(x: float, y: float, size: float) -> str:
    """A flat cloud."""
    parts = ((-1.1, 0.1, 0.5), (-0.4, -0.2, 0.7), (0.4, -0.05, 0.6), (1.1, 0.12, 0.42))
    round_ = "".join(
        tag("ellipse", cx=x + dx * size, cy=y + dy * size, rx=r * size, ry=r * size * 0.55)
        for dx, dy, r in parts
    )
    return tag("g", round_, fill="#fff", opacity="0.75")


def apple(x: float, y: float, r: float, skin: str, blush: str) -> str:
    """One apple with stalk, leaf and a light on its cheek."""
    body = "M0,-6C3,-10 10,-9 10,-1C10,6 5,11 0,9C-5,11 -10,6 -10,-1C-10,-9 -3,-10 0,-6Z"
    cheek = "M2,-6C6,-9 10,-7 10,-1C10,6 5,11 1,9.2C7,4 7,-2 2,-6Z"
    return tag(
        "g",
        tag("path", d=body, fill=skin),
        tag("path", d=cheek, fill=blush, opacity="0.75"),
        tag("ellipse", cx=-4.5, cy=-3, rx=1.6, ry=2.8, fill="#fff", opacity="0.5"),
        tag("path", d="M0,-6Q0,-10 2,-12", fill="none", stroke="#5b4128", stroke_width=1.4),
        tag("path", d="M1,-9Q6,-14 9,-11Q6,-7 1,-9Z", fill="#587a35"),
        transform=f"translate({number(x)} {number(y)}) scale({r / 10:.2f})",
    )


def tree(dice: Random, x: float, y: float, size: float, leaf: str | None = None) -> str:
    """A fruit tree in leaf; (x, y) is where it meets the grass, size its height."""
    leaf = leaf or dice.choice(LEAVES)
    trunk = path(
        [
            (x - size * 0.05, y),
            (x - size * 0.03, y - size * 0.5),
            (x + size * 0.03, y - size * 0.5),
            (x + size * 0.055, y),
        ],
        close=True,
        fill="#5a4331",
    )
    spots: list[Point] = [
        (x + cos(a) * size * 0.24, y - size * 0.66 + sin(a) * size * 0.17)
        for a in (i * pi / 3 + dice.uniform(-0.3, 0.3) for i in range(6))
    ]
    crown = "".join(
        tag("circle", cx=cx, cy=cy, r=size * dice.uniform(0.17, 0.22)) for cx, cy in spots
    )
    light = "".join(
        tag("circle", cx=cx - size * 0.04, cy=cy - size * 0.05, r=size * 0.11)
        for cx, cy in spots[3:]
    )
    fruit = "".join(
        tag(
            "circle",
            cx=x + dice.uniform(-0.34, 0.34) * size,
            cy=y - size * dice.uniform(0.46, 0.86),
            r=size * 0.022,
        )
        for _ in range(11)
    )
    return (
        tag("ellipse", cx=x + size * 0.06, cy=y, rx=size * 0.36, ry=size * 0.05, opacity="0.2")
        + trunk
        + tag("g", crown, tag("circle", cx=x, cy=y - size * 0.66, r=size * 0.25), fill=leaf)
        + tag("g", light, fill="#fff", opacity="0.13")
        + tag("g", fruit, fill="#c4402f")
    )


def bare_tree(dice: Random, x: float, y: float, size: float, colour: str = "#4a3a30") -> str:
    """A tree in winter, branch by branch; branches of one thickness share a path."""
    branches: dict[str, list[str]] = {}

    def grow(x: float, y: float, angle: float, length: float, left: int) -> None:
        bend = angle + dice.uniform(-0.12, 0.12)
        dx, dy = cos(bend) * length, -sin(bend) * length
        thick = number(round(max(1.2, length * 0.085 * (left / 4 + 0.4)) * 2) / 2)
        line = f"M{number(x)},{number(y)}l{number(dx)},{number(dy)}"
        branches.setdefault(thick, []).append(line)
        if left:
            for turn in (-0.62, -0.15, 0.5) if left > 1 else (-0.5, 0.4):
                way = angle + turn + dice.uniform(-0.2, 0.2)
                grow(x + dx, y + dy, way, length * dice.uniform(0.6, 0.76), left - 1)

    grow(x, y, pi / 2, size * 0.36, 5 if size > 200 else 4)
    strokes = (tag("path", d="".join(d), stroke_width=w) for w, d in branches.items())
    return tag("g", *strokes, stroke=colour, stroke_linecap="round", fill="none")


def house(x: float, y: float, w: float, wall: str = "#f3e7d3", roof: str = "#a4513a") -> str:
    """A house with a gable to the viewer; (x, y) is its lower left corner."""
    h = w * 0.62
    panes = "".join(
        tag("rect", x=x + w * at, y=y - h * 0.68, width=w * 0.16, height=h * 0.3, fill="#5d6f78")
        for at in (0.16, 0.42, 0.68)
    )
    gable = path(
        [(x - w * 0.08, y - h), (x + w * 0.5, y - h * 1.75), (x + w * 1.08, y - h)],
        close=True,
        fill=roof,
    )
    return tag("rect", x=x, y=y - h, width=w, height=h, fill=wall) + gable + panes


def church(x: float, y: float, w: float) -> str:
    """A village church with a pointed tower; (x, y) is the tower's lower left corner."""
    tower = tag("rect", x=x, y=y - w * 2.1, width=w, height=w * 2.1, fill="#efe2cb")
    spire = path(
        [(x - w * 0.08, y - w * 2.1), (x + w / 2, y - w * 4), (x + w * 1.08, y - w * 2.1)],
        close=True,
        fill="#5b6a6d",
    )
    clock = tag("circle", cx=x + w / 2, cy=y - w * 1.7, r=w * 0.2, fill="#5b4a3a")
    return house(x + w * 0.8, y, w * 2.2, roof="#8f4a37") + tower + spire + clock


def grass(dice: Random, width: float, top: float, bottom: float, count: int, colour: str) -> str:
    """Tufts over a strip of meadow, taller towards the viewer."""
    blades = []
    for _ in range(count):
        x, y = dice.uniform(0, width), dice.uniform(top, bottom)
        tall = 6 + 14 * (y - top) / (bottom - top)
        blades.append(
            f"M{number(x)},{number(y)}q{number(-tall / 4)},{number(-tall / 2)}"
            f" {number(-tall / 3)},{number(-tall)}"
            f"M{number(x)},{number(y)}q{number(tall / 6)},{number(-tall / 2)}"
            f" {number(tall / 2)},{number(-tall * 0.9)}"
        )
    return tag("path", d="".join(blades), stroke=colour, stroke_width=1.8, fill="none")
