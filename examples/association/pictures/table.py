"""The long table of the fruit show."""

from __future__ import annotations

from .shapes import apple
from .svg import fade, path, picture, tag

WIDE = (1200, 675)
SKINS = (
    ("#d9b53c", "#c4532f"),
    ("#c03a2b", "#8d2320"),
    ("#9db04a", "#c9a23c"),
    ("#e3cf73", "#d98a4a"),
    ("#a8342f", "#6d1f22"),
    ("#b9bf58", "#9a5a33"),
)


def show() -> str:
    """The fruit show: crates of apples on a long table, each with its card."""
    w, h = WIDE
    bunting = "".join(
        path(
            [
                (x, 70 + (x - 600) ** 2 / -9000 + 40),
                (x + 56, 70 + (x - 572) ** 2 / -9000 + 40),
                (x + 28, 150),
            ],
            close=True,
            fill=("#b8402f", "#e0b64a", "#6f8f40", "#f3ead8")[x // 75 % 4],
        )
        for x in range(20, w, 75)
    )
    crates = []
    for row, (y, r, count) in enumerate(((392, 21, 6), (560, 27, 5))):
        wide = w / count
        for place in range(count):
            x, skin = wide * place + wide * 0.09, SKINS[(place + row * 2) % len(SKINS)]
            fruits = [
                apple(
                    x + r + 6 + i * r * 1.72 + (r if line else 0) * 0.8,
                    y - 10 - line * r * 1.3,
                    r,
                    *skin,
                )
                for line in (2, 1, 0)
                for i in range(int(wide * 0.8 / (r * 1.72)) - (1 if line else 0))
            ]
            slats = "".join(
                tag(
                    "rect",
                    x=x,
                    y=y + at * 1.0,
                    width=wide * 0.82,
                    height=r * 0.95,
                    rx=3,
                    fill=colour,
                )
                for at, colour in ((0, "#c99a62"), (r * 1.08, "#b98a54"))
            )
            card = tag(
                "rect",
                x=x + wide * 0.25,
                y=y + r * 0.35,
                width=wide * 0.32,
                height=r * 1.3,
                rx=3,
                fill="#fffaf0",
            )
            lines = "".join(
                tag(
                    "rect",
                    x=x + wide * 0.28,
                    y=y + r * (0.6 + i * 0.4),
                    width=wide * (0.26 - i * 0.08),
                    height=3,
                    fill="#8a7a66",
                )
                for i in range(2)
            )
            crates.append("".join(fruits) + slats + card + lines)
    return picture(
        w,
        h,
        tag("defs", fade("wall", "#f1e4cc", "#e2cfae"), fade("cloth", "#7c9150", "#5f7a3d")),
        tag("rect", width=w, height=h, fill="url(#wall)"),
        tag(
            "g",
            *(tag("rect", x=x, width=10, height=h) for x in range(90, w, 170)),
            fill="#cdb48c",
            opacity="0.5",
        ),
        tag("path", d=f"M0,72Q600,140 {w},72", fill="none", stroke="#6b5844", stroke_width=3),
        bunting,
        tag("rect", y=372, width=w, height=h, fill="url(#cloth)"),
        tag("rect", y=372, width=w, height=10, fill="#fff", opacity="0.2"),
        *crates[:6],
        tag("rect", y=464, width=w, height=8, fill="#000", opacity="0.08"),
        *crates[6:],
    )
