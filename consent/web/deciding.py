"""
``POST choice``: validate, record durably, then the cookie, then the answer.

Nothing is granted that is not in the log. A refusal takes effect in any case: it needs no
evidence, and a visitor must not depend on our database to say no.
"""

from __future__ import annotations

import time

from flask import Request, Response
from werkzeug.exceptions import Forbidden, TooManyRequests

from consent.choice.choice import NOBODY, Choice
from consent.choice.cookie import date_of
from consent.choice.decide import Decision, by_purpose, decide
from consent.choice.receipt import new_receipt
from consent.errors import LogError
from consent.log.event import Event, decision
from consent.version import VERSION
from consent.web import cookies
from consent.web.origin import same_origin
from consent.web.replies import as_json, error, message, no_store, wants_json
from consent.web.signals import decided
from consent.web.site import Site
from consent.web.visit import Visit
from consent.web.wish import Wish, read_wish

SOFTWARE = f"consentry/{VERSION}"


def handle(request: Request, site: Site, visit: Visit) -> Response:
    """
    Carry out the decision in *request* and return the answer.

    Raises an HTTP error if it is refused; then nothing has changed, except that a service that
    the visitor took away is off even if the rest could not be recorded.
    """
    if not same_origin(request):
        raise Forbidden
    wish = read_wish(request, site.notices, visit.language)
    flood = site.is_flood(request.remote_addr)
    if flood and not wish.only_refuses:
        raise TooManyRequests
    made = decide(
        wish.control,
        wish.services,
        standing=visit.standing,
        notice=wish.shown.notice.ref,
        offered=wish.shown.notice.terms,
        today=visit.today,
    )
    if made.choice == visit.standing.choice and not made.once:
        return _answer(request, site, wish, made, "none", None)
    recorded, receipt = False, None
    if not flood:
        recorded, receipt = _record(request, site, wish, made)
    if not recorded and made.grants_more:
        return _only_less(request, site, visit, wish, made)
    response = _answer(request, site, wish, made, made.kind, receipt, recorded=recorded)
    if not made.once:
        _send(response, request, site, visit, made.choice, receipt)
    decided.send(site.app, kind=made.kind, granted=made.granted, before=made.before)
    return response


def _record(request: Request, site: Site, wish: Wish, made: Decision) -> tuple[bool, str | None]:
    """Write the decision to the log; return whether it is there for good, and its receipt id."""
    try:
        event = _event(request, site, wish, made)
        site.store.append(event, wish.shown.documents)
    except LogError as error:
        site.app.logger.error("consent: a decision could not be recorded: %s", error)
        return False, None
    return True, event.receipt


def _event(request: Request, site: Site, wish: Wish, made: Decision) -> Event:
    notice = wish.shown.notice
    held = None if made.kind == "refusal" else cookies.read_receipt(request, site.seal)
    granted = made.granted
    refused = NOBODY if made.once else made.refused
    last_day = made.choice.day + site.config.policy.lifetime - 1
    return decision(
        now_ns=time.time_ns(),
        site=site.config.policy.site,
        notice=notice.hash,
        language=notice.language,
        layer=wish.layer,
        control=made.control,
        kind=made.kind,
        granted=granted,
        refused=refused,
        undecided=notice.terms.keys() - granted - refused,
        purposes=by_purpose(notice.purposes, granted, refused),
        receipt=held or (new_receipt() if made.kind in ("grant", "change") else None),
        previous=site.store.last(held) if held else None,
        valid_until=None if made.once else date_of(last_day).isoformat(),
        software=SOFTWARE,
    )


def _answer(
    request: Request,
    site: Site,
    wish: Wish,
    made: Decision,
    kind: str,
    receipt: str | None,
    *,
    recorded: bool = True,
) -> Response:
    text = wish.shown.say(_status(made, recorded))
    if wants_json(request):
        return as_json(
            {
                "kind": kind,
                "granted": sorted(made.choice.granted),
                "undecided": sorted(made.choice.undecided),
                "started": sorted(made.granted),
                "receipt": receipt,
                "reload": made.withdraws,
                "message": text,
            }
        )
    if recorded:
        return no_store(Response(status=303, headers={"Location": wish.next}))
    return message(site, wish.shown, text, back=wish.next)


def _status(made: Decision, recorded: bool) -> str:
    if not recorded:
        return "status.unrecorded"
    if made.granted:
        return "status.saved"
    return "status.withdrawn" if made.withdraws else "status.refused"


def _only_less(request: Request, site: Site, visit: Visit, wish: Wish, made: Decision) -> Response:
    """Answer a grant that could not be recorded; what was taken away is off all the same."""
    response = error(request, site, wish.shown, 503, back=wish.next)
    kept = made.before & made.choice.granted
    if not made.once and kept != made.before:
        asked = frozenset(wish.shown.notice.terms) - kept - made.refused
        choice = Choice(made.choice.notice, made.choice.day, kept, asked)
        _send(response, request, site, visit, choice, None)
    return response


def _send(
    response: Response,
    request: Request,
    site: Site,
    visit: Visit,
    choice: Choice,
    receipt: str | None,
) -> None:
    """Put what holds from now on into the browser, and take away what withdrawn services left."""
    secure = request.is_secure
    days = choice.day + site.config.policy.lifetime - visit.today
    cookies.set_choice(response, site.seal, choice, days=days, secure=secure)
    if receipt and choice.granted:
        cookies.set_receipt(response, site.seal, receipt, days=days, secure=secure)
    elif not choice.granted and cookies.receipt_name(secure) in request.cookies:
        cookies.set_receipt(response, site.seal, None, days=days, secure=secure)
    withdrawn = visit.standing.granted - choice.granted
    cookies.sweep(response, request, site.config.policy, withdrawn)
