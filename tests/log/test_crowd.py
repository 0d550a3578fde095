"""Many processes at one log, some of which die, lose nothing and seal nothing twice."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from consent.errors import LogUnavailable
from consent.log.seal import Sealer
from consent.log.store import Store
from tests.log.audit import audit
from tests.log.processes import started
from tests.log.samples import SITE, SOFTWARE
from tests.postgres import Cluster, NotInstalledError

#: Seconds that the crowd is at work; much longer where there is time.
SECONDS = 60 if os.environ.get("CONSENTRY_LONG") else 2

#: How often the server goes down.
RESTARTS = 8 if os.environ.get("CONSENTRY_LONG") else 1

WRITERS, SEALERS = 8, 4


def seal_all(sealer: Sealer) -> None:
    """Seal what waits; a machine that is busy may need more than one try."""
    for _ in range(10):
        try:
            sealer.seal()
        except LogUnavailable:
            time.sleep(0.5)
        else:
            return
    sealer.seal()


def require_once(store: Store, sealer: Sealer, notes: Path) -> int:
    """Require that what was told is sealed, once, and nobody failed; return how many that were."""
    assert [file.read_text() for file in notes.glob("*.err")] == []
    told = b"".join(file.read_bytes() for file in notes.glob("*.ids"))
    ids = {told[n : n + 16] for n in range(0, len(told) - 15, 16)}
    sealed = audit(store, sealer.anchors)
    assert ids <= set(sealed)
    assert len(sealed) == len(set(sealed))
    return len(ids)


class TestCrowd:
    """On SQLite; the class below runs all of it on PostgreSQL."""

    @pytest.mark.slow
    def test_every_event_that_was_told_is_sealed_once(self, store, sealer, url, tmp_path):
        """
        Eight writers and four sealers that are killed at random: every decision that was told to
        be durable has exactly one place, all places are filled, and everything that was
        published still holds (EV-01, EV-08).
        """
        notes = tmp_path / "notes"
        notes.mkdir()
        store.count()
        words = (url, sealer.key, notes, SECONDS, WRITERS, SEALERS)
        with started("-m", "tests.log.crowd", *words) as [crowd]:
            killed = int(crowd.hear() or "0")
            assert crowd.end() == 0
        seal_all(sealer)

        assert killed > 2
        assert require_once(store, sealer, notes) >= 10


class TestCrowdOnPostgreSQL(TestCrowd):
    """The same promises on PostgreSQL."""

    @pytest.fixture
    def url(self, postgresql: str) -> str:
        return postgresql


@pytest.mark.slow
def test_a_server_that_goes_down_under_load_loses_nothing(tmp_path):
    """
    While processes write and seal, the PostgreSQL server goes down without waiting for anybody
    and comes back: who was told that a decision is durable finds it sealed once, the others were
    told that it is not, and all go on without being started anew (EV-01, EV-08).
    """
    try:
        cluster = Cluster()
    except NotInstalledError as error:
        pytest.skip(str(error))
    notes = tmp_path / "notes"
    notes.mkdir()
    with cluster:
        url = cluster.database()
        sealer = Sealer(Store(url, SITE), tmp_path / "keys" / "consent.key", SOFTWARE)
        sealer.store.count()
        words = (url, sealer.key, notes, 0, 4, 2, "patient")
        with started("-m", "tests.log.crowd", *words) as [crowd]:
            between = [_written(notes, more_than=0)]
            for _ in range(RESTARTS):
                cluster.stop()
                cluster.start()
                between.append(_written(notes, more_than=between[-1]))
            assert crowd.end() == 0
        seal_all(sealer)

        assert between == sorted(set(between))
        assert list(notes.glob("*.refused"))
        assert require_once(sealer.store, sealer, notes) >= between[-1] // 16
        sealer.store.close()


def _written(notes: Path, more_than: int) -> int:
    """Wait until more than so many bytes of ids are noted, and return how many there are."""
    for _ in range(2_000):
        size = sum(file.stat().st_size for file in notes.glob("*.ids"))
        if size > more_than:
            return size
        time.sleep(0.01)
    raise AssertionError("nothing is written any more")
