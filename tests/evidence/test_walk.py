"""An operator and an auditor walk at random, and what the log promises holds after every step."""

from __future__ import annotations

from functools import partial

import pytest

from tests import postgres
from tests.evidence.walk import SHORT, walk


@pytest.mark.parametrize("seed", range(3))
def test_a_short_walk(seed):
    """
    Whatever operator, auditors and visitors do in whatever order, and wherever it is cut off: what
    was acknowledged is in the log, what was erased is nowhere, every bundle verifies, a rollback is
    told, and each command says what it did or what to do (EV-01, EV-07, EV-08, EV-15, AU-09).
    """
    walk(seed, SHORT)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(100, 220))
def test_a_long_walk(seed):
    """
    So it is on longer ways.
    """
    walk(seed, 70)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(300, 340))
def test_a_long_walk_on_postgresql(seed, server):
    """
    And with PostgreSQL.
    """
    walk(seed, 60, partial(postgres.database, server))
