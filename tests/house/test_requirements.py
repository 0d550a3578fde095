"""What is asked of a consent banner is known, counted and shown by tests."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tools import requirements
from tools.requirements import ID, ROOT, TABLE, WEIGHTS, promises, shown, table

#: The groups of what a visitor meets: here every should is shown, too.
VISITOR = {"FL", "SL", "PS", "WD", "RP", "SG", "AX", "LA"}

#: What is owed and not shown yet. It may only shrink.
OPEN: set[str] = set()

SAMPLE = '''
"""A module says FL-01."""

def test_plain():
    """A sentence (FL-02, AX-19; FL-02 again). UTF-8 and FL-2 are no ids."""

class TestGroup:
    """A class says FL-03."""

    def test_inside(self):
        """
        More (SL-09).
        """

    def helper(self):
        """Not a test (FL-04)."""
'''


@pytest.fixture(scope="module")
def known() -> dict[str, requirements.Requirement]:
    return {row.id: row for row in requirements.requirements()}


def test_only_the_docstring_of_a_test_shows_anything(tmp_path):
    """
    What a module, a class or a comment names is not thereby tested.
    """
    file = tmp_path / "test_sample.py"
    file.write_text(SAMPLE, encoding="utf-8")

    found = {name: ID.findall(promise) for name, promise in promises(file)}

    assert found == {
        "test_plain": ["FL-02", "AX-19", "FL-02"],
        "TestGroup::test_inside": ["SL-09"],
    }


def test_every_requirement_is_one_plain_sentence(known):
    """
    Each of the 186 requirements has an id of its own, a weight, and one sentence.
    """
    rows = list(requirements.requirements())

    assert len(rows) == len(known) == 186
    assert {row.weight for row in rows} == set(WEIGHTS)
    assert [row.id for row in rows if not ID.fullmatch(row.id) or row.says[-1] != "."] == []
    assert [row.id for row in rows if "|" in row.says + row.law + row.by_hand] == []


def test_the_numbers_of_a_group_have_no_gap(known):
    """
    Ids are counted from 01 in each group, so that none can be lost.
    """
    sizes = Counter(id[:2] for id in known)

    assert list(known) == [f"{g}-{n:02}" for g, size in sizes.items() for n in range(1, size + 1)]


def test_every_id_that_a_test_names_exists(known):
    """
    A test cannot claim to show what nobody asked for.
    """
    assert {id: tests for id, tests in shown().items() if id not in known} == {}


def test_ids_are_spelled_out():
    """
    No test hides ids in a span of them, so that each can be found.
    """
    span = re.compile(rf"{ID.pattern} ?(?:to|–|-|…) ?(?:{ID.pattern}|\d)")
    found = [
        f"{path.name}: {name}"
        for path in sorted(ROOT.glob("tests/**/test_*.py"))
        for name, promise in promises(path)
        if span.search(promise)
    ]

    assert found == []


def test_what_is_owed_is_shown(known):
    """
    Every must, and every should of what a visitor meets, has a test that names it, or says how a
    person checks it.
    """
    named = shown()
    missing = {
        id
        for id, row in known.items()
        if row.weight == "must" or (row.weight == "should" and id[:2] in VISITOR)
        if id not in named and not row.by_hand
    }

    assert missing == OPEN


def test_the_table_is_up_to_date():
    """
    The page of the requirements is the one that follows from the tests; `make docs` writes it.
    """
    assert TABLE.read_text(encoding="utf-8") == table()
