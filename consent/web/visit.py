"""One request, seen with its visitor's choice."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from flask import g, request

from consent.choice.choice import Standing, stand
from consent.choice.cookie import day_of
from consent.web.cookies import read_choice

if TYPE_CHECKING:
    from consent.web.notices import Shown
    from consent.web.site import Site


class Visit:
    """What one request needs to know; worked out on first use, then kept."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.marks_language = False  #: whether the answer depends on Accept-Language

    @cached_property
    def today(self) -> int:
        """The day of this request."""
        return day_of(time.time())

    @cached_property
    def standing(self) -> Standing:
        """What the visitor decided, as far as it holds today."""
        choice = read_choice(request, self._site.seal)
        shown = self._site.notices.terms(choice.notice) if choice else None
        return stand(
            choice,
            today=self.today,
            lifetime=self._site.config.policy.lifetime,
            offered=self._site.offered,
            shown=shown,
        )

    @cached_property
    def language(self) -> str:
        """
        The language to speak: the one asked for, the page's, the browser's, the site's.

        What is not among the policy's languages is passed over.
        """
        own = self._site.config.policy.languages
        told = _first((self._asked(), self._site.language()), own)
        if told or len(own) == 1:
            return told or own[0]
        self.marks_language = True
        return _first(request.accept_languages.values(), own) or own[0]

    @property
    def shown(self) -> Shown:
        """The notice that this visitor is shown."""
        return self._site.notices.shown(self.language)

    @property
    def path(self) -> str:
        """Path of this page, to return to."""
        query = request.query_string.decode("ascii", "replace")
        return f"{request.script_root}{request.path}{'?' + query if query else ''}"

    def _asked(self) -> str | None:
        return request.args.get("lang") if request.blueprint == "consentry" else None


def visit(site: Site) -> Visit:
    """Return the visit of the current request to *site*."""
    found: Visit | None = g.get("_consentry_visit")
    if found is None:
        found = g._consentry_visit = Visit(site)
    return found


def current_visit() -> Visit | None:
    """Return the visit of the current request, None if nothing asked for one."""
    found: Visit | None = g.get("_consentry_visit")
    return found


def _first(wishes: Iterable[str | None], languages: tuple[str, ...]) -> str | None:
    """Return the first language of *wishes* that is there, with or without its region."""
    for wish in wishes:
        tag = (wish or "").replace("_", "-")
        for name in (tag, tag.partition("-")[0]):
            if name in languages:
                return name
    return None
