"""What was shown is found again as it was."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from consent.errors import LogError
from consent.log.document import Document
from consent.log.store import Store
from tests.log.samples import MS, NOW, SITE, make
from tests.log.test_store import NOTICE, SCRIPT, STYLE


class TestDocuments:
    """On SQLite; the class below runs all of it on PostgreSQL."""

    def test_what_was_shown_is_kept_with_the_event(self, store):
        """
        The notice to which a record points can be read again, byte by byte (EV-03).
        """
        store.append(make(notice=NOTICE.hash), [STYLE, NOTICE])

        assert store.document(NOTICE.hash) == NOTICE
        assert NOTICE.hash == "693d214c4b0af6796a2341085a4db02689558724ce5e528f7f922b36b298dda4"

    def test_an_unknown_document_is_not_there(self, store):
        """
        A hash that no event refers to leads nowhere.
        """
        assert store.document(NOTICE.hash) is None

    def test_a_document_is_found_by_the_start_of_its_hash(self, store):
        """
        A cookie names a notice by half of its hash, and that is enough to find it (EV-03).
        """
        store.append(make(), [NOTICE, STYLE])

        assert store.find_document(NOTICE.hash[:32]) == NOTICE
        assert store.find_document(STYLE.hash[:32]) == STYLE
        assert store.find_document(SCRIPT.hash[:32]) is None

    def test_documents_come_in_the_order_of_their_first_use(self, store, url):
        """
        An auditor sees which notice was shown first; using it again changes nothing (AU-05).
        """
        older = Document(NOTICE.media_type, b'{"notice":0}')
        store.append(make(), [older, STYLE])
        store.append(make(now_ns=NOW + MS), [NOTICE, SCRIPT])
        other = Store(url, SITE)  # a process that does not know what is there already
        other.append(make(now_ns=NOW + 2 * MS), [older, NOTICE])
        other.close()

        assert list(store.documents(NOTICE.media_type)) == [older, NOTICE]

    def test_the_first_use_of_a_document_is_known(self, store):
        """
        It can be said since when a notice was shown, whoever used it later (AU-05).
        """
        store.append(make(), [NOTICE])
        store.append(make(now_ns=NOW + MS), [NOTICE, STYLE])

        assert store.first_used(NOTICE.hash) == NOW // MS
        assert store.first_used(STYLE.hash) == NOW // MS + 1
        assert store.first_used(SCRIPT.hash) is None

    def test_a_document_that_was_changed_is_noticed(self, store):
        """
        Nobody can exchange the text to which visitors agreed (EV-03).
        """
        store.append(make(), [NOTICE])
        with store._engine.begin() as connection:
            connection.execute(
                text("UPDATE consent_document SET body = :body"), {"body": b'{"notice":2}'}
            )

        with pytest.raises(LogError, match=NOTICE.hash):
            store.document(NOTICE.hash)


@pytest.mark.parametrize("body", ["replace(body, 'n', 'N')", "7"], ids=["text", "number"])
def test_a_document_that_was_changed_by_hand_is_noticed(store, body):
    """
    What somebody put there with SQLite's own program is no bytes any more, and is told like any
    other text to which nobody agreed; pages that look it up do not fail (EV-03).
    """
    store.append(make(), [NOTICE])
    change = f"UPDATE consent_document SET body = {body}"
    store.transact(lambda connection: connection.exec_driver_sql(change))

    with pytest.raises(LogError, match=f"the document {NOTICE.hash} was changed in the database"):
        store.find_document(NOTICE.hash[:32])


class TestDocumentsOnPostgreSQL(TestDocuments):
    """The same promises on PostgreSQL."""

    @pytest.fixture
    def url(self, postgresql: str) -> str:
        return postgresql
