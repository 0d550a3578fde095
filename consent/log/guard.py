"""
The guard: is the database the one that the anchors know?

A log that was published may grow and never become another one. If the database does not reach
what was published, sealing stops before anything is signed; recording goes on. A log that began
because of that, and says so in its first leaf, is the way forward.
"""

from __future__ import annotations

from consent.errors import LogError, LogUnavailable, noun
from consent.log.anchor import Known
from consent.log.merkle.checkpoint import Checkpoint, claimed
from consent.log.merkle.logs import Name, name_of
from consent.log.trees import Trees

#: What to do about a database that is not, or not as a whole, the one that it was.
BRING_BACK = "    hint: bring back the newest database; if it is lost: flask consent log reopen"


def require_all(trees: Trees, known: Known) -> None:
    """Raise LogError unless the database reaches every checkpoint of *known*."""
    gap = unreached(trees, known)
    if gap is None:
        return
    anchor = claimed(gap)
    raise LogError(
        f"{anchor.origin}: a checkpoint with {anchor.size} {noun(anchor.size, 'leaf', 'leaves')}"
        f" was published, and the database {_instead(trees, anchor)}\n"
        "    this is so after an old copy of the database was restored, or after another one took"
        f" its place; decisions are recorded but not sealed\n{BRING_BACK}"
    )


def unreached(trees: Trees, known: Known) -> str | None:
    """Return the newest checkpoint of *known* that the database does not reach, None if none."""
    excused = _excused(trees)
    for name in sorted(known, reverse=True):
        anchor = claimed(known[name])
        if excused and (name, anchor.size) <= excused:
            continue
        if _size(trees, anchor.origin) < anchor.size or not _has(trees, anchor):
            return known[name]
    return None


def is_newest(trees: Trees, note: str) -> bool:
    """Tell whether the database says of that log exactly what *note* says: the usual case."""
    return trees.checkpoint(claimed(note).origin) == note


def _excused(trees: Trees) -> tuple[Name, int] | None:
    """Return log and size up to which what is missing has been admitted, by a later log."""
    for log in reversed(trees.logs()):
        gap = trees.opening(log.origin)["gap"]
        checkpoint = claimed(gap) if gap else None
        name = name_of(trees.site, checkpoint.origin) if checkpoint else None
        if checkpoint and name:
            return name, checkpoint.size
    return None


def _size(trees: Trees, origin: str) -> int:
    note = trees.checkpoint(origin)
    return claimed(note).size if note else 0


def _has(trees: Trees, anchor: Checkpoint) -> bool:
    try:
        return trees.root(anchor.origin, anchor.size) == anchor.root
    except LogUnavailable:
        raise
    except LogError:
        return False  # a tile is gone


def _instead(trees: Trees, anchor: Checkpoint) -> str:
    size = _size(trees, anchor.origin)
    return f"has {size}" if size < anchor.size else "has others in their place"
