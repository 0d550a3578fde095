"""Requests that no browser sends: anything at all in each place where something can be."""

from __future__ import annotations

import io
import json
import random
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from werkzeug.routing import Rule
from werkzeug.test import create_environ

#: Stands in all that tells of a visitor, and must not be found in the server's log.
MARK = "zqmark"

#: Markup that must not come back as it is.
EVIL = "<svg onload=1>"

#: Values for a path, a field, a cookie; one character is one byte.
TEXTS = (
    *("", "1", "-1", "null", "NaN", "9" * 40, "9" * 5000, "a" * 3000, "{}", "[]", "*", "%", "%zz"),
    *(
        "\0",
        "\xff\xfe",
        "\xed\xa0\x80",
        "\xc3\xa9",
        "\xe2\x80\xae",
        "\t",
        EVIL,
        f'">{EVIL}',
        "{{7*7}}",
    ),
    *("//evil.example", "/\\evil.example", "https:evil.example", "https://evil.example/"),
    *("/\t/evil", "javascript:alert(1)", "/a\r\nX-Evil: 1", "..", "../../etc/passwd", "a/../b"),
    *("2026-01-01", "2026-13-45", "9999-12-31", "0001-01-01", "0" * 64, "A" * 26, "1.x"),
    *("00000000-0000-7000-8000-000000000000", "accept", "reject", "save", "withdraw", "banner"),
    *("settings", "matomo", "youtube", "de", "csv", "jsonl", "xlsx", "json", "form", "month"),
)

FIELDS = (
    *("lang", "part", "format", "origin", "next", "all", "v", "period", "since", "until", "kind"),
    *("notice", "language", "service", "answer", "before", "after", "nonce", "number", "at", "old"),
    *("new", "layer", "day", "decision", "about", "receipt", "a[]", "", "\0", "\xff"),
)

COOKIES = (
    *("__Host-consent", "consent", "__Secure-consent-receipt", "consent-receipt", "session", "x"),
    *("__Secure-consent-audit", "consent-audit", "_pk_id.1.1fff"),
)

HOSTS = (
    *("kreisverband.example:80", "[::1]:5000", "[::1", "user@evil.example", "evil.example:99999"),
    *("", "..", "a b", "xn--a", "a" * 300, "m\xc3\xbcnchen.example", "null", EVIL),
)

ORIGINS = ("null", "", "https://kreisverband.example", "http://[", "https://evil.example", "file://",
           "http://a]b", "http://localhost:abc", "http://user@localhost")  # fmt: skip

HEADERS: Mapping[str, Sequence[str]] = {
    "HOST": HOSTS,
    "ORIGIN": ORIGINS,
    "REFERER": (
        *ORIGINS,
        "https://kreisverband.example//evil",
        f"https://kreisverband.example/{EVIL}",
    ),
    "SEC_FETCH_SITE": ("same-origin", "same-origin", "cross-site", "none", "", "SAME-ORIGIN"),
    "SEC_GPC": ("1", "0", "", "1, 1", "\xff"),
    "SEC_PURPOSE": ("prefetch", "", "\xff"),
    "ACCEPT": ("application/json", "text/html;q=x", "application/json" * 900),
    "ACCEPT_LANGUAGE": ("en", "de;q=nan", "x;q=1e999", "de_AT", "*", "\xff", ";;,,", "de," * 3000),
    "RANGE": ("bytes=0-0", "bytes=5-1", "bytes=" + "0-1," * 900, "x", "bytes=" + "9" * 500 + "-"),
    "IF_NONE_MATCH": ("*", '"x"', '"' * 3000, "\xff"),
    "IF_MODIFIED_SINCE": ("x", "Thu, 99 Foo 99999 99:99:99 GMT", "9" * 900),
    "X_FORWARDED_FOR": ("a, b", MARK, "," * 900),
    "X_FORWARDED_HOST": HOSTS,
    "X_FORWARDED_PREFIX": ("//evil.example", EVIL),
    "USER_AGENT": (MARK, "", "\xff" * 99),
    "CONTENT_ENCODING": ("gzip",),
    "AUTHORIZATION": ("Basic \xff", f"Bearer {MARK}"),
}

FORM = "application/x-www-form-urlencoded"
TYPES = (FORM, FORM, "multipart/form-data; boundary=b", "multipart/form-data", "text/plain", "",
         "application/json", "application/csp-report", "application/reports+json")  # fmt: skip

METHODS = ("GET", "GET", "GET", "POST", "POST", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE",
           "get", "FOO", "")  # fmt: skip

ADDRESSES = ("192.0.2.1", "2001:db8::1", "fe80::1%eth0", "", "unix:")


def _report(**fields: object) -> bytes:
    return json.dumps({"csp-report": fields}).encode()


def _kept(event: str, proof: object = None) -> bytes:
    record = {"event": event, "salt": "AAAA", "proof": proof}
    file = {"format": "consent-receipt/2", "receipt": "A" * 26, "records": [record]}
    return json.dumps(file).encode()


