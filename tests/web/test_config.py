"""The configuration: what stops the start, and with which words."""

import subprocess
import sys
from pathlib import Path
from traceback import TracebackException
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from flask import Blueprint, Flask, request

from consent import ConfigError, Consent, PolicyError, decided
from consent.web.site import EXTENSION, Site
from tests.conftest import KEY, Visitor, events, make_site
from tests.each import each


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"CONSENT_POLICY": None}, "CONSENT_POLICY: found nothing, wanted the path"),
        ({"CONSENT_POLICY": 3}, "CONSENT_POLICY: found 3"),
        ({"CONSENT_POLICE": "x"}, "CONSENT_POLICE: unknown key.*hint: CONSENT_POLICY"),
        ({"CONSENT_DATABASE": ""}, "CONSENT_DATABASE: found ''"),
        ({"CONSENT_DATABASE": 5}, "CONSENT_DATABASE: found 5"),
        ({"CONSENT_DATABASE": "consent.db"}, "CONSENT_DATABASE: the URL cannot be read"),
        ({"CONSENT_DATABASE": "mysql://u@h/n"}, "CONSENT_DATABASE: the URL begins with mysql:"),
        ({"CONSENT_DATABASE": "sqlite://"}, "CONSENT_DATABASE: the URL names no file"),
        ({"CONSENT_URL_PREFIX": "consent"}, "CONSENT_URL_PREFIX: found 'consent'"),
        ({"CONSENT_URL_PREFIX": "/"}, "CONSENT_URL_PREFIX"),
        ({"CONSENT_URL_PREFIX": "/c/"}, "CONSENT_URL_PREFIX"),
        ({"CONSENT_URL_PREFIX": None}, "CONSENT_URL_PREFIX: found nothing"),
        ({"CONSENT_RATE_LIMIT": "often"}, "CONSENT_RATE_LIMIT: found 'often'"),
        ({"CONSENT_RATE_LIMIT": 10}, "CONSENT_RATE_LIMIT: found 10"),
        ({"CONSENT_RATE_LIMIT": "0 per minute"}, "CONSENT_RATE_LIMIT: found.*None for no limit"),
        ({"CONSENT_TSA": "https://tsa.example/"}, "CONSENT_TSA_CERTIFICATES: found nothing"),
        ({"CONSENT_TSA_CERTIFICATES": "tsa.pem"}, "CONSENT_TSA: found nothing"),
        ({"CONSENT_TSA_CERTIFICATES": "tsa.pem", "CONSENT_TSA": ""}, "CONSENT_TSA: found ''"),
        (
            {"CONSENT_TSA": "https://tsa.example/", "CONSENT_TSA_CERTIFICATES": "tsa.pem"},
            "CONSENT_TSA_CERTIFICATES: found no certificate in .*tsa.pem",
        ),
        ({"CONSENT_AUDITOR": "Anna"}, "CONSENT_AUDITOR: found 'Anna', wanted a function"),
        ({"SECRET_KEY": None}, "SECRET_KEY: missing or too weak"),
        ({"SECRET_KEY": "dev"}, "SECRET_KEY: missing or too weak"),
        ({"SECRET_KEY": "a" * 40}, "SECRET_KEY: missing or too weak"),
        ({"SECRET_KEY": "abcde" * 8}, "SECRET_KEY: missing or too weak"),
        ({"SECRET_KEY": "0123456789abcde"}, "SECRET_KEY: missing or too weak"),
        ({"SECRET_KEY": "please-change-me-0123456789"}, "SECRET_KEY: missing or too weak"),
        ({"SECRET_KEY": b"REPLACE_THIS by 32 others"}, "SECRET_KEY: missing or too weak"),
        ({"SECRET_KEY_FALLBACKS": "x"}, "SECRET_KEY_FALLBACKS: wanted a list"),
        ({"SESSION_COOKIE_NAME": "consent"}, "SESSION_COOKIE_NAME: found 'consent', the name of"),
        ({"SESSION_COOKIE_NAME": "consent-audit"}, "SESSION_COOKIE_NAME: found 'consent-audit'"),
        ({"SESSION_COOKIE_NAME": "__Host-consent"}, "SESSION_COOKIE_NAME: found '__Host-consent'"),
        ({"SECRET_KEY_FALLBACKS": [KEY, "x"]}, "SECRET_KEY_FALLBACKS: a retired key is too weak"),
        ({"SECRET_KEY_FALLBACKS": [None]}, "SECRET_KEY_FALLBACKS: a retired key is too weak"),
    ],
)
def test_a_set_up_mistake_stops_the_start(make_app, config, message):
    """
    A mistake in the configuration is found at the start, with key, found and wanted.
    """
    with pytest.raises(ConfigError, match=message):
        make_app(**config)


async def awaited() -> str:
    """Return what nobody waits for."""
    return "de"


