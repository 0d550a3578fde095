"""What the log of a site has to hold, kept apart from it and read without the package."""

from __future__ import annotations

import json
from base64 import b64decode
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.evidence.site import Operated, Rows
from tests.log.bundles import b64, mth

Event = dict[str, Any]

#: What stays for good.
LASTING = ("log", "key", "erasure")


@dataclass
class State:
    """What one state of the database has to hold."""

    events: dict[str, Event] = field(default_factory=dict)  #: by id, in the order of recording
    places: dict[str, tuple[str, int]] = field(default_factory=dict)  #: log and leaf by id
    counted: set[str] = field(default_factory=set)  #: ids that are in the figures
    ends: dict[str, int] = field(default_factory=dict)  #: how many leaves are, by log
    hashes: dict[str, bytes] = field(default_factory=dict)  #: of the leaves of each log
    sizes: dict[str, int] = field(default_factory=dict)  #: of the newest checkpoint, by origin
    gone: set[bytes] = field(default_factory=set)  #: what nobody may find any more


class Ledger:
    """A site, what its log has to hold, and what was published of it."""

    def __init__(self, site: Operated) -> None:
        self.site, self.state = site, State()
        self.known: dict[str, Event] = {}  #: every event that there ever was
        self.published: dict[str, tuple[int, str]] = {}  #: size and root, by origin
        self.refuses = False  #: whether the database lacks what was published
        self._roots: dict[tuple[str, bytes], str] = {}

    def look(self, *adds: str, removes: set[str] = frozenset()) -> Rows:
        """
        Take in what the database has; events of the kinds *adds* are new, those *removes* gone.

        Logs may have begun: whether they had to is what auditors find out.
        """
        rows, state = self.site.rows(), self.state
        new = [self._take_in(id, rows) for id in rows.events if id not in state.events]
        kinds = [one.get("kind", one["event"]) for one in new if one["event"] != "log"]
        assert Counter(kinds) == Counter(adds)
        assert state.events.keys() - rows.events.keys() == removes
        for gone in [state.events.pop(id) for id in removes]:
            self._erase(gone)
        for id, one in state.events.items():
            assert rows.events[id].body == one["body"]
        self._place(rows)
        self._publish(rows)
        return rows

    def _take_in(self, id: str, rows: Rows) -> Event:
        row = rows.events[id]
        one = {**json.loads(row.body), "body": row.body, "salt": row.salt, "ms": row.recorded_at}
        assert (one["id"].replace("-", ""), one.get("receipt")) == (id, row.receipt)
        self.state.events[id] = self.known[id] = one
        return one

    def _erase(self, one: Event) -> None:
        assert one["event"] not in LASTING
        number, living = one.get("receipt") or "", self.state.events.values()
        secrets = {one["salt"], one["id"][15:].encode(), number.encode()} - {b""}
        # Who decides between a restored backup and what erases again goes on under that receipt.
        later = [e["body"] for e in living if number and e.get("receipt") == number]
        self.state.gone |= {s for s in secrets if not any(s in body for body in later)}

    def _place(self, rows: Rows) -> None:
        """Each event waits or has its place for good, and each place is counted once."""
        state = self.state
        for place, id in rows.leaves.items():
            if id:
                assert state.places.setdefault(id, place) == place
        for id in state.events:
            assert (id in rows.waiting) != (rows.leaves.get(state.places.get(id)) == id)
        ids = {place: id for id, place in state.places.items()}
        for log, end in rows.counted.items():
            here = [ids.get((log, index)) for index in range(state.ends.get(log, 0), end)]
            state.counted |= state.events.keys() & set(here)
            state.ends[log] = end

    def _publish(self, rows: Rows) -> None:
        """No log becomes another one, and none becomes shorter."""
        state = self.state
        for log, hashes in rows.hashes.items():
            assert hashes.startswith(state.hashes.get(log, b""))
            state.hashes[log] = hashes
        for note in rows.checkpoints.values():
            origin, size, root = checkpoint_in(note)
            assert self.root(origin, size) == root
            assert size >= state.sizes.get(origin, 0)
            state.sizes[origin] = size
        self._reread()

    def root(self, origin: str, size: int) -> str | None:
        """Return the root of a log at a size, None if it never was so long."""
        hashes = self.state.hashes.get(origin.rpartition("/")[2], b"")[: size * 32]
        if len(hashes) < size * 32:
            return None
        if (origin, hashes) not in self._roots:
            leaves = [hashes[n : n + 32] for n in range(0, len(hashes), 32)]
            self._roots[origin, hashes] = b64(mth(leaves))
        return self._roots[origin, hashes]

    def _reread(self) -> None:
        """Read in the anchors what was published, and whether the database reaches it."""
        path = self.site.sealer.anchors.path
        self.published = {}
        for line in path.read_text("utf-8").split("\n")[:-1] if path.exists() else ():
            origin, *about = checkpoint_in(json.loads(line)["checkpoint"])
            self.published[origin] = max(self.published.get(origin, (0, "")), tuple(about))
        self.refuses = any(
            self.root(origin, size) != root and not self._is_admitted(origin, size)
            for origin, (size, root) in self.published.items()
        )

    def _is_admitted(self, origin: str, size: int) -> bool:
        """Tell whether a later log of the database says that this is missing."""
        gaps = [checkpoint_in(one["gap"]) for one in self.state.events.values() if one.get("gap")]
        return any((order(origin), size) <= (order(gap), most) for gap, most, _ in gaps)

    @property
    def has_key(self) -> bool:
        """Whether the key in the file signs the newest log, or there is no log yet."""
        return self._newest_key() in (None, public(self.site.sealer.key))

    @property
    def is_cut(self) -> bool:
        """Whether a rotation was cut off between its two halves."""
        key, newest = self.site.sealer.key, self._newest_key()
        return newest is not None and public(key.with_name(f"{key.name}.next")) == newest

    @property
    def can_seal(self) -> bool:
        return not self.refuses and self.has_key

    def _newest_key(self) -> bytes | None:
        logs = [one for one in self.state.events.values() if one["event"] == "log"]
        last = max(logs, key=lambda one: order(one["origin"]), default=None)
        return b64decode(last["key"].split("+", 2)[2])[1:] if last else None

    def within(self, since: date | None, until: date | None) -> dict[str, Event]:
        """Return the events of some days."""
        first, last = since or date.min, until or date.max
        return {id: e for id, e in self.state.events.items() if first <= day_of(e["ms"]) <= last}


def checkpoint_in(note: str) -> tuple[str, int, str]:
    """Return origin, size and root of a checkpoint."""
    origin, size, root = note.split("\n")[:3]
    return origin, int(size), root


def order(origin: str) -> tuple[int, int]:
    """Return by what the logs of a site follow each other."""
    year, _, part = origin.rpartition("/")[2].partition(".")
    return int(year), int(part or 0)


def public(path: Path) -> bytes | None:
    """Return the public half of the key in a file, None if there is none."""
    if not path.exists():
        return None
    return load_pem_private_key(path.read_bytes(), None).public_key().public_bytes_raw()


def day_of(ms: int) -> date:
    """Return the day UTC of a time."""
    return datetime.fromtimestamp(ms // 1000, UTC).date()
