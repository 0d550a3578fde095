"""
Finding events on the desk: by receipt, by id, by day and by what they say.

A receipt is never part of an address, which would end up in histories and in logs of servers: who
looks for one sends a form, and is sent on to the event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from consent.audit import given
from consent.audit.given import MAX_FILE, Unreadable
from consent.audit.reading import kind_name, kind_of, language_name, worded
from consent.audit.record import compared
from consent.audit.search import Found, page
from consent.audit.versions import service_names
from consent.log.export.selection import DECISION
from consent.log.fields import fields_of
from consent.web.desk.asking import (
    SELECTING,
    AskedWronglyError,
    choices,
    filled,
    selection,
    value,
)
from consent.web.desk.door import note
from consent.web.desk.shell import desk_page, language, policy_names, say, url
from consent.web.replies import lead_to
from consent.web.site import current_site

_STYLES = ("css/desk/record.css",)

#: Fields that tell where and by what something was decided, or what was done with the log.
_WHERE = ("layer", "control", "what", "ground", "reason")


def find() -> Response:
    """Show the forms, and a page of events: those that were asked for, or the newest ones."""
    try:
        wanted = selection(request.args, usual=DECISION)
        before, after = (_end(name) for name in ("before", "after"))
    except AskedWronglyError as problem:
        return _refused(str(problem))
    except Unreadable as problem:
        return _refused(_said(problem))
    fields = {name: request.args[name] for name in SELECTING if name in request.args}
    told = {name: text for name, text in request.args.items() if text and name in SELECTING}
    onward = (name for name in ("before", "after") if request.args.get(name))
    note("look-up", " ".join(["find", *(f"{name}={text}" for name, text in told.items()), *onward]))
    with current_site().store.snapshot() as now:
        found = page(now, wanted, before=before, after=after)
    return _page(
        found=found,
        rows=_rows(found.rows),
        older=None if found.older is None else _onward(fields, before=found.older),
        newer=None if found.newer is None else _onward(fields, after=found.newer),
        ends_up=after is not None,
        take_along=url("exports", **{"kind": DECISION, **fields}, format="csv"),
    )


def _end(name: str) -> int | None:
    """Return where a page begins. Raises Unreadable."""
    text = request.args.get(name, "")
    return given.id_of(text).int if text else None


def look_up() -> Response:
    """Find the event that somebody typed the receipt or the id of, or compare a receipt file."""
    request.max_content_length = MAX_FILE + 65_536
    try:
        file = request.files.get("file")
        body = file.read(MAX_FILE + 1) if file else b""
        if body:
            return _compare(*given.receipt_file(body))
        return _find_one(value(request.form, "receipt", "find.receipt"))
    except AskedWronglyError as problem:
        return _refused(str(problem))
    except Unreadable as problem:
        return _refused(_said(problem))
    except RequestEntityTooLarge:
        return _refused(_said(Unreadable("large")))


def _find_one(text: str) -> Response:
    try:
        id = given.id_of(text)
    except Unreadable:
        ids = current_site().store.ids(given.receipt(text))
        # The address that is led to tells whether it is there, and since when, also unopened.
        note("look-up", "receipt" if ids else "receipt, none found")
        if not ids:
            return _page(unfound=say()("find.receipt.none"))
        id = UUID(bytes=bytes(ids[-1]))
    return lead_to(url("record", id=str(id)))


def _compare(receipt: str | None, records: list[given.Kept]) -> Response:
    store = current_site().store
    with store.snapshot() as now:
        verdicts = compared(now, records)
    known = [verdict.named for verdict in verdicts if verdict.named]
    note("look-up", " ".join(["receipt file", *known[:20]]))
    return desk_page(
        "find_file",
        say()("record.file.title"),
        styles=_STYLES,
        receipt=receipt,
        verdicts=verdicts,
    )


def _page(**context: Any) -> Response:
    return desk_page("find", say()("find.title"), styles=_STYLES, **_forms(), **context)


def _refused(problem: str) -> Response:
    return _page(status=400, problem=problem)


def _said(problem: Unreadable) -> str:
    return say()("find.bad." + problem.key)


def _forms() -> dict[str, Any]:
    form = filled(request.args)
    return {
        **choices(),
        "filled": form if "kind" in request.args else {**form, "kind": DECISION},
        "is_narrowed": any(form.values()),
    }


def _rows(found: Sequence[Found]) -> list[dict[str, Any]]:
    events = [fields_of(row.body) for row in found]
    ids = {id for event in events for id in event.get("granted", ())}
    hashes = dict.fromkeys(event["notice"] for event in events if event.get("notice"))
    names = service_names(current_site().store, policy_names(), ids, hashes)
    return [_row(row, event, names) for row, event in zip(found, events, strict=True)]


def _row(row: Found, event: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    id = UUID(bytes=row.id)
    return {
        "id": str(id),
        "at": row.at,
        "kind": kind_name(say(), kind_of(event)),
        "granted": ", ".join(names.get(id, id) for id in event.get("granted", ())),
        "where": where(event),
        "language": language_name(event.get("language", ""), language()),
    }


def where(event: Mapping[str, Any]) -> str:
    """Return where and by what was decided, or what somebody did with the log."""
    words = [worded(say(), group, str(event[group])) for group in _WHERE if event.get(group)]
    return ", ".join(words)


def _onward(fields: Mapping[str, str], **end: int) -> str:
    return url("find", **fields, **{key: str(UUID(int=id)) for key, id in end.items()})
