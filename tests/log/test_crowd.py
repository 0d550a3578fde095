"""Many processes at one log, some of which die, lose nothing and seal nothing twice."""

from __future__ import annotations

import os

import pytest

from tests.log.audit import audit
from tests.log.processes import started

#: Seconds that the crowd is at work; much longer where there is time.
SECONDS = 60 if os.environ.get("CONSENTRY_LONG") else 5

WRITERS, SEALERS = 8, 4


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
        sealer.seal()

        assert [file.read_text() for file in notes.glob("*.err")] == []
        told = b"".join(file.read_bytes() for file in notes.glob("*.ids"))
        ids = {told[n : n + 16] for n in range(0, len(told) - 15, 16)}
        sealed = audit(store, sealer.anchors)
        assert killed > 5
        assert len(ids) >= 10
        assert ids <= set(sealed)
        assert len(sealed) == len(set(sealed))


class TestCrowdOnPostgreSQL(TestCrowd):
    """The same promises on PostgreSQL."""

    @pytest.fixture
    def url(self, postgresql: str) -> str:
        return postgresql
