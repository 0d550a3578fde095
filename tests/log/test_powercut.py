"""What was acknowledged survives a power cut at any moment; what was published, too."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.log.processes import started

#: States of the disk that are tried; all of them, some hundreds, where there is time.
STATES = 10_000 if os.environ.get("CONSENTRY_LONG") else 24

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("strace"), reason="no strace; apt install strace"),
]


def replay(folder, *about) -> tuple[int, ...]:
    """Return how many calls and states there were, how many states were tried, how many bad."""
    with started("-m", "tests.log.powercut", folder, *about) as [program]:
        numbers = program.hear().split()
        assert program.end() == 0
    return tuple(map(int, numbers))


def test_a_power_cut_at_any_moment_loses_nothing(tmp_path):
    """
    Whatever the disk kept of what it was not made to keep, in whatever order: every event that
    was acknowledged is in the log, every checkpoint that was published is its beginning, anchors
    and key are there, and the next process seals on (EV-01, EV-08).
    """
    calls, states, tried, lost = replay(tmp_path, STATES)

    assert calls > 100
    assert states > 200
    assert tried == min(STATES, states)
    assert lost == 0


def test_the_replay_finds_what_is_not_durable(tmp_path):
    """
    The same replay finds losses where SQLite waits for the disk less often than it does here.
    """
    *_, tried, lost = replay(tmp_path, 12, "NORMAL")

    assert tried == 12
    assert lost > 0
