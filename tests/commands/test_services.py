"""``flask consent services``, as an operator types it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from consent.cli import cli
from consent.policy import shelf


@pytest.fixture
def run():
    """Run the command where no app is."""

    def run(*words):
        return CliRunner().invoke(cli, ["services", *words])

    return run


def test_all_are_listed(run):
    """
    Each ready-made service has one line with its purpose, its countries, its name and who is
    behind it, without a site or a policy.
    """
    result = run()

    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert [line.split()[0] for line in lines] == list(shelf.names())
    assert any(
        line.split(maxsplit=4)
        == ["youtube", "media", "IE", "US", "YouTube (Google Ireland Limited)"]
        for line in lines
    )


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["piwik"], "piwik-pro"),
        (["PODIGEE GMBH"], "podigee"),
        (["dwcdn"], "datawrapper"),
        (["youtube"], "youtube"),
        (["https://ngp.zdf.de/miniplayer/embed/?mediaID=x"], "zdf"),
        (["//www.google.com/maps/embed?pb=1"], "google-maps"),
        (["www.youtube.com/embed/x"], "youtube"),
        (["youtu.be/abc"], "youtube"),
        (["player.vimeo.com"], "vimeo"),
        (['<p><iframe src="https://www.youtube.com/embed/x"></iframe>'], "youtube"),
    ],
)
def test_one_is_found_by_what_an_operator_has(run, words, found):
    """
    An id, a part of a name or host, or the address in an embed, with or without its beginning,
    or the embed itself leads to the service, with the lines for the policy file.
    """
    result = run(*words)

    assert result.exit_code == 0
    assert f"[services.{found}]" in result.output


def test_one_is_told_in_full(run):
    """
    About one service stand provider and address, countries, ground, purpose, placeholder,
    hosts, entries, and where all this is from (SL-03, SL-04).
    """
    output = run("stripe").output

    for fact in (
        "Stripe Payments Europe, Limited, 1 Grand Canal Street Lower",
        "Data Privacy Framework",
        "forms",
        "js.stripe.com",
        "__stripe_mid (cookie, 1 year): Protection against abuse",
        "https://stripe.com/privacy",
        "https://github.com/jkwakman/Open-Cookie-Database",
        "unconfirmed transfers, safeguard",
    ):
        assert fact in output


def test_an_installation_of_the_sites_own_needs_a_host(run):
    """
    Where the site runs the software itself, the lines for the policy file name its host.
    """
    output = run("matomo", "--json").output, run("matomo").output

    assert "matomo-cloud" not in "".join(output)
    assert '  [services.matomo]\n  host = "matomo.your-site.example"' in output[1]


def test_a_purpose_narrows_the_list(run):
    """
    Only services for the purpose are listed.
    """
    lines = run("--purpose", "protection").output.splitlines()

    assert {line.split()[0] for line in lines} >= {"friendly-captcha", "recaptcha"}
    assert {line.split()[1] for line in lines} == {"protection"}


def test_a_program_gets_json(run):
    """
    The list and a single service are offered to programs, by id.
    """
    rows = json.loads(run("--purpose", "protection", "--json").output)
    one = json.loads(run("friendly-captcha", "--json").output)

    assert rows["friendly-captcha"]["countries"] == ["DE"]
    assert one["friendly-captcha"]["source"]["date"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["yotube"], 'no ready-made service "yotube"; perhaps youtube'),
        (["Karte"], 'no ready-made service "Karte"; perhaps google-maps or openstreetmap'),
        (["youtube", "--purpose", "forms"], 'no ready-made service "youtube" for forms'),
        (
            ["--purpose", "xyz"],
            'no ready-made service for "xyz"; purposes are advertising, forms, media, protection, '
            "social, statistics, tracking",
        ),
        (
            ["youtube", "--purpose", "Medai"],
            'no ready-made service for "Medai"; perhaps media; purposes are advertising',
        ),
        (["--purpose", ""], 'no ready-made service for ""; purposes are advertising'),
        (
            ["https://verein.example/x.js"],
            '"https://verein.example/x.js"\n    hint: say yourself in consent.toml what it is',
        ),
    ],
)
def test_nothing_found_is_said(run, words, message):
    """
    What is not in the catalogue ends with 1 and, where it can be guessed, with what was meant,
    else with what to do; a purpose that nothing is for, with the purposes there are.
    """
    result = run(*words)

    assert result.exit_code == 1
    assert message in result.output


@pytest.mark.parametrize("id", shelf.names())
def test_every_entry_can_be_shown(run, id):
    """
    No entry has a fact that the command cannot put into words.
    """
    result = run(id)

    assert result.exit_code == 0, result.output
    assert f"[services.{id}]" in result.output
