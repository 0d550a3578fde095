"""
A placeholder as large as what it stands for, with a poster picture if there is one.

Sizes are attributes of an empty drawing, since a Content-Security-Policy may refuse styles in a
page. The style sheet for that comes with the first such placeholder of a page.
"""

from __future__ import annotations

from functools import lru_cache
from html import escape

from consent.gate.frame import WANTED, Frame, is_poster, look
from consent.web.assets import FRAME
from consent.web.head import style
from consent.web.visit import Visit

#: Of a poster for content that does not say how large it is.
_USUAL = Frame("100%", box="16 9")


def framed(visit: Visit, opening: list[str], markup: str, poster: object = None) -> str:
    """
    Return the parts of an *opening* with the size of *markup* between them, if there are two.

    *poster* is the address of a picture; None, or what has no value in a template: what the markup
    itself names. One that is not on the site is left out and the operator told once.
    """
    if len(opening) == 1:
        return opening[0]
    named = look(markup).poster
    picture = _checked(visit, poster or named) if poster or named else None
    drawing = _drawn(markup, picture)
    link = "" if visit.is_framed or not drawing else _style(visit)
    visit.is_framed = visit.is_framed or bool(drawing)
    before, after = opening
    return f"{before}{link}{drawing}{after}"


def _style(visit: Visit) -> str:
    site, root = visit.site, visit.request.root_path
    if visit.nonce is not None or site.app.debug:
        return style(FRAME, visit.nonce)
    if root not in site.frame_styles:
        site.frame_styles[root] = style(FRAME)
    return site.frame_styles[root]


@lru_cache(256)
def _drawn(markup: str, picture: str | None) -> str:
    frame = look(markup).frame
    if frame is None and picture is None:
        return ""
    frame = frame or _USUAL
    kind = " cst-cover" if frame.covers else ""
    facts = {"width": frame.width, "height": frame.height}
    if frame.box:
        facts["viewBox"] = f"0 0 {frame.box}"
    said = "".join(f' {name}="{value}"' for name, value in facts.items() if value)
    drawing = f'<svg class="cst-frame{kind}"{said} aria-hidden="true"></svg>'
    if picture is None:
        return drawing
    return f'{drawing}<img class="cst-poster" src="{escape(picture)}" alt="" loading="lazy">'


def _checked(visit: Visit, poster: object) -> str | None:
    """Return *poster* if it is one. In a template it may be anything, or a name without a value."""
    if isinstance(poster, str) and is_poster(poster):
        return poster
    if poster:
        visit.site.warn_once(f"poster {str(poster)[:80]!r}: wanted {WANTED}; it was left out")
    return None
