"""Bytes: what a visitor downloads and what a browser sends along with every request."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import brotli

from benchmarks import site, visitor
from benchmarks.figure import Figure, at_most
from benchmarks.run import Run
from consent.choice.choice import Choice
from consent.choice.cookie import Seal

STATIC = Path(__file__).parents[1] / "static"

#: "About 100" in the design is taken for this.
ABOUT_100 = 110


def measure(run: Run) -> Iterator[Figure]:
    """Give the figures about bytes. Every file is compressed on its own, as it travels."""
    app = site.make(run.new_folder())
    script, style = packed(_static("js/consent.js")), packed(_static("css/consent.css"))
    banner = packed_page(_banner(app))
    yield at_most("script on every page, brotli -11", script, 3000, "B")
    note = f"script {script:,} + style {style:,} + banner {banner:,}"
    yield at_most("first visit, German, two services", script + style + banner, 5000, "B", note)
    settings = packed_page(visitor.view(app, "/consent/settings?part=form")().body)
    dialog = packed(_static("js/settings.js"))
    note = f"script {dialog:,} + form {settings:,}"
    yield at_most("settings, when opened", dialog + settings, 3000, "B", note)
    yield at_most("choice cookie, two services, name=value", _cookie(app, 2), ABOUT_100, "B")
    yield at_most("choice cookie, 30 services, name=value", _cookie(app, 30), 1024, "B")
    yield at_most("Set-Cookie before a choice", _set_before(app), 0)


def packed(content: bytes) -> int:
    """Return the bytes that travel."""
    return len(brotli.compress(content, quality=11))


def packed_page(content: bytes) -> int:
    """
    Return the bytes that travel of a page with the hash of its notice.

    Any change of a text is another hash, which takes a few bytes more or less: the middle of 25.
    """
    [own] = set(re.findall(rb"\b[0-9a-f]{64}\b", content))
    hashes = (sha256(bytes([number])).hexdigest().encode() for number in range(25))
    return int(statistics.median(packed(content.replace(own, hash)) for hash in hashes))


def _static(name: str) -> bytes:
    return (STATIC / name).read_bytes()


def _banner(app: site.Flask) -> bytes:
    with app.test_request_context("/", base_url=visitor.BASE):
        return str(app.jinja_env.globals["consent"].banner()).encode()


def _cookie(app: site.Flask, services: int) -> int:
    ids = {"matomo", "youtube"} | {f"service-no-{n:02}" for n in range(services - 2)}
    seal = Seal([site.KEY], "kreisverband-musterland.example")
    with app.test_request_context(base_url=visitor.BASE):
        ref = app.extensions["consentry"].notices.shown("de", "", "https").notice.ref
    return len(f"{visitor.COOKIE}={seal.write_choice(Choice(ref, 20_782, frozenset(ids)))}")


def _set_before(app: site.Flask) -> int:
    paths = [
        *("/", "/consent/settings", "/consent/receipt", f"/consent/notice/{visitor.notice(app)}"),
        *("/consent/static/js/consent.js", "/consent/static/css/consent.css"),
    ]
    return sum(len(visitor.view(app, path)().cookies) for path in paths)
