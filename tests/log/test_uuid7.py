"""Ids are those of RFC 9562, and their order is the order of time."""

from __future__ import annotations

from uuid import RFC_4122, UUID

import pytest

from consent.log.uuid7 import floor, uuid7
from tests.log.samples import MS, NOW

#: RFC 9562, appendix A.6: 2022-02-22T19:22:22Z with 0xCC3 in the twelve bits after the version.
EXAMPLE = UUID("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")
EXAMPLE_MS = 0x017F22E279B0


@pytest.mark.usefixtures("no_chance")
def test_the_example_of_the_standard_comes_out():
    """
    An id has the form that RFC 9562 shows in its example, bit by bit.
    """
    within = -(-0xCC3 * MS // 4096)  # the first nanosecond of that 4096th of a millisecond

    assert uuid7(EXAMPLE_MS * MS + within) == EXAMPLE


def test_others_recognise_the_version():
    """
    Any program that knows UUIDs sees version 7 in an id.
    """
    id = uuid7(NOW)

    assert (id.version, id.variant) == (7, RFC_4122)


def test_the_order_of_ids_is_the_order_of_time():
    """
    What happened later sorts later, to a quarter of a thousandth of a millisecond.
    """
    ids = [uuid7(NOW + step * 250) for step in range(5000)]

    assert ids == sorted(ids)


def test_ids_of_the_same_moment_differ():
    """
    Two decisions in the same nanosecond are two events.
    """
    assert len({uuid7(NOW) for _ in range(1000)}) == 1000


@pytest.mark.parametrize("within", [0, 1, MS - 1], ids=["first", "second", "last"])
def test_a_range_of_time_is_a_range_of_ids(within):
    """
    Every id of a millisecond lies between the floor of this one and of the next.
    """
    ms = NOW // MS

    assert floor(ms) <= uuid7(ms * MS + within) < floor(ms + 1)
