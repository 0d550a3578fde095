"""The count of what comes from whom."""

from __future__ import annotations

import threading

import pytest
from limits import parse

from consent.web import flood


@pytest.fixture
def clock(monkeypatch):
    """Seconds that the count goes by."""
    time = [100.0]
    monkeypatch.setattr(flood, "monotonic", lambda: time[0])
    return time


def test_each_has_a_rate_of_their_own(clock):
    """One address that has used up its decisions takes none from another."""
    gate = flood.Floodgate(parse("2 per minute"))
    assert [gate.admits(who) for who in ("a", "a", "a", "b")] == [True, True, False, True]


def test_who_was_slowed_is_let_through_once_the_time_is_over(clock):
    """A window is as long as the rate says and ends for those, too, that kept trying."""
    gate = flood.Floodgate(parse("1 per 2 minutes"))
    assert gate.admits("a")
    clock[0] += 119.9
    assert not gate.admits("a")
    clock[0] += 0.1
    assert [gate.admits("a"), gate.admits("a")] == [True, False]


def test_nobody_is_remembered_longer_than_a_window(clock):
    """Addresses are forgotten, all of them, with the first that comes after."""
    gate = flood.Floodgate(parse("1 per second"))
    for n in range(1000):
        gate.admits(str(n))
    clock[0] += 1
    gate.admits("a")
    assert list(gate._counts) == ["a"]


def test_counting_begins_no_thread():
    """A decision does not pay for a thread."""
    before = threading.active_count()
    gate = flood.Floodgate(parse("1000 per minute"))
    assert all(gate.admits(str(n)) for n in range(50))
    assert threading.active_count() == before
