"""The commands about the evidence, as an operator types them."""

from __future__ import annotations

import shutil
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask.cli import ScriptInfo
from sqlalchemy import update

from consent.cli import cli
from consent.commands import log as commands
from consent.log.database import tables
from consent.log.merkle.note import parse_vkey
from tests.conftest import POLICY, Visitor, events
from tests.log.authority import Authority


@pytest.fixture
def logs(app):
    """Return the logs of the small site."""
    return app.extensions["consentry"].store.logs


class TestSeal:
    def test_what_was_recorded_is_sealed(self, run, visitor, logs):
        """
        The command seals what the site recorded, and says how much that was (EV-08).
        """
        visitor.decide("accept")
        result = run("seal")

        assert result.exit_code == 0, result.output
        assert "1 event sealed" in result.output
        assert logs()[0].size == 2
        assert "0 events sealed" in run("seal").output

    def test_it_goes_on_until_it_is_stopped(self, run, visitor, logs, monkeypatch):
        """
        With --watch it seals again and again, and trouble in between is said once.
        """
        key = visitor.app.extensions["consentry"].sealer.key
        visitor.decide("accept")

        def nothing():
            Visitor(visitor.app).decide("reject")

        def wrong():
            key.chmod(0o644)
            Visitor(visitor.app).decide("accept")

        def mended():
            key.chmod(0o600)

        steps = iter([wrong, nothing, mended])

        def sleep(seconds):
            step = next(steps, None)
            if step is None:
                raise KeyboardInterrupt
            step()

        monkeypatch.setattr(commands.time, "sleep", sleep)
        result = run("seal", "--watch")

        assert result.output.count("not sealed") == 1
        assert logs()[0].size == 4

    def test_what_keeps_it_from_sealing_is_told(self, run, visitor):
        """
        A key that others can read ends the command with words and a code.
        """
        visitor.decide("accept")
        key = visitor.app.extensions["consentry"].sealer.key
        key.touch(0o644)
        result = run("seal")

        assert result.exit_code == 1
        assert "wanted 0600" in result.output
        assert "Traceback" not in result.output


class TestErase:
    def test_a_receipt_is_erased(self, run, app, visitor):
        """
        What the log holds under a receipt is erased on request, and the log says so without the
        receipt (AU-09).
        """
        receipt = visitor.decide("accept", json=True).json["receipt"]
        visitor.decide("save", "matomo")
        result = run("erase", receipt, "--ground", "art-17", "--by", "Vorstand")

        assert result.exit_code == 0, result.output
        assert "2 events erased" in result.output
        assert visitor.get("/consent/receipt?format=json").json["records"] == []
        last = next(event for event in events(app) if event["event"] == "erasure")
        assert (last["by"], last["ground"], last["rows"]) == ("Vorstand", "art-17", 2)

    @pytest.mark.parametrize(("decision", "again"), [("save", True), ("withdraw", False)])
    def test_its_number_does_not_come_back(self, run, app, visitor, decision, again):
        """
        What somebody decides afterwards is recorded, and not under the number that was erased:
        nothing new is tied to what went (AU-09).
        """
        receipt = visitor.decide("accept", json=True).json["receipt"]
        run("erase", receipt, "--ground", "art-17")
        told = visitor.decide(decision, *(["matomo"] if again else []), json=True).json

        last = events(app)[-1]
        assert (last["kind"], last["previous"]) == (told["kind"], None)
        assert last["receipt"] == told["receipt"] != receipt
        assert bool(last["receipt"]) == again

    def test_a_receipt_is_found_however_it_is_spelled(self, run, visitor):
        """
        Somebody who copied the number into a mail, in small letters and groups, is not told that
        there is nothing of theirs.
        """
        receipt = visitor.decide("accept", json=True).json["receipt"].lower()
        result = run("erase", f" {receipt[:13]}-{receipt[13:]}.", "--ground", "art-17")

        assert "1 event erased" in result.output

    @pytest.mark.parametrize("number", ["", "A" * 25, "0" * 26, "\udcff"])
    def test_what_is_no_receipt_is_told_as_such(self, run, number):
        """
        A number that nobody can have is not the same as one that is not there.
        """
        result = run("erase", number, "--ground", "art-17")

        assert (result.exit_code, "wanted the number of a receipt" in result.output) == (1, True)

    def test_a_receipt_that_nobody_has_is_told(self, run, visitor):
        """
        A slip in the number is noticed.
        """
        visitor.decide("accept")
        result = run("erase", "A" * 26, "--ground", "art-17")

        assert result.exit_code == 1
        assert "no event has this receipt" in result.output


