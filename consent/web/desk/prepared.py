"""The pages of a file that is put together: how far it is, and to take it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from io import BufferedReader
from pathlib import Path

from flask import Response
from werkzeug.exceptions import NotFound

from consent.day import now_ms
from consent.errors import LogError
from consent.web.desk.door import auditor, note
from consent.web.desk.preparing import KEPT_MS, Make, Prepared
from consent.web.desk.shell import desk_page, say, url
from consent.web.replies import lead_to
from consent.web.site import current_site

#: Downloads, and files in the making, at once in this process. Each holds a connection to the
#: database or a thread, and visitors need both.
SLOTS = 2

#: Seconds for which somebody waits for a file before a page says how far it is.
PATIENCE = 3.0

#: Bytes that are read and sent at once.
PIECE = 1 << 16

_slots = threading.BoundedSemaphore(SLOTS)


def slot(held: ExitStack) -> bool:
    """Take a slot until *held* is closed; return whether one is free."""
    if _slots.acquire(blocking=False):
        held.callback(_slots.release)
        return True
    return False


def busy() -> Response:
    """Return what is answered where no slot is free."""
    text = say()("exports.busy", number=SLOTS)
    answer = desk_page("message", say()("frame.error.title"), status=503, message=text)
    answer.headers["Retry-After"] = "60"
    return answer


def prepare(name: str, media_type: str, make: Make, held: ExitStack) -> Response:
    """
    Let *make* write a file called *name*; what is *held* is let go of when it is there.

    It is handed out if that takes no time, else the answer leads to where it will be. Raises
    LogError if there is no place for it.
    """
    site, until_made = current_site(), held.pop_all()

    def made(path: Path, tell: Callable[[int, int], None]) -> None:
        with until_made:
            try:
                make(path, tell)
            except Exception:
                site.app.logger.exception("consent: an export for the auditor's desk failed")
                raise
            finally:
                site.recorded()

    try:
        id, work = site.workshop.begin(auditor().name, name, media_type, made)
    except LogError:
        until_made.close()
        raise
    work.join(PATIENCE)
    answer = _handed(_find(id))
    if answer is None:
        return lead_to(url("prepared", id=id))
    # Nobody knows of it, and nobody needs it any more.
    site.workshop.drop(id)
    return answer


def prepared(id: str) -> Response:
    """Show how far a file is."""
    found = _find(id)
    return desk_page(
        "prepared",
        say()("prepared.title"),
        prepared=found,
        state=found.state(now_ms()),
        until=found.seen_at + KEPT_MS,
    )


def take(id: str) -> Response:
    """Hand out a file that is ready."""
    found = _find(id)
    if found.size is None:
        return lead_to(url("prepared", id=id))
    note("export", f"file {found.name}")
    return _handed(found) or busy()


def _find(id: str) -> Prepared:
    found = current_site().workshop.find(id, auditor().name)
    if found is None:
        raise NotFound
    return found


def _handed(found: Prepared) -> Response | None:
    """Return the file, None if it is not ready or no slot is free. Raises NotFound: it is gone."""
    with ExitStack() as held:
        if found.size is None or not slot(held):
            return None
        try:
            source = held.enter_context(current_site().workshop.path(found).open("rb"))
        except FileNotFoundError:  # what keeps temporary folders clean was quicker
            raise NotFound from None
        answer = Response(_pieces(source), mimetype=found.media_type)
        # Called when all is sent, and when whoever asked has gone.
        answer.call_on_close(held.pop_all().close)
    answer.content_length = found.size
    answer.headers.set("Content-Disposition", "attachment", filename=found.name)
    return answer


def _pieces(source: BufferedReader) -> Iterator[bytes]:
    while piece := source.read(PIECE):
        yield piece
