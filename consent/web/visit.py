"""One request, seen with its visitor's choice."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from html import escape
from typing import Any, cast

from flask import Request, current_app, g, request
from werkzeug.utils import cached_property

from consent.choice.choice import Standing
from consent.choice.cookie import day_of
from consent.choice.signal import sent
from consent.policy.model import Signal
from consent.web.cookies import choice_texts
from consent.web.notices import Shown
from consent.web.site import EXTENSION, Site

#: A path that is the same in HTML.
_PLAIN = re.compile(r"[A-Za-z0-9/._-]*", re.ASCII)


class Visit:
    """What one request needs to know; what every page asks at once, the rest on first use."""

    def __init__(self, request: Request, site: Site) -> None:
        self.site = site
        self.request = request
        self.today = day_of(time.time())  #: the day of this request
        environ, policy = request.environ, site.config.policy
        #: By which the browser asks not to be followed; None: it does not.
        self.signal: Signal | None = None
        if "HTTP_SEC_GPC" in environ or "HTTP_DNT" in environ:
            self.signal = sent(request.headers.get, policy.signals)
        #: What the visitor decided, as far as it holds today.
        self.standing: Standing = site.standings.of(
            choice_texts(request), self.today, signal=self.signal is not None
        )
        #: Whether a page must not show anybody's choice: caches keep it, or the browser fetches
        #: it before anybody looks at it (requirements GA-07, GA-12).
        self.is_neutral = request.blueprint != EXTENSION and (
            site.config.static_pages or "HTTP_SEC_PURPOSE" in environ
        )
        #: What the page's Content-Security-Policy has to let through, as ``consent.head`` got it.
        self.nonce: str | None = None
        #: Whether the style of placeholders that know their size is in the page.
        self.is_framed = False
        #: Headers of the request that the answer depends on.
        self.depends_on = [] if site.config.static_pages else list(site.depends_on)

    @cached_property
    def language(self) -> str:
        """
        The language to speak: the one asked for, the page's, the browser's, the site's.

        What is not among the policy's languages is passed over.
        """
        own = self.site.config.policy.languages
        told = _first((self._asked(), self.site.language()), own)
        if told or len(own) == 1:
            return told or own[0]
        self.depends_on.append("Accept-Language")
        return _first(self.request.accept_languages.values(), own) or own[0]

    @cached_property
    def shown(self) -> Shown:
        """The notice that this visitor is shown."""
        return self.site.notices.shown(self.language, self.request)

    @cached_property
    def path(self) -> str:
        """Path and query of this page, to return to, ready to be put into HTML."""
        request = self.request
        path = request.script_root + request.path
        if request.query_string:
            path = f"{path}?{request.query_string.decode('ascii', 'replace')}"
        return path if _PLAIN.fullmatch(path) else escape(path)

    def permits(self, service: str) -> bool:
        """Tell whether the markup of *service* may be in this page as it is."""
        return not self.is_neutral and service in self.standing.granted

    def _asked(self) -> str | None:
        if not self.request.query_string or self.request.blueprint != EXTENSION:
            return None
        return self.request.args.get("lang")


def visit() -> Visit:
    """Return the visit of the current request."""
    try:
        found: Visit = g._consentry_visit
    except AttributeError:
        site: Site = current_app.extensions[EXTENSION]
        # The request itself: each look through Flask's proxy costs as much as a signature.
        own: Request = cast(Any, request)._get_current_object()  # noqa: SLF001 - as Flask documents
        found = g._consentry_visit = Visit(own, site)
    return found


def current_visit() -> Visit | None:
    """Return the visit of the current request, None if nothing asked for one."""
    found: Visit | None = g.get("_consentry_visit")
    return found


def _first(wishes: Iterable[str | None], languages: tuple[str, ...]) -> str | None:
    """Return the first language of *wishes* that is there, with or without its region."""
    for wish in wishes:
        if wish in languages:
            return wish
        tag = (wish or "").replace("_", "-")
        for name in (tag, tag.partition("-")[0]):
            if name in languages:
                return name
    return None
