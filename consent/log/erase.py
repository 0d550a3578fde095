"""
Erasure: the record goes, its place stays.

Row, salt and id are deleted, the hash of the leaf is kept, so every proof still holds. What is
left tells nothing: a commitment whose salt is gone fits any record. An erasure is an event of
its own, signed together with it, so that it never looks like evidence that was made to vanish.

Whoever restores a backup gets erased records back. So the leaf hashes of all that was erased are
kept outside the database, one in base64 on each line, before anything is deleted.
"""

from __future__ import annotations

import os
import re
import time
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, delete, update

from consent.errors import LogError
from consent.log import event
from consent.log.database import tables
from consent.log.files import opened, sync_folder, unwritable
from consent.log.head import Head
from consent.log.leaves import every_place
from consent.log.seal import MS, Sealer
from consent.log.trees import Place
from consent.log.wipe import wipe

_HASH = re.compile(rb"[A-Za-z0-9+/]{43}=")

#: Records that are erased in one transaction at most; decisions wait that long.
BATCH = 1_000


@dataclass
class Eraser:
    """
    Erases records of the log of *sealer* in the name of *by*, for lawful reasons.

    Times are nanoseconds since 1970 UTC; None: now.
    """

    sealer: Sealer
    by: str

    @property
    def path(self) -> Path:
        """The file with the leaf hashes of what was erased."""
        return self.sealer.key.with_suffix(".erased")

    def erase_receipt(self, receipt: str, ground: str, now_ns: int | None = None) -> int:
        """
        Erase all events of *receipt*, and return how many there were.

        Raises LogError if they cannot be erased now, as while sealing refuses.
        """
        erased = 0
        while ids := self.sealer.store.ids(receipt):
            done = self.erase(ids, ground, now_ns)
            if not done:
                raise LogError("an event has no place in a log and does not wait for one either")
            erased += done
        return erased

    def erase(self, ids: Sequence[bytes], ground: str, now_ns: int | None = None) -> int:
        """Erase the events *ids*, which exist, on the *ground*; return how many."""
        now_ns = time.time_ns() if now_ns is None else now_ns
        erased, secrets = 0, set[bytes]()
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            secrets.update(self.sealer.store.secrets(batch))
            erased += self._batch(batch, ground, now_ns)
        wipe(self.sealer.store, sorted(filter(None, secrets)))
        return erased

    def replay(self, now_ns: int | None = None) -> int:
        """Erase again what came back with a backup, and return how much that was."""
        hashes = self._kept()
        if not hashes:
            return 0
        self.sealer.seal(now_ns)
        with self.sealer.store.snapshot() as snapshot:
            back = [
                place.id
                for log in snapshot.logs()
                for place in every_place(snapshot, log.origin)
                # Leaf 0 says what came before; whoever names it does not want anything erased.
                if place.id and place.index and place.hash in hashes
            ]
        return self.erase(back, "restore", now_ns) if back else 0

    def _batch(self, ids: Sequence[bytes], ground: str, now_ns: int) -> int:
        self.sealer.seal(now_ns)
        count, note = self.sealer.make_durable(
            lambda connection: self._erase(connection, ids, ground, now_ns)
        )
        if note:
            self.sealer.publish(note, now_ns)
        return count

    def _erase(
        self, connection: Connection, ids: Sequence[bytes], ground: str, now_ns: int
    ) -> tuple[int, str | None]:
        head = Head(connection, self.sealer.store.site)
        self.sealer.require_known(head)
        places = head.trees.find(ids)
        if not places:
            return 0, None
        signer = self.sealer.grow(head, now_ns)
        self._keep(place.hash for place in places)
        found = [place.id for place in places if place.id]
        leaves = update(tables.leaf).where(*head.trees.rows(tables.leaf, found))
        for table in (tables.event, tables.act):
            connection.execute(delete(table).where(*head.trees.rows(table, found)))
        connection.execute(leaves.values(id=None))
        for origin in sorted({place.origin for place in places}):
            self._record(head, origin, places, ground, now_ns)
        note = head.sign(signer, now_ns // MS)
        head.move()
        return len(places), note

    def _record(
        self, head: Head, origin: str, places: list[Place], ground: str, now_ns: int
    ) -> None:
        indexes = sorted(place.index for place in places if place.origin == origin)
        erasure = event.erasure(
            now_ns=now_ns,
            site=head.trees.site,
            origin=origin,
            indexes=" ".join(_ranges(indexes)),
            rows=len(indexes),
            ground=ground,
            by=self.by,
            software=self.sealer.software,
        )
        head.record(erasure)

    def _keep(self, hashes: Iterable[bytes]) -> None:
        # An end first, should a power cut have left a line without one.
        lines = b"\n" + b"".join(b64encode(hash) + b"\n" for hash in hashes)
        try:
            descriptor = opened(self.path, os.O_WRONLY | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "ab") as file:
                if not file.tell():
                    sync_folder(self.path.parent)
                file.write(lines)
                file.flush()
                os.fsync(descriptor)
        except OSError as error:
            raise unwritable(self.path, error) from None

    def _kept(self) -> set[bytes]:
        try:
            lines = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return set()
        except OSError as error:
            raise LogError(f"{self.path}: cannot be read: {error.strerror}") from None
        return {b64decode(line) for line in lines if _HASH.fullmatch(line)}


def _ranges(numbers: Iterable[int]) -> Iterator[str]:
    """Give ascending *numbers* as single ones and as ranges."""
    first = last = None
    for number in numbers:
        if last is not None and number == last + 1:
            last = number
            continue
        if first is not None:
            yield _range(first, last)
        first = last = number
    if first is not None:
        yield _range(first, last)


def _range(first: int, last: int | None) -> str:
    return str(first) if first == last else f"{first}-{last}"
