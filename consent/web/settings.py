"""The settings: every service with its facts, and the state of this visitor."""

from __future__ import annotations

from flask import Response

from consent.web.replies import page
from consent.web.visit import Visit


def settings_page(visit: Visit, *, back: str) -> Response:
    """Return the page of the settings, with the boxes of granted services ticked (SL-11)."""
    shown, standing = visit.shown, visit.standing
    return page(
        visit,
        shown,
        "settings_page",
        shown.say("settings.title"),
        back=back,
        next=back,
        granted=standing.granted,
        decided=not standing.undecided,
    )
