"""Two at once: whatever somebody does between two steps of another, the log goes on and holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count, product
from pathlib import Path

import pytest

from consent.audit.inspection import inspect
from consent.errors import LogError
from consent.log import succession
from consent.log.anchor import Anchors
from consent.log.database.connection import file_in
from consent.log.database.prepared import Prepared
from consent.log.erase import Eraser
from consent.log.seal import Sealer
from consent.log.store import Store
from tests.log.samples import DAY, MS, NOW, RECEIPT, SITE, SOFTWARE, make

#: In the next year.
LATER = NOW + 60 * DAY

#: What somebody does, with what and when.
Deed = Callable[[Sealer, int], object]

DEEDS: dict[str, Deed] = {
    "seals": lambda sealer, now: sealer.seal(now),
    "erases": lambda sealer, now: Eraser(sealer, "x").erase_receipt(RECEIPT, "art-17", now),
    "rotates": lambda sealer, now: succession.rotate(sealer, "x", now_ns=now),
}

#: Between what another one may come.
STEPS = ((Prepared, "transact"), (Store, "is_waiting"), (Anchors, "append"), (Anchors, "newest"))


def operator(folder: Path) -> Sealer:
    """Return somebody at work in a process of their own."""
    store = Store(file_in(folder, "consent.sqlite3"), SITE)
    return Sealer(store, folder / "consent.key", SOFTWARE)


@contextmanager
def interrupted(at: int, by: Callable[[], object]) -> Iterator[Callable[[], bool]]:
    """Let *by* happen after so many steps; give what tells whether there were so many."""
    done, deep = count(), []

    def hooked(step):
        def run(*about):
            if deep:  # within a transaction nobody else writes
                return step(*about)
            deep.append(step)
            try:
                answer = step(*about)
                if next(done) == at:
                    by()
                return answer
            finally:
                deep.pop()

        return run

    with pytest.MonkeyPatch.context() as patch:
        for kind, name in STEPS:
            patch.setattr(kind, name, hooked(getattr(kind, name)))
        yield lambda: next(done) > at


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(*pair, marks=() if len({*pair}) == 1 else pytest.mark.thorough)
        for pair in product(DEEDS, repeat=2)
    ],
)
def test_the_log_goes_on_and_holds(tmp_path, first, second):
    """
    At the turn of a year, one seals, erases or changes the key a moment after midnight, and in
    the middle of it another one whose clock says a moment before: either may be told that it
    cannot be, and what is decided next is sealed, published and proven (EV-01, EV-08).
    """
    for step in count():
        one, other = operator(tmp_path / str(step)), operator(tmp_path / str(step))
        one.key.parent.mkdir()
        for n in range(3):
            one.store.append(make(now_ns=NOW + n * MS, receipt=RECEIPT if n else "Q" * 26))
            if not n:
                one.seal(NOW)

        def come_between(other: Sealer = other) -> None:
            with suppress(LogError):
                DEEDS[second](other, NOW)

        with interrupted(step, come_between) as was_reached, suppress(LogError):
            DEEDS[first](one, LATER)
        if one.key.with_name("consent.key.next").exists():
            succession.rotate(one, "x", now_ns=LATER)  # as who was told to
        one.store.append(make(now_ns=LATER + MS, receipt="R" * 26))
        one.seal(LATER)

        assert not one.store.is_waiting(), step
        assert inspect(one).findings == (), step
        assert one.store.logs()[-1].checkpoint in one.anchors.newest(SITE).values(), step
        one.store.close()
        other.store.close()
        if not was_reached():
            return
