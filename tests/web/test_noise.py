"""Whatever is sent to whatever route."""

from __future__ import annotations

import logging
import re
import time

import pytest
from flask import render_template_string
from werkzeug.test import run_wsgi_app

from consent import decided
from tests.conftest import PAGE, Visitor, events
from tests.web.desk.conftest import DESK
from tests.web.desk.reader import Reader
from tests.web.noise import EVIL, MARK, Noise

MORE = """{{ consent.table() }}{{ consent.head("n0nce") }}
{{ '<iframe src="https://player.vimeo.com/video/1"></iframe>' | gated }}"""

SITES = {
    "pages per visitor": {},
    "pages for all": {"CONSENT_STATIC_PAGES": True, "CONSENT_CSP": "default-src 'self'"},
    "strict": {"CONSENT_STRICT_COOKIES": True, "CONSENT_CSP": "default-src 'self'",
               "CONSENT_CSP_REPORT_ONLY": True},
}  # fmt: skip

#: A page of the same host. Flask itself writes whole addresses where a path has ``//`` in it.
OWN = re.compile(r"/(?![/\\])[!-~]*|https?://[^/]*/(?![/\\])[!-~]*")

#: Seconds of this process that no request takes.
MOST = 2.0


def real(reader) -> dict[str, list[str]]:
    """Return what is real of a site where visitors decided and an auditor was invited."""
    visitor = Visitor(reader.app)
    visitor.decide("accept")
    invited = reader.site.desk.access.invite("Dr. Anna Prüfer", 14, time.time_ns() // 10**6)
    notice = visitor.notice()
    return {
        "cookie": [visitor.cookie(), visitor.cookie("__Secure-consent-receipt", "/consent")],
        "filename": ["js/consent.js", "css/consent.css"],
        "hash": [notice],
        "id": [event["id"] for event in events(reader.app)],
        "index": ["0", "1", "99"],
        "link": [reader.site.desk.link(invited.id)],
        "log": [log.origin.rpartition("/")[2] for log in reader.site.store.logs()],
        "notice": [notice],
        "session": [session(reader)],
    }


def session(reader) -> str:
    """Let the auditor in, who may have left; return the cookie for that."""
    reader.post("/enter")
    return reader.client.get_cookie("__Secure-consent-audit", "kreisverband.example", DESK).value


def answered(app, environ):
    """Return status, headers and body of the answer to a request."""
    spent = time.thread_time()
    body, status, headers = run_wsgi_app(app, dict(environ), buffered=True)
    assert time.thread_time() - spent < MOST
    return int(status.split()[0]), list(headers), b"".join(body)


def judge(app, rule, environ) -> None:
    """Hold the answer to a request to what is promised of all of them."""
    status, headers, body = answered(app, environ)

    assert status < 500
    assert EVIL.encode() not in body
    assert not any({"\r", "\n"} & set(value) for _, value in headers)
    assert "x-evil" not in {name.lower() for name, _ in headers}
    assert all(OWN.fullmatch(value) for name, value in headers if name == "Location")
    if rule.endpoint.startswith("consentry.") and status in (200, 303, 403, 409, 413, 415, 429):
        assert ("X-Content-Type-Options", "nosniff") in headers
    if environ["REQUEST_METHOD"] == "HEAD":
        as_get = answered(app, {**environ, "REQUEST_METHOD": "GET"})
        assert (status, body) == (as_get[0], b"")
        assert {name for name, _ in headers} == {name for name, _ in as_get[1]}


def walk(make_app, caplog, name, seed, rounds) -> None:
    app = make_app(CONSENT_AUDITOR=lambda: "Dr. Prüfer", **SITES[name])
    for status in (400, 404, 405):
        app.register_error_handler(
            status, lambda error: (render_template_string(PAGE + MORE), error.code)
        )
    reader = Reader(app, decisions=4)
    known = real(reader)
    noise = Noise(seed, known)
    rules = sorted(app.url_map.iter_rules(), key=str)
    caplog.set_level(logging.DEBUG)
    heard: list[str] = []

    def hear(_, kind, **_more):
        heard.append(kind)

    decided.connect(hear, app)
    for number in range(rounds):
        known["session"] = [session(reader)]
        heard.clear()
        for rule in rules:
            environ = noise.request(rule)
            try:
                judge(app, rule, environ)
            except BaseException:
                shown = {key: value for key, value in environ.items() if isinstance(value, str)}
                body = environ["wsgi.input"].getvalue()[:500] if "CONTENT_TYPE" in shown else b""
                print(f"seed {seed}, round {number}, {rule}\n{shown}\n{body!r}")
                raise
            assert environ["REQUEST_METHOD"] == "POST" or not heard, environ
            heard.clear()
    assert MARK not in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("name", SITES)
def test_no_request_breaks_anything(make_app, caplog, name):
    """
    Whatever stands in path, query, cookies, headers and body: there is no error page of the server,
    nothing of it in the log or as markup in a page, no way to another host, and only a POST
    decides anything (SE-06, SE-09, PS-08).
    """
    walk(make_app, caplog, name, seed=1, rounds=8)


@pytest.mark.thorough
@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("seed", range(100, 120))
@pytest.mark.parametrize("name", SITES)
def test_no_request_of_many_breaks_anything(make_app, caplog, name, seed):
    """
    So it is with more of them.
    """
    walk(make_app, caplog, name, seed, rounds=60)
