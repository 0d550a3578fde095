"""What all tests share: a small site, its policy, and visitors without JavaScript."""

from __future__ import annotations

import json
import os
import re
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import hypothesis
import pytest
from flask import Flask, render_template_string
from flask.cli import ScriptInfo
from jinja2 import Environment
from werkzeug.routing import Rule
from xdist.scheduler import LoadScopeScheduling

from consent import Consent
from consent.cli import cli
from consent.log.database import schema
from tests.measured import is_measured, load, unmeasured
from tests.shortcuts import Compiled, Migrated, build_once, collect_rarely, compile_once, prepare

prepare()

# A slow machine is no defect.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

KEY = "0123456789abcdef0123456789abcdef"

POLICY = """
site = "kreisverband-musterland.example"
controller = { name = "Kreisverband Musterland e. V.", email = "dsb@kreisverband.example" }
links = { privacy = "/datenschutz", imprint = "/impressum" }
languages = ["de", "en"]

[services.matomo]
host = "statistik.kreisverband.example"

[services.youtube]
"""

PAGE = """<!doctype html>
<html lang="de"><head><title>Start</title>{{ consent.head() }}</head>
<body>{{ consent.banner() }}
<main id="main"><h1>Start</h1>
{% gate "matomo" %}<script src="https://statistik.kreisverband.example/matomo.js"></script>
{% endgate %}
{% gate "youtube" %}<iframe src="https://www.youtube.com/embed/x"></iframe>{% endgate %}
</main><footer>{{ consent.settings_link() }}</footer></body></html>"""


def refuse_skip(report):
    """In continuous integration nothing may be left out, so a skip there is a failure."""
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be skipped: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport():
    """Look at the outcome of every test."""
    return refuse_skip((yield))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report():
    """Look at the outcome of collecting every module."""
    return refuse_skip((yield))


def pytest_terminal_summary(terminalreporter, config):
    """
    Keep what failed in the file `FAILURES`, if there is to be one.

    The browser tests come first, and where thousands of lines follow they are told again.
    """
    failed = [*terminalreporter.getreports("error"), *terminalreporter.getreports("failed")]
    is_worker = hasattr(config, "workerinput")  # whose failures are told by who started it
    if (file := os.environ.get("FAILURES")) and failed and not is_worker:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        with Path(file).open("a", encoding="utf-8") as kept:
            kept.writelines(
                f"FAILED {report.nodeid}\n{report.longreprtext}\n\n" for report in failed
            )


#: The slowest first, so that no worker is left with them in the end.
SLOW_ENGINES = ("firefox", "webkit", "chromium")


#: Whether there is time for everything.
IS_LONG = bool(os.environ.get("CONSENTRY_LONG"))

#: Seconds after which a test hangs even then.
LONG_TIMEOUT = 3_600


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Leave out variations unless there is time; begin with what takes longest."""
    left_out = [item for item in items if not IS_LONG and item.get_closest_marker("thorough")]
    leave_out(config, items, left_out)
    items.sort(key=_slowness)
    for item in items:
        if IS_LONG:
            item.add_marker(pytest.mark.timeout(LONG_TIMEOUT))


def pytest_collection_finish():
    """All that is loaded now stays until the end."""
    collect_rarely()


@pytest.hookimpl(wrapper=True)
def pytest_collection(session):
    """Measure the loading of the package, not the search for tests."""
    load(session.config)
    with unmeasured(session.config):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Measure neither a test that repeats others nor what is prepared for it alone."""
    with nullcontext() if is_measured(item) else unmeasured(item.config):
        return (yield)


