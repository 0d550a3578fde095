"""
Requests as a WSGI server hands them to an app, without the cost of a test client.

The dictionary of a request is made once by werkzeug and copied for each call.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from werkzeug.test import EnvironBuilder

BASE = "https://kreisverband-musterland.example"
COOKIE = "__Host-consent"

HEADERS = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "de,en-US;q=0.7,en;q=0.3",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Sec-Fetch-Site": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def cookies(self) -> dict[str, str]:
        """Names and values of the cookies that were set."""
        set_ = [value for name, value in self.headers if name == "Set-Cookie"]
        pairs = [text.partition(";")[0].partition("=") for text in set_]
        return {name: value for name, _, value in pairs}


def call(app: Flask, environ: dict[str, Any]) -> Answer:
    """Let *app* answer one request."""
    status, headers = "", []

    def start_response(line: str, fields: list[tuple[str, str]], _: Any = None) -> Any:
        nonlocal status, headers
        status, headers = line, fields

    pieces = app(environ, start_response)
    body = b"".join(pieces)
    close = getattr(pieces, "close", None)
    if close:
        close()
    return Answer(status, headers, body)


def view(app: Flask, path: str = "/", cookie: str = "") -> Callable[[], Answer]:
    """Return what views a page once, with the *cookie* header of its visitor."""
    environ = _environ(path, {**HEADERS, **({"Cookie": cookie} if cookie else {})})

    def once() -> Answer:
        answer = call(app, environ.copy())
        if answer.status != "200 OK":
            raise RuntimeError(f"{path}: {answer.status}")
        return answer

    return once


def decision(app: Flask, fields: dict[str, str], cookie: str = "") -> Callable[[], Answer]:
    """
    Return what sends a decision once, as the script does, each time from another address.

    Raises RuntimeError for an answer that does not say that it is recorded.
    """
    form = {"layer": "banner", "next": "/", "notice": notice(app), **fields}
    body = urlencode(form).encode()
    headers = {**HEADERS, "Accept": "application/json", "Origin": BASE}
    if cookie:
        headers["Cookie"] = cookie
    environ = _environ("/consent/choice", headers, method="POST", data=body)
    environ["CONTENT_TYPE"] = "application/x-www-form-urlencoded"
    addresses = _addresses()

    def once() -> Answer:
        again = environ.copy()
        again["wsgi.input"] = io.BytesIO(body)
        again["REMOTE_ADDR"] = next(addresses)
        answer = call(app, again)
        if answer.status != "200 OK" or b'"kind":"none"' in answer.body:
            raise RuntimeError(f"{fields}: {answer.status} {answer.body[:200]!r}")
        return answer

    return once


def notice(app: Flask) -> str:
    """Return the hash of the notice that *app* shows."""
    with app.test_request_context(base_url=BASE):
        notices = app.extensions["consentry"].notices
        return str(notices.shown("de", "", "https").notice.hash)


def decided(app: Flask, control: str) -> str:
    """Return the Cookie header of somebody who pressed a button; it is recorded as any other."""
    answer = decision(app, {"decision": control})()
    return f"{COOKIE}={answer.cookies[COOKIE]}"


def with_receipt(app: Flask) -> str:
    """Return what somebody who accepted sends to our own routes: choice and receipt."""
    answer = decision(app, {"decision": "accept"})()
    assert json.loads(answer.body)["receipt"]
    return "; ".join(f"{name}={value}" for name, value in answer.cookies.items())


def _environ(path: str, headers: dict[str, str], **more: Any) -> dict[str, Any]:
    builder = EnvironBuilder(path, BASE, headers=headers, **more)
    try:
        return builder.get_environ()
    finally:
        builder.close()


def _addresses() -> Iterator[str]:
    for n in count():
        yield f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"
