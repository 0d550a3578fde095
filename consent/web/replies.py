"""What our own routes answer: pages or JSON, never kept by a cache."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from flask import Blueprint, Request, Response
from werkzeug.exceptions import HTTPException, default_exceptions

from consent.canonical import canonical
from consent.web.assets import PAGES
from consent.web.caching import say_once
from consent.web.page.head import head, style
from consent.web.route import addresses
from consent.web.shown import Shown
from consent.web.templates import dependable
from consent.web.visit import Visit

#: Which text explains an HTTP status to a visitor.
_ERRORS = {
    403: "error.foreign",
    404: "error.not_found",
    409: "error.stale",
    413: "error.too_large",
    429: "error.too_many",
    503: "error.unavailable",
}

#: Marks an answer as the visitor's own, to be kept nowhere (requirements SE-08).
NO_STORE = ("Cache-Control", "no-store")

#: Our pages need our own files and nothing else, and no other page may frame them.
_CSP = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; " + (
    "img-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

#: What our answers say of who may keep them and what may happen in them. A site that says something
#: about all of its pages does not mean a visitor's receipt.
_OUR_WORD = ("Cache-Control", "Content-Security-Policy")

_REMEMBERED = "consentry.said"


def remember(request: Request, answer: Response) -> None:
    """Note what our *answer* to the *request* says of itself, before the site's own code has it."""
    request.environ[_REMEMBERED] = [said for said in answer.headers if said[0] in _OUR_WORD]


def insist(request: Request, answer: Response) -> None:
    """Let our *answer* say what it said, and nothing else beside it (SE-08)."""
    say_once(answer.headers)
    for said in request.environ.get(_REMEMBERED, ()):
        if said not in list(answer.headers):
            answer.headers.set(*said)


def answer_errors(routes: Blueprint, answer: Callable[[HTTPException], Response]) -> None:
    """
    Let *answer* tell of what *routes* refuse.

    One by one: the site may have a page of its own for a status, which Flask takes before what is
    there for any. What nobody foresaw (500) is for the site to tell, if it has a page for that.
    """
    routes.register_error_handler(HTTPException, answer)
    for status in default_exceptions.keys() - {500}:
        routes.register_error_handler(status, answer)


def wants_json(request: Request) -> bool:
    """Tell whether the sender is a script rather than a browser showing a page."""
    # By name: a browser that shows a page takes anything, too.
    return any(
        kind.partition(";")[0].lower() == "application/json" and weight
        for kind, weight in request.accept_mimetypes
    )


def as_json(value: Any, status: int = 200) -> Response:
    """Return *value* as a JSON answer."""
    return Response(canonical(value), status, [NO_STORE], mimetype="application/json")


def as_receipt(file: dict[str, object]) -> Response:
    """Hand out what :func:`consent.log.receipt.receipt_file` makes."""
    response = as_json(file)
    response.headers["Content-Disposition"] = "attachment; filename=consent-receipt.json"
    return response


def lead_to(place: str) -> Response:
    """
    Lead to *place*, a path.

    Who is not led there reads a link to it (RFC 9110, section 15.4.4), and there are servers that
    fail at an answer which has nothing to read.
    """
    link = escape(place)
    note = f'<!doctype html><title>{link}</title><a href="{link}">{link}</a>'
    return Response(note, 303, [("Location", place), NO_STORE], mimetype="text/html")


def page(
    visit: Visit, shown: Shown, template: str, title: str, *, status: int = 200, **context: Any
) -> Response:
    """Return one of our whole pages, in the language of *shown*."""
    site, notice = visit.site, shown.notice
    text = dependable(
        site.app,
        f"consent/{template}.html",
        site.warn_once,
        **addresses(site.config.policy, notice.language),
        **context,
        say=shown.say,
        notice=notice.content,
        notice_hash=notice.hash,
        language=notice.language,
        direction=notice.content["direction"],
        title=title,
        head=head(visit),
        frame=style(PAGES),
    )
    response = Response(text, status, [NO_STORE], mimetype="text/html")
    response.headers["Content-Security-Policy"] = _CSP
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Content-Language"] = notice.language
    return response


def message(
    visit: Visit, shown: Shown, text: str, *, back: str, title: str | None = None, status: int = 200
) -> Response:
    """
    Return a page that tells the visitor one thing, or that alone where no file can be opened.

    *title* None: it is that of the settings.
    """
    title = title or shown.say("settings.title")
    try:
        return page(visit, shown, "message", title, status=status, message=text, back=back)
    except OSError as problem:
        visit.site.warn_once(f"a page of ours cannot be read: {problem.strerror}")
        return Response(text, status, [NO_STORE], mimetype="text/plain")


def error(visit: Visit, shown: Shown, status: int, *, back: str = "/") -> Response:
    """Tell the visitor what did not work, in a way that fits who asked."""
    key = _ERRORS.get(status, "error.invalid")
    if status == 503 and visit.request.method != "POST":  # who only looks gave no consent
        key = "error.unreadable"
    text = shown.say(key)
    if wants_json(visit.request):
        return as_json({"error": text}, status)
    title = shown.say("error.title")
    return message(visit, shown, text, back=back, title=title, status=status)
