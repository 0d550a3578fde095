"""
Events: the lines of the log.

An event is one JSON object in the canonical form of RFC 8785: keys sorted, no spaces, raw
UTF-8, the shortest escapes. It holds only texts, whole numbers, null, lists of texts and one
object of texts. These bytes are made once, here. They are stored, exported and checked as
they are and never made again, so that a reader never has to agree with us about JSON.

``format`` is ``consent-event/1``; whoever reads another value must not guess. A line says who
decided only by a receipt number, and a refusal has not even that: it cannot be linked to
anything. No address, browser, referrer or page is part of an event.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal, TypeVar
from uuid import UUID

import msgspec

from consent.canonical import canonical
from consent.day import END, told
from consent.errors import LogError
from consent.log.uuid7 import uuid7

FORMAT = "consent-event/1"

Kind = Literal["grant", "change", "refusal", "withdrawal", "once"]
Standing = Literal["granted", "refused", "partial", "undecided"]
Reason = Literal["first", "year", "rotation", "reopened"]
Access = Literal["invite", "revoke", "sign-in", "sign-out", "look-up", "export", "sample"]
Value = str | int | None | list[str] | dict[str, str]

#: What reading a line ends with that somebody altered; deeply nested brackets with the second one.
NO_EVENT = (ValueError, RecursionError)

_Read = TypeVar("_Read")

#: An escaped NUL, where databases and the readers of exports cut texts; unlike the text of a
#: backslash and "u0000" it has an odd number of backslashes.
_NUL = b"\\u0000"
_ODD_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log, and what of it the store sorts and looks up by."""

    id: UUID  #: version 7, so that ids sort by time
    recorded_at: int  #: milliseconds since 1970 UTC
    receipt: str | None  #: None for a refusal and for what is not a decision
    body: bytes  #: the canonical JSON, without a line end
    is_act: bool = False  #: whether somebody did this with the log: took along, looked up, erased


def read_by(decoder: msgspec.json.Decoder[_Read], body: bytes) -> _Read | None:
    """Return what *decoder* reads in a line; None: somebody altered it beyond that."""
    try:
        return decoder.decode(body)
    except NO_EVENT:
        return None


def decision(
    *,
    now_ns: int,
    site: str,
    notice: str,
    language: str,
    layer: str,
    control: str,
    kind: Kind,
    granted: Collection[str],
    refused: Collection[str],
    undecided: Collection[str],
    purposes: Mapping[str, Standing],
    receipt: str | None,
    previous: UUID | None,
    valid_until: str | None,
    software: str,
) -> Event:
    """
    Record what a visitor decided.

    *now_ns* is nanoseconds since 1970 UTC, *notice* the hash of what was shown, *previous* the
    event of the same receipt that this one follows, *valid_until* an ISO date. Raises LogError
    for a refusal that could be linked to something, and for text that JSON cannot carry.
    """
    if kind == "refusal" and (receipt is not None or previous is not None):
        raise LogError("a refusal with a receipt or an earlier event, wanted one without both")
    if not all(purpose.isascii() for purpose in purposes):
        # RFC 8785 sorts keys by UTF-16 units; for ASCII that is every other order too.
        raise LogError("the id of a purpose has letters outside ASCII")
    fields: dict[str, Value] = {
        "control": control,
        "event": "decision",
        "granted": sorted(granted),
        "kind": kind,
        "language": language,
        "layer": layer,
        "notice": notice,
        "previous": None if previous is None else str(previous),
        "purposes": dict(purposes),
        "receipt": receipt,
        "refused": sorted(refused),
        "undecided": sorted(undecided),
        "valid_until": valid_until,
    }
    return _event(fields, now_ns, site, software, receipt)


