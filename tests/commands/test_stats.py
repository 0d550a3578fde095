"""The commands about the figures, as an operator types them."""

from __future__ import annotations

import errno
import json
import os
import re
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from consent.audit.counter import uncounted
from consent.audit.wording import say
from consent.log.database import tables
from tests.conftest import Visitor


@pytest.fixture
def decided(app):
    """Four decisions of today."""
    for button in ("accept", "reject", "accept"):
        Visitor(app).decide(button)
    Visitor(app).decide("save", "matomo")


class TestStats:
    def test_json_has_all_figures(self, run, app, decided):
        """
        Programs get kinds, days, rates with their denominators, and the state of the log; JSON
        and nothing else is printed (AU-11).
        """
        site = app.extensions["consentry"]
        run("seal")
        site.inspector.run()
        told = json.loads(run("stats", "--json").output)
        today = datetime.now(UTC).date().isoformat()

        assert (told["format"], told["site"]) == ("consent-stats/1", site.store.site)
        assert (told["decisions"], told["until"], told["not_counted"]) == (4, today, 0)
        assert told["unreadable"] == 0
        assert told["kinds"] == {
            "grant": 2, "partial": 1, "change": 0, "refusal": 1, "withdrawal": 0, "once": 0,
        }  # fmt: skip
        assert told["days"] == [{"day": today, **told["kinds"]}]
        assert told["rates"]["accepted"] == {"part": 3, "whole": 4, "share": 0.75}
        assert told["rates"]["withdrawn"]["share"] == 0
        assert told["service"]["matomo"] == {"granted": 3, "refused": 1}
        log = told["log"]
        checked = log["last_full_check"]
        assert (told["since"], told["counted_until"]) == (f"{today[:8]}01", None)
        assert log["unbroken"] is checked["unbroken"] is True
        assert log["entries"] == log["sampled"] == checked["entries"] == 5
        assert (log["findings"], log["waiting_since"], checked["erased"]) == ([], None, 0)
        assert {log["last_checkpoint"][:10], checked["ended"][:10]} == {today}
        assert (log["anchored_logs"], log["keys"]) == (1, [one.vkey for one in site.store.logs()])

    def test_a_log_that_was_altered_is_told(self, run, app, decided):
        """
        Both forms say that the log is broken, and what was found, and end so that whoever lets
        another program run them hears of it (EV-08).
        """
        run("seal")
        edited = update(tables.event).where(tables.event.c.receipt.is_not(None))
        store = app.extensions["consentry"].store
        store.transact(lambda c: c.execute(edited.values(body=b"{}")))
        shown, read = run("stats", "--json"), run("stats")
        told = json.loads(shown.output)["log"]

        assert (shown.exit_code, read.exit_code) == (1, 1)
        assert told["unbroken"] is False
        assert [finding["what"] for finding in told["findings"]] == ["altered"]
        assert "The log is broken." in read.output
        assert "not the one that was sealed" in read.output

    def test_figures_that_lack_something_say_so(self, run, app, decided):
        """
        Decisions that were altered before they were counted are missing from the figures, and both
        forms say how many (AU-11).
        """
        assert "could not be read" not in run("stats").output
        edited = update(tables.event).where(tables.event.c.receipt.is_not(None))
        store = app.extensions["consentry"].store
        store.transact(lambda c: c.execute(edited.values(body=b"{}")))

        told = json.loads(run("stats", "--json").output)
        assert (told["decisions"], told["unreadable"]) == (1, 3)
        told = run("stats").output
        assert "\n3 entries could not be read and are missing from the figures.\n" in told

    def test_what_is_not_counted_yet_is_told(self, run, app, decided, monkeypatch):
        """
        While the figures of a long log are made anew, both forms say up to when all is counted and
        how many entries later than that are not (AU-11).
        """
        counter = app.extensions["consentry"].counter
        monkeypatch.setattr("consent.audit.figures.FEW", 0)
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(type(counter), "batch", lambda *_: None)
            run("seal")
            begun, told = run("stats").output, json.loads(run("stats", "--json").output)
        run("stats")
        monkeypatch.setattr(type(counter), "batch", lambda *_: None)
        Visitor(app).decide("accept")
        run("seal")
        later = json.loads(run("stats", "--json").output)

        assert "\ncounted to the beginning; 5 later entries are not\n" in begun
        assert (told["counted_until"], told["not_counted"], later["not_counted"]) == (None, 5, 1)
        line = f"\ncounted to {later['counted_until']}; 1 later entry is not\n"
        assert line in run("stats").output

    def test_text_is_for_people(self, run, decided):
        """
        Without --json the same is printed to be read.
        """
        output = run("stats").output

        assert re.search(r"^4 decisions$", output, re.MULTILINE)
        assert re.search(r"^  Agreement +75\.0%  3 of 4$", output, re.MULTILINE)
        assert re.search(r"^  matomo +4  granted 3, refused 1$", output, re.MULTILINE)
        assert "those erased later as well" in output
        assert "\nrates, of decisions and not of visitors\n" in output
        assert "\nby place of the decision\n  banner                    4  grant 2, par" in output
        assert "Nothing is sealed yet." in output
        assert ("last checkpoint not known" in output, "checked never" in output) == (True, True)
        run("seal")
        assert "The log is unbroken." in run("stats").output

    def test_a_log_that_is_not_broken_ends_well(self, run, app, decided):
        """
        Whoever lets another program run it hears of a broken log alone: neither of one that is as
        it was sealed, nor of one in which nothing is sealed yet, of which nothing is claimed.
        """
        begun = run("stats", "--json")
        run("seal")

        assert (begun.exit_code, run("stats").exit_code) == (0, 0)
        assert json.loads(begun.output)["log"]["unbroken"] is None
        app.extensions["consentry"].inspector.run()
        assert "checked never" not in run("stats").output

    def test_a_period_without_decisions(self, run, decided):
        """
        Nothing is nothing, and no share of it is made up.
        """
        period = ("--since", "2020-01-01", "--until", "2020-01-31")

        output = run("stats", *period).output
        assert "0 decisions" in output
        assert "erased" not in output
        assert re.search(r"^  Withdrawal +-  nothing to divide by$", output, re.MULTILINE)
        assert " of 0" not in output
        told = json.loads(run("stats", "--json", *period).output)
        assert (told["days"], told["rates"]["accepted"]["share"]) == ([], None)
        month = json.loads(run("stats", "--json", "--until", "2020-02-29").output)
        assert (month["since"], month["until"]) == ("2020-02-01", "2020-02-29")

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (("--since", "2026-02-02", "--until", "2026-02-01"), "day comes after the last one\n"),
            (("--since", "yesterday"), "'yesterday' does not match the format"),
            (("--until", "1960-01-01"), "Days can be from 1970 to 2199\n"),
        ],
        ids=["backwards", "no day", "early"],
    )
    def test_a_wrong_period_is_explained(self, run, words, told):
        """
        A mistake ends with an explanation, not with a stack trace.
        """
        result = run("stats", *words)

        assert result.exit_code == 2
        assert told in result.output.partition("Error: ")[2]

    def test_trouble_with_the_database_is_told(self, run, app, decided):
        """
        A log that cannot be read is said to be so.
        """
        store = app.extensions["consentry"].store
        store.close()
        store.file.write_bytes(b"no database" * 1000)
        result = run("stats")

        assert result.exit_code == 1
        assert "the log cannot be used just now" in result.output
        assert "hint: the file of the log is damaged" in result.output


