"""Samples: the auditor names a nonce and a number, and the log says which events these are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from flask import Response, current_app, request

from consent.audit import sample
from consent.audit.sample import LONGEST, MOST, State, StateError
from consent.log.snapshot import Snapshot
from consent.web.desk.asking import AskedWronglyError, shown, value
from consent.web.desk.door import note
from consent.web.desk.shell import DESK, desk_page, say
from consent.web.site import current_site

STYLE = "css/desk/sample.css"

#: How many are drawn if nothing else is said.
USUAL = 25

_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Asked:
    nonce: str
    number: int
    states: list[State]
    at: str  #: how the states are found again


def page() -> Response:
    """Show the form, and what was drawn."""
    title = say()("sample.title")
    filled = {name: request.args.get(name, "")[:1000] for name in ("nonce", "number", "at")}
    filled["number"] = filled["number"] or str(USUAL)
    about: dict[str, Any] = {
        "styles": (STYLE,),
        "filled": filled,
        "most": MOST,
        "drawn": None,
        "has_record": f"{DESK}.record" in current_app.view_functions,
    }
    if "nonce" not in request.args:
        return desk_page("sample", title, **about)
    try:
        with current_site().store.snapshot() as now:
            asked = _read(now)
            _note(asked)
            drawn = list(sample.look(now, sample.draw(asked.states, asked.nonce, asked.number)))
    except AskedWronglyError as error:
        return desk_page("sample", title, status=400, problem=str(error), **about)
    return desk_page("sample", title, **{**about, "drawn": drawn, "asked": asked})


def file() -> Response:
    """Hand out what was drawn, with proofs, as JSON Lines."""
    with current_site().store.snapshot() as now:
        try:
            asked = _read(now)
        except AskedWronglyError as error:
            title = say()("frame.error.title")
            return desk_page("message", title, status=400, message=str(error))
        _note(asked)
        # Before the answer begins: what is refused then is a page, and no file that ends early.
        lines = list(_lines(now, asked))
    answer = Response(lines, mimetype="application/x-ndjson")
    answer.headers.set("Content-Disposition", "attachment", filename="consent-sample.jsonl")
    return answer


def _lines(now: Snapshot, asked: _Asked) -> Iterator[bytes]:
    head = {
        "format": sample.FORMAT,
        "nonce": asked.nonce,
        "number": asked.number,
        "logs": [
            {"origin": state.origin, "size": state.size, "root": state.root_text}
            for state in asked.states
        ],
    }
    yield msgspec.json.encode(head) + b"\n"
    for drawn in sample.look(now, sample.draw(asked.states, asked.nonce, asked.number)):
        yield drawn.line() + b"\n"


def _read(now: Snapshot) -> _Asked:
    nonce, number, at = (value(request.args, name, "sample") for name in ("nonce", "number", "at"))
    if not 0 < len(nonce) <= LONGEST or not nonce.isprintable():
        raise AskedWronglyError(say()("sample.problem.nonce", most=LONGEST))
    if not _NUMBER.fullmatch(number or str(USUAL)) or not 0 < int(number or USUAL) <= MOST:
        raise AskedWronglyError(say()("sample.problem.number", most=MOST, found=shown(number)))
    at = at.replace("\r\n", "\n")
    try:
        states = sample.states(now, at or None)
    except StateError:
        raise AskedWronglyError(say()("sample.problem.at", found=shown(at))) from None
    if not states:
        raise AskedWronglyError(say()("sample.problem.empty"))
    return _Asked(nonce, int(number or USUAL), states, sample.spelled(now.site, states))


def _note(asked: _Asked) -> None:
    """Record who draws what, before anything of it is shown."""
    note("sample", f"{asked.number} {asked.nonce} {asked.at}")
