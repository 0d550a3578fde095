"""
The bundle, ``consent-bundle/1``: the log for somebody who does not trust us.

A zip of the events verbatim, the leaves of each log, its signed checkpoint, everything that
visitors were shown, two programs that check all of it, and a signed list of the contents.
FORMAT.md describes each file. It is written as a stream, whatever its size, and a period takes
along the events that enclose it (:mod:`consent.log.span`).
"""

from __future__ import annotations

import json
import shutil
import stat
import tempfile
import zipfile
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any

from consent.day import day_of, milliseconds
from consent.errors import LogError
from consent.log import event
from consent.log.database.stream import sparing
from consent.log.export.file import export_file
from consent.log.files import real
from consent.log.leaves import Leaf, every_leaf
from consent.log.manifest import About, Hashed, files_of, read
from consent.log.merkle import note
from consent.log.merkle.logs import LogInfo
from consent.log.part import WHOLE, Part, earlier, require_dated, require_reached, rows, stamped
from consent.log.seal import Sealer
from consent.log.snapshot import Snapshot
from consent.log.span import Period
from consent.log.stamp import Stamp, Stamps

FORMAT = "consent-bundle/1"

#: What an auditor finds beside the evidence, kept beside this module.
GUIDES = ("LIESMICH.txt", "README.txt", "verify.py", "verify.sh")

#: zlib's level for lines that are alike. Hashes and salts hardly shrink, so they are only stored.
LEVEL = 2

#: The first moment that a zip can name, which a machine without a clock is before; and of which
#: kind of system it says that modes are.
OLDEST, UNIX = (1980, 1, 1, 0, 0, 0), 3

