"""Wherever the connection to PostgreSQL breaks, what was acknowledged is there, and once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import psycopg
import pytest

from consent.errors import LogUnavailable
from consent.log.document import Document
from consent.log.merkle.checkpoint import claimed
from consent.log.seal import Sealer
from consent.log.store import Store
from tests.conftest import Visitor
from tests.log.audit import audit, note_of, published
from tests.log.database.test_transaction import TestTrouble as Trouble
from tests.log.proxy import Proxy
from tests.log.samples import MS, NOW, RECEIPT, SITE, SOFTWARE, make, refuse

ORIGIN = f"{SITE}/consent/2026"

#: A connection that breaks once, and one that always breaks at that statement.
ONCE, ALWAYS = 1, 1_000


@pytest.fixture
def url(postgresql: str) -> str:
    return postgresql


@pytest.fixture
def proxy(url) -> Iterator[Proxy]:
    with Proxy(url).running() as proxy:
        yield proxy


@pytest.fixture
def distant(proxy) -> Iterator[Store]:
    """The log over a network that breaks."""
    store = Store(proxy.url, SITE)
    store.count()
    yield store
    store.close()


def breaks(
    proxy: Proxy, times: int, begin: Callable[[], object], work: Callable[[], object]
) -> Iterator[bool]:
    """
    Do *work* with a break at its first statement, at its second, and so on, until there is none.

    Gives whether the work was told to be done. It goes over connections that *begin* opened.
    """
    for answered in (False, True):
        for number in count(1):
            begin()
            proxy.cut(number, times, answered=answered)
            try:
                work()
                done = True
            except LogUnavailable:
                done = False
            reached = proxy.cuts
            proxy.heal()
            if not reached:
                break
            yield done


@pytest.mark.parametrize("times", [ONCE, ALWAYS], ids=["once", "always"])
@pytest.mark.parametrize("ways", [1, 5], ids=["known notice", "new notice"])
def test_a_decision_that_is_acknowledged_is_there(store, sealer, proxy, distant, ways, times):
    """
    The connection breaks before or after any statement of a decision, COMMIT among them: if it
    is acknowledged it is recorded, once; one break alone does not even fail it (EV-01). Only the
    first decision under a notice takes more than one way to the server and back.
    """
    chosen, acknowledged = count(), set()

    def decide() -> None:
        number = next(chosen)
        event = refuse(now_ns=NOW + number * MS)
        news = [Document("text/css", b"%d" % number)] if ways > 1 else []
        distant.append(event, news)
        acknowledged.add(event.body)

    told = list(breaks(proxy, times, distant.count, decide))
    there = set(store.events())
    sealer.seal(NOW)

    assert len(told) == 2 * ways
    # Where only the answer to COMMIT was lost, the second try finds the event and says so.
    assert all(told) if times == ONCE else told.count(False) == 2 * ways
    assert len(acknowledged) > told.count(True)
    assert acknowledged <= there
    assert len(audit(store, sealer.anchors)) == len(there) + 1


def test_a_look_up_is_one_way_to_the_server_and_back(store, proxy, distant):
    """
    Who changes a decision waits for one statement more than who decides for the first time; where
    the connection breaks once it is asked again.
    """
    event = make()
    store.append(event)
    found = []
    told = list(breaks(proxy, ONCE, distant.count, lambda: found.append(distant.last(RECEIPT))))
    distant.count()
    proxy.heal()
    distant.last(RECEIPT)

    assert proxy.sent == 1
    assert told == [True, True]
    assert set(found) == {event.body}


def test_a_seal_is_done_once_or_not_at_all(store, sealer, proxy, distant):
    """
    The connection breaks before or after any statement of a seal: nothing is published that is
    not in the database, and everything is sealed once by whoever comes next (EV-01, EV-08).
    """
    far = Sealer(distant, sealer.key, SOFTWARE)
    events = []

    def begin() -> None:
        events.append(refuse(now_ns=NOW + len(events) * MS))
        store.append(events[-1])
        distant.count()

    told = []
    for done in breaks(proxy, ONCE, begin, lambda: far.seal(NOW)):
        told.append(done)
        for note in published(sealer.anchors, ORIGIN)[-1:]:
            assert claimed(note).size <= claimed(note_of(store, ORIGIN)).size
    sealer.seal(NOW)

    assert len(told) > 20
    assert told.count(True) > 4
    assert told.count(False) > 4
    assert len(audit(store, sealer.anchors)) == len(events) + 1


def test_a_reader_learns_that_the_log_is_unavailable(store, sealer, proxy, distant):
    """
    A connection that breaks while the log is read is told as such, wherever it breaks.
    """
    store.append(refuse())
    sealer.seal(NOW)
    told = list(breaks(proxy, ALWAYS, distant.count, distant.logs))

    assert len(told) >= 4
    assert told.count(False) >= 4


@pytest.fixture
def administrator(url) -> Iterator[psycopg.Connection]:
    """A connection of somebody who works on the database itself."""
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def test_nobody_waits_long_for_a_table_that_is_locked(url, store, administrator, monkeypatch):
    """
    While a restore or a repair has the tables, what anybody may ask for is answered after a while:
    unlike an export it may not keep a server's thread for as long as that takes.
    """
    store.append(refuse())
    monkeypatch.setattr("consent.log.database.connection.SERVER_PATIENCE", 1)
    impatient = Store(url, SITE)
    impatient.count()
    with administrator.transaction():
        for table in ("consent_event", "consent_checkpoint"):
            administrator.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        for ask in (impatient.logs, impatient.count, lambda: impatient.append(refuse())):
            with pytest.raises(LogUnavailable):
                ask()
    impatient.append(refuse(now_ns=NOW + MS))

    assert impatient.count() == 2
    impatient.close()


def test_a_database_that_was_read_only_for_a_while_is_written_again(url, store, administrator):
    """
    A provider that makes a full database read-only, and takes that back, heals the site with it;
    connections keep the state in which they were made.
    """
    store.count()
    store.close()
    name = url.rpartition("/")[2]
    administrator.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with pytest.raises(LogUnavailable, match="read-only"):
        store.append(refuse())
    administrator.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    store.append(refuse())

    assert store.count() == 1


class TestRefusedCommit:
    """On SQLite; the class below runs all of it on PostgreSQL."""

    @pytest.fixture
    def url(self, tmp_path) -> str:
        return f"sqlite:///{tmp_path}/instance/refusing.db"

    @pytest.mark.parametrize("json", [False, True], ids=["form", "script"])
    def test_a_visitor_is_answered_503(self, make_app, url, json):
        """
        If the database does not commit, accepting is answered 503, with no cookie and no record;
        refusing takes effect all the same (EV-01).
        """
        app = make_app(CONSENT_DATABASE=url)
        store = app.extensions["consentry"].store
        store.count()
        Trouble().forbid_commits(store)
        visitor = Visitor(app)
        answer = visitor.decide("accept", json=json)

        assert answer.status_code == 503
        assert answer.headers.getlist("Set-Cookie") == []
        assert store.count() == 0
        assert visitor.decide("reject").status_code == 200
        assert store.count() == 0
        store.close()


class TestRefusedCommitOnPostgreSQL(TestRefusedCommit):
    """The same promises on PostgreSQL, and one more."""

    @pytest.fixture
    def url(self, postgresql: str) -> str:
        return postgresql

    def test_a_commit_that_nobody_answers_is_no_acknowledgement(self, make_app, proxy):
        """
        If the connection breaks at COMMIT again and again, the visitor is answered 503, whether
        the database did it or not; nothing is granted (EV-01).
        """
        app = make_app(CONSENT_DATABASE=proxy.url)
        site = app.extensions["consentry"]
        Visitor(app).decide("reject")
        told = list(breaks(proxy, ALWAYS, site.store.count, lambda: _accepted(app)))
        grants = sum(b'"grant"' in body for body in site.store.events())
        site.store.close()

        # Before and after the one statement; then twice without a break.
        assert told == [False, False]
        assert grants > 2


def _accepted(app) -> None:
    """Accept as a new visitor; raise LogUnavailable for a 503."""
    visitor = Visitor(app)
    answer = visitor.decide("accept")
    if answer.status_code == 503:
        assert answer.headers.getlist("Set-Cookie") == []
        raise LogUnavailable
    assert answer.status_code == 303
    assert visitor.cookie()
