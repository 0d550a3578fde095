"""What a decision costs the database, counted rather than timed."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import event as listening

from tests.conftest import Visitor
from tests.plans import statements


class TestDecision:
    """On SQLite; the class below runs all of it on PostgreSQL."""

    #: How the statements of a decision begin.
    RECORDED = ("INSERT INTO consent_event", "INSERT INTO consent_pending")

    @pytest.fixture
    def site(self, make_app):
        """A site on which somebody has accepted, and whom it was."""
        visitor = Visitor(make_app())
        visitor.decide("accept")
        return visitor.app.extensions["consentry"], visitor

    def asked(self, site, act) -> list[str]:
        """Return how each statement begins that *act* sends to the log's database."""
        with statements(site.store._engine) as asked:
            assert act().status_code == 303
        return [one.text.partition(" FROM")[0].partition(" (")[0] for one in asked]

    def test_a_decision_is_two_rows_in_one_transaction(self, site):
        """
        Who decides for the first time makes the database write the decision and that it waits to
        be sealed; nothing is looked up.
        """
        site, before = site
        visitor = Visitor(before.app)
        told = self.asked(site, lambda: visitor.decide("accept"))

        assert [text for text in told if text != "BEGIN IMMEDIATE"] == [*self.RECORDED]

    def test_a_change_looks_one_thing_up(self, site):
        """
        Who changes a decision needs one statement more, for the event that this one follows.
        """
        site, visitor = site
        told = self.asked(site, lambda: visitor.decide("save", "matomo"))

        assert [text for text in told if text != "BEGIN IMMEDIATE"] == [
            "SELECT body",
            *self.RECORDED,
        ]

    @pytest.mark.parametrize("control", ["reject", "accept", "withdraw"])
    def test_no_statement_of_a_decision_is_put_together_anew(self, site, control):
        """
        Statements of a decision are texts for the driver: that SQLAlchemy composes one takes
        longer than the database needs for all of them.
        """
        site, visitor = site
        composed = []
        engine = site.store._engine
        listening.listen(engine, "before_cursor_execute", lambda *about: composed.append(about))
        visitor.decide("save", "matomo")
        visitor.decide(control)

        assert composed == []

    def test_what_follows_a_decision_is_hardly_put_together_anew(self, site):
        """
        To seal and to count a decision, which nobody waits for, takes more than to record it; four
        of the statements are composed, all others are texts.
        """
        site, visitor = site
        site.sealer.seal()
        site.counter.catch_up()
        visitor.decide("save", "matomo")
        composed = []
        listening.listen(site.store._engine, "before_execute", lambda *one: composed.append(one))
        sealed = site.sealer.seal()
        counted, rest = site.counter.batch(), site.counter.batch()

        assert (sealed, counted.end - counted.start, rest) == (1, 1, None)
        assert len(composed) <= 4


class TestDecisionOnPostgreSQL(TestDecision):
    """The same promises on PostgreSQL, which writes both rows by one statement."""

    RECORDED = ("WITH new AS",)

    @pytest.fixture
    def make_app(self, make_app, postgresql: str):
        return partial(make_app, CONSENT_DATABASE=postgresql)
