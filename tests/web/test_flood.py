"""The count of what comes from whom."""

from __future__ import annotations

import threading

import pytest

from consent.web import flood
from consent.web.flood import Floodgate, read_rate


@pytest.fixture
def clock(monkeypatch):
    """Seconds that the count goes by."""
    time = [100.0]
    monkeypatch.setattr(flood, "monotonic", lambda: time[0])
    return time


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("1000 per minute", (1000, 60)),
        ("5/second", (5, 1)),
        (" 20  per 2 Hours ", (20, 7200)),
        ("1/3days", (1, 259_200)),
    ],
)
def test_rates_are_read_as_people_write_them(text, rate):
    """With a slash or "per", one or more of a unit, whatever the spaces and capitals."""
    assert read_rate(text) == rate


@pytest.mark.parametrize(
    "text",
    [
        "", "often", "10", "per minute", "10 perminute", "10 per 0 hours", "1.5/second", "2/week",
        "5 per ſecond", "1 per 1000000000 days", 10,
    ],
)  # fmt: skip
def test_what_is_no_rate_is_not_guessed(text):
    """A mistake is told at the start, never taken for some other rate."""
    with pytest.raises(ValueError, match="no rate"):
        read_rate(text)


def test_each_has_a_rate_of_their_own(clock):
    """One address that has used up its decisions takes none from another."""
    gate = Floodgate(read_rate("2 per minute"))
    assert [gate.admits(who) for who in ("a", "a", "a", "b")] == [True, True, False, True]


def test_who_was_slowed_is_let_through_once_the_time_is_over(clock):
    """A window is as long as the rate says and ends for those, too, that kept trying."""
    gate = Floodgate(read_rate("1 per 2 minutes"))
    assert gate.admits("a")
    clock[0] += 119.9
    assert not gate.admits("a")
    clock[0] += 0.1
    assert [gate.admits("a"), gate.admits("a")] == [True, False]


def test_nobody_is_remembered_longer_than_a_window(clock):
    """Addresses are forgotten, all of them, with the first that comes after."""
    gate = Floodgate(read_rate("1 per second"))
    for n in range(1000):
        gate.admits(str(n))
    clock[0] += 1
    gate.admits("a")
    assert len(gate._counts) == 1


def test_no_address_is_kept(clock):
    """
    What is counted for a day tells nobody who it was, nor whether one day's were another day's
    (SE-09).
    """
    gate, seen = Floodgate(read_rate("2 per day")), []
    for who in ("192.0.2.1", "192.0.2.1", "2001:db8:0:7::1"):
        gate.admits(who)
    seen += gate._counts
    assert b"192.0.2.1" not in b"".join(seen)
    assert [len(mark) for mark in seen] == [16, 16]
    clock[0] += 86_400
    gate.admits("192.0.2.1")

    assert not {*seen} & {*gate._counts}


def test_counting_begins_no_thread():
    """A decision does not pay for a thread."""
    before = threading.active_count()
    gate = Floodgate(read_rate("1000 per minute"))
    assert all(gate.admits(str(n)) for n in range(50))
    assert threading.active_count() == before


def test_a_network_of_ipv6_counts_as_one():
    """
    Whoever has a line has billions of addresses of IPv6, and is slowed as anybody else is (SE-09).
    """
    gate = Floodgate(read_rate("2 per minute"))
    admitted = [gate.admits(f"2001:db8:0:7:{n:x}00::1") for n in range(4)]

    assert admitted == [True, True, False, False]
    assert not gate.admits("2001:0DB8::7:0:0:0:9")
    assert gate.admits("2001:db8:0:8::1")


@pytest.mark.parametrize(
    "others",
    [
        ["192.0.2.1", "192.0.2.2"],
        ["::ffff:192.0.2.1", "::ffff:192.0.2.2"],
        ["", "unix:"],
        ["fe80::1:2%eth0:x:y", "no:address"],
    ],
)
def test_others_are_no_network(others):
    """
    Addresses of IPv4 stay apart, also as a server writes them that listens to both, and what
    is no address is counted as it is.
    """
    gate = Floodgate(read_rate("1 per minute"))

    assert [gate.admits(who) for who in (*others, *others)] == [True, True, False, False]


def test_an_address_of_ipv4_is_the_same_however_it_is_written():
    """
    A proxy and a server may write it differently.
    """
    gate = Floodgate(read_rate("1 per minute"))

    assert [gate.admits(who) for who in ("::ffff:192.0.2.1", "192.0.2.1")] == [True, False]
