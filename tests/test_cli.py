"""The commands, as an operator types them."""

import csv
import errno
import json
import os
import re
import signal
import sqlite3
import sys
import time
import zipfile
from contextlib import closing
from datetime import UTC, datetime
from functools import partial

import click
import pytest
from flask.cli import ScriptInfo
from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader, FunctionLoader

from consent.audit import shots
from consent.cli import cli
from consent.log.export import file
from consent.version import SOFTWARE
from consent.web.report import evidence
from tests.conftest import POLICY, Visitor, events, make_site


def run_on(make, *words):
    """Run a command on an app that is only made when the command asks for it."""
    from click.testing import CliRunner

    return CliRunner().invoke(cli, words, obj=ScriptInfo(create_app=make))


class TestCheck:
    def test_it_prints_what_visitors_are_asked(self, run):
        """
        The summary names controller, purposes, services, third countries and items.
        """
        result = run("check")

        assert result.exit_code == 0, result.output
        for fact in ("Kreisverband Musterland e. V.", "statistics: Besuche zählen",
                     "youtube: YouTube, Google Ireland Limited (IE)", "outside the EEA: US (dpf)",
                     "stores YSC (cookie, session)"):  # fmt: skip
            assert fact in result.output

    def test_it_says_so_when_nothing_is_wrong(self, run, tmp_path):
        """
        Whoever runs it reads at the end whether something has to be mended, not only what it shows.
        """
        good = run("check")
        tmp_path.joinpath("templates").mkdir(exist_ok=True)
        tmp_path.joinpath("templates/page.html").write_text("{% gate matomo %}x{% endgate %}")
        bad = run("check")

        assert good.output.splitlines()[-1] == "no problems found"
        assert bad.exit_code == 1
        assert "no problems found" not in bad.output

    @pytest.mark.parametrize(
        ("url", "told"),
        [
            ("sqlite:///deep/log.sqlite3", "sqlite:///{instance}/deep/log.sqlite3"),
            (
                "postgresql://jo:geheim@127.0.0.1:1/log?password=geheim",
                "postgresql://127.0.0.1:1/log",
            ),
        ],
        ids=["sqlite", "postgresql"],
    )
    def test_where_the_log_is_and_what_runs_is_said(self, make_app, url, told):
        """
        Whoever looks after the site reads which version runs, which database and key it uses, and
        no password.
        """
        app = make_app(CONSENT_DATABASE=url, CONSENT_SEAL="command")
        output = run_on(lambda: app, "check").output

        assert f"software    {SOFTWARE}" in output
        assert f"log         {told.format(instance=app.instance_path)}\n" in output
        assert "consent.key, used by flask consent seal\n" in output
        assert "geheim" not in output

    def test_a_folder_whose_name_is_no_text_is_named(self, policy_file):
        """
        Where a site lies in a folder that an older system named, in letters that are not UTF-8,
        what the site has is told all the same.
        """
        folder = policy_file.parent / os.fsdecode(b"Fu\xdfball")
        folder.mkdir()
        policy = policy_file.rename(folder / policy_file.name)
        result = run_on(lambda: make_site(policy), "check")

        assert result.exit_code == 0, result.output
        assert f"log         sqlite:///{policy_file.parent}/Fu?ball/instance/" in result.output

    def test_pages_that_can_be_read_before_deciding_are_named(self, app, run):
        """
        What the policy links is told, and what of that the app does not have; another program may
        answer there, so it is no problem for certain (FL-15).
        """
        app.add_url_rule("/datenschutz", "privacy", lambda: "Datenschutz")
        result = run("check")

        assert result.exit_code == 0, result.output
        assert "links       /datenschutz, /impressum\n" in result.output
        assert "not from this app: /impressum (404);\n" in result.output

    def test_what_loads_before_anybody_is_asked_is_told(self, app, run):
        """
        A declared service outside of its gate is a problem; other files from elsewhere are named,
        as a site may have its reasons (GA-01).
        """
        frame = '<iframe src="https://www.youtube.com/embed/x"></iframe>'
        style = '<link rel="stylesheet" href="https://far.example/x.css">'
        app.view_functions["home"] = lambda: style + frame
        result = run("check")

        assert result.exit_code == 1
        assert "GET /: found youtube outside of every gate" in result.output
        assert "unasked     far.example: /\n" in result.output

    def test_where_files_have_no_modes_it_says_so(self, run, monkeypatch):
        """
        On Windows, where no file is for its owner alone, that is one sentence and no problem.
        """
        here = run("check").output
        monkeypatch.delattr(os, "geteuid")
        result = run("check")

        assert result.exit_code == 0, result.output
        assert "key and log are as readable as their folder" in result.output
        assert "mode 0600" not in here

    def test_facts_that_nobody_could_confirm_are_named(self, make_app, policy_file):
        """
        The operator learns which fields of a ready-made service have to be looked at, until
        they stand in the policy file.
        """
        policy_file.write_text(f"{POLICY}\n[services.stripe]\n", encoding="utf-8")
        before = run_on(make_app, "check").output
        policy_file.write_text(
            f'{POLICY}\n[services.stripe]\ntransfers = ["US"]\nsafeguard = "scc"\n',
            encoding="utf-8",
        )
        after = run_on(make_app, "check").output

        assert "unconfirmed: transfers, safeguard" in before
        assert "unconfirmed" not in after

    @pytest.mark.parametrize(
        ("is_static", "said"), [(False, "nothing at all"), (True, "not with CONSENT_STATIC_PAGES")]
    )
    def test_what_pages_have_before_a_grant_is_said(self, make_app, policy_file, is_static, said):
        """
        Whoever wants nothing of a service in a page reads whether pages are made so.
        """
        before = run_on(make_app, "check").output
        policy_file.write_text(f'ungranted = "absent"\n{POLICY}', encoding="utf-8")
        result = run_on(partial(make_app, CONSENT_STATIC_PAGES=is_static), "check")

        assert "ungranted" not in before
        assert f"ungranted   absent: {said}" in result.output

    @pytest.mark.parametrize(
        ("days", "said"),
        [
            (30, "sooner than six months"), (179, "sooner than six months"), (180, None),
            (366, None), (367, "later than twelve months"), (400, "later than twelve months"),
        ],
    )  # fmt: skip
    def test_a_period_that_authorities_object_to_is_named(self, make_app, policy_file, days, said):
        """
        Whoever refused is left in peace for six months, and consent holds for a year at most; a
        site that says otherwise is told so (RP-01, RP-02).
        """
        policy_file.write_text(f"lifetime = {days}\n{POLICY}", encoding="utf-8")
        result = run_on(make_app, "check")

        assert result.exit_code == 0, result.output
        for words in ("sooner than six months", "later than twelve months"):
            assert (words in result.output) == (words == said)

    def test_reports_without_a_policy_are_found(self, make_app):
        """
        Who wants to be told by browsers and has no Content-Security-Policy for them reads that
        nothing will come; it looks as if nothing was wrong with the pages.
        """
        policy = {"CONSENT_CSP": "default-src 'self'"}
        alone, both = (
            run_on(partial(make_app, CONSENT_CSP_REPORT_ONLY=True, **more), "check")
            for more in ({}, policy)
        )

        assert alone.exit_code == 1
        assert "CONSENT_CSP_REPORT_ONLY: found True, wanted CONSENT_CSP beside it" in alone.output
        assert both.exit_code == 0, both.output

    def test_notices_without_pictures_are_told(self, app, run, visitor):
        """
        Of each notice that somebody decided under pictures can be kept for auditors; the check
        tells of how many they are missing, and nothing where they are there (EV-12).
        """
        store, told = app.extensions["consentry"].store, []
        for _ in range(2):
            told.append("missing of 1 of 1 notices that visitors saw" in run("check").output)
            visitor.decide("reject")
        for width in shots.WIDTHS:
            told.append("missing of 1 of 1" in run("check").output)
            shot = shots.Shot(events(app)[0]["notice"], "de", width, 0, 7)
            shots.keep(store, shot, b"picture")

        assert told == [False, True, True, True]
        assert "notice shoot" not in run("check").output

    def test_a_policy_with_mistakes_is_explained_without_a_stack_trace(self, make_app, policy_file):
        """
        All mistakes are named at once, with what was found, wanted and a hint.
        """
        policy_file.write_text(
            POLICY.replace("[services.youtube]", "[services.yuotube]").replace("site =", "stie ="),
            encoding="utf-8",
        )

        result = run_on(make_app, "check")

        assert result.exit_code == 1
        assert "hint: [services.youtube]" in result.output
        assert "hint: site" in result.output
        assert "Traceback" not in result.output

    def test_a_service_that_is_the_whole_site_is_found(self, make_app, policy_file):
        """
        A service on the site's own host needs a path, or each picture in an article is held.
        """
        whole = POLICY.replace("statistik.kreisverband.example", "kreisverband-musterland.example")
        policy_file.write_text(whole, encoding="utf-8")

        result = run_on(make_app, "check")

        assert result.exit_code == 1
        assert 'as in "kreisverband-musterland.example/matomo"' in result.output

    def test_a_gate_that_names_no_service_is_found(self, app, run, tmp_path):
        """
        A typing error in a template is found before a visitor misses something.
        """
        folder = tmp_path / "templates"
        folder.mkdir()
        (folder / "a.html").write_text('\n{% gate "matmo" %}x{% endgate %}')

        result = run("check")

        assert result.exit_code == 1
        assert 'template a.html, line 2: gate "matmo" is none of matomo, youtube' in result.output

    def test_a_gate_in_a_form_is_found(self, run, tmp_path):
        """
        HTML has no form in a form: a placeholder there would end the site's, with what was typed
        sent by the wrong button. What shows no placeholder may stand there.
        """
        folder = tmp_path / "templates"
        folder.mkdir()
        (folder / "a.html").write_text(
            '<form>\n{% gate "matomo" %}x{% endgate %}\n{% gate "youtube" %}x{% endgate %}</form>'
            '{% gate "youtube" %}x{% endgate %}'
        )

        result = run("check")

        assert result.exit_code == 1
        assert 'template a.html, line 3: gate "youtube" in a form' in result.output
        assert result.output.count("in a form") == 1

    def test_a_gate_where_it_cannot_be_is_found(self, run, tmp_path):
        """
        A web person reads where a gate holds nothing or breaks what it stands in, and what to do.
        """
        folder = tmp_path / "templates"
        folder.mkdir()
        (folder / "a.html").write_text(
            '<head>{% gate "youtube" %}x{% endgate %}</head>\n'
            '<script>{% gate "matomo" %}x{% endgate %}</script>\n'
            '<img {% gate "matomo" %}x{% endgate %}>\n'
            '<svg>{% gate "matomo" %}x{% endgate %}</svg>\n'
            '<select>{% gate "youtube" %}x{% endgate %}{% gate "matomo" %}x{% endgate %}</select>\n'
            "{% gate matomo %}x{% endgate %}{% gate other %}x{% endgate %}"
        )
        (folder / "b.html").write_text('\n{% gate "matomo" %}')

        result = run("check")

        assert result.exit_code == 1
        assert sorted(re.findall(r"template ([ab]\.html, line \d.*?)[;.]", result.output)) == [
            'a.html, line 1: gate "youtube" in <head>, where its placeholder cannot be',
            'a.html, line 2: gate "matomo" in <script>, where nothing starts before the next page',
            'a.html, line 3: gate "matomo" in a tag, where nothing starts before the next page',
            'a.html, line 4: gate "matomo" in <svg>, the rest of which is lost until it is granted',
            'a.html, line 5: gate "youtube" in <select>, where its placeholder cannot be',
            "a.html, line 6: gate matomo is a variable",
            "b.html, line 2 cannot be read: Unexpected end of template",
        ]

    def test_a_template_in_another_encoding_is_found(self, run, tmp_path):
        """
        A template that an editor did not save in UTF-8 is named, and the check goes on.
        """
        folder = tmp_path / "templates"
        folder.mkdir()
        (folder / "a.html").write_bytes("Grüße".encode("latin-1"))
        (folder / "b.html").write_text('{% gate "matmo" %}x{% endgate %}')

        result = run("check")

        assert result.exit_code == 1
        assert "template a.html cannot be read: 'utf-8' codec" in result.output
        assert "template b.html, line 1" in result.output

    def test_templates_that_are_listed_by_names_they_are_not_found_by(self, app, run, tmp_path):
        """
        Where a site has themes, what lists templates may name them otherwise than what finds them:
        that is told once, and is no mistake, so that what is one can be seen.
        """
        theme = tmp_path / "themes" / "plain"
        theme.mkdir(parents=True)
        for name in ("page.html", "news.html"):
            (theme / name).write_text('{% gate "matmo" %}x{% endgate %}')

        class Themes(FileSystemLoader):
            def get_source(self, environment, template):
                return super().get_source(environment, f"plain/{template}")

        app.jinja_loader = Themes(theme.parent)
        result = run("check")

        assert result.exit_code == 0, result.output
        assert "unread      2 that the app lists as templates and does not find" in result.output
        assert "plain/news.html; look yourself what loads there" in result.output

    def test_a_template_that_may_not_be_read_is_found(self, app, run):
        """
        A file among the templates that whoever checks may not open is named, and the check goes on.
        """

        class Closed(DictLoader):
            def get_source(self, environment, template):
                if template == "a.html":
                    raise PermissionError(errno.EACCES, "Permission denied", template)
                return super().get_source(environment, template)

        app.jinja_loader = Closed({"a.html": "", "b.html": '{% gate "matmo" %}x{% endgate %}'})

        result = run("check")

        assert result.exit_code == 1
        assert "template a.html cannot be read: [Errno 13] Permission denied" in result.output
        assert "template b.html, line 1" in result.output

    @pytest.mark.parametrize("place", ["app", "jinja_env"])
    def test_templates_that_cannot_be_listed_are_passed_over(self, app, run, place):
        """
        A site may have templates in its database, which no loader can list: all others are looked
        at.
        """
        own = DictLoader({"a.html": '{% gate "matmo" %}x{% endgate %}'})
        loader = ChoiceLoader([FunctionLoader(lambda _: None), own])
        if place == "app":
            app.jinja_loader = loader
        else:
            app.jinja_env.loader = ChoiceLoader([loader, app.jinja_env.loader])

        result = run("check")

        assert result.exit_code == 1
        assert 'template a.html, line 1: gate "matmo" is none of' in result.output

    def test_a_broken_template_of_the_site_is_found(self, run, tmp_path):
        """
        A template of the site that cannot be rendered in the place of ours is found here.
        """
        folder = tmp_path / "templates/consent"
        folder.mkdir(parents=True)
        (folder / "banner.html").write_text("{% if %}")

        result = run("check")

        assert result.exit_code == 1
        assert "the notice in de cannot be rendered" in result.output

    @pytest.mark.parametrize("place", ["a context processor", "a global"])
    def test_a_variable_of_our_name_is_found(self, app, run, place):
        """
        What of the site is called `consent` in all templates hides the extension there, so that
        every page fails; it is named.
        """
        if place == "a global":
            app.jinja_env.globals["consent"] = {"analytics": True}
        else:
            app.context_processor(lambda: {"consent": {"analytics": True}})
        result = run("check")

        assert result.exit_code == 1
        assert f"templates: {place} of the app is called consent" in result.output

    def test_a_context_processor_that_fails_is_none_of_ours(self, app, run):
        """
        What the site adds to templates may need a visitor; the check goes on.
        """
        app.context_processor(lambda: {"user": 1 / 0})

        assert run("check").exit_code == 0

    def test_a_log_that_cannot_be_opened_is_found(self, make_app, tmp_path):
        """
        A database that does not answer shows before the first visitor decides.
        """
        (tmp_path / "file").write_text("")

        result = run_on(
            lambda: make_app(CONSENT_DATABASE=f"sqlite:///{tmp_path}/file/x.sqlite3"), "check"
        )

        assert result.exit_code == 1
        assert "the log cannot be opened" in result.output

    def test_a_log_that_goes_with_the_environment_is_found(self, make_app, tmp_path, monkeypatch):
        """
        Flask has the folder of an app that is installed as a package in the environment of Python,
        and who makes that anew, for another version perhaps, would be without log and key. Who runs
        somebody else's app, which makes its own Flask, is told of settings that mend it.
        """
        monkeypatch.setattr(sys, "prefix", str(tmp_path))
        folder = tmp_path / "var" / "verein-instance"
        own = {
            "CONSENT_DATABASE": f"sqlite:///{folder}/consent.sqlite3",
            "CONSENT_LOG_KEY": str(folder / "consent.key"),
        }
        usual, packed = run_on(make_app, "check"), run_on(lambda: make_app(**own), "check")

        assert (usual.exit_code, packed.exit_code) == (0, 1)
        assert f"{folder}/consent.sqlite3 and {folder}/consent.key: found in" in packed.output
        for way in ("instance_path", "CONSENT_DATABASE", "CONSENT_LOG_KEY"):
            assert way in packed.output

    @pytest.mark.parametrize("table", ["document", "leaf", "tile", "head", "checkpoint"])
    def test_a_damaged_page_is_found(self, app, run, table):
        """
        A file with a page that cannot be read shows, whatever is on it, and what to do is said.
        """
        site = app.extensions["consentry"]
        Visitor(app).decide("accept")
        run("seal")
        with closing(sqlite3.connect(site.store.file)) as log:
            query = f"SELECT rootpage FROM sqlite_schema WHERE name = 'consent_{table}'"
            [page] = log.execute(query).fetchone()
            [size] = log.execute("PRAGMA page_size").fetchone()
            log.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        site.store.close()
        with site.store.file.open("r+b") as file:
            file.seek((page - 1) * size)
            file.write(b"\xaa" * size)

        result = run("check")

        assert result.exit_code == 1
        assert "the file of the log is damaged" in result.output
        assert "put the newest copy in its place" in result.output

    def test_a_database_that_takes_no_decision_is_found(self, app, run):
        """
        Where records can be read and not written, as on a disk that became read-only, that shows;
        to find it out leaves nothing behind.
        """
        site = app.extensions["consentry"]
        Visitor(app).decide("accept")
        run("seal")
        before = list(site.store.events())

        well = run("check")
        with closing(sqlite3.connect(site.store.file)) as log:
            log.execute(
                "CREATE TRIGGER t BEFORE INSERT ON consent_event"
                " BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
        ill = run("check")

        assert (well.exit_code, ill.exit_code) == (0, 1)
        assert "the log cannot be used just now: IntegrityError: no" in ill.output
        assert list(site.store.events()) == before

    def test_a_key_that_is_gone_is_found(self, app, run):
        """
        A site that seals itself and has lost its key is told so before anything waits.
        """
        Visitor(app).decide("accept")
        run("seal")
        app.extensions["consentry"].sealer.key.unlink()

        result = run("check")

        assert result.exit_code == 1
        assert "if it is lost: flask consent log rotate --lost" in result.output

    def test_an_old_copy_of_the_database_is_found(self, app, run, tmp_path):
        """
        Whoever has put back a backup is told before the next decision that nothing will be sealed
        on it, and what to do.
        """
        site = app.extensions["consentry"]
        copy = sqlite3.connect(tmp_path / "copy")
        for _ in range(2):
            Visitor(app).decide("accept")
            site.sealer.seal()
            with closing(sqlite3.connect(site.store.file)) as log:
                if not copy.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                    log.backup(copy)
        assert run("check").exit_code == 0
        with closing(sqlite3.connect(site.store.file)) as log, closing(copy):
            copy.backup(log)

        result = run("check")

        assert result.exit_code == 1
        assert "if it is lost: flask consent log reopen" in result.output

    def test_what_a_command_recorded_on_a_quiet_site_is_sealed_as_it_says(
        self, run, tmp_path, monkeypatch
    ):
        """
        What waits to be sealed is told with the command that seals it, and then no longer.
        """
        monkeypatch.setattr(evidence, "_PATIENCE_MS", -1)
        run("export", "--format", "csv", "--out", str(tmp_path / "x"))
        waiting = run("check")
        run("seal")

        assert waiting.exit_code == 1
        assert "hint: flask consent seal seals it, or says why not" in waiting.output
        assert run("check").exit_code == 0

    def test_what_a_command_recorded_is_sealed_when_it_ends(self, app, run, tmp_path, monkeypatch):
        """
        An export, an invitation and its end wait for nobody's decision to be sealed.
        """
        woken = []
        site = app.extensions["consentry"]
        monkeypatch.setattr(site._watch, "wake", lambda: woken.append(site.store.is_waiting()))
        app.testing = False
        done = [run("export", "--format", "csv", "--out", str(tmp_path / "x"))]
        done += [run("auditor", "invite", "Dr. Prüfer", "--url", "https://kreisverband.example")]
        id = site.desk.access.invitations()[0].id
        done += [run("auditor", "revoke", id), run("auditor", "list"), run("check")]

        assert [result.exit_code for result in done] == [0] * 5, done[1].output
        assert woken == [True] * 3

    def test_an_app_without_consent_is_told(self):
        """
        On an app that never called Consent(app) the command says so, and how to name another one
        where several sites run in one program.
        """
        from flask import Flask

        result = run_on(lambda: Flask("x"), "check")

        assert result.exit_code == 1
        assert "call Consent(app) first" in result.output
        assert """flask --app 'app:create_site("name")'""" in result.output

    def test_a_site_without_optional_services_is_told_so(self, make_app, policy_file):
        """
        A site that needs no banner sees that it has none (FL-21).
        """
        policy_file.write_text(POLICY.partition("[services")[0], encoding="utf-8")

        assert "no banner appears" in run_on(make_app, "check").output


class TestExport:
    @pytest.fixture
    def decided(self, app):
        for decision in ("reject", "accept"):
            Visitor(app).decide(decision)

    def test_json_lines_are_the_events_as_stored(self, app, run, decided, tmp_path):
        """
        The export holds the stored bytes, in order, and is an event itself (AU-01, AU-03).
        """
        stored = list(app.extensions["consentry"].store.events())

        result = run("export", "--format", "jsonl", "--out", str(tmp_path / "x"), "--by", "DPO")

        assert result.exit_code == 0, result.output
        assert "2 events written" in result.output
        assert (tmp_path / "x").read_bytes().splitlines() == stored
        newest = events(app)[-1]
        assert (newest["event"], newest["by"], newest["rows"]) == ("export", "DPO", 2)

    def test_a_bundle_goes_on_where_the_last_one_ended(self, app, run, decided, tmp_path):
        """
        The next bundle takes along what came since, and no more; a period is something else.
        """
        words = ("export", "--format", "bundle", "--out")
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        first = run(*words, str(tmp_path / "1.zip"), "--sealed-until", today)
        Visitor(app).decide("reject")
        then = run(*words, str(tmp_path / "2.zip"), "--from-checkpoint", str(tmp_path / "1.zip"))
        wrong = run(*words, str(tmp_path / "3.zip"), "--sealed-until", today, "--since", today)
        none = run(*words, str(tmp_path / "4.zip"), "--from-checkpoint", __file__)
        early = run(*words, str(tmp_path / "5.zip"), "--sealed-until", "2020-01-01")
        run(*words, str(tmp_path / "6.zip"), "--previous", str(tmp_path / "1.zip"))

        assert "3 events written" in first.output
        assert "3 events written" in then.output  # the opening, the first export, a refusal
        assert wrong.exit_code == 2
        assert (none.exit_code, "no checkpoint and no bundle" in none.output) == (1, True)
        assert (early.exit_code, "nothing was sealed then" in early.output) == (1, True)
        with zipfile.ZipFile(tmp_path / "6.zip") as zip:
            assert any(name.endswith("checkpoint.previous.txt") for name in zip.namelist())

    @pytest.mark.parametrize("option", ["--from-checkpoint", "--previous"])
    def test_a_bundle_does_not_take_the_place_of_the_one_before(
        self, run, decided, tmp_path, option
    ):
        """
        Who lets a bundle go on after the file that it is written to is told, and keeps that file:
        the log is held against it.
        """
        out = tmp_path / "export.zip"
        words = ("export", "--format", "bundle", "--out", str(out))
        run(*words)
        before = out.read_bytes()
        result = run(*words, option, str(out))

        assert (result.exit_code, "wanted another name" in result.output) == (2, True)
        assert out.read_bytes() == before

    def test_csv_is_a_view_for_spreadsheets(self, run, decided, tmp_path):
        """
        The CSV has one row per event and a header (AU-01, AU-07).
        """
        run("export", "--format", "csv", "--out", str(tmp_path / "x"))

        text = (tmp_path / "x").read_text(encoding="utf-8")
        rows = list(csv.DictReader(text.splitlines()))
        assert [row["kind"] for row in rows] == ["refusal", "grant"]

    @pytest.mark.parametrize("format", ["jsonl", "csv", "xlsx", "parquet", "jsonld"])
    def test_a_part_can_be_taken_along(self, app, run, decided, tmp_path, format):
        """
        Every view can be narrowed by kind, notice and service, as for a recipient who needs the
        evidence for its own, and the log says by what (AU-01, EV-16).
        """
        notice = events(app)[-1]["notice"]
        result = run(
            "export", "--format", format, "--out", str(tmp_path / "x"),
            "--kind", "grant", "--service", "matomo", "--notice", notice,
        )  # fmt: skip

        assert "1 event written" in result.output
        assert events(app)[-1]["filter"] == {
            "kind": "grant", "notice": notice, "service": "matomo",
        }  # fmt: skip

    def test_excel_gets_its_own_dialect(self, run, decided, tmp_path):
        """
        A German spreadsheet opens the file with a double click: semicolons and a byte order mark.
        """
        run("export", "--format", "csv", "--excel", "--out", str(tmp_path / "x"))

        text = (tmp_path / "x").read_bytes()
        assert text.startswith(b"\xef\xbb\xbfrecorded_at (UTC);")

    @pytest.mark.parametrize(("format", "written"), [("jsonl", 0), ("bundle", 2)])
    def test_a_period_is_whole_days(self, app, run, decided, tmp_path, format, written):
        """
        Both days are included, and recorded; a period without decisions has none (AU-01), and a
        bundle brings what shows that.
        """
        result = run(
            "export", "--format", format, "--out", str(tmp_path / "x"),
            "--since", "2020-01-01", "--until", "2020-12-31",
        )  # fmt: skip
        [taken] = [event for event in events(app) if event["event"] == "export"]

        assert result.exit_code == 0, result.output
        assert b"grant" not in (tmp_path / "x").read_bytes()
        assert f"{written} events written" in result.output
        assert (taken["since"], taken["until"], taken["rows"]) == ("2020-01-01", "2020-12-31", 0)

    @pytest.mark.parametrize(
        "words",
        [
            ("--format", "jsonl", "--excel", "--out", "x"),
            ("--format", "xml", "--out", "x"),
            ("--format", "csv", "--out", "x", "--since", "yesterday"),
            ("--format", "csv"),
            ("--format", "csv", "--out", "x", "--kind", "granted"),
            ("--format", "csv", "--out", "x", "--notice", "abc"),
            ("--format", "csv", "--out", "x", "--service", "A B"),
            ("--format", "csv", "--out", "x", "--since", "2026-02-02", "--until", "2026-02-01"),
            ("--format", "bundle", "--out", "x", "--kind", "grant"),
            ("--format", "bundle", "--out", "x", "--answer", "granted"),
            ("--format", "bundle", "--out", "x", "--since", "2026-02-02", "--until", "2026-02-01"),
            ("--format", "csv", "--out", "x", "--previous", __file__),
            ("--format", "csv", "--out", "x", "--from-checkpoint", __file__),
            ("--format", "jsonl", "--out", "x", "--sealed-until", "2026-02-01"),
            (
                "--format",
                "bundle",
                "--out",
                "x",
                "--from-checkpoint",
                __file__,
                "--until",
                "2026-02-01",
            ),
        ],
        ids=[
            *("excel without csv", "unknown format", "no date", "no file", "no kind", "no hash"),
            *("no service", "ends before it begins", "part of a bundle"),
            *("answer in a bundle", "bundle that ends before it begins"),
            *("earlier checkpoint", "part", "end of a part", "part of a period"),
        ],
    )
    def test_a_wrong_word_is_explained(self, run, words):
        """
        A mistake on the command line is told and changes nothing.
        """
        result = run("export", *words)

        assert result.exit_code == 2
        assert "Usage:" in result.output

    def test_how_much_of_a_hash_does_is_said(self, run, decided, tmp_path):
        """
        Who gives less of a notice's hash than lists show, or what none begins with, reads how much
        is enough (AU-01).
        """
        for start in ("abc", "0123456789abcdef"):
            out = str(tmp_path / "x")
            result = run("export", "--format", "csv", "--out", out, "--notice", start)

            assert result.exit_code == 2
            assert "or its first eight digits or more" in result.output

    @pytest.mark.parametrize("body", [b"\xff\xfe", b"PK\x03\x04\xff"], ids=["no text", "no zip"])
    def test_what_is_no_earlier_checkpoint_is_told(self, run, decided, tmp_path, body):
        """
        Whoever names the wrong file as the earlier checkpoint is told so in words.
        """
        (tmp_path / "kept").write_bytes(body)
        words = ("--previous", str(tmp_path / "kept"), "--out", str(tmp_path / "x"))
        result = run("export", "--format", "bundle", *words)

        assert result.exit_code == 1
        assert "no checkpoint" in result.output

    def test_an_export_that_is_stopped_leaves_nothing(self, run, decided, tmp_path, monkeypatch):
        """
        A service that is stopped in the middle of an export leaves no half of it in the way of
        the next one.
        """
        pour = file.pour
        monkeypatch.setattr(
            file, "pour", lambda *a: (os.kill(os.getpid(), signal.SIGTERM), *pour(*a))
        )
        before = signal.getsignal(signal.SIGTERM)
        result = run("export", "--format", "csv", "--out", str(tmp_path / "x"))

        assert (result.exit_code, list(tmp_path.glob("x*"))) == (143, [])
        assert signal.getsignal(signal.SIGTERM) is before

    def test_a_user_without_a_name_is_named_by_number(
        self, app, run, decided, tmp_path, monkeypatch
    ):
        """
        In a container that runs under a number nobody has to say who exports.
        """
        for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr("pwd.getpwuid", {}.__getitem__)
        result = run("export", "--format", "csv", "--out", str(tmp_path / "x"))

        assert result.exit_code == 0, result.output
        assert events(app)[-1]["by"] == f"uid {os.getuid()}"

    def test_where_users_have_no_numbers_one_without_a_name_says_who(
        self, run, decided, tmp_path, monkeypatch
    ):
        """
        On Windows, which knows no numbers of users, a service without a name is told to give one.
        """
        for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setitem(sys.modules, "pwd", None)
        monkeypatch.delattr(os, "geteuid")
        result = run("export", "--format", "csv", "--out", str(tmp_path / "x"))

        assert (result.exit_code, list(tmp_path.glob("x*"))) == (2, [])
        assert "Error: --by: found nothing, wanted who does this\n" in result.output

    def test_a_file_that_cannot_be_written_is_told(self, run, decided, tmp_path):
        """
        No half file is left behind when the place cannot be written.
        """
        result = run("export", "--format", "csv", "--out", str(tmp_path / "none" / "x"))

        assert result.exit_code == 1
        assert "Traceback" not in result.output


def test_a_site_may_add_a_command(make_app, monkeypatch):
    """
    A command that a site adds to ours while it is made is found; a word that is none is told.
    """
    made = click.Command("more", callback=lambda: click.echo("more of it"))

    def make():
        monkeypatch.setitem(cli.commands, "more", made)
        return make_app()

    found, unknown = run_on(make, "more"), run_on(make, "nonsense")

    assert found.output == "more of it\n"
    assert unknown.exit_code == 2
    assert "No such command 'nonsense'" in unknown.output


def test_the_schema_is_printed(run):
    """
    Editors get the JSON Schema of the policy file.
    """
    assert json.loads(run("schema").output)["type"] == "object"


class TestLeaks:
    def test_what_browsers_refused_is_explained(self, app, run):
        """
        Each refused origin stands with how often and when it was seen last, and with the service
        that would explain it: a declared one, one that is only in the catalogue, or none (GA-05).
        """
        day = int(time.time() // 86400)
        refused = [("https://www.youtube.com", "frame-src")] * 2
        refused += [("https://player.vimeo.com", "frame-src"), ("https://far.example", "img-src")]
        app.extensions["consentry"].leaks.count(refused, day)

        lines = run("leaks").output.splitlines()

        assert [line.split()[:3] for line in lines] == [
            ["2", "https://www.youtube.com", "frame-src"],
            ["1", "https://far.example", "img-src"],
            ["1", "https://player.vimeo.com", "frame-src"],
        ]
        assert "youtube: declared" in lines[0]
        assert "no service that is known" in lines[1]
        assert "vimeo: not declared" in lines[2]

    def test_days_long_ago_are_left_out(self, app, run):
        """
        Only the days that were asked for are counted.
        """
        leaks = app.extensions["consentry"].leaks
        leaks.count([("https://far.example", "img-src")], int(time.time() // 86400) - 9)

        assert "far.example" in run("leaks", "--days", "10").output
        assert "far.example" not in run("leaks", "--days", "9").output

    @pytest.mark.parametrize(
        ("config", "said"),
        [
            ({}, "nothing is reported: no CONSENT_CSP\n"),
            ({"CONSENT_CSP": "default-src 'self'"}, "nothing was reported\n"),
        ],
    )
    def test_nothing_is_said_to_be_nothing(self, make_app, config, said):
        """
        Without a policy nothing can be reported, and the command says so, but not with one.
        """
        result = run_on(lambda: make_app(**config), "leaks")

        assert (result.exit_code, result.output) == (0, said)

    def test_a_database_that_is_away_is_told(self, make_app, tmp_path):
        """
        Trouble with the database is one line and no stack trace.
        """
        (tmp_path / "file").touch()
        config = {"CONSENT_DATABASE": f"sqlite:///{tmp_path}/file/x/y.db"}

        result = run_on(lambda: make_app(**config), "leaks")

        assert result.exit_code == 1
        assert "Traceback" not in result.output
