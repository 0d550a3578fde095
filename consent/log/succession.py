"""
Succession: when one log ends and another one begins, other than by the year.

A log whose key changes says so itself, under the old key, and ends; the next one begins with the
checkpoint of the old one. A log that a database no longer reaches cannot say anything; the next
one names what is missing. Times are nanoseconds since 1970 UTC; None: now.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from consent.errors import LogError
from consent.log import event, guard, keys
from consent.log.anchor import Known
from consent.log.head import Head
from consent.log.merkle.checkpoint import open_checkpoint
from consent.log.merkle.logs import Name, origin_of
from consent.log.merkle.note import Signer
from consent.log.seal import MS, Sealer, require_same, year

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def reopen(sealer: Sealer, now_ns: int | None = None) -> str:
    """
    Begin a log after one that the database no longer reaches; return its origin.

    Raises LogError if nothing is missing.
    """
    now_ns = time.time_ns() if now_ns is None else now_ns
    note = sealer.make_durable(lambda connection: _reopen(sealer, connection, now_ns))
    sealer.publish(note, now_ns)
    sealer.seal(now_ns)
    return note.partition("\n")[0]


def rotate(
    sealer: Sealer, by: str, *, lost: bool = False, alone: bool = False, now_ns: int | None = None
) -> str:
    """
    Let a new key take the place of the old one, which is gone afterwards; return its log's origin.

    With *lost* there is no old key to say so. Finishes a rotation that was cut off. Raises
    LogError if there is no log yet, if the key is lost and not said to be, or if it has signed for
    other sites and none of them is said to need it: *alone*.
    """
    now_ns = time.time_ns() if now_ns is None else now_ns
    draft = keys.next_of(sealer.key)
    if lost and sealer.key.exists():
        raise LogError(
            f"{sealer.key}: the key is there, wanted a rotation without --lost\n"
            "    hint: if it is not the one that signed the log, move it away first"
        )
    if not alone and not draft.exists():
        _require_alone(sealer)
    key = keys.load(draft) or keys.make(draft)
    done = sealer.store.transact(lambda connection: _finished(connection, sealer, key))
    if done is None:
        if not lost:
            sealer.seal(now_ns)
        notes = sealer.make_durable(
            lambda connection: _rotate(sealer, connection, draft, key, None if lost else by, now_ns)
        )
        for note in notes:
            sealer.publish(note, now_ns)
        done = notes[-1].partition("\n")[0]
    sealer.store.transact(lambda connection: _put(connection, sealer, draft, key))
    sealer.catch_up(now_ns)
    return done


def _require_alone(sealer: Sealer) -> None:
    """Raise LogError if logs of other sites are signed by the key, which they would lose."""
    key = keys.load(sealer.key)
    others = sealer.anchors.of_others(sealer.store.site) if key else {}
    signed = [origin for origin, note in others.items() if key and _is_by(key, origin, note)]
    if signed:
        raise LogError(
            f"{sealer.key}: found the key of {signed[-1]}, too, a log of another site that would "
            "lose it, wanted one of this site alone\n"
            "    hint: give each site a copy of its own before (docs/log.md), "
            "then: flask consent log rotate --alone"
        )


def _is_by(key: Ed25519PrivateKey, origin: str, note: str) -> bool:
    try:
        open_checkpoint(note, [Signer(origin, key).verifier])
    except LogError:
        return False
    return True


def _reopen(sealer: Sealer, connection: Connection, now_ns: int) -> str:
    head = Head(connection, sealer.store.site)
    known = sealer.anchors.newest(sealer.store.site)
    gap = guard.unreached(head.trees, known)
    if gap is None:
        raise LogError("the database reaches all that was published, so no log has to be reopened")
    key = keys.load(sealer.key) or keys.make(sealer.key)
    name = _next(head, known, now_ns)
    return _first(sealer, head, name, key, "reopened", now_ns, gap)


def _rotate(
    sealer: Sealer,
    connection: Connection,
    draft: Path,
    key: Ed25519PrivateKey,
    by: str | None,
    now_ns: int,
) -> list[str]:
    """Return the checkpoints to publish; *by* None: the old key is lost."""
    head = Head(connection, sealer.store.site)
    if not keys.holds(draft, key):
        raise LogError(
            f"{sealer.key}: another rotation has ended meanwhile\n"
            "    hint: if one more is wanted: flask consent log rotate"
        )
    sealer.require_known(head)
    name = _next(head, sealer.anchors.newest(sealer.store.site), now_ns)
    notes = []
    if by is not None:
        old = sealer.signer(head.origin)
        require_same(head, old)
        new = Signer(origin_of(head.trees.site, name), key).verifier.vkey
        last = event.key(
            now_ns=now_ns, site=head.trees.site, key=new, by=by, software=sealer.software
        )
        head.record(last)
        notes.append(head.sign(old, now_ns // MS))
    notes.append(_first(sealer, head, name, key, "rotation", now_ns, None))
    return notes


def _first(
    sealer: Sealer,
    head: Head,
    name: Name,
    key: Ed25519PrivateKey,
    reason: event.Reason,
    now_ns: int,
    gap: str | None,
) -> str:
    """Begin the log *name* and return its first checkpoint."""
    signer = sealer.begin(head, name, key, reason, now_ns, gap)
    note = head.sign(signer, now_ns // MS)
    head.move()
    return note


def _put(connection: Connection, sealer: Sealer, draft: Path, key: Ed25519PrivateKey) -> None:
    """
    Let *key* take its place, unless it has, or a later one has already.

    Meanwhile the end of the log is held, so that of several rotations none takes the key of another
    for its own: what is in the *draft* is that of the next one once this one is in its place.
    """
    if _finished(connection, sealer, key) and not keys.holds(sealer.key, key):
        keys.replace(sealer.key, draft, key)


def _finished(connection: Connection, sealer: Sealer, key: Ed25519PrivateKey) -> str | None:
    """Return the origin of the log that *key* signed already, None if it did not."""
    head = Head(connection, sealer.store.site)
    if head.name is None:
        raise LogError("there is no log yet, so there is no key to change")
    opened = head.trees.opening(head.origin)["key"]
    return head.origin if opened == Signer(head.origin, key).verifier.vkey else None


def _next(head: Head, known: Known, now_ns: int) -> Name:
    """Return the name of the log that comes next, later than all that there ever were."""
    names = [*known, *([head.name] if head.name else [])]
    last = max(names, default=None)
    this = Name(year(now_ns))
    return this if last is None or this > last else Name(last.year, last.part + 1)
