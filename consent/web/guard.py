"""
Cookies of services that are not granted: the site cannot set them, and old ones go.

What its own code sets with each answer comes with ours, too. Flask's session is saved after this
looks, and our own cookies are among what is needed, so neither is ever touched.
"""

from __future__ import annotations

import re
from collections.abc import Container

from flask import Request, Response

from consent.gate.cookies import expiries
from consent.web.cookies import BEGINNINGS
from consent.web.origin import host_of
from consent.web.site import Site
from consent.web.visit import Visit, visit

#: How a ``Cookie`` header begins that has our choice alone, if there is no semicolon in it.
CHOICE = tuple(BEGINNINGS.values())

#: A cookie that is being deleted may be. Browsers go by Max-Age before Expires (RFC 6265, 5.3).
_DELETES = re.compile(
    r"(?!.*;\s*max-age\s*=\s*\d*[1-9])"
    r".*;\s*(?:max-age\s*=\s*(?:0+|-\d+)\s*(?:;|$)|expires\s*=[^;]*\b1970\b)",
    re.IGNORECASE,
)

#: What varies in a name from one visitor to the next; the operator's log has none of it.
_VARIES = re.compile(r"[0-9A-Fa-f]{6,}|\d+|[^!-~]+")


def guard(
    site: Site,
    request: Request,
    response: Response,
    present: Container[str],
    now: Visit | None,
    *,
    ours: bool,
) -> None:
    """
    Take out of *response* what may not be stored, and on a page let what is left over expire.

    *present* are the names of the headers that it has, in lower case; *now* is the visit, None
    where nothing asked for the choice. *ours*: it is one of our own routes, and a decision has
    seen to what is left over.
    """
    if "set-cookie" in present:
        _hold_back(site, response)
    if ours:
        return
    # A page that is the same for everybody takes nothing away. Of the others nearly all visitors
    # bring one cookie, which is ours, or none.
    brought = request.environ.get("HTTP_COOKIE", "")
    if not brought or site.config.static_pages:
        return
    if ";" not in brought and brought.startswith(CHOICE):
        return
    if response.mimetype == "text/html":
        _sweep(site, request, response, now)


def _sweep(site: Site, request: Request, response: Response, now: Visit | None) -> None:
    """
    Let the cookies of services that are not granted expire, on every page (WD-05).

    So do those of services that are gone from the policy, on pages that ask for the choice.
    """
    brought, former = request.cookies, now.standing.former if now else frozenset()
    if not site.jar.leftovers(brought, (), former):
        return
    # A page that does not ask for the choice stays one that caches may keep.
    standing = (now or Visit(request, site)).standing
    if names := site.jar.leftovers(brought, standing.granted | standing.paused, former):
        visit()
        expire(response, request, names)


def expire(response: Response, request: Request, names: list[str], path: str | None = None) -> None:
    """
    Let the cookies *names*, mostly none, expire wherever they may lie.

    *path* is that of the page; None: the one that was asked for.
    """
    if not names:
        return
    host, path = host_of(request).partition(":")[0], path or request.script_root + request.path
    used = sum(len(f"{name}: {value}\r\n") for name, value in response.headers)
    for expiry in expiries(names, host, path, secure=request.is_secure, used=used):
        response.headers.add("Set-Cookie", expiry)


def _hold_back(site: Site, response: Response) -> None:
    given = response.headers.getlist("Set-Cookie")
    kept = [cookie for cookie in given if _may_be_set(site, cookie)]
    if len(kept) < len(given):
        response.headers.setlist("Set-Cookie", kept)


def _may_be_set(site: Site, cookie: str) -> bool:
    name = cookie.partition("=")[0].strip()
    if site.jar.is_needed(name) or _DELETES.match(cookie):
        return True
    services = site.jar.services(name)
    shown = _VARIES.sub("*", name)[:60]
    file = site.config.policy_file.name
    if not services:
        if site.config.strict_cookies:
            site.warn_once(
                f"the app sets the cookie {shown}, which {file} does not have; it was taken out; "
                "hint: name it under [[essential]] if the site cannot do without"
            )
        return not site.config.strict_cookies
    if visit().standing.granted.intersection(services):
        return True
    site.warn_once(
        f"the app sets the cookie {shown} of {services[0]}, which is not granted; it was taken "
        "out; "
        f'hint: ask consent.permits("{services[0]}") before'
    )
    return False