def test_sealing_counts_what_it_sealed(run, app, decided):
    """
    The command and the thread of the app both keep the figures up to date (AU-11).
    """
    site = app.extensions["consentry"]

    def left() -> dict:
        with site.store.snapshot() as now:
            return uncounted(now)

    site.sealer.seal()
    assert left() == {str(datetime.now(UTC).year): (0, 5)}
    run("seal")
    assert left() == {}
    Visitor(app).decide("accept")
    site._seal()
    assert left() == {}
    assert not site.store.is_waiting()


class TestReport:
    @pytest.mark.parametrize(("language", "words"), [("de", "unversehrt"), ("en", "unbroken")])
    def test_it_is_one_file(self, run, decided, tmp_path, language, words):
        """
        The overview is one file in the wanted language, which opens without a server: it loads
        nothing, links nowhere, runs nothing, and has no form.
        """
        run("seal")
        file = tmp_path / "report.html"
        result = run("report", "--html", str(file), "--language", language)
        text = file.read_text(encoding="utf-8")

        assert result.exit_code == 0, result.output
        assert f'<html lang="{language}">' in text
        assert words in text
        assert text.count('role="img"') == 5
        assert "<style>" in text
        assert "--desk-ink" in text
        assert "--desk-look-grant" in text
        assert not re.search(
            r"<(?:link|script|form|img|a)\b|\b(?:src|href)=|@import|url\((?!#)", text
        )
        assert "default-src 'none'" in text

    @pytest.mark.parametrize("language", ["de", "en"])
    def test_it_speaks_of_the_moment_that_it_was_made(self, run, decided, tmp_path, language):
        """
        Who opens it later does not read that the log was checked just then, or how long ago the
        last checkpoint was.
        """
        run("seal")
        file = tmp_path / "report.html"
        run("report", "--html", str(file), "--language", language)
        text = file.read_text(encoding="utf-8")

        assert say(language, "overview.state.made") in text
        opened = say(language, "overview.state.opened", moment="|").partition("|")[0]
        assert opened not in text
        assert not re.search(r"\(vor \d|\d \w+ ago", text)

    @pytest.mark.parametrize("language", ["de", "en"])
    def test_a_check_that_goes_on_is_told_as_it_stands(self, run, app, decided, tmp_path, language):
        """
        Made while everything is checked for the first time, a report says how far that is, that
        nothing was checked to its end before, and not to load it again, which changes nothing.
        """
        run("seal")
        site = app.extensions["consentry"]
        checked = site.inspector.run()
        goes_on = replace(checked, ended_at=None, seen_at=time.time_ns() // 1_000_000, leaves=3)
        site.inspector.path.unlink()
        site.inspector.keep(goes_on)
        file = tmp_path / "report.html"
        run("report", "--html", str(file), "--language", language)
        text = file.read_text(encoding="utf-8")

        assert say(language, "overview.check.never") in text
        blanks = {"count": checked.of, "of": checked.of, "done": 3, "moment": "|"}
        assert say(language, "overview.check.running", **blanks).partition("|")[0] in text
        assert say(language, "overview.check.again") not in text

    @pytest.mark.parametrize("language", ["de", "en"])
    def test_what_is_not_counted_is_told_as_it_stands(
        self, run, app, decided, tmp_path, language, monkeypatch
    ):
        """
        A report whose figures lack entries says how many, and not to load it again.
        """
        counter = app.extensions["consentry"].counter
        monkeypatch.setattr(type(counter), "batch", lambda *_: None)
        monkeypatch.setattr("consent.audit.figures.FEW", 0)
        run("seal")
        file = tmp_path / "report.html"
        run("report", "--html", str(file), "--language", language)
        text = file.read_text(encoding="utf-8")

        assert say(language, "overview.behind.start", count=5, number=5) in text
        assert say(language, "overview.behind.again") not in text

    def test_it_is_about_its_period(self, run, decided, tmp_path):
        """
        What was decided before or after is not in it.
        """
        file = tmp_path / "report.html"
        run("report", "--html", str(file), "--since", "2020-01-01", "--until", "2020-01-31")
        text = file.read_text(encoding="utf-8")

        assert "In diesem Zeitraum wurde nichts entschieden" in text
        assert "31.01.2020" in text

    def test_a_file_that_cannot_be_written_is_told(self, run, tmp_path):
        """
        An error of the disk is an explanation, not a stack trace.
        """
        result = run("report", "--html", str(tmp_path / "no" / "report.html"))

        assert result.exit_code == 1
        assert "cannot be written" in result.output

    @pytest.mark.parametrize("mask", [0o022, 0o077])
    def test_others_may_read_it_as_any_file_of_whoever_writes_it(self, run, tmp_path, mask):
        """
        The overview can be written into a folder of the web server: it has nobody's data in it.
        """
        before = os.umask(mask)
        try:
            run("report", "--html", str(tmp_path / "report.html"))
        finally:
            os.umask(before)

        assert (tmp_path / "report.html").stat().st_mode & 0o777 == 0o666 & ~mask

    def test_a_full_disk_leaves_the_file_of_before(self, run, tmp_path, monkeypatch):
        """
        What cannot be written as a whole is not written: the overview of last month is kept.
        """
        file = tmp_path / "report.html"
        file.write_text("last month")

        def full(descriptor):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", full)
        result = run("report", "--html", str(file))

        assert result.exit_code == 1
        assert "cannot be written: No space left" in result.output
        assert [(path.name, path.read_text()) for path in tmp_path.glob("report*")] == [
            ("report.html", "last month")
        ]

    def test_a_file_has_to_be_named(self, run):
        """
        Nothing is written anywhere by accident.
        """
        assert run("report").exit_code == 2
