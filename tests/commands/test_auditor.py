"""The commands that invite auditors."""

from __future__ import annotations

import re
import time
from functools import partial

import pytest
from flask import g
from sqlalchemy import update

from consent.day import DAY_MS
from consent.log.database import tables
from tests.conftest import events
from tests.web.desk.conftest import DESK, Browser

URL = "https://kreisverband.example"
LINK = re.compile(r"(?m)^https://\S+$")
ID = re.compile(r"revoke (\S+)")


@pytest.fixture
def invite(run):
    """Invite somebody by command; return what it says."""

    def invite(*words):
        result = run("auditor", "invite", "Dr. Anna Prüfer", "--by", "Vorstand", *words)
        assert result.exit_code == 0, result.output
        return result

    return invite


def test_a_link_is_printed_that_lets_somebody_in(app, invite):
    """
    The operator copies one line; the auditor opens it (AU-03).
    """
    result = invite("--url", URL, "--days", "3")
    browser = Browser(app)

    assert browser.open(result.stdout.strip().removeprefix(URL)).status_code == 303
    assert "Dr. Anna Prüfer" in browser.get("/access").text
    assert "opened until" in result.stderr


def test_inviting_is_an_event_and_so_is_taking_it_back(app, run, invite):
    """
    Who let whom in, and who ended it, is in the log like everything else.
    """
    said = invite("--url", URL)
    end = re.search(r"ends (\S+)", said.stderr).group(1)
    id = ID.search(said.stderr).group(1)
    link = LINK.search(said.output).group().removeprefix(URL)
    result = run("auditor", "revoke", id, "--by", "Vorstand")

    assert result.output == "Dr. Anna Prüfer is no longer invited\n"
    assert Browser(app).get(link).status_code == 404
    assert [(event["by"], event["what"], event["about"]) for event in events(app)] == [
        ("Vorstand", "invite", f"Dr. Anna Prüfer, link {id}, until {end}"),
        ("Vorstand", "revoke", f"Dr. Anna Prüfer, link {id}"),
    ]


def test_the_list_says_what_became_of_each(app, run, invite, monkeypatch):
    """
    The operator sees who may come, who came, until when, and how to end it; and later when each
    ended, which for a link that nobody opened is after a week.
    """
    assert run("auditor", "list").output == "nobody was invited\n"
    said = [invite("--url", URL) for _ in range(3)]
    Browser(app).open(LINK.search(said[1].output).group().removeprefix(URL))
    run("auditor", "revoke", ID.search(said[2].stderr).group(1))
    states = {line.split()[0]: line for line in run("auditor", "list").output.splitlines()}
    waiting, opened, revoked = (states[ID.search(one.stderr).group(1)] for one in said)

    week = re.search(r"opened until (.+), once", said[0].stderr).group(1)
    end = re.search(r"ends (.+)", said[1].stderr).group(1)
    assert f"waits until {week}" in waiting
    assert f"opened, ends {end}" in opened
    assert "revoked 20" in revoked
    assert week[:10] not in revoked
    assert end[:10] not in revoked
    monkeypatch.setattr(time, "time_ns", partial(int, time.time_ns() + 30 * DAY_MS * 10**6))
    later = run("auditor", "list").output
    assert (f"expired {week}" in later, f"expired {end}" in later) == (True, True)
    assert all(line.endswith("Dr. Anna Prüfer") for line in states.values())


def test_nothing_in_the_database_steers_a_terminal(app, run, invite):
    """
    A name that somebody changed in the database is shown in one line and not obeyed.
    """
    id = ID.search(invite("--url", URL).stderr).group(1)
    told = update(tables.auditor).values(name="Anna\x1b]0;more\a\n\u009b31mnobody")
    app.extensions["consentry"].store.transact(lambda connection: connection.execute(told))

    listed, ended = run("auditor", "list").output, run("auditor", "revoke", id).output

    assert [len(said.splitlines()) for said in (listed, ended)] == [1, 1]
    assert (listed + ended).replace("\n", "").isprintable()


def test_the_name_of_the_server_will_do(make_app, run, app):
    """
    Where Flask knows where it is, the operator need not say it.
    """
    app.config["SERVER_NAME"] = "kreisverband.example"
    app.config["PREFERRED_URL_SCHEME"] = "https"
    result = run("auditor", "invite", "Anna")

    assert result.stdout.startswith(f"{URL}{DESK}/enter/")


def test_the_site_says_where_it_is(app, invite):
    """
    Who names the site of the policy need not say its address, and may say another one.
    """
    site = "kreisverband-musterland.example"

    assert invite("--site", site).stdout.startswith(f"https://{site}{DESK}/enter/")
    assert invite("--site", site, "--url", URL).stdout.startswith(f"{URL}{DESK}/enter/")


@pytest.mark.parametrize(
    "config",
    [
        {"SERVER_NAME": "kreisverband.example:8000"},
        {"SERVER_NAME": "verein.example"},
        {"TRUSTED_HOSTS": ["verein.example"]},
    ],
    ids=["another port", "another name", "another one is trusted"],
)
def test_the_address_that_is_told_is_that_of_the_link(app, invite, config):
    """
    Whoever says where the site is gets a link to there, whatever else the app is told of names.
    """
    app.config.update(config)

    assert invite("--url", f"{URL}/kv/").stdout.startswith(f"{URL}/kv{DESK}/enter/")


def test_nothing_that_completes_the_sites_own_addresses_is_asked(app, invite):
    """
    A function of the site that writes the language of a page into addresses, as Flask's
    documentation has it, knows none where a command runs; the link needs none.
    """
    app.url_defaults(lambda _, values: values.setdefault("lang_code", g.lang_code))

    assert invite("--url", URL).stdout.startswith(f"{URL}{DESK}/enter/")


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["invite", "Anna"], "hint: --site kreisverband-musterland.example"),
        (["invite", "Anna", "--url", "verein.example"], "found verein.example"),
        (["invite", "Anna", "--url", "ftp://verein.example"], "found ftp://verein.example"),
        (["invite", "Anna", "--url", f"{URL}?x=1"], "wanted an address such as"),
        (["invite", "Anna", "--site", "verein.example"], "found verein.example, wanted kreisv"),
        (["invite", " \n", "--url", URL], "the name is empty"),
        (["invite", "Anna", "--url", URL, "--days", "0"], "1<=x<=366"),
        (["revoke", "nobody"], "no invitation has the id 'nobody'"),
        (["revoke", "ni\udcffemand"], "no invitation has the id 'ni\\udcffemand'"),
    ],
)
def test_a_mistake_is_told(run, words, wanted):
    """
    What cannot be done is said in words, and nobody is invited.
    """
    result = run("auditor", *words)

    assert result.exit_code != 0
    assert wanted in result.output
    assert run("auditor", "list").output == "nobody was invited\n"


@pytest.mark.parametrize(
    "url",
    [
        "https://[x", "https://verein.example:99999", "https://verein.example:port",
        "https://\udcff.example", "https://ver ein.example", "https://verein.example/\n",
        "https://" + "x" * 64 + ".example", "https://anna:secret@verein.example",
    ],
)  # fmt: skip
def test_nobody_is_invited_without_a_link(app, run, url):
    """
    An address that no link can begin with is told before somebody is invited: the link is shown
    only once.
    """
    result = run("auditor", "invite", "Anna", "--url", url)

    assert (result.exit_code, type(result.exception)) == (2, SystemExit)
    assert "wanted an address such as https://verein.example" in result.output
    assert events(app) == []