#: Leaves after which progress is told.
STEP = 1000

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for, by whom; *since* and *until* are whole days UTC, both included."""

    by: str
    software: str
    now_ns: int
    since: date | None = None
    until: date | None = None
    previous: tuple[str, ...] = ()  #: checkpoints that the auditor has, as signed notes
    part: Part = WHOLE  #: of a log that is taken along in several

    @property
    def period(self) -> Period:
        """The same days in milliseconds."""
        return Period(*milliseconds(self.since, self.until))


def to_file(sealer: Sealer, path: Path, request: Request, progress: Progress | None = None) -> int:
    """
    Write a bundle to *path* and return how many events are in it.

    First all that waits is sealed, and it is recorded who takes what along; that event comes
    with the next bundle. *path* appears when it is complete. *progress* is told how many leaves
    are done. Raises LogError if there is nothing in any log, if it cannot be written or signed, or
    if a checkpoint of the request is not one of these logs.
    """
    store, period = sealer.store, request.period
    sealer.seal(request.now_ns)
    sealer.require_sound()
    with (
        export_file(path) as target,
        store.snapshot(period.since, period.until) as now,
        sparing(now.connection),
    ):
        if not now.logs():
            raise LogError(f"{store.site}: the log is empty, so there is nothing to take along")
        signer = sealer.signer(f"{store.site}/consent/manifest")
        _require_key_of(now.logs()[-1], signer)
        starts = () if request.part.start is None else (request.part.start,)
        known = dict(earlier(now, (*request.previous, *starts)))
        chosen = request.part.chosen(now, request.period)
        if not chosen:
            raise LogError(f"{store.site}: nothing was sealed then that could be taken along")
        require_reached(chosen, known)
        if request.part.end is not None:
            today = day_of(request.now_ns // 1_000_000_000)
            require_dated(now, chosen[-1][0], request.part.end, today)
        stamps = Stamps.beside(sealer.key)
        kept = {log.origin: stamped(now, log, stamps) for log, _ in chosen}
        taking = event.export(
            now_ns=request.now_ns,
            site=store.site,
            by=request.by,
            format="bundle",
            since=request.since,
            until=request.until,
            # What was recorded since all was sealed comes with the next bundle.
            rows=now.count() - now.waiting() if request.part.is_whole else rows(now, chosen),
            software=request.software,
        )
        store.append(taking)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as zip:
            beside = real(path).parent
            bundle = _Bundle(zip, beside, request, now, kept, progress or _untold)
            bundle.write(chosen, known, signer)
        return sum(log["events"] for log in bundle.logs)


def _require_key_of(newest: LogInfo, signer: note.Signer) -> None:
    """Raise LogError if *signer* has another key than the *newest* log, which it once had."""
    if note.Signer(newest.origin, signer.key).verifier.vkey != newest.vkey:
        raise LogError(f"{newest.origin}: the key was changed meanwhile\n    hint: export again")


def _untold(done: int) -> None:
    """Tell nobody."""


@dataclass
class _Bundle:
    """A bundle that is being written."""

    zip: zipfile.ZipFile
    folder: Path  #: in which it is written
    request: Request
    now: Snapshot
    stamped: dict[str, list[Stamp]]  #: by log
    progress: Progress
    files: dict[str, dict[str, object]] = field(default_factory=dict)
    logs: list[dict[str, Any]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    notices: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    done: int = 0

    def write(
        self,
        chosen: Iterable[tuple[LogInfo, range]],
        known: dict[str, tuple[int, str]],
        signer: note.Signer,
    ) -> None:
        for name in GUIDES:
            self._add(name, Path(__file__).with_name(name).read_bytes())
        vkeys = [signer.verifier.vkey]
        for log, leaves in chosen:
            vkeys.append(log.vkey)
            self._log(log, leaves)
            self._continue(log, known)
            for stamp in self.stamped[log.origin]:
                self._add(f"{log.folder}/stamps/{stamp.size}.txt", stamp.note.encode())
                self._add(f"{log.folder}/stamps/{stamp.size}.tsr", stamp.answer)
        self._add("vkeys.txt", "".join(f"{vkey}\n" for vkey in vkeys).encode())
        self._documents()
        text = json.dumps(self._manifest(), sort_keys=True, indent=2, ensure_ascii=False)
        signed = note.sign(f"consent-manifest/1\n{text}\n", [signer])
        with self._file("manifest.note") as file:
            file.write(signed.encode())

    def _manifest(self) -> dict[str, object]:
        at = self.request.now_ns // 1_000_000
        return {
            "format": FORMAT,
            "site": self.now.site,
            "software": self.request.software,
            "by": self.request.by,
            "exported_at": event.timestamp(at),
            "since": self.request.since and self.request.since.isoformat(),
            "until": self.request.until and self.request.until.isoformat(),
            **self.request.part.told(),
            "logs": self.logs,
            "counts": dict(self.counts),
            "notices": sum(name.startswith("notices/") for name in self.files),
            "missing": sorted(self.missing),
            "files": self.files,
        }

    def _log(self, log: LogInfo, given: range) -> None:
        """Write one log; its leaves go to a file of no name first, as a zip takes one at a time."""
        about = About(log)
        with tempfile.TemporaryFile(dir=self.folder) as spool:
            with self._file(f"{log.folder}/events.jsonl") as events:
                for leaf in every_leaf(self.now, log.origin, log.size):
                    self._leaf(leaf, given, about, events, spool)
            spool.seek(0)
            with self._file(f"{log.folder}/leaves.txt", zipfile.ZIP_STORED) as leaves:
                shutil.copyfileobj(spool, leaves, 1 << 17)
        self._add(f"{log.folder}/checkpoint.txt", log.checkpoint.encode())
        self.logs.append(about.told())

    def _leaf(
        self, leaf: Leaf, given: range, about: About, events: IO[bytes], leaves: IO[bytes]
    ) -> None:
        hash = b64encode(leaf.hash)
        if leaf.body is None or leaf.salt is None or leaf.recorded_at is None:
            about.erased += 1
            leaves.write(b"erased " + hash + b"\n")
        elif leaf.index and leaf.index not in given:
            about.outside += 1
            leaves.write(b"outside " + hash + b"\n")
        else:
            about.give(leaf.recorded_at)
            line = read(leaf.body)
            if line.event:
                self.counts[line.kind or line.event] += 1
            if line.notice:
                self.notices.add(line.notice)
            leaves.write(b64encode(leaf.salt) + b" " + hash + b"\n")
            events.write(leaf.body + b"\n")
        self.done += 1
        if not self.done % STEP:
            self.progress(self.done)

    def _continue(self, log: LogInfo, known: dict[str, tuple[int, str]]) -> None:
        if log.origin in known:
            size, text = known[log.origin]
            proof = self.now.consistency(log.origin, size, log.checkpoint)
            self._add(f"{log.folder}/checkpoint.previous.txt", text.encode())
            self._add(f"{log.folder}/consistency.txt", proof.encode())

    def _documents(self) -> None:
        """
        Write the notices that visitors saw, and the files that those name.

        What was altered is given as it is: the verifier names it, and all else is proven.
        """
        shown: set[str] = set()
        for hash in sorted(self.notices):
            notice = self.now.shown(hash)
            if notice is None:
                self.missing.add(hash)
            else:
                self._add(f"notices/{hash}.json", notice)
                shown.update(files_of(notice))
        for hash in sorted(shown):
            body = self.now.shown(hash)
            if body is None:
                self.missing.add(hash)
            else:
                self._add(f"files/{hash}", body)

    def _add(self, name: str, body: bytes) -> None:
        with self._file(name) as file:
            file.write(body)

    @contextmanager
    def _file(self, name: str, method: int = zipfile.ZIP_DEFLATED) -> Iterator[IO[bytes]]:
        """Give a file of the bundle to write to, and note its size and hash."""
        moment = datetime.fromtimestamp(self.request.now_ns // 1_000_000_000, UTC)
        entry = zipfile.ZipInfo(name, max(moment.timetuple()[:6], OLDEST))
        entry.compress_type = method
        # Also if this is Windows, so that where it is unpacked its owner alone can read receipts.
        entry.create_system = UNIX
        entry.external_attr = (stat.S_IFREG | 0o600) << 16
        with self.zip.open(entry, "w", force_zip64=True) as file:
            hashed = Hashed(file)
            yield hashed  # type: ignore[misc]
            hashed.flush()
        self.files[name] = {"bytes": hashed.size, "sha256": hashed.digest.hexdigest()}
