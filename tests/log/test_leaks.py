"""Counts of what browsers refused, in the database of the log."""

import pytest

from consent.log.leaks import DAYS, ROWS, Leak, LeakBook
from tests.log.samples import SITE

FAR = ("https://far.example", "img-src")
DAY = 20_000


@pytest.fixture
def book(url):
    book = LeakBook(url, SITE)
    yield book
    book.close()


class TestLeakBook:
    """On SQLite; the class below runs all of it on PostgreSQL."""

    def test_what_was_refused_is_counted_by_day(self, book):
        """
        An operator sees how often, and on which days, an origin was refused under a directive.
        """
        book.count([FAR, FAR, ("https://near.example", "frame-src")], DAY)
        book.count([FAR], DAY + 2)

        assert book.since(DAY) == [
            Leak(*FAR, count=3, first=DAY, last=DAY + 2),
            Leak("https://near.example", "frame-src", count=1, first=DAY, last=DAY),
        ]
        assert book.since(DAY + 1) == [Leak(*FAR, count=1, first=DAY + 2, last=DAY + 2)]

    def test_sites_in_one_database_are_apart(self, url, book):
        """
        A site sees its own and nobody else's.
        """
        other = LeakBook(url, "other.example")
        other.count([FAR], DAY)

        assert book.since(DAY) == []
        other.close()

    def test_a_day_has_an_end(self, book):
        """
        Invented origins fill no disk: what is new is passed over once a day has its number of
        rows, and what is known counts on.
        """
        book.count([(f"https://a{number}.example", "img-src") for number in range(ROWS)], DAY)
        book.count([FAR, ("https://a0.example", "img-src")], DAY)

        found = book.since(DAY)
        assert len(found) == ROWS
        assert found[0] == Leak("https://a0.example", "img-src", 2, DAY, DAY)
        assert FAR[0] not in {leak.origin for leak in found}

    def test_who_may_add_nothing_more_still_counts(self, book):
        """
        Somebody who has brought enough that is new brings no more of it, and is heard about what is
        known.
        """
        near, answers = ("https://near.example", "frame-src"), iter([True, False])
        book.count([FAR, FAR, near], DAY, lambda: next(answers))
        book.count([near], DAY)

        assert book.since(DAY) == [Leak(*FAR, 2, DAY, DAY), Leak(*near, 1, DAY, DAY)]
        assert next(answers, None) is None

    def test_days_are_forgotten(self, book):
        """
        What was refused long ago goes when a new day begins.
        """
        book.count([FAR], DAY)
        book.count([FAR], DAY + DAYS)

        assert book.since(0) == [Leak(*FAR, 1, DAY + DAYS, DAY + DAYS)]


class TestLeakBookOnPostgreSQL(TestLeakBook):
    """The same promises on the other database."""

    @pytest.fixture
    def url(self, postgresql):
        return postgresql
