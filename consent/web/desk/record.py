"""The page of one event: its words, its place, its proof, its receipt, and what was on screen."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Response, request

from consent.audit import given
from consent.audit.given import Unreadable
from consent.audit.proving import Check
from consent.audit.reading import Names, kind_name, kind_of, lines
from consent.audit.record import Record, chain, checked, history, leaf, proof_file, record
from consent.audit.shots import WIDTHS
from consent.audit.validity import Day, Shown, on
from consent.audit.versions import notice
from consent.day import DAY_MS
from consent.day import number as number_of
from consent.errors import LogError, LogUnavailable
from consent.log.event import timestamp
from consent.log.merkle.logs import Name
from consent.log.uuid7 import time_of
from consent.policy.notice import Notice, worded
from consent.web.desk.asking import AskedWronglyError, day
from consent.web.desk.door import note
from consent.web.desk.shell import day as spelled
from consent.web.desk.shell import desk_page, language, moment, policy_names, say
from consent.web.replies import as_receipt
from consent.web.site import current_site

_STYLES = ("css/desk/record.css",)


def show(id: str) -> Response:
    """Show one event; with ``day``, what its receipt was good for on that day."""
    return _show(id)


def check_now(id: str) -> Response:
    """Check the proof of an event anew and show every step."""
    return _show(id, checks=True)


def proof(id: str) -> Response:
    """Hand out what proves an event offline."""
    site = current_site()
    try:
        asked = given.id_of(id)
    except Unreadable as problem:
        return _missing(problem)
    with site.store.snapshot() as now:
        found = record(now, asked)
        if found is None:
            return _missing()
        file = proof_file(now, found)
    note("export", f"proof {found.named}")
    return as_receipt(file)


def place(log: str, index: str) -> Response:
    """Show a place in a log, above all one whose event was erased."""
    try:
        name = Name.parse(log)
        number = int(index) if index.isascii() and index.isdecimal() and len(index) < 16 else -1
    except LogError:
        return _missing()
    with current_site().store.snapshot() as now:
        found = leaf(now, name, number)
    if found is None:
        return _missing(text=say()("record.place.none"))
    note("look-up", f"place {found.origin} {found.index}")
    title = say()("record.place.log_title", index=found.index, log=found.origin)
    return desk_page("place", title, styles=_STYLES, leaf=found)


def _show(id: str, *, checks: bool = False) -> Response:
    store = current_site().store
    try:
        asked = given.id_of(id)
    except Unreadable as problem:
        return _missing(problem)
    asked_day, wrong = None, None
    try:
        asked_day = day(request.args, "day", "record.valid")
    except AskedWronglyError as error:
        wrong = str(error)
    with store.snapshot() as now:
        found = record(now, asked)
        if found is None:
            note("look-up", "record, none found")
            return _missing()
        result = checked(now, found) if checks else None
        receipt = found.receipt
        others = chain(now, receipt) if receipt else []
        told = history(now, receipt, number_of(asked_day), others) if receipt and asked_day else []
    is_cut = store.is_cut(receipt, others) if receipt else False
    note("look-up", f"record {found.named}")
    answer = _valid_on(asked_day, told) if asked_day and told else None
    return _page(found, others, is_cut, result, answer, wrong)


def _page(
    found: Record,
    others: list[Record],
    is_cut: bool,
    result: Check | None,
    answer: Day | None,
    problem: str | None,
) -> Response:
    event, spoken = found.event, language()
    shown, is_changed = _notice(event.get("notice"))
    names = _names(shown)
    title = say()(
        "record.heading", kind=kind_name(say(), kind_of(event)), moment=moment(_at(found.id))
    )
    return desk_page(
        "record",
        title,
        status=400 if problem else 200,
        problem=problem,
        styles=_STYLES,
        record=found,
        event=event,
        kind=kind_of(event),
        lines=lines(event, names, spoken),
        raw=found.body.decode(errors="replace"),
        log=found.place and found.place.origin.rpartition("/")[2],
        check=result,
        checked_at=int(time.time() * 1000),
        chain=[_link(other, names) for other in others],
        is_cut=is_cut,
        answer=answer,
        names=names.services,
        asked_day=request.args.get("day", "")[:10],
        event_link=_event_link,
        ends=_ends,
        notice=shown,
        is_changed=is_changed,
        layer=_layer(event, shown),
        pressed=event.get("control"),
        widths=WIDTHS,
    )


def _valid_on(day: date, others: list[Record]) -> Day:
    """Return what the receipt of *others* was good for on a *day*."""
    events = [event for other in others if (event := other.event).get("event") == "decision"]
    newest = [current_site().versions.newest((number_of(day) + n) * DAY_MS) for n in (0, 1)]
    hashes = {event["notice"] for event in events} | {one[1] for one in newest if one}
    told = {hash: found for hash in hashes if (found := _notice(hash)[0])}
    first, last = (_shown(one, told) for one in newest)
    terms = {hash: one.terms for hash, one in told.items()}
    lifetimes = {hash: one.content["lifetime"] for hash, one in told.items()}
    return on(day, events, (first, last), terms, lifetimes)


def _shown(newest: tuple[int, str] | None, told: Mapping[str, Notice]) -> Shown | None:
    """Return what the *newest* notice, shown after some moment, says to a decision before it."""
    if newest is None or newest[1] not in told:
        return None
    since, hash = newest
    return Shown(told[hash].terms, timestamp(since), told[hash].content["lifetime"])


def _notice(hash: str | None) -> tuple[Notice | None, bool]:
    """Return a notice, and whether it is no longer what it was; None: it is not there."""
    if hash is None:
        return None, False
    try:
        return notice(current_site().store, hash), False
    except LogUnavailable:
        raise
    except LogError:
        return None, True


def _layer(event: Mapping[str, Any], shown: Notice | None) -> str:
    """Return which part of the notice was used to decide."""
    part = event.get("layer")
    if shown and part == "placeholder":
        named = (f"placeholder:{service}" for service in event["granted"])
        return next((name for name in named if name in shown.content["layers"]), "banner")
    return {"settings": "settings", "link": "withdrawal"}.get(str(part), "banner")


def _names(shown: Notice | None) -> Names:
    """Return names in the language of the desk, where the policy of today has them."""
    policy = current_site().config.policy
    services = policy_names()
    purposes = {}
    if shown:
        services |= {service["id"]: service["name"] for service in shown.content["services"]}
        purposes = {purpose["id"]: purpose["title"] for purpose in shown.content["purposes"]}
    spoken = language()
    for purpose in policy.purposes:
        if spoken in purpose.title or "" in purpose.title:
            purposes[purpose.id] = worded(purpose.title, spoken)
    return Names(services, purposes)


def _link(other: Record, names: Names) -> dict[str, Any]:
    event = other.event
    granted = [names.services.get(id, id) for id in event.get("granted", ())]
    return {
        "id": str(other.id),
        "at": _at(other.id),
        "kind": kind_name(say(), kind_of(event)),
        "granted": ", ".join(granted),
        "until": event.get("valid_until"),
    }


def _event_link(event: Mapping[str, Any]) -> str:
    """Return how an event is called in a sentence."""
    at = datetime.fromisoformat(event["recorded_at"])
    ms = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    return say()("record.heading", kind=kind_name(say(), kind_of(event)), moment=moment(ms))


def _ends(until: str | None) -> str:
    """Return the last day of a decision as the language of the page writes it."""
    return spelled(date.fromisoformat(until)) if until else ""


def _missing(problem: Unreadable | None = None, text: str | None = None) -> Response:
    """Say that there is no such event, or that what was asked for is no id."""
    return desk_page(
        "record_missing",
        say()("record.missing_title"),
        status=400 if problem else 404,
        problem=say()("find.bad." + problem.key) if problem else None,
        text=text or (None if problem else say()("record.missing")),
    )


def _at(id: UUID) -> int:
    return time_of(id.bytes)
