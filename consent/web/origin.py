"""
Who sent a request, and where it may be sent back to.

A decision counts only if it came from the site's own pages (requirements SE-04, SE-05).
"""

from __future__ import annotations

import re
from urllib.parse import quote, quote_plus, unquote, urlsplit

from flask import Request, current_app
from werkzeug.exceptions import SecurityError

#: Printable ASCII, and neither "//" nor "/\\" at the start: both lead to another host.
_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*", re.ASCII)

#: A host as networks of one's own have them, which is none by the rules for the internet; werkzeug
#: goes by these.
_UNDERSCORED = re.compile(r"[A-Za-z0-9._-]+(:[0-9]{1,5})?", re.ASCII)

#: Most that a form gives to a path to return to, in bytes as it is sent: half of what is read.
LONGEST = 2048

#: Ports that need not be written. Which of the two applies depends on the scheme, and that
#: is not compared: behind a proxy the application often sees plain HTTP.
_USUAL = (80, 443)


def same_origin(request: Request) -> bool:
    """
    Tell whether *request* was sent by a page of this site.

    ``Sec-Fetch-Site`` decides where the browser sends it, else ``Origin``. A page with
    ``Referrer-Policy: no-referrer`` sends ``Origin: null`` even to its own site, so null is
    accepted only together with ``Sec-Fetch-Site: same-origin``.
    """
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None:
        return fetch_site == "same-origin"
    return is_own(request, request.headers.get("Origin", ""))


def host_of(request: Request) -> str:
    """Return the host that *request* is for, "" for one that is not the site's or is none."""
    try:
        host = request.host
    except SecurityError:  # the site may answer with a page all the same
        return ""
    if host:
        return host
    told = request.environ.get("HTTP_HOST", "")
    return told if _UNDERSCORED.fullmatch(told) else ""


def is_own(request: Request, address: str) -> bool:
    """Tell whether *address* is one of this site; of one that cannot be read nobody can."""
    host = host_of(request)
    plain = host.replace(".", "").replace("-", "")
    if address in (f"https://{host}", f"http://{host}") and plain.isascii() and plain.isalnum():
        return True  # as nearly every decision has it: nothing needs to be taken apart
    own = _host(f"{request.scheme}://{host}")
    return own is not None and _host(address) == own


def home(request: Request) -> str:
    """Return the path of the site's first page; not every site is the only one of its host."""
    return f"{quote(request.root_path)}/"


def return_path(path: str | None, home: str) -> str:
    """
    Return *path* if it leads to a page of this host, else *home* (requirements SE-06).

    A query that a form has no room for is left out.
    """
    if path is None or not _PATH.fullmatch(path):
        return home
    ways = (path, path.partition("?")[0])
    # Each letter takes three at most.
    return next(
        (way for way in ways if 3 * len(way) <= LONGEST or len(quote_plus(way)) <= LONGEST), home
    )


def came_from(request: Request) -> str:
    """Return the path of this site's page that led to *request*, or of its first page."""
    referrer = request.headers.get("Referer", "")
    if not is_own(request, referrer):
        return home(request)
    parts = urlsplit(referrer)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return return_path(path, home(request))


def last_page(request: Request) -> str:
    """Return the path of the page that led to *request*, if that can be opened, or of the first."""
    path = came_from(request)
    place = place_of(path).removeprefix(request.root_path)
    return path if can_be_opened(request, place) else home(request)


def can_be_opened(request: Request, place: str) -> bool:
    """Tell whether a browser can go to *place* of the app, which may be there for forms only."""
    here = current_app.create_url_adapter(request)
    methods = here.allowed_methods(place) if here else ()
    return not methods or "GET" in methods


def place_of(path: str) -> str:
    """Return the place that *path* leads to, without its query, as Flask has it."""
    return unquote(urlsplit(path).path)


def leads_to(request: Request, address: str, here: str) -> bool:
    """
    Tell whether *address*, with or without the host of *request*, is that of the place *here*.

    Flask leads from an address without a slash at its end to the page that has one.
    """
    if not address.startswith("/") and not is_own(request, address):
        return False
    return place_of(address).rstrip("/") == here.rstrip("/")


def _host(origin: str) -> tuple[str, int | None] | None:
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    return parts.hostname, None if port in _USUAL else port
