"""Whatever fails in the system while a log is sealed, nothing is lost and nothing doubled."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.log.processes import started

#: One in so many faults is tried; all of them where there is time.
STEP = 1 if os.environ.get("CONSENTRY_LONG") else 16


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("strace"), reason="no strace; on Debian: apt install strace")
def test_a_fault_at_any_write_or_sync_does_no_harm(tmp_path):
    """
    A process that is killed, or gets an error of the disk or a full one, at any write or sync of
    the very first seal leaves a log that is whole; the next process seals everything once, and
    nothing was published that is not there (EV-01, EV-08).
    """
    with started("-m", "tests.log.injected", tmp_path, STEP) as [program]:
        tried = int(program.hear() or "0")

        assert program.end() == 0
    assert tried >= 5
