"""
The first layer: whether it is shown, and what it asks about.

Somebody who has decided is asked again only about what is new since then or paused by a signal
of the browser; the other decisions stay (requirements RP-05, RP-06, SG-03).
"""

from __future__ import annotations

from html import escape

from markupsafe import Markup

from consent.choice.choice import NOBODY, Standing
from consent.policy.model import SIGNALS
from consent.web.fairness.overrides import require_fair
from consent.web.origin import leads_to, place_of
from consent.web.visit import Visit

_NOTHING = Markup("")


def settings_link(visit: Visit, *, button: bool = True) -> Markup:
    """
    Return the way to the settings, with a *button* beside it while there is what to withdraw.

    Where nothing is granted, or nobody's choice may be shown, the button waits for the script to
    start it with the first grant (requirement WD-02).
    """
    if not button:
        return visit.shown.link
    standing = visit.standing
    granted = not visit.is_neutral and bool(standing.granted or standing.paused)
    links, path = visit.shown.links, visit.path
    return links.get((path, granted)) or visit.shown.link_at(path, granted=granted)


def banner(visit: Visit, path: str | None = None) -> Markup:
    """
    Return what stands at the start of the body; empty when nothing is to be asked.

    *path* is the page to be asked on and to lead back to; None: this one, if it is none of ours.
    """
    if path is None:
        if visit.is_debug:
            require_fair(visit.site)
        if visit.is_ours:
            return _NOTHING
        if visit.is_neutral:
            return visit.shown.quiet if _is_to_be_read(visit) else visit.shown.held_at(visit.path)
    if not visit.standing.asks or (visit.site.config.to_be_read and _is_to_be_read(visit, path)):
        return _NOTHING
    back = visit.path if path is None else escape(path)
    anew = asked_anew(visit.standing)
    if not anew:
        return visit.shown.banner_at(back)
    signal = SIGNALS[visit.signal] if visit.signal else None
    return visit.site.notices.again(visit.shown, anew, signal, back)


def asked_anew(standing: Standing) -> frozenset[str]:
    """
    Return what is new or paused to somebody who decided before; empty: all is asked, or nothing.

    Who has allowed something at a placeholder and refused nothing was never asked at all.
    """
    choice = standing.choice
    if choice is None or (standing.asks <= choice.undecided and not standing.refused):
        return NOBODY
    return standing.asks


def _is_to_be_read(visit: Visit, path: str | None = None) -> bool:
    """
    Tell whether the page at *path* can be read without deciding, but not with the first layer over
    it; None: the page asked for.

    A home page that has its imprint at the end asks all the same.
    """
    request = visit.request
    here = f"{visit.root}{request.path}" if path is None else place_of(path)
    is_home = here == f"{visit.root}/"
    return not is_home and any(
        leads_to(request, page, here) for page in visit.site.config.to_be_read
    )
