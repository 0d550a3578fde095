"""
The versions of the notices: when each one was used, and how often, and pictures of them.

A version is a document that events refer to. What was decided under it comes from the counts of
each day (``consent_daily``), never from a walk through the events.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import and_, func, or_, select

from consent.audit.days import known_days
from consent.audit.search import page
from consent.errors import LogError, LogUnavailable
from consent.log.database import tables
from consent.log.database.stream import fetch
from consent.log.export.selection import DECISION, Selection
from consent.log.fields import fields_of
from consent.log.store import Store
from consent.log.trees import Trees
from consent.log.uuid7 import floor
from consent.policy.notice import MEDIA_TYPE, Notice, read

#: Versions on a page.
SIZE = 100

#: What is left of a hash where it is cut off, as lists do; less than that is no name.
_START = re.compile(r"[0-9a-f]{8,63}", re.ASCII)

_document, _daily = tables.document.c, tables.daily.c


@dataclass(frozen=True, slots=True)
class Use:
    """How a version was used, as far as it has been counted; days since 1970 UTC."""

    first: int
    last: int
    counts: Mapping[str, int]  #: by kind of event

    @property
    def total(self) -> int:
        """Return how many decisions there were under it."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Version:
    """One version."""

    hash: str
    first_used: int  #: milliseconds since 1970 UTC
    language: str
    services: tuple[str, ...]  #: names
    use: Use | None = None  #: None: nothing under it has been counted
    is_changed: bool = False  #: whether it no longer has that hash: nothing is known of it then


def whole(store: Store, text: str) -> str:
    """
    Return the hash of the one version that it begins as *text* says, whatever size its letters are.

    The *text* itself, in small letters, where there is none, or where there are several.
    """
    start = text.strip().rstrip("….").lower()
    if not _START.fullmatch(start):
        return start
    query = select(_document.hash).where(
        _document.site == store.site,
        _document.media_type == MEDIA_TYPE,
        _document.hash.between(start, start + "g"),
    )
    with store.snapshot() as now:
        rows = fetch(now.connection, query.limit(2))
    return str(rows[0][0]) if len(rows) == 1 else start


def notice(store: Store, hash: str) -> Notice | None:
    """Return the notice with this *hash*, or None if there is none. Raises LogError."""
    document = store.document(hash)
    if document is None or document.media_type != MEDIA_TYPE:
        return None
    return read(document.body)


def service_names(
    store: Store, known: Mapping[str, str], ids: Iterable[str], hashes: Iterable[str]
) -> dict[str, str]:
    """
    Return what services are called: as *known*, or else in the notices with these *hashes*.

    A notice is read only while one of *ids* has no name yet, and :data:`SIZE` of them at most.
    """
    names, wanted = dict(known), set(ids)
    for hash in islice(hashes, SIZE):
        if wanted <= names.keys():
            break
        try:
            found = notice(store, hash)
        except LogUnavailable:
            raise
        except LogError:  # altered: what it says is not shown
            continue
        if found:
            names = {one["id"]: one["name"] for one in found.content["services"]} | names
    return names


@dataclass
class Versions:
    """
    Knows the versions of one site.

    A version never changes, so what a list says of it is read once per process: a body is long.
    """

    store: Store
    _labels: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)

    def page(self, before: tuple[int, str] | None = None) -> list[Version]:
        """
        Return versions, the latest first: at most one more than :data:`SIZE`.

        *before* is first use and hash of the version that the page above ended with.
        """
        with self.store.snapshot() as now:
            query = select(_document.hash, _document.first_used).where(
                _document.site == self.store.site, _document.media_type == MEDIA_TYPE
            )
            if before is not None:
                earlier = _document.first_used < before[0]
                same = and_(_document.first_used == before[0], _document.hash < before[1])
                query = query.where(or_(earlier, same))
            order = (_document.first_used.desc(), _document.hash.desc())
            rows = fetch(now.connection, query.order_by(*order).limit(SIZE + 1))
            used = uses(now)
        return [self._version(hash, first, used) for hash, first in rows]

    def version(self, hash: str) -> Version | None:
        """Return the version with this *hash*, or None."""
        first = self.store.first_used(hash)
        if first is None or notice(self.store, hash) is None:
            return None
        with self.store.snapshot() as now:
            return self._version(hash, first, uses(now, hash))

    def earlier(self, version: Version) -> str | None:
        """Return the hash of the version in the same language that came before, or None."""
        with self.store.snapshot() as now:
            query = select(_document.hash).where(
                _document.site == self.store.site,
                _document.media_type == MEDIA_TYPE,
                _document.first_used <= version.first_used,
                _document.hash != version.hash,
            )
            order = (_document.first_used.desc(), _document.hash.desc())
            rows = fetch(now.connection, query.order_by(*order).limit(SIZE))
        hashes = (hash for (hash,) in rows)
        labels = ((hash, self._label(hash)) for hash in hashes)
        return next((h for h, label in labels if label and label[0] == version.language), None)

    def newest(self, until_ms: int) -> tuple[int, str] | None:
        """
        Return the version that was shown last before *until_ms*, after when it was; None: none was.

        That is the one of the last decision, as a site may go back to an earlier one, unless
        another one was first used later, the decisions under which are gone.
        """
        with self.store.snapshot() as now:
            query = select(_document.first_used, _document.hash).where(
                _document.site == self.store.site,
                _document.media_type == MEDIA_TYPE,
                _document.first_used < until_ms,
            )
            rows = fetch(now.connection, query.order_by(_document.first_used.desc()).limit(1))
            last = page(now, Selection(kind=DECISION), before=floor(max(until_ms, 0)).int).rows
        used = ((row.at, hash) for row in last if (hash := fields_of(row.body).get("notice")))
        return max([*map(tuple, rows), *islice(used, 1)], default=None)

    def _version(self, hash: str, first: int, used: Mapping[str, Use]) -> Version:
        label = self._label(hash)
        return Version(hash, first, *(label or ("?", ())), used.get(hash), label is None)

    def _label(self, hash: str) -> tuple[str, tuple[str, ...]] | None:
        """Return language and services of a version; None: it was altered in the database."""
        if hash not in self._labels:
            try:
                found = notice(self.store, hash)
            except LogUnavailable:
                raise
            except LogError:
                return None
            content: Mapping[str, Any] = found.content if found else {"services": ()}
            names = tuple(service["name"] for service in content["services"])
            self._labels[hash] = (str(content.get("language", "?")), names)
        return self._labels[hash]


def uses(trees: Trees, hash: str | None = None) -> dict[str, Use]:
    """Return how versions were used, by hash: all, or the one of *hash*."""
    found: dict[str, Use] = {}
    for value, kind, count, first, last in _counts(trees, hash):
        old = found.get(value, Use(first, last, {}))
        counts = {**old.counts, kind: old.counts.get(kind, 0) + int(count)}
        found[value] = Use(min(first, old.first), max(last, old.last), counts)
    return found


def _counts(trees: Trees, hash: str | None) -> Iterator[Any]:
    bounds = (func.min(_daily.day), func.max(_daily.day))
    for days in known_days(trees):
        # Named one by one, as the key begins with the day.
        query = (
            select(_daily.value, _daily.kind, func.sum(_daily.count), *bounds)
            .where(trees.own(tables.daily), _daily.day.in_(list(days)), _daily.what == "notice")
            .group_by(_daily.value, _daily.kind)
        )
        yield from fetch(
            trees.connection, query if hash is None else query.where(_daily.value == hash)
        )
