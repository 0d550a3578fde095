"""Walks at random: steps as plain data, so that one can be taken again and be made shorter."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from traceback import extract_tb
from typing import Any

import pytest

from tests.evidence.clock import Clock
from tests.evidence.desk import World

START = datetime(2026, 11, 20, 10, tzinfo=UTC)
FORMATS = ("jsonl", "csv", "csv-excel", "xlsx", "parquet", "jsonld")
SERVICES = ("matomo", "youtube", "vimeo")
BUTTONS = ("accept", "reject", "save", "withdraw")
DAY = 86_400

#: Steps of a walk that is over soon.
SHORT = 25

#: Commands that are cut off; FILE is a new file, RECEIPT one that there is or was.
COMMANDS = (
    "seal",
    "erase RECEIPT --ground art-17",
    "expire",
    *(f"export --format {name} --out FILE" for name in ("bundle", "csv", "xlsx", "parquet")),
    "log rotate",
    "log reopen",
    "stats",
    "auditor invite Muster --url https://kreisverband.example",
)

Step = tuple[str, tuple[Any, ...]]


class Chance(random.Random):
    """Draws what steps need."""

    def one(self) -> int:
        return self.randrange(6)

    def perhaps(self) -> int | None:
        return self.choice([None, self.one()])

    def day(self) -> int | None:
        """Return how far a day is away."""
        return self.choice([None, None, 0, -1, -40, 1, -400])

    def some(self) -> tuple[str, ...]:
        return tuple(one for one in SERVICES if self.random() < 0.5)


#: How often, which method of the world, with what.
STEPS: list[tuple[float, str, Callable[[Chance], tuple[Any, ...]]]] = [
    (30, "decide", lambda c: (
        c.one(), c.choice([*BUTTONS, "allow", "once"]), c.some(), c.choice(["banner", "settings"]),
    )),
    (3, "decide", lambda c: (c.one(), c.choice(BUTTONS), ("youtube",), "banner", True)),
    (3, "decide_when_full", lambda c: (
        c.one(), c.choice(BUTTONS), c.choice([0, 4096, 40_000, 120_000, 200_000]),
    )),
    (6, "download", lambda c: (c.one(),)),
    (5, "newcomer", lambda c: (c.one(),)),
    (8, "seal", lambda c: ()),
    (3, "seal_in_the_site", lambda c: ()),
    (8, "pass_by", lambda c: (c.choice([0.001, 60, 3600, DAY, -3, -0.5, 40 * DAY]),)),
    (0.7, "pass_by", lambda c: (c.choice([1, 3]) * 366 * DAY,)),
    (2, "jump", lambda c: c.choice([(1, 1), (2, 28), (3, 1)])),
    (4, "erase", lambda c: (c.one(),)),
    (3, "expire", lambda c: ()),
    (2, "rotate", lambda c: ()),
    (1, "lose_key", lambda c: ()),
    (2, "rotate_lost", lambda c: ()),
    (3, "copy", lambda c: ()),
    (2, "restore", lambda c: (c.one(), c.random() < 0.7)),
    (3, "reopen", lambda c: ()),
    (1, "stamp", lambda c: ()),
    (5, "export", lambda c: (c.choice(FORMATS), c.day(), c.day())),
    (3, "bundle", lambda c: (c.day(), c.day(), c.perhaps())),
    (4, "bundle", lambda c: (None, None, c.perhaps(), c.perhaps(), c.day())),
    (6, "bundle", lambda c: (None, None, c.perhaps())),
    (5, "compare", lambda c: (c.one(), c.one())),
    (3, "show", lambda c: (c.one(),)),
    (3, "stats", lambda c: (c.day(), c.day())),
    (1.5, "check", lambda c: ()),
    (1, "new_secret", lambda c: (c.random() < 0.7,)),
    (1.5, "restart", lambda c: (
        c.some() or ("vimeo",), c.choice([("de", "en"), ("en",), ("fr", "de")]),
        c.choice([180, 365, 30]), c.choice(["3 years", "1 year", "18 months"]),
    )),
    (1, "newer", lambda c: (c.some() or ("matomo",),)),
    (3, "run_when_full", lambda c: (
        c.choice([0, 100, 4096, 40_000, 120_000, 200_000]), c.choice(COMMANDS), c.one(),
    )),
    (5, "run_killed", lambda c: (c.randrange(110), c.choice(COMMANDS), c.one())),
    (1, "invite", lambda c: ()),
    (2, "enter", lambda c: (c.one(),)),
    (0.7, "revoke", lambda c: (c.one(),)),
]  # fmt: skip


def steps(seed: int) -> Iterator[Step]:
    """Give steps at random, without end."""
    chance = Chance(seed)
    weights = [weight for weight, *_ in STEPS]
    while True:
        _, name, draw = chance.choices(STEPS, weights)[0]
        yield name, draw(chance)


def take(world: World, name: str, about: tuple[Any, ...]) -> None:
    """Take one step."""

    def day(away: int | None):
        return None if away is None else world.clock.today + timedelta(away)

    match name, about:
        case "pass_by" | "jump", _:
            getattr(world.clock, name)(*about)
        case "decide", _:
            world.clock.pass_by(1)
            world.decide(*about)
        case "decide_when_full", (who, decision, size) if not world.site.database:
            world.decide_when_full(who, decision, size)
        case "decide_when_full", _:
            pass  # the disk is another one
        case "export", (format, since, until):
            world.export(format, day(since), day(until))
        case "bundle", (since, until, previous, *more):
            start, end = more or (None, None)
            world.bundle(day(since), day(until), previous, start, day(end))
        case "stats", (since, until):
            world.stats(day(since), day(until))
        case "restart", (services, languages, lifetime, retention):
            world.restart(
                services=services, languages=languages, lifetime=lifetime, retention=retention
            )
        case "newer", (services,):
            if len(world.site.apps) < 3:
                world.newer(services=services)
        case "run_when_full" | "run_killed", (limit, command, number):
            named = {"RECEIPT": world.receipt(number), "FILE": str(world.out("x"))}
            getattr(world, name)(limit, *(named.get(word, word) for word in command.split()))
        case _:
            getattr(world, name)(*about)


def walked(path: Sequence[Step], database: str | None = None) -> tuple[int, Exception] | None:
    """Take all steps of a *path*, bring the site in order; return after how many that failed."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        world, left = World(Path(folder), Clock(patch, START), database), list(path)
        try:
            while left:
                take(world, *left[0])
                left.pop(0)
            world.finish(by_shell=len(path) > SHORT)
        except Exception as error:  # noqa: BLE001 - of any kind, it is told with its path
            return len(path) - len(left), error
        finally:
            world.site.close()
    return None


def walk(seed: int, length: int, database: Callable[[], str | None] = lambda: None) -> None:
    """Walk at random; a walk that fails is told as short as it can be made."""
    path = list(islice(steps(seed), length))
    failed = walked(path, database())
    if failed is None:
        return
    path, error = shortened(path, failed, database)
    told = "".join(f"\n    {step!r}," for step in path)
    raise AssertionError(f"a walk with the seed {seed} failed; in short:{told}") from error


def shortened(
    path: list[Step], failed: tuple[int, Exception], database: Callable[[], str | None]
) -> tuple[list[Step], Exception]:
    """Leave out what is not needed to fail at the same place."""
    number, error = failed
    path, size = path[: number + 1], max(1, number // 2)
    while size:
        start = 0
        while start < len(path):
            part = path[:start] + path[start + size :]
            again = walked(part, database())
            if again and _place(again[1]) == _place(error):
                path, error = part[: again[0] + 1], again[1]
            else:
                start += size
        size //= 2
    return path, error


def _place(error: Exception) -> tuple[type, str, int | None]:
    last = extract_tb(error.__traceback__)[-1]
    return type(error), last.filename, last.lineno
