"""The commands that erase, as an operator types them."""

from __future__ import annotations

import re
import time
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask.cli import ScriptInfo
from sqlalchemy import update

from consent.cli import cli
from consent.commands import erase as commands
from consent.log.database import tables
from consent.log.retention import UNNOTICED
from tests.conftest import POLICY, Visitor, events


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

    @pytest.mark.parametrize(
        ("then", "days", "holds"),
        [(None, 179, True), ("once", 0, True), ("withdraw", 0, False), (None, 180, False)],
        ids=["to its last day", "a film besides", "withdrawn", "run out"],
    )
    def test_a_consent_that_goes_on_is_told(self, run, visitor, monkeypatch, then, days, holds):
        """
        Who erases what proves a consent learns that services go on in its visitor's browser, until
        when, and what ends that; nothing of it where the consent has ended.
        """
        receipt = visitor.decide("accept", json=True).json["receipt"]
        if then:
            visitor.decide(then, *(["youtube"] if then == "once" else []))
        start = datetime.now(UTC)
        clock = SimpleNamespace(now=lambda _: start + timedelta(days=days))
        monkeypatch.setattr(commands, "datetime", clock)
        result = run("erase", receipt, "--ground", "art-17")
        last = f"up to and including {start + timedelta(days=179):%Y-%m-%d}, and nothing"

        assert result.exit_code == 0, result.output
        assert (last in result.output) is ("have it withdrawn there" in result.output) is holds

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

    @pytest.mark.parametrize("ground", ["", " \t"])
    def test_nothing_is_erased_without_a_ground(self, run, app, visitor, ground):
        """
        An erasure that does not say why would stand in the log for good.
        """
        receipt = visitor.decide("accept", json=True).json["receipt"]
        result = run("erase", receipt, "--ground", ground)

        assert (result.exit_code, "--ground: found nothing" in result.output) == (2, True)
        assert len(events(app)) == 1

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
        dry = run("expire", "--today", later, "--dry-run")
        kept = run("auditor", "list").output
        result = run("expire", "--today", later)

        assert "forgotten" not in early.output
        assert dry.output.splitlines() == [
            "1 event would be erased", "1 invitation to the desk would be forgotten",
        ]  # fmt: skip
        assert "Anna Muster" in kept
        assert result.output == "1 event erased\n1 invitation to the desk forgotten\n"
        assert "nobody was invited" in run("auditor", "list").output
        assert not any("Anna" in str(event) for event in events(app))

    def test_nothing_goes_where_nothing_is_past_its_time(self, make_app, policy_file):
        """
        Where records are kept for a lifetime, none goes, and nobody who was invited (EV-15).
        """
        policy_file.write_text(f'retention = "60 years"\n{POLICY}', encoding="utf-8")
        app = make_app()
        Visitor(app).decide("accept")
        runner, info = app.test_cli_runner(), ScriptInfo(create_app=lambda: app)
        runner.invoke(cli, ["auditor", "invite", "Anna", "--url", "https://a.example"], obj=info)
        result = runner.invoke(cli, ["expire"], obj=info)

        assert (result.exit_code, result.output) == (0, "0 events erased\n")
        assert "Anna" in runner.invoke(cli, ["auditor", "list"], obj=info).output
        assert [event["event"] for event in events(app)] == ["decision", "access"]

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
            monkeypatch.setattr("consent.web.report.evidence.time.time", lambda now=now: now)
            told.append("let flask consent expire run" in run("check").output)
            if len(told) == 4:
                assert "1 event erased" in run("expire", "--today", later).output

        assert told == [False, False, True, True, False]

    @pytest.mark.parametrize(
        "how",
        [
            lambda _: b"[]",
            lambda body: body.replace(b'"kind":"', b'"kind":"\xff'),
            lambda body: body[:-1] + b',"x":' + b"[" * 100_000,
            lambda body: re.sub(rb'"valid_until":"....-..', b'"valid_until":"2026-13', body),
            lambda body: body.replace(b'"recorded_at":"', b'"recorded_at":"yesterday'),
        ],
        ids=["no event", "no text", "nested", "no day", "no time"],
    )
    def test_an_event_that_was_altered_keeps_no_other(self, run, app, visitor, later, how):
        """
        What was altered so that nobody knows when it is due stays and is named, by the site's check
        as well; all else goes when it has to (EV-15).
        """
        receipt = visitor.decide("accept", json=True).json["receipt"]
        for decision in ("accept", "reject", "reject"):
            Visitor(app).decide(decision)
        store, here = app.extensions["consentry"].store, tables.event.c
        for body in [body for body in store.events() if b'"decision"' in body][:3:2]:
            row = update(tables.event).where(here.body == body)
            store.transact(lambda c, row=row, body=body: c.execute(row.values(body=how(body))))
        run("seal")
        [log] = store.logs()
        told = "were altered so that nobody can tell when they are due, and not erased"

        for first, *more in (
            ("2 events would be erased", "--dry-run", "--today", later),
            ("2 events erased", "--today", later),
            ("0 events erased",),
        ):
            result = run("expire", *more)
            assert (result.exit_code, type(result.exception)) == (1, SystemExit)
            assert result.output.startswith(f"{first}\nError: 2 events {told}: {log.origin} ")
        assert "1 event was altered so that nobody can tell when it is due" in run("check").output
        assert run("erase", receipt, "--ground", "art-17").output == "1 event erased\n"

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

    def test_a_site_that_goes_on_need_not_be_told_the_day(
        self, run, app, visitor, later, monkeypatch
    ):
        """
        Where visitors came to the site until lately, what is past its time goes every day without
        anybody saying which one it is, and what is not stays (EV-15).
        """
        visitor.decide("accept")
        run("seal")
        lately = date.fromisoformat(later) - UNNOTICED - timedelta(days=2)
        passed, real = lately - datetime.now(UTC).date(), time.time_ns
        ahead = passed // timedelta(milliseconds=1) * 10**6
        monkeypatch.setattr(time, "time_ns", lambda: real() + ahead)
        Visitor(app).decide("accept")
        results = [run("expire", *words) for words in (["--dry-run"], [], [])]

        assert [(result.exit_code, result.output) for result in results] == [
            (0, "1 event would be erased\n"), (0, "1 event erased\n"), (0, "0 events erased\n"),
        ]  # fmt: skip
        assert [event["event"] for event in events(app)].count("decision") == 1

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

    def test_a_wrong_day_is_told_before_anything_is_due(self, run):
        """
        A day left in a crontab is refused at once, not years later when something is due.
        """
        for day in ("1999-01-01", "9999-12-31"):
            result = run("expire", "--today", day)
            assert (result.exit_code, f"--today: found {day}" in result.output) == (1, True)

    def test_what_is_not_is_kept(self, run, app, visitor):
        """
        On the day of the decision nothing is past its time (EV-15).
        """
        visitor.decide("accept")
        Visitor(app).decide("reject")

        assert "0 events erased" in run("expire").output
        assert len(events(app)) == 2
