"""The visitor's routes. GET never changes anything (requirements PS-08)."""

from __future__ import annotations

import re
import time
from datetime import date
from typing import Any
from urllib.parse import quote

from flask import Response, request
from werkzeug.exceptions import HTTPException, NotFound, ServiceUnavailable

from consent.choice.signal import SUPPORTED_SINCE
from consent.day import DAY, date_of
from consent.errors import LogError
from consent.log.fields import fields_of
from consent.log.receipt import receipt_file
from consent.policy.notice import MEDIA_TYPE, last_day, read, ref_of
from consent.web import deciding
from consent.web.anywhere import Routes, forget, stay
from consent.web.assets import FOR_EVER, ROOT, SIMPLE, STYLE, STYLES, find
from consent.web.cookies import read_receipt
from consent.web.csp import count
from consent.web.desk.routes import desk
from consent.web.guard import expire
from consent.web.notices import styles
from consent.web.origin import home, last_page, return_path
from consent.web.page.layer import banner
from consent.web.replies import answer_errors, as_json, as_receipt, error, lead_to, page, remember
from consent.web.route import route
from consent.web.settings import settings_page
from consent.web.shown import Shown
from consent.web.site import Site, current_site
from consent.web.templates import OURS
from consent.web.visit import Visit, visit
from consent.web.wish import form_field

_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)

_ASCII = bytes(range(128)).decode()

#: What an answer of ``notice/<hash>`` may do: show its style sheet, nothing else.
_INERT = "sandbox; default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'self'"

#: What an operator is told whose pages are the same for everybody: they may be old for weeks.
_OLD_PAGE = (
    "a consent was refused, as its page came from before a change of the policy or an update, or"
    " this process did; hint: make pages from files anew, empty caches, and start the app anew"
)


def blueprint(prefix: str) -> Routes:
    """Return the blueprint with all routes of the visitor below *prefix*."""
    routes = Routes("consentry", __name__, root_path=str(ROOT), url_prefix=prefix)
    routes.url_value_preprocessor(forget)
    routes.url_defaults(stay)
    routes.jinja_loader = OURS
    routes.add_url_rule("/choice", "choice", choice, methods=["POST"])
    routes.add_url_rule("/choice", "choose", choose)
    routes.add_url_rule("/settings", "settings", settings)
    routes.add_url_rule("/leaks", "leak", leak, methods=["POST"])
    routes.add_url_rule("/receipt", "receipt", receipt)
    routes.add_url_rule("/checkpoint", "checkpoint", checkpoint)
    routes.add_url_rule("/state", "state", state)
    routes.add_url_rule("/notice/<hash>", "notice", notice)
    routes.add_url_rule("/notice/<hash>/style.css", "notice_style", notice_style)
    routes.add_url_rule("/static/<path:filename>", "static", static)
    routes.register_blueprint(desk())
    routes.before_request(_escape_query)
    routes.after_request(_as_it_is)
    answer_errors(routes, _refuse)
    return routes


def choice() -> Response:
    """Take a decision."""
    return deciding.handle(visit())


def choose() -> Response:
    """
    Lead to the settings.

    What a decision is answered with, an error perhaps, has an address that may be opened anew.
    """
    return lead_to(route("settings"))


def settings() -> Response:
    """
    Show every service with its facts and let the visitor decide one by one.

    ``part=form`` asks for the form alone, to be shown in a dialog.
    """
    alone = request.args.get("part") == "form"
    return settings_page(visit(), back=last_page(request), alone=alone)


def leak() -> Response:
    """Take a browser's report of what it refused. Anybody may send one; it says nothing back."""
    return count(current_site(), time.time())


def receipt() -> Response:
    """Show the visitor what the log holds under the receipt that the browser carries."""
    now = visit()
    site, shown = now.site, now.shown
    held = read_receipt(request, site.seal)
    try:
        if request.args.get("format") == "json":
            evidence = site.store.evidence(held) if held else []
            is_cut = site.store.is_cut(held, evidence) if held else False
            return as_receipt(receipt_file(held, evidence, is_cut=is_cut))
        bodies = site.store.history(held) if held else []
        is_cut = site.store.is_cut(held, bodies) if held else False
    except LogError as problem:
        raise ServiceUnavailable from problem
    fields = map(fields_of, bodies)
    records = [_as_of_today(site, one) for one in fields if one.get("event") == "decision"]
    title = shown.say("receipt.title")
    return page(
        now,
        shown,
        "receipt",
        title,
        held=held,
        records=records,
        is_cut=is_cut,
        download_url=route("receipt", format="json"),
        back=home(request),
    )


def _as_of_today(site: Site, record: dict[str, Any]) -> dict[str, Any]:
    """Return a *record* with the last day that it has now, if its visitor was told a later one."""
    hash, until = record["notice"], record["valid_until"]
    # Somebody may have altered it so that it names none.
    said = site.notices.said(ref_of(hash)) if _HASH.fullmatch(hash) else None
    if until is None or said is None:
        return record
    last = last_day(date.fromisoformat(until), said.lifetime, site.config.policy.lifetime)
    return record | {"valid_until": str(last)}


