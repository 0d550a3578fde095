"""The two origins of the browser tests: the site, and the third parties that count requests."""

from __future__ import annotations

import json
import secrets
import socket
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Condition, Event, Thread
from typing import Any

from click.testing import CliRunner, Result
from flask import Flask, Response, render_template_string, request
from flask.cli import ScriptInfo
from werkzeug.serving import WSGIRequestHandler, make_server

from consent import Consent
from consent.cli import cli
from consent.policy.wording import languages
from tests.browser.engines import NO_SCRIPTS
from tests.browser.mirrored import MIRRORED

POLICY = """
site = "kreisverband-musterland.example"
controller = { name = "Kreisverband Musterland e. V.", email = "dsb@kreisverband.example" }
links = { privacy = "/datenschutz", imprint = "/impressum" }
languages = ["de", "en"]

[services.matomo]
host = "localhost"

[services.youtube]

[services.openstreetmap]
"""

#: A page with a link in every other paragraph, long enough to be scrolled.
PAGE = """<!doctype html>
<html lang="{{ language }}"><head><meta charset="utf-8"><title>Start</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">{{ consent.head(nonce) }}</head>
<body>{{ consent.banner() }}
<header><a href="/">Start</a> <a href="/andere">Andere Seite</a></header>
<main><h1>Start</h1>
<form method="post" action="/kontakt"><label>Name <input name="name"></label>
<button>Senden</button></form>
BODY
{% for n in range(8) %}<p>Absatz {{ n }}. Seit 1911 pflegen wir Bäume, Gärten und Landschaft.</p>
<p><a href="/andere?{{ n }}">Mehr dazu, Teil {{ n }}</a></p>{% endfor %}
</main><footer><a href="/impressum">Impressum</a> {{ consent.settings_link() }}</footer>
</body></html>"""

#: A picture that every site has.
PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="300">'
    '<rect width="900" height="300"/></svg>'
)
SVG = "image/svg+xml"


class Quiet(WSGIRequestHandler):
    """Writes nothing: a browser that goes away in the middle is no news here."""

    def log(self, *_: object) -> None:
        """Write nothing."""


@contextmanager
def served(app: Callable[..., Any], *, tls: bool = False) -> Iterator[int]:
    """
    Serve *app* on a port of 127.0.0.1, with a thread for each connection.

    With *tls* under a certificate made for this once, which no browser trusts by itself.
    """
    how = {"threaded": True, "request_handler": Quiet, "ssl_context": "adhoc" if tls else None}
    server = make_server("127.0.0.1", 0, app, **how)
    if tls:  # each connection in its own thread: a browser opens some and says nothing
        server.socket.do_handshake_on_connect = False
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.port
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def both(site: Site, third: ThirdParties, *, tls: bool = False) -> Iterator[None]:
    """Serve the site and the third parties, each under a name of its own."""
    scheme = "https" if tls else "http"
    with served(site.app, tls=tls) as site_port, served(third, tls=tls) as third_port:
        site.url = f"{scheme}://127.0.0.1:{site_port}"
        third.origin = f"{scheme}://localhost:{third_port}"
        yield
        third.finish()
    site.store.close()


class Site:
    """The site that asks: its pages are written by the tests."""

    def __init__(self, folder: Path, policy: str = POLICY, **config: Any) -> None:
        file = folder / "consent.toml"
        file.write_text(policy, encoding="utf-8")
        self.url = ""
        self.placement = "bar"  #: where its first layer is
        self.app = Flask("site", instance_path=str(folder / "instance"), root_path=str(folder))
        self.app.config.update(
            {
                "SECRET_KEY": "0123456789abcdef0123456789abcdef",
                "CONSENT_POLICY": str(file),
                "CONSENT_RATE_LIMIT": None,
                **config,
            }
        )
        Consent(self.app, language=self._language)
        self.app.add_url_rule("/", "page", self._page, defaults={"path": ""})
        self.app.add_url_rule("/<path:path>", "page", self._page)
        self.app.add_url_rule("/bild.svg", "picture", lambda: (PICTURE, {"Content-Type": SVG}))
        self.app.add_url_rule("/kontakt", "send", self._send, methods=["POST"])
        self.app.after_request(self._forbid_scripts)
        self.app.wsgi_app = partial(self._answer, self.app.wsgi_app)
        self._silent: tuple[str, ...] = ()
        self._slow: tuple[str, ...] = ()
        self._goes_on, self._is_let_down = Event(), Event()
        self._bodies: dict[str, str] = {}
        self._headers: dict[str, str] = {}
        self._known = 0
        self.purposes: list[str] = []  #: of pages that a browser fetched in advance
        self.sent = 0  #: how often its own form was sent

    @contextmanager
    def running(self) -> Iterator[Site]:
        """Serve the site alone."""
        with served(self.app) as port:
            self.url = f"http://127.0.0.1:{port}"
            yield self
        self.store.close()

    @property
    def store(self) -> Any:
        """The log, to be read or to be broken."""
        return self.app.extensions["consentry"].store

    def start_afresh(self) -> None:
        """Forget the pages of the last test and what was recorded in it."""
        self._bodies, self._headers = {}, {}
        self.break_off()
        self.go_on()
        self.purposes.clear()
        self.sent = 0
        self._known = self.store.count()

    def page(self, body: str, path: str = "/") -> None:
        """Write *body*, a template, into the page at *path*."""
        self._bodies[path.lstrip("/")] = body

    def headers(self, **headers: str) -> None:
        """Send these headers with every page; NONCE stands for the nonce of the page."""
        self._headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def break_off(self, *ends: str) -> None:
        """From now on end the connection of whoever asks for what ends so; all else is answered."""
        self._silent = ends

    def hold(self, *ends: str) -> None:
        """From now on let whoever asks for what ends so wait until :meth:`go_on`."""
        self._goes_on.clear()
        self._slow = ends

    def go_on(self) -> None:
        """Let nobody wait any longer."""
        self._slow = ()
        self._goes_on.set()

    def let_down(self) -> None:
        """End the connection of who waits since :meth:`hold`, and answer whoever comes then."""
        self._is_let_down.clear()
        self.break_off(*self._slow)
        self.go_on()
        assert self._is_let_down.wait(20)
        self.break_off()

    def events(self) -> list[dict[str, Any]]:
        """Return what was decided in this test, in order."""
        recorded = [json.loads(body) for body in self.store.events()][self._known :]
        return [event for event in recorded if event["event"] == "decision"]

    def run(self, *words: str) -> Result:
        """Run ``flask consent …`` in a thread of its own: a thread drives one Playwright only."""
        answers = []

        def invoke() -> None:
            info = ScriptInfo(create_app=lambda: self.app)
            answers.append(CliRunner().invoke(cli, words, obj=info))

        thread = Thread(target=invoke)
        thread.start()
        thread.join()
        return answers[0]

    def _answer(self, app: Callable[..., Any], environ: dict[str, Any], start: Any) -> Any:
        if environ["PATH_INFO"].endswith(self._slow):
            self._goes_on.wait(20)
        if environ["PATH_INFO"].endswith(self._silent):
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            self._is_let_down.set()
            raise ConnectionAbortedError
        return app(environ, start)

    def _send(self) -> Response:
        self.sent += 1
        return self._page("kontakt") if "kontakt" in self._bodies else Response("Danke")

    def _page(self, path: str) -> Response:
        if purpose := request.headers.get("Sec-Purpose"):
            self.purposes.append(purpose)
        nonce = secrets.token_urlsafe(16)
        source = PAGE.replace("BODY", self._bodies.get(path, ""))
        text = render_template_string(source, nonce=nonce, language=self._language())
        response = Response(text)
        for name, value in self._headers.items():
            response.headers[name] = value.replace("NONCE", f"'nonce-{nonce}'")
        return response

    @staticmethod
    def _forbid_scripts(response: Response) -> Response:
        """Do for a browser that cannot be told to run none what it would do itself."""
        if NO_SCRIPTS.items() <= dict(request.headers).items():
            response.headers.add("Content-Security-Policy", "script-src 'none'")
        return response

    @staticmethod
    def _language() -> str:
        """Return what the address begins with, if it is a language; else German."""
        first = request.path.strip("/").partition("/")[0]
        return first if first in (*languages(), MIRRORED) else "de"


