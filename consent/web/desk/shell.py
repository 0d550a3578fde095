"""The frame of every page of the desk: headers, language, navigation, how things are written."""

from __future__ import annotations

from datetime import date
from functools import lru_cache, partial
from typing import Any
from urllib.parse import urlencode

from babel import Locale
from babel.numbers import format_decimal
from flask import Response, current_app, request, url_for

from consent.audit import wording
from consent.audit.access import Auditor
from consent.audit.reading import kind_name
from consent.policy.wording import Say
from consent.web.assets import address
from consent.web.site import EXTENSION, current_site
from consent.web.templates import ours

#: The blueprint of the desk, as endpoints begin.
DESK = f"{EXTENSION}.audit"

#: Where a request has who is at the desk.
AT_DESK = "consentry.auditor"

#: Where a request has the language that its browser prefers, which may be named in a long list.
_PREFERRED = "consentry.preferred"

#: What the navigation leads to, in its order; what a desk does not have is left out.
AREAS = ("overview", "find", "notices", "sample", "exports", "access")

STYLE = "css/desk.css"

#: A page of the desk needs its style sheet, and its forms come back here. There is no script.
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "frame-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    # Not no-referrer: then browsers say of no form where it was sent from.
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
    "Vary": "Cookie, Accept-Language",
}


def asked_language() -> str | None:
    """Return the language that the address asks for, None if it asks for none that there is."""
    told = request.args.get("lang")
    return told if told in wording.LANGUAGES else None


def language() -> str:
    """Return what this page speaks: the language asked for, the browser's, or German."""
    return asked_language() or _preferred()


def _preferred() -> str:
    """Return what the browser prefers of the languages that there are, or German."""
    environ, spoken = request.environ, wording.LANGUAGES
    if _PREFERRED not in environ:
        environ[_PREFERRED] = request.accept_languages.best_match(spoken) or spoken[0]
    return str(environ[_PREFERRED])


def locale() -> Locale:
    """Return how the language of this page writes numbers and days."""
    return wording.LOCALES[language()]


def say() -> Say:
    """Return what says things in the language of this page."""
    return wording.speaker(language())


def url(area: str, /, **args: Any) -> str:
    """Return the path of a page of the desk; a language that was asked for stays."""
    told = asked_language()
    kept = {"lang": told} if told else {}
    return url_for(f"{DESK}.{area}", **{**kept, **args})


def desk_page(
    area: str,
    title: str,
    *,
    status: int = 200,
    styles: tuple[str, ...] = (),
    problem: str | None = None,
    **context: Any,
) -> Response:
    """
    Return the page that ``audit/AREA.html`` makes of *context*, in the frame of the desk.

    *styles* are further style sheets below ``static``, *problem* is what was wrong with the
    input, said above the page. The template has ``say``, ``language``, ``url``, ``auditor``
    (None: nobody), ``asked_language`` for forms, which drop what their address asks for, and to
    write what is counted, dated or a kind: ``number``, ``day``, ``moment`` and ``kind_name``.
    """
    # Not through Flask: what the site puts into its own pages does not belong here.
    template = ours(current_app, f"consentry/audit/{area}.html")
    text = template.render(
        page_context(),
        **context,
        area=area,
        areas=areas(),
        asked_language=asked_language(),
        auditor=now_at_desk(),
        languages=[(name, _switch(name)) for name in wording.LANGUAGES],
        problem=problem,
        styles=[address(name) for name in (STYLE, *styles)],
        title=title,
        url=url,
    )
    answer = Response(text, status, mimetype="text/html")
    answer.headers["Content-Language"] = language()
    return answer


def page_context() -> dict[str, Any]:
    """Return whose desk it is, and how a template says, counts and dates something."""
    policy = current_site().config.policy
    return {
        "controller": policy.controller.name,
        "site": policy.site,
        "day": day,
        "kind_name": partial(kind_name, say()),
        "language": language(),
        "moment": moment,
        "number": number,
        "say": say(),
    }


def policy_names() -> dict[str, str]:
    """Return what the policy of today calls its services, by id."""
    return {service.id: service.name for service in current_site().config.policy.services}


def areas() -> list[str]:
    """Return what the navigation leads to."""
    return [name for name in AREAS if f"{DESK}.{name}" in current_app.view_functions]


def now_at_desk() -> Auditor | None:
    """Return who this page is for, None if the door is closed."""
    found: Auditor | None = request.environ.get(AT_DESK)
    return found


def enclose(answer: Response) -> Response:
    """Keep an *answer* of the desk out of caches, frames and other hands, unless it says how."""
    for name, value in _HEADERS.items():
        answer.headers.setdefault(name, value)
    return answer


def number(value: int) -> str:
    """Return a number as the language of the page writes it."""
    return _spelled(value, locale())


def day(value: date) -> str:
    """Return a day as the language of the page writes it."""
    return wording.day(language(), value)


def moment(ms: int) -> str:
    """Return a time, in milliseconds since 1970 UTC, with the day and the zone."""
    return wording.moment(language(), ms)


@lru_cache(1024)
def _spelled(value: int, locale: Locale) -> str:
    # A page of a year has hundreds of numbers, most of them the same few.
    return str(format_decimal(value, locale=locale))


def _switch(name: str) -> str:
    """Return the address of this page in another language, without its path."""
    pairs = [pair for pair in request.args.items(multi=True) if pair[0] != "lang"]
    return "?" + urlencode([*pairs, ("lang", name)])
