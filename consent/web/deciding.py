"""
``POST choice``: validate, record durably, then the cookie, then the answer.

Nothing is granted that is not in the log. A refusal takes effect in any case: it needs no
evidence, and a visitor must not depend on our database to say no.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Literal
from uuid import UUID

from flask import Response
from werkzeug.exceptions import Forbidden, TooManyRequests

from consent.choice.choice import Choice
from consent.choice.decide import Decision, Kind, by_purpose, decide
from consent.choice.receipt import new_receipt
from consent.day import date_of
from consent.errors import LogError
from consent.gate.storage import SNAPSHOTS
from consent.log.event import Event, decision
from consent.log.fields import fields_of
from consent.policy.model import Entry
from consent.version import SOFTWARE
from consent.web import cookies
from consent.web.guard import expire
from consent.web.origin import same_origin
from consent.web.replies import as_json, error, lead_to, message, wants_json
from consent.web.server import withheld
from consent.web.signals import decided
from consent.web.site import Site
from consent.web.visit import Visit
from consent.web.wish import Wish, read_wish


def handle(visit: Visit) -> Response:
    """
    Carry out the decision that the visitor sent and return the answer.

    Raises an HTTP error if it is refused; then nothing has changed.
    """
    request, site = visit.request, visit.site
    if not same_origin(request):
        raise Forbidden
    for problem in withheld(request):
        site.warn_once(problem)
    wish = read_wish(request, site.notices, visit.language)
    flood = site.is_flood(request.remote_addr)
    made = decide(
        wish.control,
        wish.services,
        standing=visit.standing,
        notice=wish.shown.notice.ref,
        offered=wish.shown.notice.terms,
        today=visit.today,
        about=wish.about,
        signal=visit.signal is not None,
    )
    if made.choice == visit.standing.choice and not made.once:
        response = _answer(visit, wish, made, kind="none")
        if not made.choice.granted:
            # A consent from another tab may have come in between, unknown to this one.
            _send(response, visit, made.choice, None)
        return response
    if flood and made.grants_more:
        raise TooManyRequests(retry_after=site.calms_in())
    event = None if flood else _record(visit, wish, made)
    if event is None and made.grants_more:
        return _only_less(visit, wish, made)
    if event is None:
        made = replace(made, choice=_unproven(visit, made.choice))
    receipt = event.receipt if event else None
    if event or wants_json(request):
        response = _answer(visit, wish, made, receipt, is_recorded=event is not None)
    else:
        text = wish.shown.say(_status(made, is_recorded=False))
        response = message(visit, wish.shown, text, back=wish.next)
    if not made.once:
        _send(response, visit, made.choice, receipt)
    _tell(site, made)
    return response


def _tell(site: Site, made: Decision) -> None:
    """Tell the site's own code. What fails there takes nothing back, least of all a refusal."""
    app = site.app
    # One by one: what fails in a function keeps no other one from hearing.
    for hear in () if decided.is_muted else decided.receivers_for(app):
        try:
            app.ensure_sync(hear)(app, kind=made.kind, granted=made.granted, before=made.before)
        except Exception:
            app.logger.exception("consent: a function that hears of decisions failed")


def _record(visit: Visit, wish: Wish, made: Decision) -> Event | None:
    """Write the decision to the log; return it once it is there for good, or None."""
    site = visit.site
    try:
        event = _event(visit, wish, made)
        site.store.append(event, wish.shown.documents)
    except LogError as error:
        site.app.logger.error("consent: a decision could not be recorded: %s", error)
        return None
    site.recorded()
    return event


def _event(visit: Visit, wish: Wish, made: Decision) -> Event:
    site, notice = visit.site, wish.shown.notice
    held, previous = _held(visit)
    granted, refused = made.granted, made.refused
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
        previous=previous,
        valid_until=None if made.once else date_of(last_day).isoformat(),
        software=SOFTWARE,
    )


def _held(visit: Visit) -> tuple[str | None, UUID | None]:
    """
    Return the receipt that the browser carries, and the id of its newest event.

    One that was withdrawn is not taken up again: whoever brings it brings an old cookie (WD-12).
    One that was erased stays out of the log: nothing new is to be tied to what went.
    Nor is one beside which nothing was granted: another subdomain can set that cookie, and would
    see under its own receipt what this visitor decides.
    """
    if visit.standing.choice is None or not visit.standing.choice.granted:
        return None, None
    receipt = cookies.read_receipt(visit.request, visit.site.seal)
    body = visit.site.store.last(receipt) if receipt else None
    event = fields_of(body) if body else {}
    if event.get("kind") in (None, "withdrawal"):
        return None, None
    return receipt, UUID(event["id"])