class TestExpire:
    @pytest.fixture
    def later(self, monkeypatch):
        """Let years pass, and return what day it is then."""

        class Later(datetime):
            @classmethod
            def now(cls, zone):
                return datetime.now(zone).replace(year=datetime.now(zone).year + 5, day=1)

        monkeypatch.setattr(commands, "datetime", Later)
        return str(Later.now(UTC).date())

    def test_what_is_past_its_time_is_erased(self, run, app, visitor, later):
        """
        After the time that visitors were told their records are erased, by their number and with
        the ground (EV-15, AU-10).
        """
        visitor.decide("accept")
        Visitor(app).decide("reject")
        dry = run("expire", "--dry-run", "--today", later)
        result = run("expire", "--today", later)

        assert "2 events would be erased" in dry.output
        assert result.exit_code == 0, result.output
        assert "2 events erased" in result.output
        left = events(app)
        assert {event["event"]: event.get("ground") for event in left} == {
            "log": None, "erasure": "retention",
        }  # fmt: skip

    def test_who_was_invited_is_forgotten_in_the_end(self, run, app, later):
        """
        The name of an auditor goes with the records of what they did, not before, and is in no
        table any more (EV-15).
        """
        run("auditor", "invite", "Anna Muster", "--url", "https://verein.example")
        early = run("expire")
        run("expire", "--today", later, "--dry-run")
        kept = run("auditor", "list").output
        result = run("expire", "--today", later)

        assert "forgotten" not in early.output
        assert "Anna Muster" in kept
        assert result.output == "1 event erased\n1 invitation to the desk forgotten\n"
        assert "nobody was invited" in run("auditor", "list").output
        assert not any("Anna" in str(event) for event in events(app))

    def test_the_time_is_the_one_that_visitors_read(self, make_app, policy_file, monkeypatch):
        """
        What a site sets as the time is what its settings say and what the command goes by, to the
        day (EV-15, SL-13).
        """
        policy_file.write_text(f'retention = "18 months"\n{POLICY}', encoding="utf-8")
        app = make_app(language=lambda: "de")
        visitor = Visitor(app)
        for decision in ("accept", "withdraw"):
            visitor.decide(decision)
        year, told = datetime.now(UTC).year + 2, []
        for day in (datetime(year, 6, 30, tzinfo=UTC), datetime(year, 7, 1, tzinfo=UTC)):
            clock = SimpleNamespace(now=lambda _, day=day: day)
            monkeypatch.setattr(commands, "datetime", clock)
            runner, words = app.test_cli_runner(), ["expire", "--today", str(day.date())]
            told.append(runner.invoke(cli, words, obj=ScriptInfo(create_app=lambda: app)).output)

        assert (
            "Den Nachweis löschen wir 18 Monate nach dem Ende"
            in visitor.get("/consent/settings").text
        )
        assert told == ["0 events erased\n", "2 events erased\n"]

    def test_what_should_have_been_erased_long_ago_is_told(self, run, visitor, later, monkeypatch):
        """
        The site's check notices that nobody erases what visitors were told is erased, a month
        after the first record was due and until it is gone (EV-15).
        """
        visitor.decide("reject")
        run("seal")
        start, told = time.time(), []
        for days in (180, 180 + 30, 180 + 31, 5 * 366, 5 * 366):
            now = start + days * 86_400
            monkeypatch.setattr("consent.web.report.time.time", lambda now=now: now)
            told.append("let flask consent expire run" in run("check").output)
            if len(told) == 4:
                assert "1 event erased" in run("expire", "--today", later).output

        assert told == [False, False, True, True, False]

    def test_an_event_that_was_altered_is_told(self, run, app, visitor):
        """
        What cannot be read ends the command and the site's check with a sentence.
        """
        visitor.decide("accept")
        Visitor(app).decide("reject")
        run("seal")
        edited = update(tables.event).values(body=b"[]")
        app.extensions["consentry"].store.transact(lambda c: c.execute(edited))

        for words in (["expire"], ["check"]):
            result = run(*words)
            assert (result.exit_code, type(result.exception)) == (1, SystemExit)
            assert "an event cannot be read: Expected `object`, got `array`" in result.output

    def test_a_clock_that_is_far_ahead_erases_nothing(self, run, app, visitor, later, monkeypatch):
        """
        A machine that takes today for a day years ahead erases nothing and says why, however much
        was recorded under that clock since (EV-15).
        """
        visitor.decide("accept")
        run("seal")
        today, real = datetime.now(UTC).date(), time.time_ns
        ahead = (date.fromisoformat(later) - today) // timedelta(milliseconds=1) * 10**6
        monkeypatch.setattr(time, "time_ns", lambda: real() + ahead)
        Visitor(app).decide("reject")

        for words in (["expire"], ["expire", "--dry-run"]):
            result = run(*words)
            assert (result.exit_code, type(result.exception)) == (1, SystemExit)
            assert f"found {later}, wanted a day that the log comes near to" in result.output
            assert f"between {today} and a month ago" in result.output
            assert "hint: set the clock" in result.output
        assert [event["event"] for event in events(app)].count("decision") == 2

    def test_the_day_is_not_taken_from_what_was_typed(self, run, visitor, later):
        """
        The day that somebody says has to be the one of the clock, or that of another zone, so that
        it cannot be left in a crontab.
        """
        visitor.decide("accept")
        right = date.fromisoformat(later)

        for off in (-2, 2):
            result = run("expire", "--today", str(right + timedelta(days=off)))
            assert result.exit_code == 1
            assert f"wanted {later}, which the clock" in result.output
        assert "1 event erased" in run("expire", "--today", str(right - timedelta(1))).output

    def test_what_is_not_is_kept(self, run, app, visitor):
        """
        On the day of the decision nothing is past its time (EV-15).
        """
        visitor.decide("accept")
        Visitor(app).decide("reject")

        assert "0 events erased" in run("expire").output
        assert len(events(app)) == 2


