"""
What the cookies of visitors mean today.

Everybody who decides alike holds the same bytes, so what one cookie means is worked out once
and remembered: its signature is checked when its exact text comes for the first time that day.
Only texts that were signed by us are remembered, so a flood of junk displaces nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from consent.choice.choice import Standing, stand
from consent.choice.cookie import Seal
from consent.web.notices import NoticeBook

#: How many different cookies are remembered. There are few: services, notices and days.
MEMORY = 4096

_OTHER_KEY = (
    "SECRET_KEY: a decision about today's notice came back that another key signed, so its visitor"
    " is asked again; hint: one key for all processes and for every start, and retired ones in"
    " SECRET_KEY_FALLBACKS"
)

_FORMER = (
    "{}: the policy does not have it any more; what it left on this site is deleted for those who"
    " had allowed it; hint: what the site itself still needs of that belongs under [[essential]]"
)

#: What a cookie means, by its text and whether the browser sends a signal.
_Known = dict[tuple[str, bool], Standing]


class Standings:
    """Reads cookies for one site."""

    def __init__(
        self,
        seal: Seal,
        notices: NoticeBook,
        lifetime: int,
        offered: Mapping[str, str],
        warn: Callable[[str], None],
    ) -> None:
        """*warn* gets what the operator should know about cookies that cannot be trusted."""
        self._seal = seal
        self._warn = warn
        self._notices = notices
        self._lifetime = lifetime
        self._offered = offered
        self._known: tuple[int, _Known] = 0, {}  # of which day
        self._nothing = {
            signal: stand(
                None, today=0, lifetime=lifetime, offered=offered, shown=None, signal=signal
            )
            for signal in (False, True)
        }
        #: The same where there is nothing to read at all.
        self._blank = {signal: replace(found, told="") for signal, found in self._nothing.items()}

    def of(self, cookies: list[str], today: int, *, signal: bool = False) -> Standing:
        """
        Return what choice *cookies* mean *today*, a day since 1970 UTC.

        *signal*: the browser asks not to be followed.
        """
        if not cookies:
            return self._blank[signal]
        if len(cookies) > 1:
            return self._read(cookies, today, signal)
        # Looked at once: at midnight another thread begins the next day meanwhile.
        day, known = self._known
        if day != today:
            known = {}
            self._known = today, known
        [text] = cookies
        found = known.get((text, signal))
        if found is None:
            found = self._read(cookies, today, signal)
            if found is not self._nothing[signal] and len(known) < MEMORY:
                known[text, signal] = found
        return found

    def _read(self, cookies: list[str], today: int, signal: bool) -> Standing:
        choice = self._seal.read_choice(cookies)
        if choice is None and self._notices.is_of_today(self._seal.notice_of_foreign(cookies)):
            self._warn(_OTHER_KEY)
        said = self._notices.said(choice.notice) if choice else None
        if choice is None or said is None:
            return self._nothing[signal]
        found = stand(
            choice,
            today=today,
            lifetime=self._lifetime,
            offered=self._offered,
            shown=said.terms,
            left=said.left,
            promised=said.lifetime,
            signal=signal,
        )
        if found.former:
            for service in sorted(choice.granted & said.left.keys() - self._offered.keys()):
                self._warn(_FORMER.format(service))
        return found