def checkpoint() -> Response:
    """Hand out what a log says about itself: the newest log, or the one of ``origin``."""
    site = current_site()
    try:
        logs = site.store.logs()
    except LogError as problem:
        raise ServiceUnavailable from problem
    origin = request.args.get("origin")
    notes = [log.checkpoint for log in logs if origin in (None, log.origin)]
    if not notes:
        raise NotFound
    return Response(notes[-1], 200, {"Cache-Control": "no-cache"}, mimetype="text/plain")


def state() -> Response:
    """
    Tell a page that is the same for everybody what holds for this visitor.

    What services left that are gone from the policy goes as well: that page cannot know of it.
    """
    now = visit()
    site, former = now.site, now.standing.former
    place = return_path(request.args.get("next"), home(request))
    title = now.shown.say("settings.title")
    response = page(
        now,
        now.shown,
        "state",
        title,
        standing=now.standing,
        banner=banner(now, place),
        former=site.storage.leftovers((), former, cookies=True),
    )
    names = site.jar.leftovers(request.cookies, now.shown.notice.terms, former)
    expire(response, request, names, place.partition("?")[0])
    return response


def support() -> Response:
    """Tell that Global Privacy Control is honoured (GPC, section 4; requirements SG-04)."""
    return as_json({"gpc": True, "lastUpdate": SUPPORTED_SINCE})


def notice(hash: str) -> Response:
    """Show a notice as it was shown, or hand it out as it is stored."""
    now = visit()
    site, shown = now.site, now.shown
    body, first_used = _stored_notice(hash)
    if request.args.get("format") == "json":
        return Response(body, mimetype=MEDIA_TYPE)
    old = read(body)
    response = page(
        now,
        shown,
        "notice",
        shown.say("notice.title"),
        old=old,
        first_used=first_used,
        current=site.notices.by_hash(hash, request) is not None,
        back=home(request),
    )
    response.headers["Content-Security-Policy"] = _INERT
    return response


def notice_style(hash: str) -> Response:
    """Hand out the style sheet that a notice was shown with; with ``all``, all that it had."""
    stored = read(_stored_notice(hash)[0])
    names = STYLES if request.args.get("all") else (STYLE, SIMPLE)
    try:
        body = styles(visit().site.store, stored, names)
    except LogError as problem:
        raise ServiceUnavailable from problem
    return Response(body, mimetype="text/css")


def static(filename: str) -> Response:
    """
    Serve style sheet or script; one that is asked for by version may be kept for ever.

    All others are asked for anew, whatever a site says of files of its own: our scripts fetch each
    other by name alone, but for the one that pages for everybody always need. Its tag is its hash:
    many installations give all files one date, and then Flask's tag tells only the size. And it is
    sent from here: a web server that sends files for the site (``USE_X_SENDFILE``) hands out none
    from where packages are.
    """
    asset = find(filename)
    if asset is None:
        raise NotFound
    response = Response(asset.body, mimetype=asset.media_type)
    response.set_etag(asset.hash)
    if request.args.get("v") == asset.version:
        response.cache_control.public = True
        response.cache_control.max_age = FOR_EVER
        response.cache_control.immutable = True
    else:
        response.cache_control.no_cache = True
    response.make_conditional(request)
    return response


def _stored_notice(hash: str) -> tuple[bytes, str | None]:
    """Return body and date of first use of a notice; None as date: nobody decided under it yet."""
    site = visit().site
    if not _HASH.fullmatch(hash):
        raise NotFound
    current = site.notices.by_hash(hash, request)
    try:
        document = site.store.document(hash)
        first_used = site.store.first_used(hash)
    except LogError as problem:
        if current is None:
            raise ServiceUnavailable from problem
        document = first_used = None
    if document is not None and document.media_type == MEDIA_TYPE:
        day = None if first_used is None else date_of(first_used // 1000 // DAY).isoformat()
        return document.body, day
    if current is not None:
        return current.notice.body, None
    raise NotFound


def _escape_query() -> None:
    """Escape what is no ASCII in the query, as browsers do; werkzeug cannot read it otherwise."""
    if not request.query_string.isascii():
        request.query_string = quote(request.query_string, safe=_ASCII).encode()


def _as_it_is(answer: Response) -> Response:
    """Let no browser take what we hand out for something else, the desk's answers included."""
    answer.headers["X-Content-Type-Options"] = "nosniff"
    remember(request, answer)
    return answer


def _refuse(problem: HTTPException) -> Response:
    now = visit()
    status = problem.code or 500
    back = home(request)
    if status == 409 and now.site.config.static_pages:
        now.site.warn_once(_OLD_PAGE)
    if status in (409, 429):
        back = return_path(form_field(request, "next"), back)
    response = error(now, _told_in(now) or now.shown, status, back=back)
    if status == 429:  # by whatever limit, ours or one of the site's
        response.headers["Retry-After"] = str(getattr(problem, "retry_after", None) or 60)
    return response


def _told_in(now: Visit) -> Shown | None:
    """Return a notice in the language of the page with the form that was sent, if that is known."""
    hash = form_field(request, "notice")
    return now.site.notices.speaking(hash, request) if _HASH.fullmatch(hash) else None