def export(
    *,
    now_ns: int,
    site: str,
    by: str,
    format: str,
    since: date | None,
    until: date | None,
    rows: int,
    software: str,
    only: Mapping[str, str] | None = None,
) -> Event:
    """
    Record that *by* takes *rows* events along; days are whole days UTC, None means open.

    *only* is what else was asked for: ``kind``, ``notice``, ``language``, ``service``, ``answer``.
    """
    fields: dict[str, Value] = {
        "as": format,
        "by": by,
        "event": "export",
        "rows": rows,
        "since": None if since is None else since.isoformat(),
        "until": None if until is None else until.isoformat(),
    }
    if only:
        fields["filter"] = dict(only)
    return _event(fields, now_ns, site, software, receipt=None)


def access(*, now_ns: int, site: str, by: str, what: Access, about: str, software: str) -> Event:
    """
    Record that *by* did *what* at the auditor's desk.

    *about* says what of: a period, places; it holds no receipt, and no id that may have to go.
    """
    fields: dict[str, Value] = {"about": about, "by": by, "event": "access", "what": what}
    return _event(fields, now_ns, site, software, receipt=None)


def log(
    *,
    now_ns: int,
    site: str,
    origin: str,
    key: str,
    reason: Reason,
    previous: str | None,
    gap: str | None,
    software: str,
) -> Event:
    """
    Record that a log begins; its own leaf 0.

    *key* is what verifies it, as a vkey, *previous* the last checkpoint of the log before it
    (None: there is none), *gap* the newest checkpoint that is known to have been published and
    that the database does not reach (None: everything is there).
    """
    fields: dict[str, Value] = {
        "event": "log",
        "gap": gap,
        "key": key,
        "origin": origin,
        "previous": previous,
        "reason": reason,
    }
    return _event(fields, now_ns, site, software, receipt=None)


def key(*, now_ns: int, site: str, key: str, by: str, software: str) -> Event:
    """Record that *by* changes the key; the next log is verified by *key*, a vkey."""
    fields: dict[str, Value] = {"by": by, "event": "key", "key": key}
    return _event(fields, now_ns, site, software, receipt=None)


def erasure(
    *,
    now_ns: int,
    site: str,
    origin: str,
    indexes: str,
    rows: int,
    ground: str,
    by: str,
    software: str,
) -> Event:
    """
    Record that *by* erased *rows* events of the log *origin*, and on what *ground*.

    *indexes* names their leaves, as numbers and ranges: ``4 9-12``.
    """
    fields: dict[str, Value] = {
        "by": by,
        "event": "erasure",
        "ground": ground,
        "indexes": indexes,
        "log": origin,
        "rows": rows,
    }
    return _event(fields, now_ns, site, software, receipt=None)


def timestamp(ms: int) -> str:
    """Return *ms*, milliseconds since 1970 UTC, as RFC 3339 with milliseconds."""
    seconds, rest = divmod(told(ms), 1000)
    return f"{datetime.fromtimestamp(seconds, UTC).isoformat()[:19]}.{rest:03d}Z"


def _event(
    fields: dict[str, Value], now_ns: int, site: str, software: str, receipt: str | None
) -> Event:
    recorded_at = now_ns // 1_000_000
    if not 0 <= recorded_at < END:
        raise LogError("the clock of this machine is not between the years 1970 and 9999")
    id = uuid7(now_ns)
    fields["format"] = FORMAT
    fields["id"] = str(id)
    fields["recorded_at"] = timestamp(recorded_at)
    fields["site"] = site
    fields["software"] = software
    return Event(id, recorded_at, receipt, spelled(fields), is_act="by" in fields)


def spelled(fields: Mapping[str, Value]) -> bytes:
    """
    Return *fields*, with keys in ASCII, as RFC 8785 writes them.

    Raises LogError for NUL and for half of a surrogate pair, which is not Unicode text.
    """
    try:
        body = canonical(fields)
    except UnicodeEncodeError:
        raise LogError("a text of the event is not Unicode: half of a surrogate pair") from None
    if _NUL in body and _ODD_NUL.search(body):
        raise LogError("a text of the event has a NUL character")
    return body
