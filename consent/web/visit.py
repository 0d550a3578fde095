"""One request, seen with its visitor's choice."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from html import escape
from typing import Any, Generic, TypeVar, cast
from urllib.parse import quote

from flask import Flask, Request, current_app, request

from consent.choice.signal import sent
from consent.day import DAY
from consent.policy.model import Signal
from consent.web.cookies import choice_texts
from consent.web.origin import can_be_opened, home, last_page, return_path
from consent.web.shown import Shown
from consent.web.site import EXTENSION, Site

#: A path that is the same in an address, in HTML and, but for its slashes, in a form.
_PLAIN = re.compile(r"/(?!/)[A-Za-z0-9/._-]{0,500}", re.ASCII)

#: Schemes that are secure, as werkzeug sees it.
_SECURE = frozenset({"https", "wss"})

#: How many paths are remembered; pages are asked for more than once, mostly.
MEMORY = 1024

#: What stands in a query as it is. Browsers leave a backslash there, which must not come back.
_QUERY = bytes(range(0x21, 0x7F)).decode().replace("\\", "")

# What is behind Flask's proxies, by the way that Flask documents: each look through one of them
# costs as much as a signature.
_app: Callable[[], Flask] = cast(Any, current_app)._get_current_object  # noqa: SLF001
current_request: Callable[[], Request] = cast(Any, request)._get_current_object  # noqa: SLF001

#: Where a request holds its visit.
HELD = "_consentry_visit"

_T = TypeVar("_T")


class _Once(Generic[_T]):
    """What is worked out when it is first asked for; that costs nothing from then on."""

    def __init__(self, work: Callable[[Any], _T]) -> None:
        self._work = work
        self._name = work.__name__
        self.__doc__ = work.__doc__

    def __get__(self, visit: Visit, owner: type[Visit]) -> _T:
        # Of the two of one name, Python takes what an object holds before what its class says.
        # Not by way of its __dict__, which is made only when somebody asks for it.
        value = self._work(visit)
        setattr(visit, self._name, value)
        return value


class Visit:
    """
    What one request needs to know; what every page asks at once, the rest on first use.

    One is made for every page. Each function that is called for it costs some of the time of all
    that it looks up.
    """

    #: By which the browser asks not to be followed; None: it does not.
    signal: Signal | None = None
    #: What the page's Content-Security-Policy has to let through, as ``consent.head`` got it.
    nonce: str | None = None
    #: Whether the style of placeholders that know their size is in the page.
    is_framed = False

    def __init__(self, request: Request, site: Site) -> None:
        environ, rule = request.environ, request.url_rule
        self.site = site
        self.brought: str = environ.get("HTTP_COOKIE", "")  #: all cookies, as sent
        self.root: str = request.root_path  #: where the app is mounted
        self.scheme: str = request.scheme  #: what it came over
        self.is_secure = self.scheme in _SECURE  #: whether that is HTTPS
        self.today = int(time.time() // DAY)  #: the day of this request, as day_of tells it
        if "HTTP_SEC_GPC" in environ or "HTTP_DNT" in environ:
            self.signal = sent(request.headers.get, site.config.policy.signals)
        view, is_ahead = rule.endpoint if rule else None, "HTTP_SEC_PURPOSE" in environ
        case = site.cases[self.brought, self.is_secure, view, self.today, self.signal, is_ahead]
        self.standing = case.standing  #: what the visitor decided, as far as it holds today
        self.is_ours = case.is_ours  #: whether it is for one of our own routes
        self.is_neutral = case.is_neutral  #: whether the page must not show anybody's choice
        self.granted = case.granted  #: services whose markup may be in this page as it is
        self.is_bare = case.is_bare  #: whether the page has nothing of what is not granted
        #: Whether somebody works on the templates, so that nothing made of them may be kept.
        self.is_debug: bool = site.app.config["DEBUG"]
        # With one language there is no more to find out.
        shown = site.notices.ready.get((site.only_language or "", self.root, self.scheme))
        if shown is not None and not self.is_debug:
            self.shown = shown
        #: Headers of the request that the answer depends on, as ``Vary`` has them.
        self.depends_on = site.depends_on
        # Most pages are asked for like that, and each needs it.
        if request.method == "GET" and not request.query_string:
            path = f"{request.script_root}{request.path}" if self.root else request.path
            if path in site.paths:
                self.path = path
            elif _PLAIN.fullmatch(path):
                if len(site.paths) >= MEMORY:
                    site.paths.clear()
                site.paths.add(path)
                self.path = path

    @property
    def request(self) -> Request:
        """
        What was asked for.

        A request holds its visit. If that held it, too, both and all that was sent would stay in
        memory until Python looks for such rings.
        """
        return current_request()

    @property
    def cookies(self) -> list[str]:
        """The choice cookies that came, as sent."""
        return choice_texts(self.brought, self.is_secure)

    @_Once
    def language(self) -> str:
        """
        The language to speak: the one asked for, the page's, the browser's, the site's.

        What is not among the policy's languages is passed over.
        """
        if only := self.site.only_language:
            return only
        own = self.site.config.policy.languages
        wishes = self._wishes() if self.is_ours else (self.site.language(),)
        if told := _first(wishes, own):
            return told
        self.depends_on = f"{self.depends_on}, Accept-Language".removeprefix(", ")
        asked = (language for language, weight in self.request.accept_languages if weight)
        return _first(asked, own) or own[0]

    @_Once
    def shown(self) -> Shown:
        """The notice that this visitor is shown."""
        language = self.site.only_language or self.language
        return self.site.notices.shown(language, self.root, self.scheme)

    @_Once
    def path(self) -> str:
        """
        Path and query of this page, to return to, ready to be put into HTML.

        Where it answers a form at an address that takes nothing else, those of the page before.
        """
        request = self.request
        if request.method != "GET":
            takes = request.url_rule.methods if request.url_rule else None
            if takes and "GET" not in takes and not can_be_opened(request, request.path):
                return escape(last_page(request))
        path, query = request.path, request.query_string
        if self.root:
            path = request.script_root + path
        # As it stands in addresses: Flask has decoded it.
        path = quote(path, safe="/!$&'()*+,;=:@")
        path = f"{path}?{quote(query, safe=_QUERY)}" if query else path
        return escape(return_path(path, home(request)))

    def decided(self, granted: frozenset[str]) -> None:
        """Go by what is *granted* from now on."""
        self.standing = replace(self.standing, granted=granted)
        self.granted = granted

    def permits(self, service: str) -> bool:
        """Tell whether the markup of *service* may be in this page as it is."""
        return service in self.granted

    def _wishes(self) -> Iterator[str | None]:
        """Give the languages wished for on a page of ours: the one asked for, and the site's."""
        yield self.request.args.get("lang")
        try:
            told = self.site.language()
        except Exception as error:  # noqa: BLE001 - what it knows of its own pages may be all it knows
            self.site.warn_once(
                f"{self.request.endpoint}: the site's function that tells the language failed "
                f"({type(error).__name__}), so the browser's preference decides"
            )
        else:
            yield told


def visit() -> Visit:
    """Return the visit of the current request. Raises RuntimeError where there is none."""
    asked = current_request()
    return getattr(asked, HELD, None) or begin(asked)


def begin(asked: Request) -> Visit:
    """
    Return the visit of the current request, *asked*, which has none yet, and have it hold that.

    Not flask.g: that is one for all requests which begin inside of a context of the app, as in
    tests of a site, and in what freezes its pages.
    """
    site: Site = _app().extensions[EXTENSION]
    found = Visit(asked, site)
    setattr(asked, HELD, found)
    return found


def _first(wishes: Iterable[str | None], languages: tuple[str, ...]) -> str | None:
    """Return the first of *wishes* that is there, with or without its region, in any letters."""
    for wish in wishes:
        if wish in languages:
            return wish
        tag = str(wish or "").replace("_", "-").lower()  # Flask-Babel tells a Locale
        for name in (tag, tag.partition("-")[0]):
            if name in languages:
                return name
    return None
