"""A test that tries many values tells of each that is wrong."""

from __future__ import annotations

import pytest

from tests.each import each


def test_every_value_that_fails_is_named():
    """
    One wrong value hides no other.
    """

    @each("number, limit", [(1, 2), (5, 3), (4, 3)])
    def test(number, limit):
        assert number < limit

    with pytest.raises(AssertionError) as caught:
        test()

    assert "2 of 3" in str(caught.value)
    assert "(5, 3)" in str(caught.value)
    assert "(4, 3)" in str(caught.value)
    assert "(1, 2)" not in str(caught.value)


def test_there_is_something_to_try():
    """
    A list that came out empty is no success.
    """
    with pytest.raises(ValueError, match="no number to try"):
        each("number", [])
