"""
Sealing: giving recorded events their places in the log, for good.

One batch is one transaction: hold the head, take what waits, write leaves and tiles, sign, move
the head from where it was. It is published after it is durable. Whatever is cut off leaves
nothing behind or a batch that is whole, and what was not sealed or published is so later.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from consent.errors import LogError
from consent.log import event, guard, keys
from consent.log.anchor import Anchors
from consent.log.database.transaction import Answer
from consent.log.event import Reason
from consent.log.head import Head
from consent.log.merkle.checkpoint import open_checkpoint
from consent.log.merkle.logs import Name, origin_of
from consent.log.merkle.note import Signer
from consent.log.store import Store

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

#: Events that are sealed in one transaction at most; decisions wait that long.
BATCH = 2_500

#: Nanoseconds in a millisecond.
MS = 1_000_000


@dataclass
class Sealer:
    """Seals the logs of a store with the key in a file, and keeps anchors beside it."""

    store: Store
    key: Path
    software: str
    anchors: Anchors = field(init=False)
    _is_checked: bool = field(init=False, default=False)
    _is_published: bool = field(init=False, default=False)  #: the newest checkpoint, for certain

    def __post_init__(self) -> None:
        self.anchors = Anchors(self.key.with_suffix(".anchors"))

    def seal(self, now_ns: int | None = None) -> int:
        """
        Seal all events that wait, and return how many that were.

        *now_ns* is the time in nanoseconds since 1970 UTC; None: now.

        What is recorded meanwhile may be left to the next time: where decisions never cease, one
        seal would follow the other, each for the few that came during the one before.
        Raises LogError if the database is not the one that was sealed before, or the key not
        the one that signed it; then nothing is sealed until somebody decides what to do.
        """
        total, sealed = 0, BATCH
        while sealed >= BATCH and self.store.is_waiting():
            keys.load(self.key)  # the first time takes long, and decisions would wait for it
            sealed = self._batch(time.time_ns() if now_ns is None else now_ns)
            total += sealed
        self.catch_up(time.time_ns() if now_ns is None else now_ns)
        return total

    def catch_up(self, now_ns: int) -> None:
        """
        Publish what somebody made durable who was killed before it was published.

        Raises LogError as :meth:`seal` does.
        """
        if self._is_published:
            return
        here = {log.checkpoint for log in self.store.logs()[-1:]}
        known = set(self.anchors.newest(self.store.site).values())
        if (here or known) and not here & known:
            self.publish(self.store.transact(self._newest), now_ns)
        self._is_published = True

    def require_sound(self) -> None:
        """Raise LogError if nothing could be sealed, whether or not something waits."""
        self.store.transact(self._require_sound)

    def signer(self, origin: str) -> Signer:
        """Return the key under the name *origin*. Raises LogError if there is none."""
        key = keys.load(self.key)
        if key is None:
            raise LogError(
                f"{self.key}: the key of the log is gone\n"
                "    hint: bring it back; if it is lost: flask consent log rotate --lost"
            )
        return Signer(origin, key)

    def require_known(self, head: Head) -> None:
        """Raise LogError unless the database reaches all that was published from here."""
        known = self.anchors.newest(head.trees.site)
        if self._is_checked and known:
            last = next(reversed(known))
            if guard.is_newest(head.trees, known[last]):
                return
        guard.require_all(head.trees, known)
        self._is_checked = True

    def begin(
        self,
        head: Head,
        name: Name,
        key: Ed25519PrivateKey,
        reason: Reason,
        now_ns: int,
        gap: str | None = None,
    ) -> Signer:
        """
        Open the log *name*, which *key* signs, and return its signer.

        *gap* is the newest checkpoint that the database does not reach; None: it reaches all.
        """
        trees = head.trees
        previous = None if head.name is None else trees.checkpoint(head.origin)
        signer = Signer(origin_of(trees.site, name), key)
        opening = event.log(
            now_ns=now_ns,
            site=trees.site,
            origin=signer.name,
            key=signer.verifier.vkey,
            reason=reason,
            previous=previous,
            gap=gap,
            software=self.software,
        )
        head.open(name)
        head.record(opening)
        return signer

    def grow(self, head: Head, now_ns: int) -> Signer:
        """Return what signs the log that grows; open it if it is a new one."""
        if head.name is None:
            key = keys.load(self.key) or keys.make(self.key)
            return self.begin(head, Name(year(now_ns)), key, "first", now_ns)
        signer = self.signer(head.origin)
        require_same(head, signer)
        if year(now_ns) > head.name.year:
            return self.begin(head, Name(year(now_ns)), signer.key, "year", now_ns)
        return signer

    def make_durable(self, work: Callable[[Connection], Answer]) -> Answer:
        """
        Return what *work* returns, a transaction that may sign a checkpoint to be published.

        One whose connection is lost at its very end is done again, and may then find nothing to
        do: so it is looked up what became of it unless it is published.
        """
        self._is_published = False
        return self.store.transact(work)

    def publish(self, note: str, now_ns: int) -> None:
        """Make the newest checkpoint known, which is durable in the database."""
        self._is_published = False
        self.anchors.append(note, now_ns // MS)
        self._is_published = True

    def _require_sound(self, connection: Connection) -> None:
        head = Head(connection, self.store.site)
        self.require_known(head)
        if head.name is not None:
            require_same(head, self.signer(head.origin))

    def _newest(self, connection: Connection) -> str:
        """Return the newest checkpoint, which there must be, once it is sound."""
        self._require_sound(connection)
        head = Head(connection, self.store.site)
        return head.trees.newest(head.origin)[1]

    def _batch(self, now_ns: int) -> int:
        count, note = self.make_durable(lambda connection: self._seal(connection, now_ns))
        if note:
            self.publish(note, now_ns)
        return count

    def _seal(self, connection: Connection, now_ns: int) -> tuple[int, str | None]:
        head = Head(connection, self.store.site)
        self.require_known(head)
        events = head.take(BATCH)
        if not events:  # another sealer was faster; a log that began now would have no checkpoint
            return 0, None
        signer = self.grow(head, now_ns)
        head.add(events)
        note = head.sign(signer, now_ns // MS)
        head.move()
        return len(events), note


def require_same(head: Head, signer: Signer) -> None:
    """Raise LogError unless *signer* signed the log as it is in the database."""
    size, note = head.trees.newest(head.origin)
    try:
        checkpoint = open_checkpoint(note, [signer.verifier])
    except LogError as error:
        raise LogError(
            f"{head.origin}: the key is not the one that signed the log: {error}\n"
            "    hint: bring the key back; if a rotation was cut off: flask consent log rotate;"
            " if it is lost, move the other one away, then: flask consent log rotate --lost"
        ) from None
    if (checkpoint.size, size, checkpoint.root) != (head.size, head.size, head.edge.root()):
        raise LogError(
            f"{head.origin}: the tree in the database is not the one of its last checkpoint\n"
            + guard.BRING_BACK
        )


def year(now_ns: int) -> int:
    """Return the year UTC of *now_ns*, nanoseconds since 1970."""
    return datetime.fromtimestamp(now_ns // 1_000_000_000, UTC).year
