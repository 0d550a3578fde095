"""The open country: the valley, and young trees on a meadow."""

from __future__ import annotations

from random import Random

from .shapes import church, cloud, grass, hill, house, tree
from .svg import fade, path, picture, tag

WIDE = (1200, 675)


def valley() -> str:
    """The valley of the Erle in autumn, for the top of the home page."""
    dice = Random(7)
    w, h = 1600, 720
    river = (
        "M1010,372C930,392 1120,410 1060,438C985,470 760,478 800,520"
        "C850,572 1190,560 1130,720L760,720C890,600 640,575 640,520"
        "C640,462 940,462 985,432C1015,408 900,396 985,372Z"
    )
    far_trees = [tree(dice, dice.uniform(0, w), dice.uniform(418, 462), 44) for _ in range(26)]
    rows = [
        tree(dice, x + dice.uniform(-14, 14), y, size)
        for y, size, start, step in ((520, 96, 30, 118), (592, 150, -20, 172), (690, 236, 20, 262))
        for x in range(start, w + 80, step)
        if not 610 - (y - 500) < x < 1010 + (y - 500) * 1.1
    ]
    village = "".join(
        house(x, y, 34, roof=roof)
        for x, y, roof in (
            (1102, 398, "#a4513a"),
            (1150, 404, "#8d4634"),
            (1250, 398, "#a4513a"),
            (1296, 406, "#b0603f"),
            (1066, 408, "#8d4634"),
        )
    )
    return picture(
        w,
        h,
        tag(
            "defs",
            fade("sky", "#f6d9a8", "#f9ead0", "#e6ead9"),
            fade("water", "#cfdfe0", "#8fb3bd"),
        ),
        tag("rect", width=w, height=h, fill="url(#sky)"),
        tag("circle", cx=420, cy=196, r=150, fill="#fff4d6", opacity="0.5"),
        tag("circle", cx=420, cy=196, r=74, fill="#fff1c9"),
        cloud(960, 120, 64) + cloud(1330, 176, 46) + cloud(130, 118, 40),
        hill(dice, w, h, 300, 46, fill="#b9c6b8"),
        hill(dice, w, h, 338, 40, fill="#9bb096"),
        hill(dice, w, h, 376, 26, fill="#86a06f"),
        tag("g", *far_trees[:10], opacity="0.8"),
        tag("rect", y=400, width=w, height=h, fill="#93a862"),
        village + church(1186, 400, 26),
        tag("g", *sorted(far_trees[10:], key=len), opacity="0.9"),
        tag("rect", y=470, width=w, height=h, fill="#88a054"),
        tag("rect", y=556, width=w, height=h, fill="#7b9549"),
        tag("path", d=river, fill="url(#water)"),
        grass(dice, w, 480, 720, 260, "#64803a"),
        *rows,
    )


def planting() -> str:
    """Young standard trees on a meadow, each tied to its stakes."""
    dice = Random(41)
    w, h = WIDE
    trees = []
    for x, y, size in ((250, 470, 190), (930, 480, 200), (590, 590, 330)):
        stakes = "".join(
            tag(
                "rect",
                x=x + dx * size,
                y=y - size * 0.52,
                width=size * 0.035,
                height=size * 0.54,
                fill="#b78a58",
            )
            for dx in (-0.16, 0.13)
        )
        tie = path(
            [(x - size * 0.15, y - size * 0.44), (x + size * 0.15, y - size * 0.44)],
            stroke="#d9c79f",
            stroke_width=size * 0.022,
        )
        trunk = tag(
            "rect",
            x=x - size * 0.018,
            y=y - size * 0.72,
            width=size * 0.036,
            height=size * 0.72,
            fill="#6a4f3a",
        )
        leaves = "".join(
            tag(
                "ellipse",
                cx=x + dice.gauss(0, 0.13) * size,
                cy=y - size * 0.82 + dice.gauss(0, 0.09) * size,
                rx=size * 0.055,
                ry=size * 0.036,
                fill=dice.choice(("#6f9440", "#86a94b", "#5c8038")),
            )
            for _ in range(54)
        )
        shade = tag("ellipse", cx=x, cy=y, rx=size * 0.3, ry=size * 0.04, opacity="0.18")
        trees.append(shade + trunk + leaves + stakes + tie)
    flowers = "".join(
        tag(
            "circle",
            cx=dice.uniform(0, w),
            cy=y,
            r=2 + (y - 470) / 60,
            fill=dice.choice(("#fff", "#f4d35e", "#d66a7a", "#f8f3e3")),
        )
        for y in (dice.uniform(480, 670) for _ in range(130))
    )
    return picture(
        w,
        h,
        tag("defs", fade("sky", "#9cc7de", "#d5e8ea", "#f4efdc")),
        tag("rect", width=w, height=h, fill="url(#sky)"),
        cloud(260, 130, 62) + cloud(830, 92, 50) + cloud(1080, 190, 40),
        hill(dice, w, h, 330, 42, fill="#a9c39a"),
        hill(dice, w, h, 374, 30, fill="#93b37c"),
        church(1010, 404, 20) + house(956, 404, 30) + house(920, 408, 26, roof="#8d4634"),
        tag("path", d=f"M0,428Q520,376 {w},418L{w},{h}L0,{h}Z", fill="#86ac58"),
        tag("path", d=f"M0,520Q640,470 {w},530L{w},{h}L0,{h}Z", fill="#7a9f4c"),
        grass(dice, w, 440, 670, 330, "#5d8338"),
        flowers,
        *trees,
    )