@pytest.mark.parametrize(
    ("function", "found"),
    [
        ("de", r"'de', .* hint: language=lambda: 'de'$"),
        (lambda request: "de", "one that wants arguments, wanted a function"),
        (awaited, "one that has to be awaited, wanted a function"),
    ],
    ids=["a word", "arguments", "async"],
)
def test_what_is_no_function_to_be_called_stops_the_start(make_app, function, found):
    """
    A word in the place of a function, or one that wants arguments, is a mistake that every page
    would end with; one that has to be awaited would tell nothing. So it is of who may audit.
    """
    with pytest.raises(ConfigError, match=f"language: found {found}"):
        Consent(language=function)
    with pytest.raises(ConfigError, match=f"CONSENT_AUDITOR: found {found.partition(',')[0]}, "):
        make_app(CONSENT_AUDITOR=function)


@pytest.mark.parametrize("function", [dict, lambda page=None: "de", lambda *_: "de", Mock()])
def test_whatever_can_be_called_is_a_function(make_app, function):
    """
    What a site has instead of a plain function is taken, built in or not.
    """
    make_app(language=function, CONSENT_AUDITOR=function)


def test_a_strong_key_is_written_nowhere(make_app, caplog):
    """
    Neither the server's log nor any file of the site has the key, whatever is decided, refused or
    goes wrong (SE-12).
    """
    caplog.set_level(0)
    visitor = Visitor(make_app(language=lambda: "de"))
    for decision in ("accept", "nonsense", "withdraw"):
        visitor.decide(decision)
    visitor.get("/consent/receipt")
    written = [
        file.read_bytes() for file in Path(visitor.app.root_path).rglob("*") if file.is_file()
    ]

    assert len(written) > 1
    assert KEY not in caplog.text
    assert not any(KEY.encode() in content for content in written)


def test_an_error_of_the_site_that_is_kept_with_what_was_known_has_no_key(app, visitor, caplog):
    """
    Programs that keep an error with the variables of all functions on its way, as Sentry does and
    sends them elsewhere, find no key in ours, nor what else the whole site knows (SE-12).
    """
    app.testing = False
    with decided.connected_to(lambda _, **news: news["newsletter"], sender=app):
        visitor.decide("accept")
    problem = caplog.records[-1].exc_info[1]
    kept = "".join(TracebackException.from_exception(problem, capture_locals=True).format())

    assert "newsletter" in kept
    assert "granted" in kept
    assert KEY not in kept
    assert KEY not in repr(app.extensions[EXTENSION].config)
    assert len(kept) < 20_000


def test_a_weak_key_is_refused_and_not_shown(make_app):
    """
    The start fails without a strong key, and the message does not contain it (SE-12).
    """
    for keys in ({"SECRET_KEY": "hunter2hunter2"}, {"SECRET_KEY_FALLBACKS": ["hunter2"]}):
        with pytest.raises(ConfigError) as caught:
            make_app(**keys)

        assert "hunter2" not in str(caught.value)


def test_a_mistake_in_the_policy_stops_the_start(make_app, policy_file):
    """
    A site does not start with a policy that nobody can rely on.
    """
    policy_file.write_text('site = "x y"\n', encoding="utf-8")

    with pytest.raises(PolicyError, match=str(policy_file)):
        make_app()


def test_policy_and_key_are_all_a_site_needs(policy_file, tmp_path):
    """
    A site starts on CONSENT_POLICY and Flask's SECRET_KEY alone.
    """
    app = Flask("site", root_path=str(tmp_path), instance_path=str(tmp_path / "instance"))
    app.config.update(SECRET_KEY=KEY, CONSENT_POLICY=policy_file.name)
    consent = Consent()
    consent.init_app(app)

    assert app.test_client().get("/consent/settings").status_code == 200


@pytest.mark.parametrize("url", ["sqlite:///consent.db", "sqlite+pysqlite:///consent.db", None])
def test_the_log_is_in_the_same_file_from_whatever_folder_a_program_starts(
    make_app, tmp_path, monkeypatch, url
):
    """
    A command of a timetable, which starts elsewhere, finds what the site has recorded.
    """
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    Visitor(make_app(CONSENT_DATABASE=url)).decide("accept")
    monkeypatch.chdir(tmp_path / "elsewhere")

    assert [event["kind"] for event in events(make_app(CONSENT_DATABASE=url))] == ["grant"]
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.parametrize("url", ["sqlite:///consent.sqlite3", None])
@pytest.mark.parametrize("name", ["mit Leerzeichen", "Übung", "a#b", "a?b", "a%20b", "50%"])
def test_the_log_is_in_the_folder_of_the_site_whatever_its_name(policy_file, tmp_path, name, url):
    """
    A folder is what its name says: the log lies in it, and nothing of it where another site is.
    """
    folder = tmp_path / "sites" / name
    folder.mkdir(parents=True)
    policy_file.rename(folder / policy_file.name)
    app = make_site(folder / policy_file.name, CONSENT_DATABASE=url)
    Visitor(app).decide("accept")

    assert (folder / "instance" / "consent.sqlite3").stat().st_size
    assert [path.name for path in folder.parent.iterdir()] == [name]


def test_setting_up_twice_is_refused(app):
    """
    Two instances on one app would contradict each other.
    """
    with pytest.raises(RuntimeError, match="already set up"):
        Consent(app)


