"""
The door of the desk: who comes in, who is there, and what is noted of it.

A link shows one page with one button, as programs that look through mail open links, too. Wrong,
expired, used and revoked ones, and every page without a session, answer with the same bytes, after
the same work; who guesses too often is told so before.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from flask import Blueprint, Response, request

from consent.audit.access import Auditor, Invitation, clean
from consent.day import now_ms
from consent.errors import one_line
from consent.log import event
from consent.version import SOFTWARE
from consent.web.desk.session import cookie_name
from consent.web.desk.shell import AT_DESK, DESK, desk_page, now_at_desk, say, url
from consent.web.origin import same_origin
from consent.web.replies import lead_to
from consent.web.site import Site, current_site

#: Largest form, in bytes.
LARGEST = 65_536

#: Longest note of what somebody looked at, in characters.
LONGEST = 500


def add(routes: Blueprint) -> None:
    """Put the door before all *routes*."""
    routes.before_request(guard)
    routes.add_url_rule("/enter", "enter", enter, methods=["GET", "POST"])
    routes.add_url_rule("/enter/<link>", "open", open_link, methods=["GET", "POST"])
    routes.add_url_rule("/leave", "leave", leave, methods=["POST"])


def auditor() -> Auditor:
    """Return who is at the desk."""
    found = now_at_desk()
    if found is None:
        raise RuntimeError("nobody is at the desk: the page is not one of its blueprint")
    return found


def note(what: event.Access, about: str) -> None:
    """
    Record what the auditor does, durably, before it is answered.

    *about* says what of, in a few words without a receipt. Raises LogUnavailable if it cannot be
    recorded; then nothing may be shown.
    """
    _note(auditor().name, what, about)


def record(site: Site, by: str, what: event.Access, about: str) -> None:
    """Record what *by* does about the desk of *site*; return when that is durable."""
    site.store.append(
        event.access(
            now_ns=time.time_ns(),
            site=site.config.policy.site,
            by=clean(by),
            what=what,
            about=one_line(about, LONGEST),
            software=SOFTWARE,
        )
    )


def guard() -> Response | None:
    """Let through who is at the desk (None); all others see the same closed door."""
    request.max_content_length = LARGEST
    site, desk = current_site(), current_site().desk
    if not desk.looks_up(request, (request.view_args or {}).get("link")):
        return closed(429)
    found = desk.access.at_desk(desk.secret(request), now_ms())
    if request.method not in ("GET", "HEAD") and not same_origin(request):
        return closed()
    if found is not None and (found.is_invited or found.name == login(site)):
        request.environ[AT_DESK] = found
        return None
    if request.endpoint in (f"{DESK}.enter", f"{DESK}.open"):
        return None
    if request.method in ("GET", "HEAD") and login(site):
        return lead_to(url("enter"))
    return closed()


def enter() -> Response:
    """Let in whom the site's own login knows."""
    site = current_site()
    name = login(site)
    if name is None:
        return closed()
    if request.method != "POST":
        return _before(name)
    return _welcome(name, "login", lambda secret: site.desk.access.admit(name, secret, now_ms()))


def open_link(link: str) -> Response:
    """Let in whom the site invited."""
    desk = current_site().desk
    id, held = desk.invitation(link), desk.secret(request)
    found = desk.access.openable(id, held, now_ms())
    if found is None:
        return closed()
    if request.method != "POST":
        return _before(found.name, found)
    return _welcome(
        found.name,
        f"link {id}",
        lambda secret: desk.access.open(id, held, secret, now_ms()),
        kept=(found.works_until - now_ms()) // 1000,
    )


def leave() -> Response:
    """Let the auditor go."""
    desk = current_site().desk
    note("sign-out", "")
    desk.access.leave(desk.secret(request))
    request.environ[AT_DESK] = None
    answer = desk_page("left", say()("door.left.title"))
    desk.take_back(answer, request, _path())
    return answer


def login(site: Site) -> str | None:
    """Return the name of whom the site's own login lets audit, None: of nobody."""
    who = site.config.auditor() if site.config.auditor else None
    if isinstance(who, str):
        return clean(who) or None
    if who:
        site.warn_once(
            f"CONSENT_AUDITOR returned a value of type {type(who).__name__}, wanted the name of the"
            " current user as a text, or None; nobody is let in"
        )
    return None


def closed(status: int = 404) -> Response:
    """Return what everybody gets who is not let in, whatever the reason; 429: for guessing."""
    answer = desk_page("closed", say()("door.closed.title"), status=status)
    if status == 429:
        answer.headers["Retry-After"] = "60"
    return answer


def _before(name: str, invitation: Invitation | None = None) -> Response:
    """Say what it means to come in, and what is stored for it, before anything is."""
    title, cookie = say()("door.enter.title"), cookie_name(request.is_secure)
    return desk_page("enter", title, name=name, invitation=invitation, cookie=cookie)


def _welcome(
    name: str, about: str, begin: Callable[[str], Auditor | None], kept: int | None = None
) -> Response:
    answer = lead_to(url("home"))
    secret = current_site().desk.give(answer, request, _path(), kept)
    _note(name, "sign-in", about)
    # Somebody else may have opened the link meanwhile.
    return answer if begin(secret) else closed()


def _note(by: str, what: event.Access, about: str) -> None:
    site = current_site()
    record(site, by, what, about)
    site.recorded()


def _path() -> str:
    return url("home").partition("?")[0].rstrip("/")
