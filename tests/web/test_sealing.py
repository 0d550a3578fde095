"""The site seals its log, shows what it says about itself, and gives visitors their proof."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import sqlite3
import threading
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from unittest.mock import Mock

import pytest

from consent.errors import ConfigError, LogUnavailable
from consent.log import watch
from consent.log.merkle import note, tree
from consent.log.merkle.checkpoint import claimed
from consent.log.succession import rotate
from tests.conftest import Visitor


def seal(app) -> None:
    app.extensions["consentry"].sealer.seal()


def verified(held: dict, record: dict, vkey: str) -> bool:
    """Check a record as its visitor could, with the formats of others alone."""
    head, _, checkpoint = record["proof"].partition("\n\n")
    _, extra, index, *path = head.splitlines()
    assert extra == f"extra {record['salt']}"
    note.open_note(checkpoint, [note.parse_vkey(vkey)])
    _, size, root, *_ = checkpoint.splitlines()
    salt, body = b64decode(record["salt"]), record["event"].encode()
    commitment = b64encode(hmac.digest(salt, body, "sha256"))
    leaf = hashlib.sha256(b"\0consent-leaf/1\n" + commitment + b"\n").digest()
    place = (int(index.split()[1]), int(size), [b64decode(line) for line in path])
    assert json.loads(body)["receipt"] == held["receipt"]
    return tree.root_of_inclusion(leaf, *place) == b64decode(root)


class TestReceipt:
    def test_it_proves_itself_today_and_later(self, app, visitor):
        """
        The file that a visitor takes along holds each event as it was recorded, its salt and the
        proof that the log has it; it holds up offline, also one of earlier (EV-10, EV-08).
        """
        visitor.decide("accept")
        seal(app)
        early = visitor.get("/consent/receipt?format=json").json
        visitor.decide("save", "matomo")
        seal(app)
        late = visitor.get("/consent/receipt?format=json").json
        vkey = app.extensions["consentry"].store.logs()[0].vkey

        assert len(early["records"]) == 1
        assert len(late["records"]) == 2
        for held in (early, late):
            assert all(verified(held, record, vkey) for record in held["records"])
        assert not verified(late, {**late["records"][0], "event": late["records"][0]["event"]
                                   .replace('"grant"', '"refusal"')}, vkey)  # fmt: skip

    def test_a_moment_after_the_decision_there_is_no_proof_yet(self, visitor):
        """
        Before the log is sealed the file says that the proof is still missing.
        """
        visitor.decide("accept")

        [record] = visitor.get("/consent/receipt?format=json").json["records"]
        assert record["proof"] is None

    def test_it_is_small(self, app, visitor):
        """
        The file of one decision is a few kilobytes, whatever the size of the log.
        """
        visitor.decide("accept")
        seal(app)

        assert len(visitor.get("/consent/receipt?format=json").data) < 3000

    def test_without_a_receipt_the_file_is_empty(self, visitor):
        """
        Who has no receipt gets a file without records.
        """
        assert visitor.get("/consent/receipt?format=json").json["records"] == []


class TestCheckpoint:
    def test_it_is_the_newest_of_the_log(self, app, visitor):
        """
        Anybody can take note of what the log says about itself, as plain text, freshly asked for
        each time (EV-08).
        """
        visitor.decide("accept")
        seal(app)
        answer = visitor.get("/consent/checkpoint")

        [log] = app.extensions["consentry"].store.logs()
        assert answer.text == log.checkpoint
        assert claimed(answer.text).origin.startswith("kreisverband-musterland.example/consent/2")
        assert answer.content_type == "text/plain; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-cache"
        assert "Set-Cookie" not in answer.headers
        assert "Vary" not in answer.headers
        assert visitor.get(f"/consent/checkpoint?origin={log.origin}").text == log.checkpoint

    def test_where_one_log_follows_another_it_is_that_of_the_newest(self, app, visitor):
        """
        The log that is written to now is the one that is told without being named, and earlier ones
        are told by their names (EV-08).
        """
        visitor.decide("accept")
        seal(app)
        site = app.extensions["consentry"]
        rotate(site.sealer, "somebody")
        old, new = site.store.logs()

        assert visitor.get("/consent/checkpoint").text == new.checkpoint != old.checkpoint
        for log in (old, new):
            asked = f"/consent/checkpoint?origin={log.origin}"
            assert visitor.get(asked).text == log.checkpoint
        assert visitor.get("/consent/checkpoint?origin=x").status_code == 404

    @pytest.mark.parametrize("query", ["", "?origin=x", "?origin=", "?origin=a%00b"])
    def test_before_the_first_there_is_none(self, visitor, query):
        """
        A log that is not sealed yet, or that does not exist, is not found.
        """
        assert visitor.get(f"/consent/checkpoint{query}").status_code == 404

    def test_a_log_that_is_down_is_told(self, app, visitor, monkeypatch):
        """
        If the log cannot be read, that is said instead of failing.
        """

        def refuse():
            raise LogUnavailable("gone")

        monkeypatch.setattr(app.extensions["consentry"].store, "logs", refuse)

        assert visitor.get("/consent/checkpoint").status_code == 503


class TestThread:
    @pytest.fixture(autouse=True)
    def at_once(self, monkeypatch):
        monkeypatch.setattr(watch, "PAUSE", 0)

    @pytest.fixture
    def live(self, make_app):
        """A site as visitors meet it, not one that is tested."""
        return lambda **config: make_app(language=lambda: "de", TESTING=False, **config)

    @pytest.fixture
    def told(self):
        """What the log of an app says next, at the end of the block."""

        @contextmanager
        def listen(app) -> Iterator[list[str]]:
            said, lines = threading.Event(), []

            class Told(logging.Handler):
                def emit(self, record):
                    lines.append(record.getMessage())
                    said.set()

            handler = Told()
            app.logger.addHandler(handler)
            yield lines
            assert said.wait(60)
            app.logger.removeHandler(handler)

        return listen

    def woken(self, app, monkeypatch) -> threading.Event:
        """Tell when the app has sealed."""
        sealed = threading.Event()
        sealer = app.extensions["consentry"].sealer
        batch = sealer._batch

        def tell(now_ns):
            count = batch(now_ns)
            sealed.set()
            return count

        monkeypatch.setattr(sealer, "_batch", tell)
        return sealed

    def test_the_app_seals_what_it_records(self, live, monkeypatch):
        """
        Soon after a decision it has its place in the log, without anybody doing anything.
        """
        app = live()
        sealed = self.woken(app, monkeypatch)
        Visitor(app).decide("accept")

        assert sealed.wait(60)
        assert app.extensions["consentry"].store.logs()[0].size == 2

    def test_where_no_thread_can_be_started_decisions_hold(self, live, told, monkeypatch):
        """
        A host that limits processes, as cheap ones do, keeps the log from being sealed, which its
        operator reads once; pages come, and what visitors decide holds.
        """
        app = live()
        full = Mock(side_effect=RuntimeError("can't start new thread"))
        monkeypatch.setattr(threading.Thread, "start", full)
        visitor = Visitor(app)
        with told(app) as lines:
            answers = [visitor.decide("accept"), visitor.get(), visitor.decide("reject")]
            page = visitor.get()

        assert [answer.status_code for answer in answers] == [303, 200, 303]
        assert "<template data-consent" not in answers[1].text
        assert "<template data-consent" in page.text
        assert len(lines) == 1
        assert "ulimit" in lines[0]

    def test_pages_and_commands_start_nothing(self, live):
        """
        Where there is no log yet, a process that records no decision has no thread and makes no
        key.
        """
        app = live()
        Visitor(app).get()
        Visitor(app).get("/consent/checkpoint")
        app.test_cli_runner().invoke(args=["consent", "check"])

        assert app.extensions["consentry"]._watch._thread is None
        assert not app.extensions["consentry"].sealer.key.exists()

    def test_a_log_that_was_rolled_back_is_told_at_the_first_page(self, live, told):
        """
        Who starts the site on an old copy of the database reads of it in the server's log before
        anybody decides, not when the first decision cannot be sealed (EV-08).
        """
        app = live(CONSENT_SEAL="command")
        file = app.extensions["consentry"].store.file
        Visitor(app).decide("accept")
        seal(app)
        with closing(sqlite3.connect(":memory:")) as yesterday:
            with closing(sqlite3.connect(file)) as log:
                log.backup(yesterday)
            Visitor(app).decide("accept")
            seal(app)
            with closing(sqlite3.connect(file)) as log:
                yesterday.backup(log)
        again = live()
        with told(again) as lines:
            Visitor(again).get()

        assert "not sealed" in lines[0]
        assert "a checkpoint with 3 leaves was published, and the database has 2" in lines[0]

    def test_what_a_killed_process_left_is_sealed_at_the_first_page(self, live, monkeypatch):
        """
        What was recorded and not sealed any more does not wait for somebody to decide (EV-08).
        """
        Visitor(live(CONSENT_SEAL="command")).decide("accept")
        app = live()
        sealed = self.woken(app, monkeypatch)
        Visitor(app).get()

        assert sealed.wait(60)
        assert not app.extensions["consentry"].store.is_waiting()
        assert app.extensions["consentry"]._warned == set()

    def test_that_an_older_copy_would_not_be_noticed_is_told(self, live, told):
        """
        Who puts a log back without its anchors, as after a lost disk, reads at the first page that
        nothing tells whether it is the newest, before the next decision makes another past of it.
        """
        app = live(CONSENT_SEAL="command")
        Visitor(app).decide("accept")
        seal(app)
        anchors = app.extensions["consentry"].sealer.anchors.path
        anchors.unlink()
        again = live()
        with told(again) as lines:
            Visitor(again).get()

        assert f"{anchors}: found none" in lines[0]
        assert "an older copy of the database would not be noticed" in lines[0]

    @pytest.mark.parametrize("path", ["", f"/{'x' * 300}.sqlite3"], ids=["folder", "long name"])
    def test_a_database_that_cannot_be_opened_is_told_at_the_first_page(
        self, live, told, tmp_path, path
    ):
        """
        A mistake in the path is told before a visitor's consent is refused for it, and no page
        fails.
        """
        app = live(CONSENT_DATABASE=f"sqlite:///{tmp_path}{path}")
        with told(app) as lines:
            answer = Visitor(app).get()

        assert answer.status_code == 200
        assert "the log cannot be used just now" in lines[0]

    def test_a_database_that_is_gone_is_told_and_not_made_anew(self, live, told):
        """
        A site that starts without its database says so at the first page, and makes no new one by
        which a copy that is brought back would be spoilt (EV-08).
        """
        app = live(CONSENT_SEAL="command")
        file = app.extensions["consentry"].store.file
        Visitor(app).decide("accept")
        seal(app)
        app.extensions["consentry"].store.close()
        file.unlink()
        again = live()
        with told(again) as lines:
            Visitor(again).get()

        assert str(file) in lines[0]
        assert "flask consent log reopen" in lines[0]
        assert not file.exists()

    def test_who_may_not_read_the_key_is_not_told_to_mend_that(self, live, tmp_path):
        """
        Where another user seals, the site's own finds nothing wrong with a key kept from it.
        """
        (tmp_path / "closed").touch()
        key = tmp_path / "closed" / "consent.key"  # nobody can read a file that is below a file
        app = live(CONSENT_SEAL="command", CONSENT_LOG_KEY=key)
        Visitor(app).decide("accept")

        result = app.test_cli_runner().invoke(args=["consent", "check"])

        assert (result.exit_code, "problem:" in result.output) == (0, False)

    def test_a_site_may_leave_sealing_to_a_command(self, live):
        """
        Where the key must not be in the web server, the app records and never seals.
        """
        app = live(CONSENT_SEAL="command")
        assert Visitor(app).decide("accept").status_code == 303

        assert app.extensions["consentry"]._watch._thread is None
        assert app.extensions["consentry"].store.is_waiting()

    def test_what_keeps_it_from_sealing_is_told_and_harms_no_visitor(self, live, told):
        """
        If the log cannot be sealed, visitors decide as before, and the server's log says why.
        """
        app = live()
        key = app.extensions["consentry"].sealer.key
        key.parent.mkdir(parents=True, exist_ok=True)
        key.write_text("something else")
        key.chmod(0o644)
        with told(app) as lines:
            answer = Visitor(app).decide("accept")

        assert answer.status_code == 303
        assert "not sealed" in lines[0]
        assert "wanted 0600" in lines[0]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("CONSENT_SEAL", "never"),
        ("CONSENT_SEAL", None),
        ("CONSENT_SEAL", True),
        ("CONSENT_LOG_KEY", ""),
        ("CONSENT_LOG_KEY", None),
        ("CONSENT_LOG_KEY", 7),
        ("CONSENT_LOG_KEY", "/etc/keys/"),
    ],
)
def test_a_setting_that_cannot_be_used_stops_the_start(make_app, key, value):
    """
    A mistake about sealing is told at the start.
    """
    with pytest.raises(ConfigError, match=f"{key}: found"):
        make_app(**{key: value})


def test_the_key_may_be_elsewhere(make_app, tmp_path):
    """
    The key is where the site wants it, and what is kept beside it goes with it.
    """
    app = make_app(language=lambda: "de", CONSENT_LOG_KEY=str(tmp_path / "safe" / "log.pem"))
    Visitor(app).decide("accept")
    seal(app)

    names = sorted(path.name for path in (tmp_path / "safe").iterdir())
    assert names == ["log.anchors", "log.pem"]
