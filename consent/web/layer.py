"""
The first layer: whether it is shown, and what it asks about.

Somebody who has decided is asked again only about what is new since then or paused by a signal
of the browser; the other decisions stay (requirements RP-05, RP-06, SG-03).
"""

from __future__ import annotations

from html import escape
from urllib.parse import unquote, urlsplit

from markupsafe import Markup

from consent.policy.model import SIGNALS
from consent.web.overrides import require_fair
from consent.web.visit import Visit

_NOTHING = Markup("")


def settings_link(visit: Visit, *, button: bool = True) -> Markup:
    """Return the way to the settings, with a *button* beside it while there is what to withdraw."""
    standing = visit.standing
    if not button or visit.is_neutral or not (standing.granted or standing.paused):
        return visit.shown.link
    return visit.shown.withdrawal_at(visit.path)


def banner(visit: Visit, path: str | None = None) -> Markup:
    """
    Return what stands at the start of the body; empty when nothing is to be asked.

    *path* is where the answer leads back to; None: this page, which is not one of our own.
    """
    if path is None:
        if visit.is_debug:
            require_fair(visit.site)
        if visit.is_ours or _is_film(visit):
            return _NOTHING
        if visit.is_neutral:
            return visit.shown.held_at(visit.path)
    standing, choice = visit.standing, visit.standing.choice
    if not standing.asks:
        return _NOTHING
    back = visit.path if path is None else escape(path)
    if choice is None or standing.asks <= choice.undecided:
        return visit.shown.banner_at(back)
    signal = SIGNALS[visit.signal] if visit.signal else None
    return visit.site.notices.again(visit.shown, standing.asks, signal, visit.request, back)


def _is_film(visit: Visit) -> bool:
    """Tell whether the page has the film in sign language, of which a banner would hide half."""
    address = visit.site.config.policy.links.sign_language
    if address is None:
        return False
    link, request = urlsplit(address), visit.request
    here = link.netloc in ("", request.host)
    return here and unquote(link.path) == request.root_path + request.path
