"""Who may audit, and for how long."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from consent.audit.access import IDLE, LONGEST, MINUTE, OPENS, SHIFT, Access, Auditor, clean
from consent.day import DAY_MS as DAY
from consent.log.database import tables
from consent.log.store import Store
from tests.each import each

NOW = 1_795_578_600_123
END = NOW + 14 * DAY


class TestAccess:
    """On SQLite; the class below runs all of it on PostgreSQL."""

    @pytest.fixture
    def access(self, store):
        return Access(store)

    @pytest.fixture
    def invited(self, access):
        return access.invite("Anna", 14, NOW)

    def test_an_invitation_is_open_for_a_week_and_works_until_its_end(self, access, invited):
        """
        Who was invited for two weeks has one to open the link.
        """
        assert (invited.opens_until, invited.works_until) == (NOW + OPENS, END)
        assert invited.state(NOW) == "waiting"
        assert invited.state(NOW + OPENS) == "expired"
        assert access.invitations() == [invited]

    def test_no_invitation_is_called_like_an_option(self, access, monkeypatch):
        """
        The id of an invitation is given to a command, which takes what begins with "-" otherwise.
        """
        ids = iter(("-a", "-b", "c-"))
        monkeypatch.setattr("consent.audit.access.token_urlsafe", lambda _: next(ids))

        assert access.invite("Anna", 1, NOW).id == "c-"

    def test_a_short_invitation_is_not_open_longer_than_it_works(self, access):
        """
        Who was invited for a day has that day.
        """
        assert access.invite("Anna", 1, NOW).opens_until == NOW + DAY

    def test_a_link_lets_in_whom_it_is_for(self, access, invited):
        """
        Whoever opens the link is known by the secret from then on.
        """
        anna = access.open(invited.id, "", "secret", NOW)

        assert anna == Auditor(invited.id, "Anna", END)
        assert access.at_desk("secret", NOW) == anna
        assert anna.is_invited
        assert access.invitations()[0].state(NOW) == "opened"

    def test_a_link_opens_once(self, access, invited):
        """
        Nobody else comes in by a link that was opened, at once or later.
        """
        access.open(invited.id, "", "secret", NOW)

        assert access.openable(invited.id, "", NOW) is None
        assert access.openable(invited.id, "other", NOW) is None
        assert access.open(invited.id, "other", "new", NOW) is None
        assert access.at_desk("new", NOW) is None

    def test_a_link_opens_again_in_its_own_browser(self, access, invited):
        """
        After a pause the same browser opens its link again, under a new secret; the old one is
        of no use any more, and when it was opened first is not forgotten.
        """
        access.open(invited.id, "", "first", NOW)
        later = NOW + DAY
        assert access.at_desk("first", later) is None
        assert access.openable(invited.id, "first", later)

        again = access.open(invited.id, "first", "second", later)

        assert again == access.at_desk("second", later)
        assert access.at_desk("first", later) is None
        assert access.openable(invited.id, "first", later) is None
        assert access.invitations()[0].opened_at == NOW

    def test_nobody_opens_the_link_of_another_with_an_own_session(self, access, invited):
        """
        Who is at the desk by an own link, or by the site's login, and comes across one that another
        has opened is not let in by it, and stays who they are.
        """
        access.open(invited.id, "", "anna", NOW)
        other = access.invite("Bert", 14, NOW)
        bert = access.open(other.id, "", "bert", NOW)
        chief = access.admit("chief", "login", NOW)

        for secret, who in (("bert", bert), ("login", chief)):
            assert access.openable(invited.id, secret, NOW) is None
            assert access.open(invited.id, secret, "new", NOW) is None
            assert access.at_desk(secret, NOW) == who
        assert access.at_desk("new", NOW) is None

    def test_nobody_is_at_the_desk_after_half_an_hour_without_a_request(self, access, invited):
        """
        A pause ends the session; a request before it is over begins it anew.
        """
        access.open(invited.id, "", "secret", NOW)

        assert access.at_desk("secret", NOW + IDLE)
        assert access.at_desk("secret", NOW + 2 * IDLE)
        assert access.at_desk("secret", NOW + 3 * IDLE + 1) is None

    def test_a_session_from_a_clock_that_was_ahead_is_over_when_it_is_right(self, access):
        """
        Whoever came in while the clock was a year ahead is not at the desk for that year; a clock
        that is set by some minutes sends nobody away.
        """
        access.admit("Carla", "secret", NOW + 365 * DAY)

        assert access.at_desk("secret", NOW + 365 * DAY - IDLE)
        assert access.at_desk("secret", NOW) is None

    def test_looking_again_within_a_minute_writes_nothing(self, access, invited, store):
        """
        When somebody was last here is noted to the minute.
        """
        access.open(invited.id, "", "secret", NOW)

        def seen():
            with store.snapshot() as now:
                return now.connection.execute(select(tables.audit_session.c.seen_at)).scalar()

        access.at_desk("secret", NOW + MINUTE - 1)
        first = seen()
        access.at_desk("secret", NOW + MINUTE)

        assert (first, seen()) == (NOW, NOW + MINUTE)

    def test_all_ends_with_the_invitation(self, access, invited):
        """
        When the time is over, neither session nor link are of any use.
        """
        assert access.open(invited.id, "", "secret", NOW + OPENS) is None
        access.open(invited.id, "", "first", NOW)
        access.open(invited.id, "first", "secret", END - IDLE)

        assert access.at_desk("secret", END - 1)
        assert access.at_desk("secret", END) is None
        assert access.openable(invited.id, "secret", END) is None
        assert access.open(invited.id, "secret", "new", END) is None

    def test_an_invitation_that_was_taken_back_is_of_no_use(self, access, invited):
        """
        Whether it was opened or not, after the operator's word nothing is.
        """
        access.open(invited.id, "", "secret", NOW)
        waiting = access.invite("Berta", 14, NOW)
        for id in (invited.id, waiting.id):
            assert access.revoke(id, NOW + 1).state(NOW + 1) == "revoked"

        assert access.at_desk("secret", NOW + 2) is None
        assert access.openable(invited.id, "secret", NOW + 2) is None
        assert access.open(invited.id, "secret", "new", NOW + 2) is None
        assert access.open(waiting.id, "", "new", NOW + 2) is None
        again = access.revoke(invited.id, NOW + 9)
        assert (again.revoked_at, again.until) == (NOW + 1, NOW + 1)
        assert access.revoke("nobody", NOW) is None

    def test_who_comes_in_while_it_is_taken_back_does_not_stay(self, access, invited, store):
        """
        A session that begins just after those of the invitation were ended is none either.
        """
        access.open(invited.id, "", "secret", NOW)
        revoked = update(tables.auditor).values(revoked_at=NOW)
        store.transact(lambda connection: connection.execute(revoked))

        assert access.at_desk("secret", NOW) is None

    def test_who_was_invited_is_forgotten(self, access, invited, store):
        """
        Names of those whose invitation ended before a day, or was taken back, and of those who came
        are forgotten; nobody else's is.
        """
        lasting = access.invite("Berta", 300, NOW)
        early = access.invite("Carla", 300, NOW)
        access.open(early.id, "", "early", NOW)
        access.revoke(early.id, NOW + DAY)
        access.open(invited.id, "", "ended", NOW)
        access.open(lasting.id, "", "lasting", NOW)

        assert access.forget(END) == 1
        assert access.forget(END + 1) == 1
        assert access.invitations() == [replace(lasting, opened_at=NOW)]
        with store.snapshot() as now:
            names = now.connection.execute(select(tables.audit_session.c.name)).scalars().all()
        assert names == ["Berta"]
        assert access.forget(END + 1) == 0

    def test_who_leaves_is_gone(self, access, invited):
        """
        After signing out the secret is worth nothing, and neither is the link.
        """
        access.open(invited.id, "", "secret", NOW)
        access.leave("secret")

        assert access.at_desk("secret", NOW) is None
        assert access.openable(invited.id, "secret", NOW) is None

    def test_what_is_done_twice_is_done_once(self, access, store, monkeypatch):
        """
        Where the connection is lost at the very end, and it is done again as nobody heard of the
        first time, an invitation is one, and its link lets in whoever opened it.
        """
        once = store.transact
        monkeypatch.setattr(store, "transact", lambda work: (once(work), once(work))[1])
        invited = access.invite("Anna", 14, NOW)

        assert access.invitations() == [invited]
        assert access.open(invited.id, "", "secret", NOW) == Auditor(invited.id, "Anna", END)
        assert access.open(invited.id, "secret", "new", NOW) == Auditor(invited.id, "Anna", END)
        assert access.open(invited.id, "", "other", NOW) is None
        assert access.admit("Bea", "third", NOW) == access.at_desk("third", NOW)

    def test_whom_the_login_knows_stays_for_a_shift(self, access):
        """
        The site's own users need no link and come again every day.
        """
        carla = access.admit("Carla", "secret", NOW)
        for n in range(24):
            assert access.at_desk("secret", NOW + n * IDLE) == carla

        assert not carla.is_invited
        assert access.at_desk("secret", NOW + SHIFT) is None

    def test_sessions_that_are_over_are_forgotten(self, access, invited, store):
        """
        The next one who comes in clears away what is left of those before.
        """
        access.open(invited.id, "", "secret", NOW)
        access.admit("Carla", "other", END)

        with store.snapshot() as now:
            left = now.connection.execute(select(tables.audit_session.c.name)).scalars().all()
        assert left == ["Carla"]

    def test_sites_in_one_database_do_not_let_in_each_others(self, access, invited, url):
        """
        Whoever was invited by one site has nothing to look for at the desk of another one that
        shares its database, and is not touched by what happens there.
        """
        access.open(invited.id, "", "secret", NOW)
        waiting = access.invite("Berta", 14, NOW)
        with closing(Store(url, "other.example")) as store:
            other = Access(store)
            assert other.at_desk("secret", NOW) is None
            assert other.openable(waiting.id, "", NOW) is None
            assert other.open(waiting.id, "", "new", NOW) is None
            assert other.open(invited.id, "secret", "new", NOW) is None
            assert [other.revoke(one.id, NOW) for one in (invited, waiting)] == [None, None]
            assert (other.invitations(), other.ended(END + 1), other.forget(END + 1)) == ([], 0, 0)
            other.leave("secret")
            other.admit("Carla", "third", END)

        assert access.at_desk("secret", NOW)
        assert access.openable(waiting.id, "", NOW)

    def test_the_database_does_not_hold_the_secret(self, access, invited, store):
        """
        Whoever reads the database cannot take anybody's place.
        """
        access.open(invited.id, "", "secret", NOW)

        with store.snapshot() as now:
            row = now.connection.execute(select(tables.audit_session)).one()
        assert "secret" not in repr(row)


class TestAccessOnPostgreSQL(TestAccess):
    """The same promises on PostgreSQL."""

    @pytest.fixture
    def url(self, postgresql: str) -> str:
        return postgresql


@each(
    "given, wanted",
    [
        ("  Dr. Anna   Prüfer ", "Dr. Anna Prüfer"),
        ("Anna\nBerta\x00\u202e", "Anna Berta"),
        ("\ud800", "?"),
        ("x" * 500, "x" * LONGEST),
        (" \t", ""),
    ],
)
def test_a_name_is_one_line(given, wanted):
    """
    Nothing that a name brings along can end a line, turn it round or make it endless.
    """
    assert clean(given) == wanted
