"""The visitor's routes. GET never changes anything (requirements PS-08)."""

from __future__ import annotations

import json
import re

from flask import Blueprint, Response, request, send_from_directory
from jinja2 import FileSystemLoader, PrefixLoader
from werkzeug.exceptions import HTTPException, NotFound, ServiceUnavailable

from consent.choice.choice import DAY
from consent.choice.cookie import date_of
from consent.errors import LogError
from consent.policy.notice import read
from consent.web import deciding
from consent.web.assets import FOR_EVER, ROOT, TEMPLATES, load
from consent.web.cookies import read_receipt
from consent.web.notices import MEDIA_TYPE
from consent.web.origin import came_from, return_path
from consent.web.replies import NO_STORE, error, page
from consent.web.settings import settings_page
from consent.web.visit import visit
from consent.web.wish import form_field

_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)

#: What an answer of ``notice/<hash>`` may do: show its style sheet, nothing else.
_INERT = "sandbox; default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'self'"


def blueprint(prefix: str) -> Blueprint:
    """Return the blueprint with all routes of the visitor below *prefix*."""
    routes = Blueprint(
        "consentry",
        __name__,
        root_path=str(ROOT),
        url_prefix=prefix,
    )
    # A site's consent/banner.html hides ours, which it can still extend under the second name.
    routes.jinja_loader = PrefixLoader(
        {folder: FileSystemLoader(TEMPLATES) for folder in ("consent", "consentry")}
    )
    routes.add_url_rule("/choice", "choice", choice, methods=["POST"])
    routes.add_url_rule("/settings", "settings", settings)
    routes.add_url_rule("/receipt", "receipt", receipt)
    routes.add_url_rule("/notice/<hash>", "notice", notice)
    routes.add_url_rule("/notice/<hash>/style.css", "notice_style", notice_style)
    routes.add_url_rule("/static/<path:filename>", "static", static)
    routes.register_error_handler(HTTPException, _refuse)
    return routes


def choice() -> Response:
    """Take a decision."""
    return deciding.handle(visit())


def settings() -> Response:
    """Show every service with its facts and let the visitor decide one by one."""
    return settings_page(visit(), back=came_from(request))


def receipt() -> Response:
    """Show the visitor what the log holds under the receipt that the browser carries."""
    now = visit()
    site, shown = now.site, now.shown
    held = read_receipt(request, site.seal)
    try:
        bodies = site.store.history(held) if held else []
    except LogError as problem:
        raise ServiceUnavailable from problem
    if request.args.get("format") == "jsonl":
        return _download(b"".join(body + b"\n" for body in bodies))
    records = [json.loads(body) for body in bodies]
    title = shown.say("receipt.title")
    return page(now, shown, "receipt", title, receipt=held, records=records, back="/")


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
        back="/",
    )
    response.headers["Content-Security-Policy"] = _INERT
    return response


def notice_style(hash: str) -> Response:
    """Hand out the style sheet that a notice was shown with."""
    site = visit().site
    old = read(_stored_notice(hash)[0])
    try:
        document = site.store.document(old.content["files"]["css/consent.css"])
    except LogError as problem:
        raise ServiceUnavailable from problem
    body = document.body if document else load("css/consent.css").body
    return Response(body, mimetype="text/css")


def static(filename: str) -> Response:
    """Serve style sheet or script; one that is asked for by version may be kept for ever."""
    response = send_from_directory(ROOT / "static", filename)
    if request.args.get("v") == load(filename).version:
        response.cache_control.no_cache = None
        response.cache_control.public = True
        response.cache_control.max_age = FOR_EVER
        response.cache_control.immutable = True
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


def _download(body: bytes) -> Response:
    name = ("Content-Disposition", "attachment; filename=consent-receipt.jsonl")
    return Response(body, headers=[NO_STORE, name], mimetype="application/jsonl")


def _refuse(problem: HTTPException) -> Response:
    now = visit()
    status = problem.code or 500
    back = return_path(form_field(request, "next")) if status in (409, 429, 503) else "/"
    response = error(now, now.shown, status, back=back)
    if status == 429:
        response.headers["Retry-After"] = "60"
    return response