def _answer(
    visit: Visit,
    wish: Wish,
    made: Decision,
    receipt: str | None = None,
    *,
    kind: Kind | Literal["none"] | None = None,
    is_recorded: bool = True,
) -> Response:
    """Answer a decision that took effect; *kind* is said instead of its own."""
    if not wants_json(visit.request):
        return lead_to(wish.next)
    widens = visit.site.config.widens
    return as_json(
        {
            "kind": kind or made.kind,
            "granted": sorted(made.choice.granted),
            "undecided": sorted(made.choice.undecided),
            "started": sorted(made.allowed),
            "receipt": receipt,
            "reload": made.withdraws or (widens and made.grants_more and not made.once),
            "leftovers": _leftovers(visit, made),
            "unkept": wish.shown.say("error.storage"),
            "message": [
                wish.shown.say(_status(made, is_recorded)),
                wish.shown.notice.language,
            ],
        }
    )


def _status(made: Decision, is_recorded: bool) -> str:
    if not is_recorded:
        return "status.unrecorded_change" if made.granted else "status.unrecorded"
    if made.once:
        return "status.once"
    if made.granted:
        return "status.saved"
    return "status.withdrawn" if made.withdraws else "status.refused"


def _only_less(visit: Visit, wish: Wish, made: Decision) -> Response:
    """Answer a grant that could not be recorded; what was taken away is off all the same."""
    response = error(visit, wish.shown, 503, back=wish.next)
    kept = made.before & made.choice.granted
    if kept != made.before:
        asked = frozenset(wish.shown.notice.terms) - kept - made.refused
        choice = replace(made.choice, granted=kept, undecided=asked)
        _send(response, visit, _unproven(visit, choice), None)
    return response


def _unproven(visit: Visit, choice: Choice) -> Choice:
    """Return *choice*, which is not on record, so that what stays granted lasts no longer by it."""
    held, since = visit.standing.choice, visit.standing.since
    if held is None or since is None or not choice.granted:
        return choice
    return replace(choice, day=since, despite_signal=held.despite_signal)


def _send(response: Response, visit: Visit, choice: Choice, receipt: str | None) -> None:
    """Put what holds from now on into the browser, and take away what withdrawn services left."""
    request, site = visit.request, visit.site
    secure, path = request.is_secure, request.script_root + site.config.prefix
    days = choice.day + site.config.policy.lifetime - visit.today
    cookies.set_choice(response, site.seal, choice, days=days, secure=secure)
    if receipt and choice.granted:
        cookies.set_receipt(response, site.seal, receipt, days=days, secure=secure, path=path)
    elif not choice.granted:
        # Even if none came: another tab may just be getting one.
        cookies.set_receipt(response, site.seal, None, days=days, secure=secure, path=path)
    former = _former(visit, choice)
    expire(response, request, site.jar.leftovers(request.cookies, choice.granted, former))
    # So for what the site's own code does from here on, as with every answer.
    visit.decided(choice.granted)


def _leftovers(visit: Visit, made: Decision) -> list[tuple[str, ...]]:
    """
    Return what the browser side deletes at once.

    If nothing was taken back, that is what services left that are gone from the policy: the new
    cookie will not name them. Before a decision it is what one keeps that may run this time only,
    which goes with the page: no later one will look for it.
    """
    storage, former = visit.site.storage, _former(visit, made.choice)
    if made.once and visit.standing.choice is None:
        return storage.leftovers(made.once, cookies=visit.site.config.static_pages)
    before = visit.standing.granted | visit.standing.paused
    if before <= made.choice.granted:
        return storage.leftovers((), former)
    return [*SNAPSHOTS, *storage.leftovers(storage.holders - made.choice.granted, former)]


def _former(visit: Visit, choice: Choice) -> frozenset[Entry]:
    """Return what services left, by the notice of then, that are gone or not in *choice* now."""
    former, stale = visit.standing.former, visit.standing.stale
    return former.union(*(left for id, left in stale if id not in choice.granted))
