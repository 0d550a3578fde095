"""
What follows from how a page is asked for, and is the same for all who ask alike.

Everybody who decides alike holds the same bytes, and an app has few views. So what the one means
for the other is worked out when somebody asks like that for the first time in a day.
"""

from __future__ import annotations

from dataclasses import dataclass

from consent.choice.choice import NOBODY, Standing
from consent.policy.model import Signal
from consent.web.config import Config
from consent.web.cookies import BEGINNINGS, choice_texts
from consent.web.kept import Views
from consent.web.standing import Standings

#: How many cases are remembered. There are few: services, notices, days and views.
MEMORY = 4096

#: How a page is asked for: the ``Cookie`` header, whether that came over HTTPS, the name of the
#: view, the day, the browser's signal, and whether it fetches the page before anybody looks at it.
Way = tuple[str, bool, str | None, int, Signal | None, bool]


@dataclass(frozen=True, slots=True)
class Case:
    """What is the same for all who ask for a page in one way."""

    standing: Standing  #: what the visitor decided, as far as it holds today
    is_ours: bool  #: whether it is for one of our own routes
    #: Whether a page must not show anybody's choice: caches or the app keep it, or the browser
    #: fetches it before anybody looks at it (requirements GA-07, GA-12).
    is_neutral: bool
    granted: frozenset[str]  #: services whose markup may be in this page as it is
    is_bare: bool  #: whether the page has nothing at all of a service that is not granted


class Cases(dict[Way, Case]):
    """
    The cases of one site.

    Only where nobody decided or we signed what was decided they are remembered, so a flood of junk
    displaces nothing. What has no room any more is worked out each time.
    """

    def __init__(self, config: Config, standings: Standings, views: Views) -> None:
        super().__init__()
        self._config, self._standings, self._views = config, standings, views
        self._day = 0

    def __missing__(self, way: Way) -> Case:
        header, secure, view, today, signal, is_ahead = way
        cookies = choice_texts(header, secure)
        alone = BEGINNINGS[secure] + cookies[0] if cookies else ""
        if header != alone and len(cookies) < 2:  # as if no others had come with it
            return self[alone, secure, view, today, signal, is_ahead]
        standing = self._standings.of(cookies, today, signal=signal is not None)
        is_ours, is_kept = self._views[view]
        is_neutral = not is_ours and (self._config.static_pages or is_ahead or is_kept)
        case = Case(
            standing=standing,
            is_ours=is_ours,
            is_neutral=is_neutral,
            granted=NOBODY if is_neutral else standing.granted,
            is_bare=self._config.is_bare and not is_neutral,
        )
        if today != self._day:
            self._day = today
            self.clear()
        if len(self) < MEMORY and (standing.choice or not cookies):
            self[way] = case
        return case
