"""Who may keep an answer."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from hashlib import sha256
from operator import itemgetter

from flask import Response
from werkzeug.datastructures import Headers

from consent.web.visit import Visit

_PRIVATE = "private, no-cache"

#: The name of a header, of a pair.
name_of = itemgetter(0)

#: Headers that caches on the way go by instead of ``Cache-Control``: of RFC 9213 and, before it and
#: beside it, of Cloudflare, Netlify, Vercel, Akamai, LiteSpeed, Fastly, Varnish and nginx.
_ASIDE = frozenset(
    {
        "cdn-cache-control",
        "cloudflare-cdn-cache-control",
        "netlify-cdn-cache-control",
        "vercel-cdn-cache-control",
        "akamai-cache-control",
        "edge-control",
        "x-litespeed-cache-control",
        "surrogate-control",
        "x-accel-expires",
    }
)

#: Headers by which a browser asks whether what it keeps is still good.
_ASKED_BY = frozenset({"etag", "last-modified"})

#: Headers that say what is kept and by whom. Few answers come with one.
KEEPING = frozenset({"cache-control", "vary"}) | _ASKED_BY | _ASIDE


def marks(depends_on: str) -> list[tuple[str, str]]:
    """Return what an answer says that *depends_on* headers and has none of :data:`KEEPING` yet."""
    vary = [("Vary", depends_on)] if depends_on else []
    return [*vary, ("Cache-Control", _PRIVATE)] if "Cookie" in depends_on else vary


def mark(now: Visit, response: Response, present: AbstractSet[str]) -> None:
    """
    Keep an answer that depends on the visitor's choice out of shared caches (GA-07).

    *present* are the names of the headers that the answer has, in lower case.
    """
    if present.isdisjoint(KEEPING):
        response.headers.extend(marks(now.depends_on))
    elif now.depends_on:
        _change(now, response, present)
    elif not present.isdisjoint(_ASKED_BY):
        _distinguish(now, response, present)


def _change(now: Visit, response: Response, present: AbstractSet[str]) -> None:
    """Do the same where the site itself says something about keeping."""
    headers, depends_on = response.headers, now.depends_on
    is_personal, has_caching = "Cookie" in depends_on, "cache-control" in present
    if is_personal:
        say_once(headers)
    if has_caching and headers["Cache-Control"] == "no-store":
        return
    for name in ("Vary", "Cache-Control"):
        if len(lines := headers.getlist(name)) > 1:  # of which werkzeug reads the first
            headers[name] = ", ".join(lines)
    # Private caches matter too: the Back button takes what was kept unless it varies.
    if "vary" in present:
        response.vary.update(depends_on.split(", "))
    else:
        headers.add("Vary", depends_on)
    _distinguish(now, response, present)
    if not is_personal:
        return
    if not has_caching:
        headers.add("Cache-Control", _PRIVATE)
    else:
        # Names are the same in capital letters (RFC 9111, section 5.2), but not to werkzeug.
        headers["Cache-Control"] = headers["Cache-Control"].lower()
        response.cache_control.public = False
        response.cache_control.s_maxage = None
        response.cache_control.private = True


def say_once(headers: Headers) -> None:
    """Take out of *headers* what tells caches on the way otherwise than ``Cache-Control`` does."""
    if not _ASIDE.isdisjoint(map(str.lower, map(name_of, headers))):
        for name in _ASIDE:
            headers.remove(name)


def _distinguish(now: Visit, response: Response, present: AbstractSet[str]) -> None:
    """
    Let browsers ask for a page by what tells apart what visitors are shown (WD-04, GA-07).

    A site may say only what it stored. Then a browser would be told after a withdrawal that the
    page that it kept, with all that was granted, is still good; and on pages that are the same for
    everybody, after a change of the policy, that the notice of before is.
    """
    is_personal, has_tag = "Cookie" in now.depends_on, "etag" in present
    has_date = "last-modified" in present
    has_page = not response.is_sequence or any(response.response)
    if response.status_code == 304 and has_page and (is_personal or has_tag or has_date):
        # By what the site said alone, as of pages from before it asked for consent.
        response.status_code = 200
    # A date cannot tell of the rest. A page that is the same for everybody has a tag instead.
    date = response.headers.pop("Last-Modified") if has_date else None
    if has_tag or (date and not is_personal):
        tag, is_weak = response.get_etag() if has_tag else ("dated", True)
        visitor = (now.today, now.signal, *now.cookies) if is_personal else ()
        shown = sha256(repr((now.shown.notice.hash, date, *visitor)).encode()).hexdigest()
        response.set_etag(f"{tag}-{shown[:16]}", weak=bool(is_weak))
        response.make_conditional(now.request)
