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
from consent.web.page.head import MEMORY, style
from consent.web.visit import Visit

#: Of a poster for content that does not say how large it is.
_USUAL = Frame("100%", box="16 9")


def frame_style(visit: Visit) -> str:
    """Return the link to the style sheet; nothing if it is in the page already."""
    if visit.is_framed:
        return ""
    visit.is_framed = True
    if visit.nonce is not None or visit.is_debug:
        return style(FRAME, visit.nonce)
    kept, root = visit.site.frame_styles, visit.root
    found = kept.get(root)
    if found is None:
        found = style(FRAME)
        if len(kept) >= MEMORY:
            kept.clear()
        kept[root] = found
    return found


@lru_cache(256)
def drawn(markup: str, picture: str | None) -> str:
    """Return what is as large as the embed of *markup*, with *picture* if there is one."""
    frame = look(markup).frame
    if frame is None and not picture:
        return ""
    frame = frame or _USUAL
    kind = " cst-cover" if frame.covers else ""
    facts = {"width": frame.width, "height": frame.height}
    if frame.box:
        facts["viewBox"] = f"0 0 {frame.box}"
    said = "".join(f' {name}="{value}"' for name, value in facts.items() if value)
    drawing = f'<svg class="cst-frame{kind}"{said} aria-hidden="true"></svg>'
    if not picture:
        return drawing
    return f'{drawing}<img class="cst-poster" src="{escape(picture)}" alt="" loading="lazy">'


def checked(visit: Visit, poster: object) -> str:
    """
    Return *poster* if it is the address of a picture on the site, else nothing.

    In a template it may be anything, or a name without a value. The operator is told once.
    """
    if isinstance(poster, str) and is_poster(poster):
        return poster
    if poster:
        visit.site.warn_once(f"poster {str(poster)[:80]!r}: wanted {WANTED}; it was left out")
    return ""