def leave_out(config, items, left_out):
    """Run *items* without those *left_out*, and count these."""
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        gone = set(left_out)
        items[:] = [item for item in items if item not in gone]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Let one worker run what shares something, so that it is started once."""
    return Sharing(config, log)


class Sharing(LoadScopeScheduling):
    """Gives what shares something to one worker."""

    def remove_node(self, node):
        """Let another worker go on after the test in which *node* ended, not with it."""
        left = list(self.assigned_work[node].values())
        ended_in = super().remove_node(node)
        for share in left:
            if ended_in in share:
                share[ended_in] = True
        return ended_in

    def _split_scope(self, nodeid: str) -> str:
        return share_of(nodeid)


def share_of(nodeid: str) -> str:
    """Return what *nodeid* goes with: all of an engine that starts slowly, else its file."""
    file, _, test = nodeid.partition("::")
    parameters = test.partition("[")[2].rstrip("]").split("-")
    return next((engine for engine in SLOW_ENGINES[:2] if engine in parameters), file)


def engine_of(item) -> str | None:
    """Return the browser engine that *item* runs in, or None where it is no matter."""
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("engine") if callspec else None


def _slowness(item) -> tuple[int, bool]:
    engine = engine_of(item)
    place = SLOW_ENGINES.index(engine) if engine in SLOW_ENGINES else len(SLOW_ENGINES)
    return place, not item.get_closest_marker("slow")


@pytest.fixture(scope="session", autouse=True)
def shortcuts():
    """Let sites start quickly."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": Compiled()})
        patch.setattr(Environment, "compile", compile_once(Environment.compile))
        patch.setattr(Rule, "_compile_builder", build_once(Rule._compile_builder))
        patch.setattr(schema, "_migrate", Migrated(schema._migrate))
        yield


@pytest.fixture
def policy_file(tmp_path: Path) -> Path:
    """The policy of the small site; a test may write another one into it."""
    file = tmp_path / "consent.toml"
    file.write_text(POLICY, encoding="utf-8")
    return file


@pytest.fixture
def make_app(tmp_path: Path, policy_file: Path):
    """Make a site; keyword arguments are configuration."""
    return partial(make_site, policy_file)


def make_site(policy: Path, language=None, **config) -> Flask:
    """Make the site of a *policy*, in its folder; keyword arguments are configuration."""
    folder = policy.parent
    app = Flask("site", instance_path=str(folder / "instance"), root_path=str(folder))
    app.config.update({"SECRET_KEY": KEY, "CONSENT_POLICY": str(policy), "TESTING": True, **config})
    Consent(app, language=language)
    app.add_url_rule("/", "home", lambda: render_template_string(PAGE))
    app.add_url_rule("/plain", "plain", lambda: "nothing of ours")
    return app


@pytest.fixture
def app(make_app) -> Flask:
    """The small site, in German."""
    return make_app(language=lambda: "de")


@pytest.fixture
def run(app):
    """Run a command ``flask consent …`` on the small site."""
    runner = app.test_cli_runner()

    def run(*words):
        return runner.invoke(cli, words, obj=ScriptInfo(create_app=lambda: app))

    return run


@pytest.fixture
def visitor(app):
    """A browser without JavaScript that has not decided yet."""
    return Visitor(app)


class Visitor:
    """Someone who visits a site: a client that fills in the forms it is shown."""

    def __init__(self, app: Flask, base_url: str = "https://kreisverband.example") -> None:
        self.app = app
        self.base_url = base_url
        self.client = app.test_client()

    def get(self, path: str = "/", **more):
        """Open a page."""
        return self.client.get(path, base_url=self.base_url, **more)

    def decide(self, decision: str, *services: str, page: str = "/", json=False, **fields):
        """Press a button on *page* with *services* ticked; fields may be overridden."""
        headers = {"Sec-Fetch-Site": "same-origin", **fields.pop("headers", {})}
        if json:
            headers["Accept"] = "application/json"
        form = {
            "decision": decision,
            "layer": "banner",
            "next": page,
            "notice": self.notice(),
            "service": list(services),
            **fields,
        }
        return self.client.post(
            "/consent/choice", data=form, headers=headers, base_url=self.base_url
        )

    def notice(self) -> str:
        """Return the hash of the notice on screen, as the settings' form has it."""
        text = self.get("/consent/settings").text
        return re.search(r'name="notice" value="([0-9a-f]{64})"', text).group(1)

    def cookie(self, name: str = "__Host-consent", path: str = "/") -> str | None:
        """Return the value of one of the browser's cookies, or None."""
        found = self.client.get_cookie(name, "kreisverband.example", path)
        return found.value if found else None


def events(app: Flask) -> list[dict]:
    """Return all events of the site's log, in order."""
    return [json.loads(body) for body in app.extensions["consentry"].store.events()]
