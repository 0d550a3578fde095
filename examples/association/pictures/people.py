"""Portraits of the board, drawn the way a paper cut is."""

from __future__ import annotations

from dataclasses import dataclass

from .svg import picture, tag


@dataclass(frozen=True, slots=True)
class Look:
    """What tells one portrait from the next."""

    ground: str
    skin: str
    hair: str
    coat: str
    style: str  #: "long", "short", "bun" or "bald"
    glasses: bool = False
    beard: bool = False


LOOKS = {
    "vorsitz": Look("#d9e2c6", "#edc7a3", "#6b4a2f", "#3f5f3a", "long"),
    "stellvertretung": Look("#f0dcc0", "#e2b48c", "#8b8f92", "#8d3b2c", "short", glasses=True),
    "kasse": Look("#cfdfe2", "#c99670", "#2d2320", "#2f5563", "short", beard=True),
    "schrift": Look("#ecd6cf", "#f0cfb2", "#b5652e", "#6a4a5d", "bun", glasses=True),
    "fachwart": Look("#e6dfb8", "#e8bd97", "#d8d4cc", "#5a6b33", "bald", beard=True),
}

BACK = {
    "long": "M100,128C92,60 228,60 220,128L232,232C210,250 110,250 88,232Z",
    "short": "",
    "bun": "M160,28A30,30 0 1 1 159.9,28Z",
    "bald": "",
}
FRONT = {
    "long": "M106,142C100,70 220,66 214,142C204,104 178,98 150,100C132,102 112,116 106,142Z",
    "short": "M106,140C94,72 226,64 214,140"
    "C210,114 204,104 190,102C160,98 136,98 122,106C112,114 110,124 106,140Z",
    "bun": "M106,138C98,66 222,66 214,138C206,108 184,96 160,96C136,96 114,108 106,138Z",
    "bald": "M106,150C98,132 102,112 110,104C110,120 110,134 112,150Z"
    "M214,150C222,132 218,112 210,104C210,120 210,134 208,150Z",
}


def portrait(look: Look) -> str:
    """One portrait, 320 by 320."""
    eyes = "".join(tag("circle", cx=x, cy=150, r=5, fill="#33271f") for x in (139, 181))
    glasses = tag(
        "g",
        tag("circle", cx=139, cy=150, r=16),
        tag("circle", cx=181, cy=150, r=16),
        tag("path", d="M155,148Q160,144 165,148"),
        fill="none",
        stroke="#3b3430",
        stroke_width=3,
    )
    beard = tag(
        "path",
        d="M108,158C110,226 210,226 212,158C204,186 188,180 160,180C132,180 116,186 108,158Z",
        fill=look.hair,
    )
    return picture(
        320,
        320,
        tag("rect", width=320, height=320, fill=look.ground),
        tag("path", d=BACK[look.style] or "M0,0", fill=look.hair),
        tag(
            "path",
            d="M30,320C34,250 96,236 136,228L184,228C224,236 286,250 290,320Z",
            fill=look.coat,
        ),
        tag("path", d="M138,196L138,234Q160,258 182,234L182,196Z", fill=look.skin),
        tag("path", d="M138,206Q160,226 182,206L182,214Q160,236 138,218Z", opacity="0.14"),
        tag("path", d="M126,230L160,266L194,230L206,236L160,292L114,236Z", fill="#fbf6ea"),
        tag("ellipse", cx=160, cy=148, rx=54, ry=66, fill=look.skin),
        tag("circle", cx=107, cy=152, r=11, fill=look.skin),
        tag("circle", cx=213, cy=152, r=11, fill=look.skin),
        beard if look.beard else "",
        tag("path", d=FRONT[look.style], fill=look.hair),
        eyes,
        tag(
            "path",
            d="M129,134q10,-7 20,-1M171,133q10,-6 20,1",
            fill="none",
            stroke=look.hair,
            stroke_width=4,
        ),
        tag("path", d="M160,152q-5,16 1,18", fill="none", stroke="#00000033", stroke_width=3),
        tag(
            "path",
            d="M144,186Q160,199 176,186",
            fill="none",
            stroke="#9c4a3d",
            stroke_width=4,
            stroke_linecap="round",
        ),
        glasses if look.glasses else "",
    )