BODIES = (
    *(b"", b"{}", b"[]", b"null", b"NaN", b"1e99999", b"9" * 6000, b'{"a":1,"a":2}', b"[" * 9000),
    *(b'"\\ud800"', b"\xff\xfe{\0}\0", b"\0", b"a=" + b"x" * 70_000),
    _report(**{"blocked-uri": f"https://{MARK}.example/{MARK}", "effective-directive": "img-src"}),
    _report(**{"blocked-uri": ["a"], "effective-directive": {}}),
    _report(**{"blocked-uri": "https://" + "a-" * 5000, "effective-directive": "img-src"}),
    *(_kept(event) for event in ("{}", "[" * 5000, '{"id":1}', '{"id":"\\ud800"}', "\ud800")),
    *(_kept('{"id":"' + TEXTS[-11] + '"}', proof) for proof in ("", "c2sp.org/tlog-proof@v1\n", 5)),
)


class Noise:
    """Makes requests, the same ones from the same *seed*, with some of what is *real* in them."""

    def __init__(self, seed: int, real: Mapping[str, Sequence[str]]) -> None:
        """*real*: values by their name in a rule; ``cookie``, ``session``, ``notice`` as well."""
        self._random = random.Random(seed)
        self._one, self._real = self._random.choice, real

    def request(self, rule: Rule) -> dict[str, Any]:
        """Return the environment of a request for *rule*, more or less."""
        method = self._one(METHODS)
        environ = create_environ("/", self._one(("https", "http")) + "://kreisverband.example")
        environ |= {
            "REQUEST_METHOD": method,
            "PATH_INFO": self._path(rule.rule),
            "QUERY_STRING": self._query() if self._often() else "",
            "REMOTE_ADDR": self._one(ADDRESSES),
        }
        environ |= {
            f"HTTP_{name}": self._one(values)
            for name, values in HEADERS.items()
            if self._random.random() < (0.6 if name == "SEC_FETCH_SITE" else 0.15)
        }
        if self._often():
            environ["HTTP_COOKIE"] = self._cookies(environ["wsgi.url_scheme"] == "https")
        if method not in ("GET", "HEAD") or self._rarely():
            environ |= self._body(rule)
        return environ

    def _often(self) -> bool:
        return self._random.random() < 0.7

    def _rarely(self) -> bool:
        return self._random.random() < 0.1

    def _text(self, name: str) -> str:
        known = self._real.get(name)
        if known and self._often():
            return self._one(known)
        text = self._one(TEXTS)
        return text + MARK if self._rarely() else text

    def _path(self, rule: str) -> str:
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: self._text(found[1]), rule)
        if self._rarely():
            path = self._one(
                (
                    path.encode("latin1").upper().decode("latin1"),
                    path + "/",
                    "/" + path,
                    path + self._one(TEXTS),
                    "",
                )
            )
        return path

    def _pairs(self) -> list[tuple[str, str]]:
        names = self._random.choices(FIELDS, k=self._one((1, 1, 2, 5)))
        pairs = [(name, self._text(name)) for name in names]
        return pairs + pairs[: self._rarely()]

    def _query(self) -> str:
        if self._rarely():
            return self._one(("&" * 3000, "=", "\xff\xfe", "lang=\xff", "a=1;b=2", "%" * 900))
        return _spelled(self._pairs())

    def _cookies(self, secure: bool) -> str:
        pairs = []
        for _ in range(self._one((1, 2, 4))):
            name, text = self._one(COOKIES), self._text("cookie")
            if self._rarely():  # the signature of another one
                text = text.rpartition(".")[0] + "." + self._text("cookie").rpartition(".")[2]
            pairs.append(f"{name}={text}")
        desk = "__Secure-consent-audit" if secure else "consent-audit"
        own = [f"{desk}={self._one(self._real['session'])}"] if self._often() else []
        return self._one(("; ", "; ", ";", ",")).join(own + pairs)

    def _body(self, rule: Rule) -> dict[str, Any]:
        kind = self._one(TYPES)
        if kind == FORM:
            pairs = self._pairs()
            if rule.endpoint.endswith("choice") or self._rarely():
                asked = ("accept", "reject", "save", "withdraw", "allow", "once", "x")
                pairs += [("decision", self._one(asked)), ("layer", self._one(("banner", "x")))]
                pairs += [("notice", self._text("notice")), ("next", self._text("next"))]
                pairs += [("service", self._text("service"))]
            body = _spelled(pairs).encode("latin1")
        else:
            body = self._one(BODIES)
        if kind.endswith("=b"):
            end = self._one((b"\r\n--b--\r\n", b""))
            name = self._one((b'file"; filename="a', b'file"; filename="\xff', b"receipt", b"kind"))
            head = b'--b\r\nContent-Disposition: form-data; name="' + name + b'"\r\n\r\n'
            body = head + body + end
        whole = {"wsgi.input": io.BytesIO(body), "CONTENT_TYPE": kind}
        if self._rarely():
            return whole | {"wsgi.input_terminated": True}  # in chunks
        length = self._one(("-1", "x", str(len(body) + 9))) if self._rarely() else str(len(body))
        return whole | {"CONTENT_LENGTH": length}


def _spelled(pairs: Sequence[tuple[str, str]]) -> str:
    return "&".join("=".join(quote(text, encoding="latin1") for text in pair) for pair in pairs)
