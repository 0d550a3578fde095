"""An export as a file, complete or absent, or as a stream for whoever takes it."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from consent.errors import LogError
from consent.log import event
from consent.log.database.stream import sparing
from consent.log.export.formats import Source, format_of
from consent.log.export.selection import EVERYTHING, Selection
from consent.log.export.writer import Writer
from consent.log.files import completed, real
from consent.log.snapshot import Snapshot
from consent.log.store import Store

#: How many rows are written at once, and how often is told how far it is.
STEP = 250

#: Bytes that are gathered before they are sent.
PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Request:
    """What is taken along, by whom, when."""

    format: str
    by: str
    software: str
    now_ns: int
    address: str  #: of the site's own routes, such as https://example.org/consent
    selection: Selection = EVERYTHING


def to_file(
    store: Store,
    path: Path,
    asked: Request,
    progress: Callable[[int, int], None] | None = None,
    unreadable: Callable[[int], None] | None = None,
) -> int:
    """
    Write the events that are asked for to *path*; return how many.

    First it is recorded that they are taken along. What is written is what was there before, and
    *path* appears when it is complete. *progress* is told how many rows are done, and of how many.
    *unreadable* is told how many were marked as such, if any. Raises LogError if it cannot be
    written.
    """
    with export_file(path) as target, opened(store, asked) as now:
        writer = begun(store, asked, target)
        with abandoned_on_error(writer):
            rows = now.count()
            record(store, asked, rows)
            for done in pour(now.events(), writer):
                if progress:
                    progress(done, rows)
    if unreadable and writer.unreadable:
        unreadable(writer.unreadable)
    return rows


@contextmanager
def opened(store: Store, asked: Request) -> Iterator[Snapshot]:
    """Open the events that are asked for, as they are just now."""
    only = asked.selection.condition(format_of(asked.format).decisions_only)
    with store.snapshot(*asked.selection.period, only) as now, sparing(now.connection):
        yield now


def begun(store: Store, asked: Request, target: BinaryIO) -> Writer:
    """Return what writes the format that is asked for. Raises LogError if it is not installed."""
    return format_of(asked.format).begin(target, Source(store.document, asked.address))


def record(store: Store, asked: Request, rows: int) -> None:
    """Record that *rows* events are taken along; nothing may leave before."""
    store.append(
        event.export(
            now_ns=asked.now_ns,
            site=store.site,
            by=asked.by,
            format=asked.format,
            since=asked.selection.since,
            until=asked.selection.until,
            rows=rows,
            software=asked.software,
            only=asked.selection.told(),
        )
    )


def pour(events: Iterable[bytes], writer: Writer) -> Iterator[int]:
    """Write *events* to the end; give how many are written, again and again."""
    rows, source = 0, iter(events)
    while chunk := list(islice(source, STEP)):
        writer.add(chunk)
        rows += len(chunk)
        yield rows
    writer.close()


def stream(events: Iterable[bytes], writer: Writer, pipe: Pipe) -> Iterator[bytes]:
    """Give the bytes that *writer*, which writes to *pipe*, makes of *events*."""
    with abandoned_on_error(writer):
        for _ in pour(events, writer):
            if pipe.waiting >= PIECE:
                yield pipe.take()
        yield pipe.take()


@contextmanager
def abandoned_on_error(writer: Writer) -> Iterator[None]:
    """Let *writer* leave nothing behind where the block does not come to its end."""
    try:
        yield
    except BaseException:
        writer.drop()
        raise


class Pipe(io.RawIOBase):
    """A file that somebody takes what was written from, so that it never grows."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._sent = 0
        self.waiting = 0  #: bytes

    @property
    def file(self) -> BinaryIO:
        """The same, as writers call it."""
        return cast(BinaryIO, self)

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._sent + self.waiting

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._parts.append(bytes(data))
        self.waiting += len(self._parts[-1])
        return len(self._parts[-1])

    def take(self) -> bytes:
        """Return all that waits."""
        text = b"".join(self._parts)
        self._parts, self._sent, self.waiting = [], self.tell(), 0
        return text


@contextmanager
def export_file(path: Path, mode: int = 0o600) -> Iterator[BinaryIO]:
    """
    Give a file that gets the name *path* when the block ends without an error.

    It belongs to whoever exports, and a link is followed: the one who named it is the operator.
    *mode*: who may read it, less what the process never gives; the owner alone, as receipts may be
    in it. Raises LogError if it cannot be written.
    """
    try:
        path = real(path)
        if path.exists() and not path.is_file():
            raise LogError(f"{path}: is no plain file, so nothing can take its place")
        part = path.with_name(path.name + ".part")
        # Never into the file of another export.
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise LogError(
            f"{part}: exists already, so another command is writing this file\n"
            "    hint: remove it if that one was cut off"
        ) from None
    except OSError as error:
        raise LogError(f"{path}: cannot be written: {error.strerror}") from error
    try:
        with completed(part, descriptor, path) as target:
            yield target
    except OSError as error:
        raise LogError(f"{path}: cannot be written: {error.strerror}") from error