class TestLog:
    def test_the_key_is_printed_before_and_after_the_first_seal(self, run, visitor, logs):
        """
        An operator can publish what verifies the log before the first visitor came.
        """
        before = run("log", "key").output.strip()
        visitor.decide("accept")
        run("seal")

        assert parse_vkey(before).name.endswith(f"/consent/{datetime.now(UTC).year}")
        assert run("log", "key").output.split() == [before] == [log.vkey for log in logs()]

    def test_a_key_can_be_changed(self, run, visitor, logs):
        """
        After a rotation the new log has a key of its own, and both are printed.
        """
        visitor.decide("accept")
        run("seal")
        result = run("log", "rotate", "--by", "Vorstand")

        assert result.exit_code == 0, result.output
        assert logs()[1].origin in result.output
        assert run("log", "key").output.split() == [log.vkey for log in logs()]

    def test_a_lost_key_is_told_and_can_be_replaced(self, run, visitor, logs):
        """
        A key that is gone is not replaced before somebody says that it is lost.
        """
        visitor.decide("accept")
        run("seal")
        visitor.app.extensions["consentry"].sealer.key.unlink()
        visitor.decide("reject")

        assert "log rotate --lost" in run("seal").output
        assert run("log", "rotate").exit_code == 1
        assert run("log", "rotate", "--lost").exit_code == 0
        assert run("seal").exit_code == 0
        assert len(logs()) == 2

    def test_a_checkpoint_is_stamped(self, run, make_app, visitor, tmp_path):
        """
        The command asks the authority of the configuration about each log, and says what it says.
        """
        authority = Authority(tmp_path / "authority", "Chosen")
        visitor.decide("accept")
        run("seal")
        assert "CONSENT_TSA is not set" in run("log", "stamp").output
        with authority.served() as url:
            app = make_app(CONSENT_TSA=url, CONSENT_TSA_CERTIFICATES=str(authority.roots))
            stamped = app.test_cli_runner().invoke(
                cli, ["log", "stamp"], obj=ScriptInfo(create_app=lambda: app)
            )

        assert stamped.exit_code == 0, stamped.output
        assert f"{datetime.now(UTC):/%Y}: 2 leaves, {datetime.now(UTC):%Y-%m-%dT}" in stamped.output
        assert len(authority.asked) == 1

    def test_after_a_restored_backup_the_log_is_reopened(self, run, app, visitor, logs, tmp_path):
        """
        With yesterday's database sealing refuses; after the command it goes on, and what was
        erased since then is erased again (EV-08, AU-09).
        """
        store = app.extensions["consentry"].store
        file = Path(app.instance_path, "consent.sqlite3")
        receipt = visitor.decide("accept", json=True).json["receipt"]
        run("seal")
        store.close()
        shutil.copy(file, tmp_path / "backup")
        run("erase", receipt, "--ground", "art-17")
        store.close()
        shutil.copy(tmp_path / "backup", file)
        Visitor(app).decide("reject")

        assert "flask consent log reopen" in run("seal").output
        result = run("log", "reopen")
        assert result.exit_code == 0, result.output
        assert "1 event erased again" in result.output
        assert store.history(receipt) == []
        assert run("seal").exit_code == 0
        assert run("log", "reopen").exit_code == 1

    def test_files_are_wiped_again(self, run, visitor):
        """
        What a reader kept from being removed is removed later.
        """
        visitor.decide("accept")

        assert run("log", "wipe").exit_code == 0


def test_what_is_not_sealed_for_long_is_told(run, visitor, monkeypatch):
    """
    The site's check notices that nobody seals what is recorded.
    """
    visitor.decide("accept")
    soon = run("check")
    now = time.time()
    monkeypatch.setattr("consent.web.report.time.time", lambda: now + 100)
    later = run("check")
    run("seal")

    assert soon.exit_code == 0
    assert later.exit_code == 1
    assert "waiting to be sealed since 2" in later.output
    assert run("check").exit_code == 0


def test_a_mistake_of_the_set_up_is_told(run, app):
    """
    The site's check names a key that cannot be used.
    """
    key = app.extensions["consentry"].sealer.key
    key.parent.mkdir(parents=True, exist_ok=True)
    key.touch(0o640)
    result = run("check")

    assert result.exit_code == 1
    assert "wanted 0600" in result.output
