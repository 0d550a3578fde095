"""The association's sign and the map of the town, as a map service would draw it."""

from __future__ import annotations

from random import Random

from .svg import path, picture, tag

RIVER = "M-20,250C120,210 190,330 330,318C470,306 520,200 660,226C740,240 780,210 840,190"
ROADS = (
    ("M-20,90C180,120 300,150 420,170C560,194 700,150 840,120", 15),
    ("M420,170C410,260 400,360 430,520", 15),
    ("M120,-20C130,120 150,260 140,520", 10),
    ("M140,400C260,420 360,408 412,400C560,380 700,410 840,420", 10),
    ("M640,-20C634,80 630,240 640,520", 10),
    ("M240,140C250,200 240,260 236,300", 7),
    ("M520,180C530,240 512,320 520,396", 7),
    ("M140,330C220,345 330,352 405,346", 7),
    ("M640,300C700,310 760,300 840,306", 7),
)


def sign() -> str:
    """An apple over two hills and a river."""
    return picture(
        96,
        96,
        tag("circle", cx=48, cy=48, r=47, fill="#2f5233"),
        tag("clipPath", tag("circle", cx=48, cy=48, r=42), id="in"),
        tag(
            "g",
            tag("rect", width=96, height=96, fill="#f6ecd2"),
            tag("path", d="M0,70Q26,52 52,66T96,60V96H0Z", fill="#8aa85a"),
            tag("path", d="M0,80Q30,66 58,76T96,74V96H0Z", fill="#5f8440"),
            tag("path", d="M44,96C52,86 36,82 50,76L56,76C46,82 66,86 62,96Z", fill="#bcd6da"),
            tag(
                "path",
                d="M48,26C54,18 72,20 72,36C72,52 60,62 48,58C36,62 24,52 24,36C24,20 42,18 48,26Z",
                fill="#b8382b",
            ),
            tag(
                "path",
                d="M54,24C64,20 72,26 72,36C72,52 60,62 50,58.600C64,48 64,32 54,24Z",
                fill="#8f2722",
            ),
            tag("ellipse", cx=34, cy=34, rx=4, ry=7, fill="#fff", opacity="0.45"),
            tag(
                "path",
                d="M48,27Q47,16 53,11",
                fill="none",
                stroke="#4b3524",
                stroke_width=3.5,
                stroke_linecap="round",
            ),
            tag("path", d="M51,19Q62,6 74,13Q66,24 51,19Z", fill="#5f8a3a"),
            clip_path="url(#in)",
        ),
    )


def town() -> str:
    """Streets, river, orchard and houses of Neuenaue."""
    dice = Random(3)
    casing = "".join(tag("path", d=d, stroke_width=wide + 4) for d, wide in ROADS)
    asphalt = "".join(tag("path", d=d, stroke_width=wide) for d, wide in ROADS)
    houses = "".join(
        tag(
            "rect",
            x=x + dice.uniform(-6, 6),
            y=y,
            width=dice.uniform(14, 26),
            height=dice.uniform(12, 20),
        )
        for x, y in (
            *((165 + i % 6 * 40, 172 + i // 6 * 34) for i in range(14)),
            *((450 + i % 4 * 44, 210 + i // 4 * 30) for i in range(3)),
            *((162 + i % 6 * 40, 425 + i // 6 * 34) for i in range(12)),
            *((670 + i % 4 * 40, 330 + i // 4 * 34) for i in range(8)),
            *((450 + i % 5 * 38, 120 + i // 5 * 30) for i in range(4)),
        )
    )
    trees = "".join(
        tag("circle", cx=450 + i % 4 * 17, cy=312 + i // 4 * 17, r=5, fill="#8fba75")
        for i in range(16)
    )
    names = "".join(
        tag("text", word, x=x, y=y, font_size=size, fill=colour)
        for word, x, y, size, colour in (
            ("Neuenaue", 262, 236, 26, "#333"),
            ("Erle", 590, 222, 15, "#3f6f8f"),
            ("Mühlweg", 262, 395, 12, "#555"),
            ("Auenwald", 706, 60, 14, "#4b6b3a"),
            ("Hauptstraße", 250, 128, 12, "#555"),
            ("Bahnhof", 36, 470, 12, "#555"),
        )
    )
    pin = "M486,340C470,318 462,308 462,296A24,24 0 1 1 510,296C510,308 502,318 486,340Z"
    return picture(
        820,
        500,
        tag("rect", width=820, height=500, fill="#f2efe9"),
        tag("path", d="M660,-10L830,-10L830,110C760,130 690,110 660,80Z", fill="#add19e"),
        tag("path", d="M-10,-10L108,-10L116,80L-10,70Z", fill="#cdebb0"),
        path(
            [(436, 300), (506, 300), (508, 378), (438, 384)],
            close=True,
            fill="#cdebb0",
            stroke="#9cc487",
        ),
        tag("rect", x=-10, y=436, width=120, height=74, fill="#e6dccb"),
        tag("path", d=RIVER, fill="none", stroke="#aad3df", stroke_width=26),
        tag("g", casing, fill="none", stroke="#c9bfae"),
        tag("g", asphalt, fill="none", stroke="#fff"),
        tag(
            "path",
            d="M60,520L56,440C50,300 20,200 -20,160",
            fill="none",
            stroke="#8f8a84",
            stroke_width=3,
            stroke_dasharray="9 5",
        ),
        tag("g", houses, fill="#d9d0c9", stroke="#bbafa3", stroke_width=0.8),
        trees,
        tag(
            "g",
            names,
            font_family="sans-serif",
            stroke="#fff",
            stroke_width=3,
            paint_order="stroke",
        ),
        tag("path", d=pin, fill="#2a81cb", stroke="#1f5f96", stroke_width=2),
        tag("circle", cx=486, cy=296, r=9, fill="#fff"),
    )
