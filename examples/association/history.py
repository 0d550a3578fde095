"""
An invented past: decisions of the last twelve months, as if visitors had made them.

There are three versions of the notice. At first the association has no map and speaks Polish too,
then the map comes, and since it moved the notice is the one of today. More people come in spring
and autumn and on weekdays; a few days are busy. Some who agreed change or withdraw later.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from heapq import heappop, heappush
from math import pi, sin
from pathlib import Path
from random import Random
from uuid import UUID

from flask import request

from consent.choice.decide import by_purpose
from consent.choice.receipt import new_receipt
from consent.log.event import Event, decision
from consent.policy.file import parse
from consent.version import SOFTWARE
from consent.web.notices import NoticeBook, Shown
from consent.web.site import Site

#: The policy of today.
POLICY = Path(__file__).with_name("consent.toml")

DAYS = 365
DAY_NS = 86_400_000_000_000

#: The day, counted from the first, on which the second and the third version of the notice begin.
SECOND, THIRD = 120, 250

#: Of a hundred decisions of the first layer, how many are which.
FIRST = {"accept": 36, "reject": 45, "save": 11, "allow": 3, "once": 5}

#: Of a hundred who agreed, how many come back to do what.
LATER = {"nothing": 88, "withdraw": 7, "change": 5}

LANGUAGES = {"de": 84, "en": 12, "pl": 4}


@dataclass(frozen=True, slots=True)
class _Agreed:
    """Somebody who agreed to something and comes back."""

    receipt: str
    previous: UUID
    notice: Shown
    granted: frozenset[str]
    wish: str


@dataclass
class History:
    """The past of *site* up to now, of about so many decisions as are asked for."""

    site: Site
    end_ns: int
    chance: Random

    def __post_init__(self) -> None:
        self._back: list[tuple[int, int, _Agreed]] = []
        self._versions = self._make_versions()

    def days(self, count: int) -> Iterator[tuple[int, list[tuple[Event, Shown]]]]:
        """
        Give *count* decisions day by day, in order, each with what was shown.

        With them when the day ends, in nanoseconds since 1970 UTC; the last one ends now.
        """
        last = datetime.fromtimestamp(self.end_ns // 1_000_000_000, UTC).date()
        first = last - timedelta(days=DAYS - 1)
        weights = [_weight(first + timedelta(days=n), n, self.chance) for n in range(DAYS)]
        total, given, done = sum(weights), 0, 0.0
        for n, weight in enumerate(weights):
            done += weight
            quota = round(count * done / total) - given
            given += quota
            start = _ns(first + timedelta(days=n))
            end = min(start + DAY_NS, self.end_ns)
            yield end, self._day(n, start, end, quota)

    def _day(self, day: int, start: int, end: int, quota: int) -> list[tuple[Event, Shown]]:
        moments = sorted(self._moment(start, end) for _ in range(quota))
        made = []
        for now in moments:
            if self._back and self._back[0][0] <= now:
                made.append(self._return(now, heappop(self._back)[2]))
            else:
                made.append(self._first(now, self._pick_notice(day)))
        return made

    def _moment(self, start: int, end: int) -> int:
        """Return a time of the day; most visit in the evening."""
        return start + int((end - start) * self.chance.betavariate(5, 2.5))

    def _first(self, now: int, shown: Shown) -> tuple[Event, Shown]:
        wish, offered = self._pick(FIRST), sorted(shown.notice.terms)
        if wish == "reject":
            return self._event(now, shown, "refusal", "reject"), shown
        if wish == "once":
            granted = frozenset([self.chance.choice(offered[1:])])
            return self._event(now, shown, "once", "once", granted), shown
        some = self.chance.sample(offered, 1 if wish == "allow" else len(offered) - 1)
        granted = frozenset(offered if wish == "accept" else some)
        event = self._event(now, shown, "grant", wish, granted, new_receipt())
        self._come_back(now, event, shown, granted)
        return event, shown

    def _return(self, now: int, who: _Agreed) -> tuple[Event, Shown]:
        shown = who.notice
        if who.wish == "withdraw":
            left: frozenset[str] = frozenset()
        else:
            others = [s for s in sorted(shown.notice.terms) if s not in who.granted]
            left = frozenset(others or sorted(who.granted)[:1])
        kind = "change" if left else "withdrawal"
        control = "save" if left else "withdraw"
        event = self._event(now, shown, kind, control, left, who.receipt, who.previous)
        if left:
            self._come_back(now, event, shown, left)
        return event, shown

    def _come_back(self, now: int, event: Event, shown: Shown, granted: frozenset[str]) -> None:
        wish = self._pick(LATER)
        if wish != "nothing" and event.receipt:
            later = now + int(self.chance.expovariate(1 / 30) * DAY_NS) + 60_000_000_000
            who = _Agreed(event.receipt, event.id, shown, granted, wish)
            heappush(self._back, (later, event.id.int, who))

    def _event(
        self,
        now: int,
        shown: Shown,
        kind: str,
        control: str,
        granted: frozenset[str] = frozenset(),
        receipt: str | None = None,
        previous: UUID | None = None,
    ) -> Event:
        offered = frozenset(shown.notice.terms)
        is_single = control in ("allow", "once")
        refused = frozenset() if is_single else offered - granted
        lifetime = timedelta(days=self.site.config.policy.lifetime - 1)
        last = datetime.fromtimestamp(now // 1_000_000_000, UTC).date() + lifetime
        return decision(
            now_ns=now,
            site=self.site.store.site,
            notice=shown.notice.hash,
            language=shown.notice.language,
            layer=_layer(control),
            control=control,
            kind=kind,
            granted=granted,
            refused=refused,
            undecided=offered - granted - refused,
            purposes=by_purpose(shown.notice.purposes, granted, refused),
            receipt=receipt,
            previous=previous,
            valid_until=None if kind == "once" else last.isoformat(),
            software=SOFTWARE,
        )

    def _pick(self, weights: Mapping[str, int]) -> str:
        return self.chance.choices(list(weights), list(weights.values()))[0]

    def _pick_notice(self, day: int) -> Shown:
        version = self._versions[(day >= SECOND) + (day >= THIRD)]
        return version[self._pick({name: LANGUAGES[name] for name in version})]

    def _make_versions(self) -> list[dict[str, Shown]]:
        table = tomllib.loads(POLICY.read_text(encoding="utf-8"))
        fewer = {id: row for id, row in table["services"].items() if id != "openstreetmap"}
        first = table | {"languages": [*table["languages"], "pl"], "services": fewer}
        moved = table["controller"] | {"address": "Am Anger 2, 05432 Neuenaue"}
        versions = []
        for made in (first, table | {"controller": moved}, table):
            policy = parse(made, POLICY.name)
            book = NoticeBook(self.site.app, policy, self.site.store)
            versions.append(
                {
                    name: book.shown(name, request.root_path, request.scheme)
                    for name in policy.languages
                }
            )
        return versions


def past(site: Site) -> History:
    """Return the past of *site* up to a minute ago, the same in each run but for its ids."""
    return History(site, time.time_ns() - 60_000_000_000, Random(1902))


def _layer(control: str) -> str:
    if control in ("allow", "once"):
        return "placeholder"
    return "settings" if control in ("save", "withdraw") else "banner"


def _weight(day: date, n: int, chance: Random) -> float:
    """Return how many come on a *day*, the *n*-th, beside other days."""
    season = 1 + 0.35 * sin(4 * pi * (day.timetuple().tm_yday - 60) / 365)
    weekday = 0.6 if day.weekday() >= 5 else 1.0
    busy = 3.0 if chance.random() < 0.02 else 1.0
    return season * weekday * busy * (1 + n / DAYS) * chance.uniform(0.8, 1.2)


def _ns(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1_000_000_000
