"""Where the association works: an old tree in winter, the teaching garden."""

from __future__ import annotations

from random import Random

from .shapes import bare_tree, cloud, grass, hill, tree
from .svg import fade, number, path, picture, tag

WIDE = (1200, 675)


def winter() -> str:
    """Pruning in winter: an old tree, a ladder, a basket."""
    dice = Random(23)
    w, h = WIDE
    rungs = "".join(
        path([(726 + i * 10.7, 592 - i * 34), (802 + i * 7.2, 592 - i * 34)]) for i in range(11)
    )
    ladder = tag(
        "g",
        path([(716, 622), (838, 236)]) + path([(796, 622), (878, 236)]) + rungs,
        stroke="#a9794a",
        stroke_width=9,
        stroke_linecap="round",
    )
    twigs = "".join(
        path([(x, 612), (x + dice.uniform(-26, 26), 540 + dice.uniform(-16, 20))])
        for x in range(352, 452, 8)
    )
    basket = tag("g", twigs, stroke="#5b4636", stroke_width=4) + path(
        [(336, 578), (470, 578), (448, 640), (358, 640)], close=True, fill="#b98a54"
    )
    flakes = "".join(
        tag("circle", cx=dice.uniform(0, w), cy=dice.uniform(0, h), r=dice.uniform(1.5, 4))
        for _ in range(70)
    )
    return picture(
        w,
        h,
        tag("defs", fade("sky", "#bcd0dc", "#e9e6e0", "#f6e6d2")),
        tag("rect", width=w, height=h, fill="url(#sky)"),
        tag("circle", cx=214, cy=188, r=58, fill="#fff6df"),
        hill(dice, w, h, 410, 30, fill="#c3cfd0"),
        hill(dice, w, h, 456, 22, fill="#d8dfdc"),
        "".join(bare_tree(dice, x, 498, 90, "#8d8b85") for x in (80, 190, 300, 1000, 1090, 1170)),
        tag("path", d=f"M0,520Q600,470 {w},532L{w},{h}L0,{h}Z", fill="#f1f2ee"),
        tag("ellipse", cx=640, cy=612, rx=250, ry=22, fill="#cdd6d6"),
        bare_tree(dice, 610, 616, 520),
        ladder,
        basket,
        tag("g", flakes, fill="#fff", opacity="0.9"),
    )


def garden() -> str:
    """The teaching garden: timbered hut, beds, an insect house."""
    dice = Random(12)
    w, h = WIDE
    x, y = 690, 470
    beams = "".join(
        path(points, stroke="#5d4330", stroke_width=10, fill="none")
        for points in (
            [(x, y), (x, y - 170), (x + 290, y - 170), (x + 290, y), (x, y)],
            [(x, y - 86), (x + 290, y - 86)],
            [(x + 96, y), (x + 96, y - 170)],
            [(x + 194, y), (x + 194, y - 170)],
            [(x, y - 86), (x + 96, y - 170)],
            [(x + 290, y - 86), (x + 194, y - 170)],
        )
    )
    hut = (
        tag("rect", x=x, y=y - 170, width=290, height=170, fill="#f5ecd9")
        + beams
        + path(
            [(x - 34, y - 166), (x + 145, y - 290), (x + 324, y - 166)], close=True, fill="#9c4a36"
        )
        + tag("rect", x=x + 116, y=y - 118, width=58, height=118, fill="#5f7a3d")
        + tag("rect", x=x + 24, y=y - 70, width=50, height=46, fill="#7b8f95")
        + tag("rect", x=x + 216, y=y - 70, width=50, height=46, fill="#7b8f95")
    )
    beds = []
    for left, top in ((70, 500), (330, 520), (110, 590), (420, 606), (760, 560)):
        rows = "".join(
            tag(
                "circle",
                cx=left + 24 + i * 26,
                cy=top - 4 - dice.uniform(0, 8),
                r=dice.uniform(10, 17),
                fill=dice.choice(("#5f8a3f", "#7aa24c", "#9a4f62", "#d8b34a", "#4f7a44")),
            )
            for i in range(8)
        )
        soil = path(
            [(left, top), (left + 230, top), (left + 246, top + 34), (left - 16, top + 34)],
            close=True,
            fill="#6f5138",
        )
        beds.append(soil + rows)
    holes = "".join(
        tag("circle", cx=1062 + i % 5 * 20, cy=400 + i // 5 * 20, r=5 + i % 3, fill="#6a4c33")
        for i in range(25)
    )
    hotel = (
        tag("rect", x=1044, y=382, width=116, height=116, fill="#d2a873")
        + holes
        + path([(1030, 386), (1102, 338), (1174, 386)], close=True, fill="#7d4a35")
        + "".join(
            tag("rect", x=px, y=498, width=12, height=70, fill="#6a4f3a") for px in (1056, 1136)
        )
    )
    way = (
        f"M{x + 118},470L{x + 172},470C{x + 150},560 560,600 620,{h}"
        f"L430,{h}C470,600 720,560 {x + 118},470Z"
    )
    return picture(
        w,
        h,
        tag("defs", fade("sky", "#b5d6e3", "#eef0df")),
        tag("rect", width=w, height=h, fill="url(#sky)"),
        cloud(300, 110, 56) + cloud(960, 90, 44),
        hill(dice, w, h, 340, 36, fill="#a3bd8d"),
        *(tree(dice, tx, 440, 190) for tx in (60, 210, 360, 520, 1130)),
        tag("rect", y=432, width=w, height=h, fill="#86a956"),
        grass(dice, w, 450, 670, 240, "#67893d"),
        tag("path", d=way, fill="#dcc8a0"),
        hut,
        hotel,
        *beds,
        tag(
            "g",
            *(tag("rect", x=number(fx), y=424, width=9, height=44) for fx in range(6, 660, 26)),
            tag("rect", y=436, width=660, height=7),
            fill="#c6a878",
        ),
    )
