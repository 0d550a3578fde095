"""The settings: every service with its facts, and the state of this visitor."""

from __future__ import annotations

from flask import Response

from consent.policy.model import SIGNALS
from consent.web.page.layer import asked_anew
from consent.web.replies import page
from consent.web.visit import Visit


def settings_page(visit: Visit, *, back: str, alone: bool = False) -> Response:
    """
    Return the page of the settings, with the boxes of granted services ticked (SL-11).

    *alone*: only the form of it.
    """
    shown, standing = visit.shown, visit.standing
    return page(
        visit,
        shown,
        "settings" if alone else "settings_page",
        shown.say("settings.title"),
        back=back,
        next=back,
        asked=asked_anew(standing),
        granted=standing.granted,
        paused=standing.paused,
        signal=SIGNALS[visit.signal] if visit.signal and not standing.granted else None,
        decided=not standing.undecided,
        left=standing.undecided if standing.choice else None,
    )
