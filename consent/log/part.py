"""
Parts: an export that goes on where an earlier one ended, or ends before the newest leaf.

A part begins and ends at checkpoints, so each leaf is in exactly one of the parts that follow one
another, whatever any clock said, and the proof that the log continues the earlier checkpoint is
the proof that two parts join. So a log that is too large for one go is taken along in several.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from consent.day import date_of, number
from consent.errors import LogError, LogUnavailable, noun
from consent.log.merkle.checkpoint import Checkpoint, claimed, open_checkpoint
from consent.log.merkle.logs import LogInfo
from consent.log.merkle.note import parse_vkey
from consent.log.snapshot import Snapshot
from consent.log.span import Period, beside, held, quiet, span
from consent.log.stamp import Stamp, Stamps

#: What to do about a checkpoint that the database does not reach.
_MISSED = (
    "    hint: bring back the newest database; if the checkpoint is of what was lost, which"
    " flask consent log reopen admits, export without it, and tell whoever keeps it"
)

#: What reading a zip ends with that was damaged on its way, or locked with a password.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Part:
    """From after the checkpoint *start*, a note, to the last one of the day *end*; None: open."""

    start: str | None = None
    end: date | None = None

    @property
    def begin(self) -> Checkpoint | None:
        """What *start* says; None: the part begins with the log."""
        return None if self.start is None else claimed(self.start)

    @property
    def is_whole(self) -> bool:
        """Whether nothing comes before or after it."""
        return self == WHOLE

    def chosen(self, now: Snapshot, period: Period) -> list[tuple[LogInfo, range]]:
        """
        Return the logs that are taken along, oldest first and each as it was at the end.

        With them the leaves that are given besides leaf 0. For a *period* without events these show
        that it has none, as those of a log do that has none between two that have some, or beside
        them. Raises LogError for an end that comes before the start.
        """
        found = list(self._of(now, period))
        return beside(now, now.logs(), found, period) if self.is_whole else found

    def _of(self, now: Snapshot, period: Period) -> Iterator[tuple[LogInfo, range]]:
        begin, started, is_quiet = self.begin, self.start is None, self.is_whole
        is_any, between = False, list[LogInfo]()
        for each in now.logs():
            log = each if self.end is None else _on(now, each, self.end)
            if begin and begin.origin == each.origin:
                if log is None or log.size < begin.size:
                    raise LogError(f"{each.origin} ended before leaf {begin.size} on {self.end}")
                started = is_any = True
                yield log, range(begin.size, log.size)
            elif started and log:
                leaves = span(now, log.origin, log.size, period)
                if leaves is None:
                    between += [log] * is_any
                else:
                    for one in between:
                        yield quiet(now, [one], period)
                    is_any, is_quiet, between = True, False, []
                    yield log, leaves
            if started and (log is None or log.size < each.size):
                break  # what follows was sealed later, whatever its clock says
        if is_quiet:
            yield quiet(now, now.logs(), period)

    def told(self) -> dict[str, object]:
        """Return what the manifest says about it."""
        begin = self.begin
        return {
            "from": begin and {"origin": begin.origin, "size": begin.size},
            "sealed_until": self.end and self.end.isoformat(),
        }


WHOLE = Part()


def _on(now: Snapshot, log: LogInfo, day: date) -> LogInfo | None:
    """Return *log* as it was at the end of a *day*; None: it was not there."""
    note = now.checkpoint_on(log.origin, number(day))
    return replace(log, size=claimed(note).size, checkpoint=note) if note else None


def last_checkpoint(path: Path) -> str:
    """
    Return the checkpoint in the file *path*, or with which the bundle *path* ends.

    Raises LogError if there is none. Who signed it is looked at when it is used.
    """
    try:
        if not zipfile.is_zipfile(path):
            # Two thousand lines, which few exports need.
            from consent.log.verify import is_cut, saved

            if is_cut(path):
                raise ValueError("the rest is missing, as after a download that broke off")
            note = saved(path).decode()
        else:
            with zipfile.ZipFile(path) as zip:
                text = zip.read("manifest.note").decode()
                about = json.loads(text.partition("\n")[2].rpartition("\n\n")[0])
                if about["since"] or about["until"]:
                    raise ValueError("a bundle of a period has no end that another can join")
                note = zip.read(f"{about['logs'][-1]['folder']}/checkpoint.txt").decode()
        claimed(note)
        return note
    except (LogError, OSError, ValueError, LookupError, TypeError, *_DAMAGED) as error:
        raise LogError(f"{path}: no checkpoint and no bundle that ends with one: {error}") from None


def earlier(now: Snapshot, notes: Iterable[str]) -> Iterator[tuple[str, tuple[int, str]]]:
    """Give size and note of earlier checkpoints by origin. Raises LogError for a foreign one."""
    logs = {log.origin: log for log in now.logs()}
    for text in notes:
        log = logs.get(claimed(text).origin)
        if log is None:
            raise LogError(
                f"there is no log {claimed(text).origin} to continue its checkpoint\n{_MISSED}"
            )
        yield log.origin, (continued(now, log, text).size, text)


def require_reached(
    chosen: Iterable[tuple[LogInfo, range]], known: dict[str, tuple[int, str]]
) -> None:
    """Raise LogError where a log of *chosen* ends before an earlier checkpoint of *known*."""
    for log, _ in chosen:
        size, _ = known.get(log.origin, (0, ""))
        if size > log.size:
            raise LogError(
                f"{log.origin} has {log.size} {noun(log.size, 'leaf', 'leaves')} at the end of"
                f" this part, and the earlier checkpoint {size}\n"
                "    hint: export up to a later day, or without that checkpoint"
            )


def require_dated(now: Snapshot, last: LogInfo, end: date, today: int) -> None:
    """
    Raise LogError if nobody knows whether what follows *last* was sealed after the day *end*.

    *today* is a day since 1970: a later one was told by a clock that was ahead, and since then the
    log knows of none before it.
    """
    later = now.day_after(last)
    if later is not None and later > today:
        raise LogError(
            f"{last.origin}: what was sealed after leaf {last.size - 1} is dated up to"
            f" {date_of(later)}, as the clock was ahead, so nobody knows what of it was sealed up"
            f" to {end}\n"
            "    hint: leave --sealed-until out; the next part goes on where this one ends"
        )


def continued(now: Snapshot, log: LogInfo, text: str) -> Checkpoint:
    """Return the checkpoint in the note *text*. Raises LogError if *log* does not continue it."""
    old = open_checkpoint(text, [parse_vkey(log.vkey)])
    if old.size > log.size or now.root(log.origin, old.size) != old.root:
        raise LogError(
            f"{log.origin} does not continue the checkpoint with {old.size}"
            f" {noun(old.size, 'leaf', 'leaves')}: it was rolled back or altered since\n{_MISSED}"
        )
    return old


def stamped(now: Snapshot, log: LogInfo, stamps: Stamps) -> list[Stamp]:
    """
    Return what a time stamping authority said about checkpoints of *log*.

    One that the log does not reach is left out: its successor names the gap. Raises LogError for
    one of another past.
    """
    reached = [stamp for stamp in stamps.of(log) if stamp.size <= log.size]
    for stamp in reached:
        try:
            fits = continued(now, log, stamp.note).size == stamp.size
        except LogUnavailable:
            raise
        except LogError:
            fits = False
        if not fits:
            raise LogError(
                f"{stamps.path / log.origin / str(stamp.size)}.txt: a time stamp over a checkpoint"
                f" that {log.origin} never had\n"
                "    hint: bring back the newest database; if it is lost, move this and the .tsr"
                " beside it away, and give them to your auditor, too"
            )
    return reached


def rows(now: Snapshot, chosen: Iterable[tuple[LogInfo, range]]) -> int:
    """Return how many events are in the leaves of *chosen*, without leaf 0 of each log."""
    return sum(held(now, log.origin, leaves) for log, leaves in chosen)
