"""
Exports: what an auditor takes along.

First a page says how many events it will be; the button on it begins the download. Most formats
are sent while they are read; what can only be written at the end lies in a file first. So an
export takes no more memory the larger it is, and the state of the database that it reads is let
go of when it ends or when nobody takes it any more.
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict

from consent.audit.amount import amount
from consent.log import bundle
from consent.log.export import file
from consent.log.export.formats import FORMATS, Source, format_of
from consent.log.export.selection import Selection
from consent.log.export.writer import ExtraMissingError, command
from consent.version import SOFTWARE
from consent.web.desk.asking import (
    SELECTING,
    AskedWronglyError,
    choices,
    filled,
    selection,
    shown,
    value,
)
from consent.web.desk.door import auditor, note
from consent.web.desk.shell import desk_page, language, say
from consent.web.site import current_site

BUNDLE = "bundle"
NAMES = (BUNDLE, *FORMATS)

#: Downloads at once in this process. Each holds a connection to the database and a thread, and
#: visitors need both.
SLOTS = 2

#: Rows per second of what lies in a file first, as a slow machine writes them.
PACE = {"xlsx": 6_000, BUNDLE: 60_000}

#: Bytes that are read and sent at once.
PIECE = 1 << 16

_slots = threading.BoundedSemaphore(SLOTS)


@dataclass(frozen=True, slots=True)
class _Wanted:
    format: str
    selection: Selection


def add(routes: Blueprint) -> None:
    """Add the form, and where its button leads."""
    routes.add_url_rule("/exports", "exports", page)
    routes.add_url_rule("/exports/file", "exports_file", download, methods=["POST"])


def page() -> Response:
    """Show the form, and how much it would be."""
    title, site = say()("exports.title"), current_site()
    about: dict[str, Any] = {
        **choices(),
        "filled": filled(request.args, ("format", *SELECTING)),
        "selecting": SELECTING,
        "told_language": request.args.get("lang") and language(),
        "formats": NAMES,
        "wanted": None,
    }
    if "format" not in request.args:
        return desk_page("exports", title, **about)
    try:
        wanted = _read(request.args)
    except AskedWronglyError as error:
        return desk_page("exports", title, status=400, problem=str(error), **about)
    note("look-up", _about(wanted))
    decisions = wanted.format != BUNDLE and format_of(wanted.format).decisions_only
    much = amount(site.store, wanted.selection, decisions=decisions)
    seconds = much.rows // PACE[wanted.format] + 1 if wanted.format in PACE else None
    found = {"wanted": wanted, "amount": much, "seconds": seconds}
    return desk_page("exports", title, **{**about, **found})


def download() -> Response:
    """Hand out what is wanted; that it is taken along is recorded before its first byte."""
    try:
        wanted = _read(request.form)
    except AskedWronglyError as error:
        return desk_page("message", say()("frame.error.title"), status=400, message=str(error))
    if not _slots.acquire(blocking=False):
        text = say()("exports.busy", number=SLOTS)
        busy = desk_page("message", say()("frame.error.title"), status=503, message=text)
        busy.headers["Retry-After"] = "60"
        return busy
    with ExitStack() as held:
        held.callback(_slots.release)
        begin = _file if wanted.format in PACE else _stream
        answer = begin(wanted, held)
        # Called when all is sent, and when whoever asked has gone.
        answer.call_on_close(held.pop_all().close)
    current_site().recorded()
    answer.headers.set("Content-Disposition", "attachment", filename=_name(wanted))
    return answer


def _stream(wanted: _Wanted, held: ExitStack) -> Response:
    """Return what is written while it is read."""
    store, asked = current_site().store, _asked(wanted)
    pipe = file.Pipe()
    now = held.enter_context(file.opened(store, asked))
    writer = file.begun(store, asked, pipe.file)
    held.callback(writer.drop)
    rows = now.count()
    length = now.length() + rows if wanted.format == "jsonl" else None
    file.record(store, asked, rows)
    pieces = file.stream(now.events(), writer, pipe)
    answer = Response(pieces, mimetype=format_of(wanted.format).media_type)
    if length is not None:
        answer.content_length = length
    return answer


def _file(wanted: _Wanted, held: ExitStack) -> Response:
    """Return what is written to a file first, which is gone afterwards."""
    path = Path(held.enter_context(TemporaryDirectory(prefix="consent-export-"))) / _name(wanted)
    if wanted.format == BUNDLE:
        period = wanted.selection
        name, at = auditor().name, time.time_ns()
        taken = bundle.Request(name, SOFTWARE, at, period.since, period.until)
        bundle.to_file(current_site().sealer, path, taken)
        media_type = "application/zip"
    else:
        file.to_file(current_site().store, path, _asked(wanted))
        media_type = format_of(wanted.format).media_type
    answer = Response(_pieces(held.enter_context(path.open("rb"))), mimetype=media_type)
    answer.content_length = path.stat().st_size
    return answer


def _pieces(source: io.BufferedReader) -> Iterator[bytes]:
    while piece := source.read(PIECE):
        yield piece


def _read(fields: MultiDict[str, str]) -> _Wanted:
    name = value(fields, "format", "exports")
    if name not in NAMES:
        raise AskedWronglyError(say()("exports.problem.format", found=shown(name)))
    chosen = selection(fields)
    if name == BUNDLE:
        if not chosen.is_period:
            raise AskedWronglyError(say()("exports.problem.bundle"))
        return _Wanted(name, chosen)
    try:
        source = Source(current_site().store.document, _address())
        format_of(name).begin(io.BytesIO(), source).drop()
    except ExtraMissingError as error:
        text = say()("exports.problem.extra", command=command(error.extra))
        raise AskedWronglyError(text) from None
    return _Wanted(name, chosen)


def _asked(wanted: _Wanted) -> file.Request:
    name = "jsonl" if wanted.format == BUNDLE else wanted.format
    at = time.time_ns()
    return file.Request(name, auditor().name, SOFTWARE, at, _address(), wanted.selection)


def _address() -> str:
    config = current_site().config
    return f"https://{config.policy.site}{config.prefix}"


def _name(wanted: _Wanted) -> str:
    """Return what the file is called: site and days."""
    ending = ".zip" if wanted.format == BUNDLE else format_of(wanted.format).ending
    days = [str(day) for day in (wanted.selection.since, wanted.selection.until) if day]
    return "-".join(["consent", current_site().config.policy.site, *days]) + ending


def _about(wanted: _Wanted) -> str:
    """Return what is looked at, for the record."""
    period = f"{wanted.selection.since or ''}..{wanted.selection.until or ''}"
    only = " ".join(f"{name}={value}" for name, value in wanted.selection.told().items())
    return " ".join(filter(None, [f"exports {wanted.format}", period, only]))
