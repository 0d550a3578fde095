"""What the server that runs the app has to do for it, and what the operator learns of it."""

import sys
from types import SimpleNamespace
from wsgiref.validate import validator

import pytest

from consent import ConfigError
from tests.conftest import Visitor

HOST = "https://kreisverband.example"


def test_uwsgi_without_threads_stops_the_start(make_app, monkeypatch):
    """
    uWSGI without threads stops every thread between two requests, also one that has its turn to
    write, and then no process could record anything. So the site does not start.
    """
    monkeypatch.setitem(sys.modules, "uwsgi", SimpleNamespace(has_threads=0))

    with pytest.raises(ConfigError, match="hint: enable-threads = true"):
        make_app()


def test_uwsgi_with_threads_is_fine(make_app, monkeypatch):
    """
    With threads, uWSGI is a server like others.
    """
    monkeypatch.setitem(sys.modules, "uwsgi", SimpleNamespace(has_threads=1))

    assert Visitor(make_app()).get().status_code == 200


@pytest.mark.parametrize("seal", ["thread", "command"])
def test_cgi_with_a_thread_that_seals_is_told(make_app, monkeypatch, caplog, seal):
    """
    Where a process ends with its request its thread seals by luck, so the operator reads what
    helps, unless it is so already.
    """
    monkeypatch.setenv("GATEWAY_INTERFACE", "CGI/1.1")
    app = make_app(TESTING=False, CONSENT_SEAL=seal)
    for path in ("/", "/consent/settings"):
        assert Visitor(app).get(path).status_code == 200

    told = [line for line in caplog.messages if "flask consent seal by cron" in line]
    assert len(told) == (seal == "thread")


@pytest.mark.parametrize(
    ("address", "headers", "said"),
    [
        ("127.0.0.1", {"Origin": HOST}, []),
        ("127.0.0.1", {"Origin": "null"}, []),
        ("9.9.9.9", {"X-Forwarded-For": "192.0.2.1"}, []),
        ("192.168.0.7", {"X-Forwarded-For": "10.0.0.1, 192.168.0.7"}, []),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.1"}, ["CONSENT_RATE_LIMIT"]),
        ("localhost", {"X-Forwarded-For": "192.0.2.1"}, ["CONSENT_RATE_LIMIT"]),
        ("", {}, ["CONSENT_RATE_LIMIT"]),
        ("127.0.0.1", {"Origin": "https://verein.example"}, ["name of the host"]),
        ("127.0.0.1", {"Origin": "https://["}, ["name of the host"]),
    ],
)
def test_what_a_proxy_keeps_to_itself_is_told_once(app, caplog, address, headers, said):
    """
    A decision that shows that visitors' address or the host's name does not arrive tells the
    operator so, once, and without any of them (SE-09).
    """
    visitor = Visitor(app)
    visitor.client.environ_base["REMOTE_ADDR"] = address
    for decision in ("reject", "accept"):
        assert visitor.decide(decision, headers=headers).status_code == 303

    assert len(caplog.messages) == len(said)
    assert all(part in line for part, line in zip(said, caplog.messages, strict=True))
    assert "192.0.2.1" not in caplog.text


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_https_that_ends_at_a_proxy_is_told(app, caplog, scheme):
    """
    Where visitors come over HTTPS and the app does not know, the operator learns that cookies
    are without the flag that keeps them there (SE-01).
    """
    visitor = Visitor(app, HOST.replace("https", scheme))
    visitor.decide("accept", headers={"Origin": HOST})

    assert ("not marked as Secure" in caplog.text) == (scheme == "http")


def test_every_answer_keeps_to_what_servers_expect(make_app):
    """
    A server that looks whether each answer is one by PEP 3333 finds nothing to stop at, whoever
    asks for what.
    """
    app = make_app(CONSENT_AUDITOR=lambda: "Müller", CONSENT_CSP="default-src 'self'")
    visitor = Visitor(app)
    notice = visitor.notice()
    app.wsgi_app = validator(app.wsgi_app)

    def ask(path, method="GET", **data):
        headers = {"Sec-Fetch-Site": "same-origin"}
        return visitor.client.open(
            path, method=method, data=data, base_url=HOST, headers=headers, buffered=True
        )

    def every_route():
        paths = [rule.rule for rule in app.url_map.iter_rules() if not rule.arguments]
        for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT"):
            yield from (ask(path, method).status_code for path in paths)

    answers = {*every_route()}
    form = {"notice": notice, "layer": "banner", "next": "/", "decision": "accept"}
    assert ask("/consent/choice", "POST", **form).status_code == 303
    answers |= {*every_route()}
    ask("/consent/audit/enter", "POST")  # it was left on the way
    for kind in ("bundle", "csv", "jsonl"):
        assert ask("/consent/audit/exports/file", "POST", format=kind).status_code == 200

    assert {200, 204, 303, 404, 405} <= answers < {*range(500)}
