"""What has reached the third parties. Kept in memory only; no address of a visitor."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import Any

#: The arrivals that are listed one by one; older ones are only counted.
LISTED = 200

#: Beginning of a path -> what it is. The first that fits counts.
KINDS = {
    "/matomo.js": "script",
    "/matomo.php": "hit",
    "/youtube/": "video",
    "/osm/": "map",
    "/": "other",
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request."""

    at: str  #: UTC, ISO 8601
    kind: str
    method: str
    path: str  #: without the query
    page: str | None  #: the page it came from, as far as the browser told


class Arrivals:
    """All requests since the start or since the last reset. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[str] = Counter()
        self._latest: deque[Arrival] = deque(maxlen=LISTED)

    def add(self, method: str, path: str, page: str | None) -> None:
        """Count one request."""
        kind = next(kind for start, kind in KINDS.items() if path.startswith(start))
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        with self._lock:
            self._counts[kind] += 1
            self._latest.appendleft(Arrival(at, kind, method, path, page))

    def reset(self) -> None:
        """Forget everything."""
        with self._lock:
            self._counts.clear()
            self._latest.clear()

    def summary(self) -> dict[str, Any]:
        """Return total, counts by kind and the latest arrivals, newest first."""
        with self._lock:
            counts = {kind: self._counts[kind] for kind in KINDS.values()}
            latest = [asdict(arrival) for arrival in self._latest]
        return {"total": sum(counts.values()), "counts": counts, "arrivals": latest}
