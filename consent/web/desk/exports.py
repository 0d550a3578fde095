"""
Exports: what an auditor takes along.

First a page says how many events it will be; the button on it begins the download. Most formats
are sent while they are read; what can only be written at the end is made in the background
(:mod:`consent.web.desk.preparing`), so that no server loses its patience. So an export takes no
more memory the larger it is, and the state of the database that it reads is let go of when it
ends or when nobody takes it any more.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Response, request
from werkzeug.datastructures import MultiDict

from consent.audit.amount import amount
from consent.errors import LogError
from consent.log import bundle, keys
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
from consent.web.desk.prepared import busy, prepare, slot
from consent.web.desk.shell import desk_page, say
from consent.web.site import current_site

BUNDLE = "bundle"

#: How the operator makes one who alone has the key.
BY_COMMAND = "flask consent export --format bundle --out export.zip"

NAMES = (BUNDLE, *FORMATS)

#: What can only be sent when it is whole.
FIRST = (BUNDLE, *(name for name, format in FORMATS.items() if not format.grows))


@dataclass(frozen=True, slots=True)
class _Wanted:
    format: str
    selection: Selection


def page() -> Response:
    """Show the form, and how much it would be."""
    title, site = say()("exports.title"), current_site()
    about: dict[str, Any] = {
        **choices(),
        "filled": filled(request.args, ("format", *SELECTING)),
        "selecting": SELECTING,
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
    found = {"wanted": wanted, "amount": much, "is_made_first": wanted.format in FIRST}
    return desk_page("exports", title, **{**about, **found})


def download() -> Response:
    """Hand out what is wanted; that it is taken along is recorded before its first byte."""
    try:
        wanted = _read(request.form)
    except AskedWronglyError as error:
        return desk_page("message", say()("frame.error.title"), status=400, message=str(error))
    with ExitStack() as held:
        if not slot(held):
            return busy()
        if wanted.format in FIRST:
            return _prepare(wanted, held)
        answer = _stream(wanted, held)
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
    # The bytes of any other format are not known before.
    rows, length = now.extent() if wanted.format == "jsonl" else (now.count(), None)
    file.record(store, asked, rows)
    pieces = file.stream(now.events(), writer, pipe)
    answer = Response(pieces, mimetype=format_of(wanted.format).media_type)
    if length is not None:
        answer.content_length = length
    return answer


def _prepare(wanted: _Wanted, held: ExitStack) -> Response:
    """Let the file be made, in the background unless that takes no time."""
    site, asked = current_site(), _asked(wanted)

    def make(path: Path, tell: Callable[[int, int], None]) -> None:
        if wanted.format == BUNDLE:
            leaves = sum(log.size for log in site.store.logs())
            period = (wanted.selection.since, wanted.selection.until)
            taken = bundle.Request(asked.by, SOFTWARE, asked.now_ns, *period)
            bundle.to_file(site.sealer, path, taken, lambda done: tell(done, leaves))
        else:
            file.to_file(site.store, path, asked, tell)

    is_zip = wanted.format == BUNDLE
    media_type = "application/zip" if is_zip else format_of(wanted.format).media_type
    return prepare(_name(wanted), media_type, make, held)


def _read(fields: MultiDict[str, str]) -> _Wanted:
    name = value(fields, "format", "exports")
    if name not in NAMES:
        raise AskedWronglyError(say()("exports.problem.format", found=shown(name)))
    chosen = selection(fields)
    if name == BUNDLE:
        if not chosen.is_period:
            raise AskedWronglyError(say()("exports.problem.bundle"))
        if not _can_sign():
            raise AskedWronglyError(say()("exports.problem.key", command=BY_COMMAND))
        return _Wanted(name, chosen)
    try:
        source = Source(current_site().store.document, _address())
        format_of(name).begin(io.BytesIO(), source).drop()
    except ExtraMissingError as error:
        text = say()("exports.problem.extra", command=command(error.extra))
        raise AskedWronglyError(text) from None
    return _Wanted(name, chosen)


def _can_sign() -> bool:
    """Tell whether this server has the key that signs a bundle, as where it seals itself."""
    config = current_site().config
    try:
        return config.seals_itself or keys.load(config.log_key) is not None
    except LogError:
        return False


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