def test_the_prefix_moves_all_routes(make_app):
    """
    A site whose /consent is taken puts our routes elsewhere.
    """
    client = make_app(CONSENT_URL_PREFIX="/datenschutz/wahl").test_client()

    assert client.get("/datenschutz/wahl/settings").status_code == 200
    assert client.get("/consent/settings").status_code == 404
    assert 'action="/datenschutz/wahl/choice"' in client.get("/").text


def with_files(app):
    """Give the site a part called consent, which has files of its own as many a blueprint does."""
    part = Blueprint("consent", "parts.consent", root_path=app.root_path, static_folder="static")
    part.add_url_rule("/<token>", "confirm", lambda token: token, methods=["GET", "POST"])
    app.register_blueprint(part, url_prefix="/consent")


@pytest.mark.parametrize(
    "set_up",
    [
        with_files,
        lambda app: app.add_url_rule("/consent/notice/<int:id>", "message", str),
        lambda app: app.add_url_rule("/consent/choice", "choose", str, methods=["POST"]),
    ],
)
def test_a_path_that_the_site_uses_itself_stops_the_start(policy_file, set_up):
    """
    Where a view or a folder of files of the site would be shown in the place of ours, the start
    says which, and what to do; it starts once our routes are elsewhere.
    """
    app = Flask("site", root_path=str(policy_file.parent))
    app.config.update(SECRET_KEY=KEY, CONSENT_POLICY=str(policy_file))
    set_up(app)
    with pytest.raises(ConfigError, match=r"CONSENT_URL_PREFIX: found .+ of the site itself at an"):
        Consent(app)

    other = Flask("site", root_path=str(policy_file.parent))
    other.config.update(app.config, CONSENT_URL_PREFIX="/consentry")
    set_up(other)
    Consent(other)
    assert other.test_client().get("/consentry/settings").status_code == 200


@pytest.mark.parametrize("kind", ["subdomain", "host"])
def test_what_one_of_several_hosts_has_is_its_own(policy_file, kind):
    """
    An app with several hosts may have an address of ours at one that asks nobody, such as an API.
    """
    host = {"host": "api.verein.example"} if kind == "host" else {"subdomain": "api"}
    matching = {"static_host": "verein.example"} if kind == "host" else {}
    app = Flask("site", root_path=str(policy_file.parent), **{f"{kind}_matching": True, **matching})
    config = {
        "SECRET_KEY": KEY,
        "CONSENT_POLICY": str(policy_file),
        "SERVER_NAME": "verein.example",
    }
    app.config.update(config)
    app.add_url_rule("/consent/choice", "api", lambda: "taken", methods=["POST"], **host)
    Consent(app)
    client = app.test_client()

    answer = client.post("/consent/choice", base_url="https://api.verein.example")
    assert answer.text == "taken"
    assert (
        "data-consent-form"
        in client.get("/consent/settings", base_url="https://verein.example").text
    )


def test_what_the_site_has_beside_our_routes_is_its_own(policy_file):
    """
    A site can have views below the path of ours if none has the same address, or takes it in
    another way; a ``gpc.json`` of its own says what ours would.
    """
    app = Flask("site", root_path=str(policy_file.parent))
    app.config.update(SECRET_KEY=KEY, CONSENT_POLICY=str(policy_file))
    app.add_url_rule("/consent/<token>", "confirm", lambda token: token, methods=["GET", "POST"])
    app.add_url_rule("/consent/leaks", "leaks", lambda: "all leaks")
    app.add_url_rule("/consent/receipt", "link", build_only=True)
    app.add_url_rule("/.well-known/gpc.json", "gpc", lambda: {"gpc": True})
    Consent(app)
    client = app.test_client()

    assert client.get("/consent/of-members").text == "of-members"
    assert client.get("/consent/leaks").text == "all leaks"
    assert "data-consent-form" in client.get("/consent/settings").text


@each(
    "config, path, base_url",
    [
        ({}, "/", None),
        ({}, "/consent/settings?lang=en&back=%2F", None),
        ({}, "/", "https://kreisverband.example/verein"),
        ({"SERVER_NAME": "verein.example:8443", "PREFERRED_URL_SCHEME": "https"}, "/", None),
        ({"SERVER_NAME": "verein.example", "APPLICATION_ROOT": "/unter"}, "/a?b=c", None),
    ],
)
def test_what_is_made_without_a_visitor_has_the_addresses_that_flask_gives(config, path, base_url):
    """
    Where nobody asks, as in a command, the site is where its configuration says.
    """
    app = Flask("any")
    app.config.update(config)
    site = SimpleNamespace(app=app)
    environs = []
    for context in (
        app.test_request_context(path, base_url=base_url),
        Site.imagine_request(site, path, base_url),
    ):
        with context:
            environs.append({k: v for k, v in request.environ.items() if isinstance(v, str)})

    assert environs[0] == environs[1]


@pytest.mark.slow
def test_it_can_be_loaded_while_an_app_is_at_work():
    """
    A site that loads its parts within an app's context, as many do, starts like any other.
    """
    code = """if True:
        from flask import Flask
        app = Flask("site")
        with app.test_request_context():
            from consent import Consent
        assert Consent()
    """

    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
