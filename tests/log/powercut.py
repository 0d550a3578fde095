"""
Power cuts while a log is written: ``python -m tests.log.powercut FOLDER STATES [MODE]``.

A process appends and seals under strace, which notes every byte that it writes and every sync.
From these notes the files are made as a disk may have them after a cut at any moment: what was
synced is there; of what was not, nothing, all, only what came last, or any sectors of it, in any
order; names in a folder that was not synced are there or not. In each of these states a process
that starts afterwards has to find everything that was acknowledged, and all that was published.

STATES bounds how many are tried. MODE, such as NORMAL, is another ``PRAGMA synchronous``. Prints
how many states were tried and in how many of them something was lost.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from sqlalchemy import event as listening

from consent.errors import LogError
from consent.log.anchor import _note
from consent.log.merkle.checkpoint import claimed
from consent.log.seal import Sealer
from tests.log.audit import audit, published
from tests.log.injected import ORIGIN, in_a_process, sealer_of
from tests.log.samples import MS, NOW, make

CALLS = "openat,write,pwrite64,fsync,fdatasync,ftruncate,link,unlink,rename"
SECTOR = 512

#: What is noted for a seal that was done, in the place of an id.
SEALED = bytes(16)

#: Files that a power cut ends anyway: SQLite's index, locks, and what the process was told.
VOLATILE = ("-shm", ".lock", "/told")


@dataclass(frozen=True, slots=True)
class Call:
    """One call that changed or synced a file, or told something to somebody."""

    name: str
    path: str
    at: int = 0  #: offset, size or -1 for the end
    data: bytes = b""
    other: str = ""


def work(sealer: Sealer, told: Path, mode: str) -> None:
    """Append and seal; note the id of each event that was acknowledged, and each seal."""
    store = sealer.store

    def set_up(connection, _record) -> None:
        # So that pages move from the write-ahead log to the file in between, too.
        connection.execute("PRAGMA wal_autocheckpoint = 8")
        connection.execute(f"PRAGMA synchronous = {mode}")

    listening.listen(store._engine, "connect", set_up)
    with told.open("ab", buffering=0) as notes:
        for n in range(2, 8):
            event = make(now_ns=NOW + n * MS)
            store.append(event)
            notes.write(event.id.bytes)
            if n % 3 == 1:
                sealer.seal(NOW + n * MS)
                notes.write(SEALED)
    store.close()


def record(folder: Path, notes: Path, mode: str) -> list[Call]:
    """Do the work on the log in *folder* and return what it called, in order."""
    sealer = sealer_of(folder)
    trace = ["-y", "-xx", "-s", "100000000", "-e", f"trace={CALLS}", "-o", str(notes)]
    if in_a_process(lambda: work(sealer, folder / "told", mode), trace):
        raise SystemExit("the work failed")
    lines = notes.read_text().splitlines()
    return [call for call in map(_call, lines) if call and call.path.startswith(str(folder))]


_FILE = r"\d+<([^>]*)>"
_TEXT = r'"([^"]*)"'
_PATTERNS = {
    "create": re.compile(rf"openat\(\S+, {_TEXT}, \S*O_CREAT.*\) = {_FILE}"),
    "write": re.compile(rf"write\({_FILE}, {_TEXT}, \d+\) += (?P<done>\d+)"),
    "pwrite": re.compile(rf"pwrite64\({_FILE}, {_TEXT}, \d+, (?P<at>\d+)\) += (?P<done>\d+)"),
    "truncate": re.compile(rf"ftruncate\({_FILE}, (?P<at>\d+)\) += 0"),
    "sync": re.compile(rf"(?:fsync|fdatasync)\({_FILE}\) += 0"),
    "link": re.compile(rf"link\({_TEXT}, {_TEXT}\) += 0"),
    "rename": re.compile(rf"rename\({_TEXT}, {_TEXT}\) += 0"),
    "unlink": re.compile(rf"unlink\({_TEXT}\) += 0"),
}


def _call(line: str) -> Call | None:
    """Return what a line of strace says, None if it failed or is about nothing of ours."""
    for name, pattern in _PATTERNS.items():
        match = pattern.match(line)
        if match is None:
            continue
        first, second = (*match.groups(), None)[:2]
        match name:
            case "create":
                return Call(name, _named(second))
            case "write" | "pwrite":
                data = _bytes(second)
                if len(data) != int(match["done"]):
                    raise SystemExit(f"strace cut a line, or a write was short: {line[:80]}")
                return Call(
                    "write", _named(first), int(match["at"]) if name[0] == "p" else -1, data
                )
            case "truncate":
                return Call(name, _named(first), int(match["at"]))
            case "sync":
                return Call(name, _named(first))
            case "unlink":
                return Call(name, _named(first))
            case _:
                return Call(name, _named(first), other=_named(second))
    return None


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _named(path: str) -> str:
    """Return a path of which strace spells all but the slashes in hexadecimal."""
    return re.sub(r"\\x([0-9a-f]{2})", lambda match: chr(int(match[1], 16)), path)


Choice = Callable[[list], Iterable]


@dataclass
class Inode:
    """What is safe of a file, and what was done to it since."""

    safe: bytes = b""
    since: list[Call] = field(default_factory=list)

    def content(self, choose: Choice) -> bytes:
        found = bytearray(self.safe)
        for call in choose(self.since):
            if call.name == "truncate":
                del found[call.at :]
                found.extend(bytes(call.at - len(found)))
            else:
                found.extend(bytes(max(call.at - len(found), 0)))
                found[call.at : call.at + len(call.data)] = call.data
        return bytes(found)

    def size(self) -> int:
        return len(self.content(lambda calls: calls))


class Disk:
    """The files of a folder: as the process sees them, and as a power cut may leave them."""

    def __init__(self, folder: Path) -> None:
        files = [path for path in folder.iterdir() if not str(path).endswith(VOLATILE)]
        self.names = {str(path): Inode(path.read_bytes()) for path in files}
        self.safe = dict(self.names)  # names that are durable

    def apply(self, call: Call) -> None:
        match call.name:
            case "create":
                self.names.setdefault(call.path, Inode())
            case "write":
                inode = self.names[call.path]
                at = inode.size() if call.at < 0 else call.at
                for start in range(0, len(call.data), SECTOR):
                    piece = call.data[start : start + SECTOR]
                    inode.since.append(Call("write", call.path, at + start, piece))
            case "truncate":
                self.names[call.path].since.append(call)
            case "link":
                self.names[call.other] = self.names[call.path]
            case "rename":
                self.names[call.other] = self.names.pop(call.path)
            case "unlink":
                self.names.pop(call.path)
            case "sync":
                self._sync(call.path)

    def _sync(self, path: str) -> None:
        inode = self.names.get(path)
        if inode is None:  # a folder
            for name in {*self.names, *self.safe}:  # all in it, as there are no folders in it
                if name in self.names:
                    self.safe[name] = self.names[name]
                else:
                    self.safe.pop(name, None)
            return
        inode.safe, inode.since = inode.content(lambda calls: calls), []

    def after_a_cut(self, choose: Choice, *, with_names: bool) -> dict[str, bytes]:
        """Return the files of which *choose* picks what arrived of what was not synced."""
        names = self.names if with_names else self.safe
        return {name: inode.content(choose) for name, inode in names.items()}


def choices(chance: random.Random) -> Iterator[Choice]:
    """Give what a disk may have done with what it was not made to keep."""
    yield lambda calls: []
    yield lambda calls: calls
    yield lambda calls: calls[len(calls) // 2 :]
    for _ in range(3):
        seed = chance.getrandbits(32)
        yield lambda calls, seed=seed: random.Random(seed).sample(
            calls, random.Random(seed).randint(0, len(calls))
        )


def states(folder: Path, calls: list[Call]) -> Iterator[tuple[dict[str, bytes], bytes, list[str]]]:
    """Give files, the ids that were acknowledged, and the checkpoints that were published."""
    disk, told, notes, seen, chance = Disk(folder), b"", [], set(), random.Random(1)
    for call in calls:
        if call.path.endswith(VOLATILE):
            told += call.data if call.path.endswith("/told") else b""
        else:
            # Once somebody could read it, it is published, synced or not.
            if call.path.endswith(".anchors") and call.name == "write":
                notes += filter(None, map(_note, call.data.splitlines()))
            disk.apply(call)
        for choose in choices(chance):
            for with_names in (False, True):
                files = disk.after_a_cut(choose, with_names=with_names)
                hashes = sorted((name, sha256(body).digest()) for name, body in files.items())
                mark = sha256(repr((hashes, told, notes)).encode()).digest()
                if mark not in seen:
                    seen.add(mark)
                    yield files, told, list(notes)


def harm(folder: Path, told: bytes, notes: list[str]) -> str:
    """Return what is wrong with the log in *folder*, "" if nothing is."""
    sealer = sealer_of(folder)
    # What is only looked at need not reach the disk.
    listening.listen(
        sealer.store._engine, "connect", lambda c, _: c.execute("PRAGMA synchronous = OFF")
    )
    try:
        for again in range(2):
            audit(sealer.store, sealer.anchors)
            with sealer.store.snapshot() as now:
                bodies = b"".join(now.events())
                for note in map(claimed, notes):
                    log = next(log for log in now.logs() if log.origin == note.origin)
                    assert note.size <= log.size, "a checkpoint that was published is gone"
                    assert now.root(note.origin, note.size) == note.root, "it is another one"
            ids = [told[n : n + 16] for n in range(0, len(told), 16)]
            for id in filter(any, ids):
                spelled = f'"id":"{UUID(bytes=id)}"'.encode()
                assert spelled in bodies, "an event that was acknowledged is gone"
            anchored = published(sealer.anchors, ORIGIN)
            assert len(anchored) >= ids.count(SEALED), "an anchor is gone"
            if not again:
                sealer.seal()
    except (AssertionError, LogError, StopIteration) as wrong:
        return str(wrong) or type(wrong).__name__
    finally:
        sealer.store.close()
    return ""


def main(folder: Path, most: int, mode: str = "FULL") -> None:
    log = folder / "log"
    sealer = sealer_of(log)
    for n in range(2):
        sealer.store.append(make(now_ns=NOW + n * MS))
    sealer.store.close()
    before = folder / "before"
    shutil.copytree(log, before)
    calls = record(log, folder / "calls", mode)
    shutil.rmtree(log)
    shutil.copytree(before, log)
    os.fsync = lambda _: None  # nor what is written to look at it
    found = list(states(log, calls))
    chosen = random.Random(2).sample(found, min(most, len(found)))
    lost = 0
    for number, (files, told, notes) in enumerate(chosen):
        place = folder / "state"
        place.mkdir()
        for name, content in files.items():
            (place / Path(name).name).write_bytes(content)
            (place / Path(name).name).chmod(0o600)
        wrong = harm(place, told, notes)
        lost += bool(wrong)
        if wrong:
            print(f"state {number}: {wrong}", file=sys.stderr)
        shutil.rmtree(place)
    print(len(calls), len(found), len(chosen), lost)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
