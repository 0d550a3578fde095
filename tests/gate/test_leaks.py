"""What browsers report that they refused."""

import json

import pytest

from consent.gate.leaks import MOST, leaks


def old(blocked, directive="img-src", **more):
    report = {"blocked-uri": blocked, "violated-directive": directive, **more}
    return json.dumps({"csp-report": report}).encode()


def new(*reports):
    return json.dumps(
        [
            {"type": "csp-violation", "body": {"blockedURL": b, "effectiveDirective": d}}
            for b, d in reports
        ]
    ).encode()


def test_both_forms_are_read():
    """
    Reports of every browser count, in the old form and in the new one.
    """
    assert list(leaks(old("https://far.example/pixel.gif?id=1"))) == [
        ("https://far.example", "img-src")
    ]
    assert list(
        leaks(new(("wss://far.example:8443/x", "connect-src"), ("http://a", "frame-src")))
    ) == [
        ("wss://far.example:8443", "connect-src"),
        ("http://a", "frame-src"),
    ]


def test_one_that_comes_alone_is_read():
    """
    WebKit sends each report of the new form by itself, without a list around it.
    """
    [report] = json.loads(new(("https://far.example/pixel.gif", "img-src")))

    assert list(leaks(json.dumps(report).encode())) == [("https://far.example", "img-src")]


def test_nothing_but_origin_and_directive_is_taken():
    """
    The page, the path, the line and a sample of the script stay with the browser (EV-04).
    """
    body = old(
        "https://far.example/u/maria",
        "script-src 'self'",
        **{"document-uri": "https://verein.example/beratung", "script-sample": "geheim"},
    )

    assert list(leaks(body)) == [("https://far.example", "script-src")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"{}",
        b"[]",
        b"[1, null, {}]",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"csp-report": []}',
        b'{"csp-report": {"blocked-uri": 1, "effective-directive": 2}}',
        b'[{"type": "csp-violation", "body": "x"}]',
        b'{"type": "csp-violation"}',
        b'"csp-violation"',
        b'[{"type": "deprecation", "body": {"blockedURL": "https://a.example"}}]',
        b'{"type": "coep", "body": {"blockedURL": "https://a.example", '
        b'"effectiveDirective": "img-src"}}',
        old("https://far.example", 2),
        old("https://far.example", ["img-src"]),
        old("inline"),
        old("data"),
        old("chrome-extension://abcdef/x.js"),
        old("https://far.example", "no-such-directive"),
        old("https://far example/"),
        old("https://far.example\nWARNING/"),
        old("https://user@far.example/"),
        old("https://" + "a." * 200 + "example/"),
        old("https://<script>.example/"),
        old("https://far.example:123456/"),
    ],
    ids=lambda body: repr(body[:40]),
)
def test_junk_is_passed_over(body):
    """
    Whatever is sent, only an origin and a known directive are ever kept (SE-09).
    """
    assert list(leaks(body)) == []


def test_one_request_counts_for_little():
    """
    However many reports are packed into one request, a few are read.
    """
    body = new(*[(f"https://a{number}.example", "img-src") for number in range(500)])

    assert len(list(leaks(body))) == MOST
