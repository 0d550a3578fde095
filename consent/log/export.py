"""
Exports: the log in a file that others can read.

JSON Lines is the evidence: the bytes of each event as they were stored, each followed by one
line feed. Split it at line feeds only, as a text may hold other characters that some readers
take for the end of a line.

CSV is a view for reading and counting: RFC 4180 in UTF-8, one row for each event, lists joined
by a space, purposes as ``statistics=granted media=refused``. What an event has beyond these
columns stands in ``details`` as JSON. A cell that a spreadsheet would take for a formula gets an
apostrophe in front. For Excel in German there are semicolons, a byte order mark, and times
without letters, which are still UTC.

Taking events along is an event itself: who, when, what range, how many.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from consent.errors import LogError
from consent.log import event
from consent.log.store import Store

Format = Literal["jsonl", "csv"]
Progress = Callable[[int], None]

COLUMNS = (
    *("recorded_at", "event", "kind", "control", "layer", "language"),
    *("granted", "refused", "undecided", "purposes", "valid_until"),
    *("receipt", "previous", "notice", "site", "id", "software", "details"),
)

#: How many rows are written at once, and how often *progress* is told.
STEP = 250

#: How a cell begins that is calculated (OWASP, CSV injection). Some spreadsheets take the wide
#: forms as well.
_FORMULA = frozenset("=+-@\t\r\n\0＝＋－＠")

#: Such a cell among cells that have a NUL in front and no other.
_ANY_FORMULA = re.compile(f"\0[{re.escape(''.join(_FORMULA - {chr(0)}))}]")

_BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
_DAY_MS = 86_400_000


class _Line(msgspec.Struct):
    """What stands in the columns, with what is there for an event that has no such field."""

    recorded_at: str
    event: str
    site: str
    id: str
    software: str
    format: Literal["consent-event/1"]
    kind: str = ""
    control: str = ""
    layer: str = ""
    language: str = ""
    granted: list[str] = []
    refused: list[str] = []
    undecided: list[str] = []
    purposes: dict[str, str] = {}
    valid_until: str | None = None
    receipt: str | None = None
    previous: str | None = None
    notice: str = ""


_line = msgspec.json.Decoder(_Line)


def to_file(
    store: Store,
    path: Path,
    format: Format,
    *,
    excel: bool = False,
    since: date | None = None,
    until: date | None = None,
    by: str,
    software: str,
    now_ns: int,
    progress: Progress | None = None,
) -> int:
    """
    Write the events of whole days UTC, both included, to *path*; return how many.

    First it is recorded that *by* takes them along. What is written is what was there before,
    and *path* appears when it is complete. Raises LogError if it cannot be written.
    """
    first, end = milliseconds(since, until)
    with complete_or_absent(path) as target, store.snapshot(first, end) as snapshot:
        taking = event.export(
            now_ns=now_ns,
            site=store.site,
            by=by,
            format="csv-excel" if excel else format,
            since=since,
            until=until,
            rows=snapshot.count(),
            software=software,
        )
        store.append(taking)
        return write(snapshot.events(), target, format, excel, progress)


def write(
    events: Iterable[bytes],
    target: BinaryIO,
    format: Format,
    excel: bool = False,
    progress: Progress | None = None,
) -> int:
    """
    Write *events* to *target* and return how many; *progress* is told how many there are so far.

    *excel* is a kind of CSV. Raises LogError for an event that is none, where a view needs it.
    """
    if excel and format != "csv":
        raise LogError(f"Excel is asked to read {format}, wanted csv")
    table = _Table(excel)
    if format == "csv":
        target.write(table.head())
    encode = table.rows if format == "csv" else _lines
    rows, source = 0, iter(events)
    while chunk := list(islice(source, STEP)):
        target.write(encode(chunk))
        rows += len(chunk)
        if progress:
            progress(rows)
    return rows


def _lines(events: list[bytes]) -> bytes:
    return b"\n".join(events) + b"\n"


class _Table:
    """Events as rows of CSV."""

    def __init__(self, excel: bool) -> None:
        self._excel = excel
        self._delimiter = ";" if excel else ","

    def head(self) -> bytes:
        return ((_BYTE_ORDER_MARK if self._excel else "") + self._text(COLUMNS)).encode()

    def rows(self, events: list[bytes]) -> bytes:
        return "".join([self._text(self._row(body)) for body in events]).encode()

    def _text(self, cells: Sequence[str]) -> str:
        # Nearly every row can be joined as it is, in a third of the time of csv.writer.
        joined = "\0".join(cells)
        if (
            joined.count("\0") >= len(cells)
            or any(mark in joined for mark in (self._delimiter, '"', "\r", "\n"))
            or _ANY_FORMULA.search("\0" + joined)
        ):
            return self._quoted(cells)
        return joined.replace("\0", self._delimiter) + "\r\n"

    def _quoted(self, cells: Sequence[str]) -> str:
        text = io.StringIO(newline="")
        safe = ["'" + cell if cell[:1] in _FORMULA else cell for cell in cells]
        csv.writer(text, delimiter=self._delimiter).writerow(safe)
        return text.getvalue()

    def _row(self, body: bytes) -> tuple[str, ...]:
        try:
            line = _line.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise LogError(f"an event of the log is not {event.FORMAT}: {error}") from None
        at = line.recorded_at
        return (
            f"{at[:10]} {at[11:19]}" if self._excel else at,
            line.event,
            line.kind,
            line.control,
            line.layer,
            line.language,
            " ".join(line.granted),
            " ".join(line.refused),
            " ".join(line.undecided),
            " ".join([f"{purpose}={state}" for purpose, state in line.purposes.items()]),
            line.valid_until or "",
            line.receipt or "",
            line.previous or "",
            line.notice,
            line.site,
            line.id,
            line.software,
            "" if line.event == "decision" else _details(body),
        )


def _details(body: bytes) -> str:
    fields = msgspec.json.decode(body)
    rest = {name: fields[name] for name in fields if name not in _Line.__struct_fields__}
    return event.spelled(rest).decode()


def milliseconds(since: date | None, until: date | None) -> tuple[int | None, int | None]:
    """Return where the days from *since* to *until* begin and end, in ms since 1970 UTC."""
    first = None if since is None else max(_midnight(since), 0)
    end = None if until is None else max(_midnight(until) + _DAY_MS, 0)
    return first, end


def _midnight(day: date) -> int:
    return (day - date(1970, 1, 1)).days * _DAY_MS


@contextmanager
def complete_or_absent(path: Path) -> Iterator[BinaryIO]:
    """Give a file that gets the name *path* when the block ends without an error."""
    part = path.with_name(path.name + ".part")
    try:
        # For the owner alone, as receipts are in it; and never into the file of another export.
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise LogError(
            f"{part}: exists already, so another export is being written\n"
            "    hint: remove it if that one was cut off"
        ) from None
    except OSError as error:
        raise LogError(f"{part}: cannot be written: {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "wb") as target:
            yield target
            target.flush()
            os.fsync(descriptor)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise LogError(f"{path}: cannot be written: {error.strerror}") from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise
