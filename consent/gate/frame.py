"""
How large the content of a gate will be, as its markup says, what stands for it, and where it is.

A placeholder of the same size keeps the page from moving when the content comes. Only what
browsers take from the markup itself is known here: attributes and a ``style``, not style sheets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from operator import itemgetter
from typing import NamedTuple

from consent.gate import starttag

#: Names the picture that stands for an embed in stored HTML.
POSTER = "data-consent-poster"

#: What is wanted of it; what else there is would be asked of somebody else before consent.
WANTED = 'a path on this site that begins with one "/", such as "/static/film.jpg"'

_POSTER = re.compile(r"/(?![/\\])[^\s\\<>\"'\x00-\x1f]*")

_SECURE = re.compile(r"(?:https:)?//([^\s/].*)", re.IGNORECASE)

#: An embed, or a text in which one would be none.
_ELEMENT = re.compile(
    r"<(iframe|video|img|object|embed|portal)(?=[\s/>])"
    r"|<!--.*?(?:-->|\Z)|<(script|style)(?=[\s/>]).*?(?:</\2|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_PIXELS = re.compile(r"([1-9]\d{0,3})(?:\.\d+)?(?:px)?", re.ASCII)
_PERCENT = re.compile(r"[1-9]\d{0,2}(?:\.\d+)?%", re.ASCII)
_RATIO = re.compile(r"(\d+(?:\.\d+)?)(?:\s*/\s*(\d+(?:\.\d+)?))?", re.ASCII)
#: A name begins where none is before it: else a long one without a colon is read again and again.
_RULE = re.compile(r"(?<![a-z-])([a-z-]+)\s*:\s*([^;]+)", re.IGNORECASE)

#: Width and height of a frame that says nothing (CSS 2.2, section 10.3.2).
_USUAL = "300", "150"
#: What browsers add to each for the border of a frame, unless that is taken away.
_BORDER = 4
_BORDERLESS = re.compile(r"0\D*|none")
#: The attribute is a whole number, and what is none counts as 0 (HTML, section 15.4.3).
_BORDERED = re.compile(r"\s*[+-]?0*[1-9]")
_WHOLE = "100%"


@dataclass(frozen=True, slots=True)
class Frame:
    """The box of an embed. Its lengths are attributes of SVG; None: follows from the others."""

    width: str | None = None
    height: str | None = None
    box: str | None = None  #: width and height to keep the ratio of
    covers: bool = False  #: it lies over what it stands in and takes no room


class Look(NamedTuple):
    """What the markup of a gate says about its first embed."""

    frame: Frame | None = None  #: its box; None: it does not say
    poster: str | None = None  #: what it names as its poster, unchecked
    address: str = ""  #: where it is, for a link; nothing if that is not on https


def is_poster(address: object) -> bool:
    """
    Tell whether *address* is on the site itself, whatever the page.

    >>> is_poster("/static/film.jpg"), is_poster("//far.example/film.jpg")
    (True, False)
    """
    return isinstance(address, str) and _POSTER.fullmatch(address) is not None


@lru_cache(256)
def look(markup: str) -> Look:
    """Return what *markup* says about the first embed in it."""
    found = next(filter(itemgetter(1), _ELEMENT.finditer(markup)), None)
    if not found:
        return Look()
    attributes = _values(markup, found.start())
    style = {
        name.lower(): value.strip() for name, value in _RULE.findall(attributes.get("style", ""))
    }
    frame = _frame(found[1].lower(), attributes, style)
    address = attributes.get("src") or attributes.get("data") or ""
    return Look(frame, attributes.get(POSTER), secure(address))


def secure(address: str) -> str:
    """
    Return *address* as a link has it, nothing if it is not on https.

    >>> secure(" //far.example/film "), secure("/film"), secure("javascript:x")
    ('https://far.example/film', '', '')
    """
    found = _SECURE.fullmatch(address.strip())
    return f"https://{found[1]}" if found else ""


def _frame(element: str, attributes: dict[str, str], style: dict[str, str]) -> Frame | None:
    if style.get("position") == "absolute":
        return Frame(covers=True)
    width = _length(style.get("width")) or _length(attributes.get("width"))
    height = _length(style.get("height")) or _length(attributes.get("height"))
    ratio = _RATIO.fullmatch(style.get("aspect-ratio", ""))
    if height == _WHOLE or not (width or height or ratio):
        return None
    if ratio and not height:
        return Frame(width or _USUAL[0], box=f"{ratio[1]} {ratio[2] or 1}")
    if element == "img" and not (width and height):
        return None
    width, height = width or _USUAL[0], height or _USUAL[1]
    if element in {"img", "video"} and width != _WHOLE:
        # Style sheets let pictures shrink as they are; frames keep their height.
        return Frame(width, box=f"{width} {height}")
    border = _BORDER if element == "iframe" and _has_border(attributes, style) else 0
    return Frame(_wider(width, border), _wider(height, border))


def _has_border(attributes: dict[str, str], style: dict[str, str]) -> bool:
    for name in ("border", "border-width", "border-style"):
        if said := style.get(name):
            return not _BORDERLESS.fullmatch(said.lower())
    said = attributes.get("frameborder")
    return said is None or _BORDERED.match(said) is not None


def _wider(length: str, border: int) -> str:
    return length if length == _WHOLE else str(int(length) + border)


def _values(markup: str, start: int) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, begin, end in starttag.attributes(markup, start):
        _, _, value = markup[begin:end].partition("=")
        values.setdefault(name, unescape(value.strip().strip("\"'")))
    return values


def _length(value: str | None) -> str | None:
    value = (value or "").strip()
    if pixels := _PIXELS.fullmatch(value):
        return pixels[1]
    return _WHOLE if _PERCENT.fullmatch(value) else None