#: What a test asks for itself, to know that all requests before it have arrived.
LAST = "last"


@dataclass(frozen=True)
class Answer:
    """What the third parties answer at one path."""

    body: str
    type: str = "text/javascript"
    status: int = 200
    after: str | None = None  #: wait until the answer at this path has been given
    never: bool = False


@dataclass
class Play:
    """One test's third parties, under a path of their own."""

    answers: dict[str, Answer] = field(default_factory=dict)
    arrived: list[str] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    over: bool = False
    news: Condition = field(default_factory=Condition)


class ThirdParties:
    """Everything that is gated comes from here. Each request is counted."""

    def __init__(self) -> None:
        self.origin = ""
        self._plays: list[Play] = []

    def start_afresh(self) -> None:
        """Begin a new test; what still hangs from the last one is let go."""
        self.finish()
        self._plays.append(Play())

    def finish(self) -> None:
        """Let go of everything that hangs."""
        for play in self._plays[-1:]:
            with play.news:
                play.over = True
                play.news.notify_all()

    def url(self, name: str) -> str:
        """Return the address of *name*."""
        return f"{self.origin}/{len(self._plays) - 1}/{name}"

    def script(self, name: str, body: str = "", **how: Any) -> str:
        """Answer at *name* with a script that notes its *name* when it runs; return its address."""
        note = f"(window.ran ||= []).push({json.dumps(name)});"
        self._plays[-1].answers[name] = Answer(note + body, **how)
        return self.url(name)

    def frame(self, name: str, body: str | None = None) -> str:
        """Answer at *name* with a page, of its *name* or of *body*; return its address."""
        page = f"<!doctype html>{body or f'<p>{name}'}"
        self._plays[-1].answers[name] = Answer(page, "text/html")
        return self.url(name)

    @property
    def arrived(self) -> list[str]:
        """What was asked for in this test, in order; without :data:`LAST`."""
        return [name for name in self._plays[-1].arrived if name != LAST]

    def wait_for(self, names: Collection[str]) -> None:
        """Wait until all of *names* were asked for; one that never is fails the test."""
        play = self._plays[-1]
        with play.news:
            play.news.wait_for(lambda: set(names) <= set(play.arrived), timeout=20)
            assert set(names) <= set(play.arrived), f"{names}: only {play.arrived} came"

    def forget(self) -> None:
        """Start to count from nothing again."""
        self._plays[-1].arrived.clear()

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        _, number, name = environ["PATH_INFO"].split("/", 2)
        play = self._plays[int(number)]
        answer = play.answers.get(name, Answer("", "text/plain", 404))
        with play.news:
            play.arrived.append(name)
            play.news.notify_all()
            play.news.wait_for(lambda: play.over or self._is_due(play, answer), timeout=20)
        response = Response(answer.body, answer.status, content_type=answer.type)
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.call_on_close(lambda: self._note(play, name))
        return response(environ, start)

    @staticmethod
    def _is_due(play: Play, answer: Answer) -> bool:
        return not answer.never and (answer.after is None or answer.after in play.answered)

    @staticmethod
    def _note(play: Play, name: str) -> None:
        with play.news:
            play.answered.add(name)
            play.news.notify_all()
