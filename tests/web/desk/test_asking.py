"""What the forms of the desk make of what was typed."""

from __future__ import annotations

import pytest

from consent.web.desk.asking import SHOWN, shown
from tests.web.desk.reader import Reader


@pytest.fixture
def reader(make_app) -> Reader:
    return Reader(make_app(CONSENT_AUDITOR=lambda: "Dr. Prüfer"), decisions=2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x" * SHOWN, "x" * SHOWN),
        ("x" * (SHOWN + 1), "x" * SHOWN + "…"),
        ("x" * 10_000, "x" * SHOWN + "…"),
        ("a\x00b\u202ec\nd", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"
         "\N{REPLACEMENT CHARACTER}d"),
    ],
    ids=["short", "one more", "long", "unprintable"],
)  # fmt: skip
def test_what_was_typed_is_said_again_in_short_and_in_print(text, said):
    """
    A message quotes a field cut where it is long, and with nothing in it that turns or breaks what
    is round it.
    """
    assert shown(text) == said


def test_white_space_round_a_field_does_no_harm(reader):
    """
    What was copied with a blank or the end of a line is read as without.
    """
    page = reader.get("/exports", format=" csv\n", since=" 2020-01-01 ", kind="refusal ")

    assert page.status_code == 200
    assert 'name="since" value="2020-01-01"' in page.text
    assert 'name="kind" value="refusal"' in page.text


def test_two_different_values_of_a_field_are_a_problem(reader):
    """
    Where an address says a field twice nobody knows which is meant, unless both are the same.
    """
    same = reader.get("/exports", format="csv", kind=["refusal", " refusal"])
    both = reader.get("/exports", format="csv", kind=["refusal", "grant"])

    assert (same.status_code, both.status_code) == (200, 400)
