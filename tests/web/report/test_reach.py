"""What the check finds to stand between our routes and visitors."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask import Blueprint, Response, abort, redirect, request
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from consent.web.report.reach import unreached

CSP = "Content-Security-Policy"


@pytest.fixture
def found(make_app):
    """Return what is found on a site that is *set_up* in some way after ours."""

    def found(set_up=lambda app: None, **config):
        app = make_app(**config)
        set_up(app)
        site = app.extensions["consentry"]
        with site.imagine_request():
            return list(unreached(site))

    return found


def first(act):
    """Have the app ask *act* before each request, as extensions do."""
    return lambda app: app.before_request(act)


def last(act):
    """Have the app show *act* each answer."""
    return lambda app: app.after_request(act)


def with_policy(policy):
    return last(lambda answer: answer.headers.set(CSP, policy) or answer)


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"CONSENT_URL_PREFIX": "/einwilligung"},
        {"APPLICATION_ROOT": "/verein"},
        {"SERVER_NAME": "kreisverband.example"},
        {"TRUSTED_HOSTS": [".kreisverband.example"]},
        {"CONSENT_CSP": "default-src 'self'"},
    ],
    ids=["as it is", "elsewhere", "below a path", "name", "trusted", "policy"],
)
def test_a_site_that_leaves_them_alone(found, config):
    """
    Nothing is said where everything reaches visitors.
    """
    assert found(**config) == []


def test_a_site_that_looks_at_who_asks(found):
    """
    A hook may rely on what every browser sends and every server tells, as one does that keeps
    robots out, or counts visitors by address.
    """

    def known():
        language = request.accept_languages.best_match(["de", "fr"])
        named = request.headers["User-Agent"].startswith("Mozilla/")
        return None if named and language and request.remote_addr.split(".") else abort(403)

    assert found(first(known)) == []


@pytest.mark.parametrize("config", [{}, {"APPLICATION_ROOT": "/verein"}], ids=["root", "below"])
def test_a_site_that_wants_one_name(found, config):
    """
    A site that leads everybody to one of its names answers under that.
    """

    def by_name():
        wanted = request.url.replace(request.host, "www.verein.example", 1)
        return redirect(wanted, 301) if wanted != request.url else None

    assert found(first(by_name), **config) == []


def mounted(app):
    """Let the app answer below a path, as werkzeug and many a site do it."""
    elsewhere = Response("not here", status=404)
    app.wsgi_app = DispatcherMiddleware(elsewhere, {"/verein": app.wsgi_app})


def test_a_site_below_a_path_by_what_is_around_it(found):
    """
    A site that takes its path away itself, as the server does not, is asked by its whole path;
    where it tells nobody of the path, the check says how.
    """
    [problem] = found(mounted)

    assert found(mounted, APPLICATION_ROOT="/verein") == []
    assert "found 404" in problem
    assert "an app that is below a path needs APPLICATION_ROOT" in problem


def only_members():
    return None if request.endpoint == "login" else redirect("/login")


def only_with_token(refusal):
    """Return what wants a token in every form, as Flask-WTF (400) and Flask-SeaSurf (403) do."""
    return lambda: abort(refusal) if request.method == "POST" else None


def only_our_own():
    return abort(403) if request.endpoint == "consentry.receipt" else None


def broken():
    raise KeyError("a visitor's data")


def smaller(answer):
    if answer.mimetype == "text/javascript":
        answer.direct_passthrough = False
        answer.set_data(answer.get_data().replace(b"  ", b" "))
    return answer


@pytest.mark.parametrize(
    ("set_up", "wanted"),
    [
        (first(only_members), "GET /consent/static/js/consent.js: found 302 to /login, wanted"),
        (first(broken), "GET /consent/static/js/consent.js: found KeyError, wanted the script"),
        (first(only_our_own), "GET /consent/receipt: found 403, wanted our receipt"),
        (first(only_with_token(400)), "POST /consent/choice: found 400, wanted our own 403"),
        (first(only_with_token(403)), "POST /consent/choice: found 403, wanted our own 400"),
        (last(smaller), "bytes that are not the file as it is shipped"),
        (with_policy("default-src 'self'"), "has nothing for matomo, youtube, so browsers refuse"),
        (with_policy("frame-src *.youtube.com; img-src 'self'"), "has nothing for matomo, so"),
        (
            with_policy(
                "default-src youtu.be https://kreisverband.example https://*.blog.example"
                " https://statistik.kreisverband.example.other.example"
            ),
            "has nothing for matomo, so",
        ),
    ],
    ids=[
        "members only",
        "broken",
        "one page",
        "WTF",
        "SeaSurf",
        "smaller",
        "policy",
        "policy for one",
        "much alike",
    ],
)
def test_what_stands_between_is_named(found, set_up, wanted):
    """
    What a hook of the site does to our routes is told with what was found and what was wanted.
    """
    [problem] = found(set_up)

    assert wanted in problem
    assert "hint:" in problem
    assert "visitor's data" not in problem


def test_a_view_of_the_site_with_our_address(make_app, policy_file, monkeypatch):
    """
    A view that was there first and answers instead of our settings is found.
    """
    app = make_app(CONSENT_URL_PREFIX="/einwilligung")
    monkeypatch.setitem(app.view_functions, "consentry.settings", lambda: "our club")
    site = app.extensions["consentry"]
    with site.imagine_request():
        [problem] = unreached(site)

    assert problem.startswith("GET /einwilligung/settings: found 200, wanted our settings")


def test_what_of_the_site_ours_hides(found):
    """
    Files of a blueprint that is called as our path is, which came after us and which nobody
    reaches, are named with what to do.
    """
    part = Blueprint("consent", "parts.consent", root_path="/", static_folder="static")
    [problem] = found(lambda app: app.register_blueprint(part, url_prefix="/consent"))

    assert "found GET /consent/static/<path:filename> for consent.static of the site" in problem
    assert problem.endswith('wanted a path that the site does not use; hint: "/consentry"')


def test_a_template_of_the_site_with_the_name_of_ours(found, override):
    """
    A page of the site's own that is found in the place of ours, and fails there, is told.
    """
    override("receipt", "<h1>For {{ member.name }}</h1>")
    [problem] = found()

    assert problem.startswith("GET /consent/receipt: found UndefinedError, wanted our receipt")
    assert problem.endswith("or consent/receipt.html among its templates")


@pytest.mark.parametrize(
    "policy",
    [
        "default-src *",
        "default-src https:",
        "upgrade-insecure-requests",
        "default-src 'self'; script-src statistik.kreisverband.example; frame-src *.youtube.com",
        "default-src 'self'; img-src https://statistik.kreisverband.example:443/matomo.php;"
        " frame-src HTTPS://WWW.YouTube-NoCookie.com",
        "default-src 'self' *.kreisverband.example; frame-src https://*.youtube.com/embed/",
        "default-src https://*",
        "default-src 'self'; default-src 'none'",
    ],
    ids=[
        *("anybody", "https", "nothing restricted", "the services'", "whole addresses"),
        *("more than their hosts", "anybody over HTTPS", "not to be read"),
    ],
)
def test_a_policy_of_the_site_that_lets_them_through(found, policy):
    """
    A policy of the site's other code that has something for each service is none of our business.
    """
    assert found(with_policy(policy)) == []


@pytest.mark.parametrize("path", ["", "/matomo"])
def test_a_service_on_the_host_of_the_site_needs_nothing_of_a_policy(found, policy_file, path):
    """
    A policy that lets the site itself through lets through what the site runs there.
    """
    host = f"kreisverband-musterland.example{path}"
    policy = policy_file.read_text().replace("statistik.kreisverband.example", host)
    policy_file.write_text(policy)

    assert found(with_policy("default-src 'self' *.youtube.com")) == []


@pytest.mark.parametrize(
    ("spared", "config", "problems"),
    [
        (["consentry"], {}, 1),
        (["consentry"], {"WTF_CSRF_CHECK_DEFAULT": False}, 0),
        (["consentry"], {"WTF_CSRF_ENABLED": False}, 0),
        (["consentry", "consentry.audit"], {}, 0),
    ],
    ids=["wanted", "not wanted", "off", "exempt"],
)
def test_the_desk_behind_a_token(make_app, spared, config, problems):
    """
    Where Flask-WTF lets visitors decide and would refuse an auditor's link, that is told.
    """
    app = make_app(**config)
    kept = {app.blueprints[name] for name in spared}
    app.extensions["csrf"] = SimpleNamespace(_exempt_blueprints=kept)
    site = app.extensions["consentry"]
    with site.imagine_request():
        found = [*unreached(site)]

    assert len(found) == problems
    assert all("no link opens the auditor's desk" in problem for problem in found)


def test_the_check_tells_it(make_app):
    """
    The command fails where nobody can decide.
    """
    app = make_app()
    first(only_with_token(400))(app)
    told = app.test_cli_runner().invoke(args=["consent", "check"])

    assert told.exit_code == 1
    assert "problem: POST /consent/choice: found 400" in told.output
