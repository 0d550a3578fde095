"""The site for a browser: served by a process of its own, with stand-ins for the services."""

from __future__ import annotations

import multiprocessing
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread

from flask import Flask, Response, request
from werkzeug.serving import WSGIRequestHandler, make_server

from benchmarks import site

#: The banner's heading, marked so that the browser tells when it was painted.
HEADING = 'id="consent-title"'
TIMED = HEADING + ' elementtiming="banner"'

#: What a site's own script does at least, and pays for: the first element that any script of a page
#: touches makes the browser build HTMLElement with all it inherits.
OWN = "<script>document.documentElement.lang</script>"

#: Our script's tag, and what stands in for it: the least that sends a decision and opens the gates.
SCRIPT = re.compile('src="/consent/static/js/consent.js[^"]*"')
PROTOTYPE = """document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = new URLSearchParams(new FormData(event.target, event.submitter));
  const headers = { Accept: "application/json" };
  const response = await fetch(event.target.action, { method: "POST", headers, body });
  if (response.ok)
    for (const gate of document.querySelectorAll("template[data-consent]"))
      gate.replaceWith(gate.content);
});
"""

FOR_EVER = "public, max-age=31536000, immutable"


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """
    Serve the site on loopback and give its address.

    ``/`` is with consentry, ``/?timed`` marks the banner and ``/?prototype`` has the least script
    instead of ours; ``?own`` gives any page a script of the site; ``/bare`` is without anything
    optional and ``/without`` with the services open to everybody; ``/ordered`` has three scripts
    of which the first is the slowest, and one inline after them, ``/slowest`` only the first;
    ``/hundred`` has a hundred gated embeds, ``/swept`` looks for what services left behind.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, folder))
    process.start()
    there.close()
    try:
        yield here.recv()
        here.send(None)
    finally:
        here.close()
        process.join()


def _serve(line: Connection, folder: Path) -> None:
    server = make_server("127.0.0.1", 0, _app(folder), threaded=True, request_handler=_Quiet)
    thread = Thread(target=server.serve_forever)
    thread.start()
    line.send(f"http://127.0.0.1:{server.server_port}")
    with suppress(EOFError):  # whoever started us is gone
        line.recv()
    server.shutdown()
    thread.join()
    server.server_close()


def _app(folder: Path) -> Flask:
    app = site.make(folder)
    site.add_page(app, "/bare", "bare.html")
    site.add_page(app, "/without", "without.html")
    site.add_page(app, "/ordered", "ordered.html")
    site.add_page(app, "/slowest", "slowest.html")
    site.add_page(app, "/hundred", "hundred.html")
    site.add_page(app, "/swept", "swept.html")
    app.add_url_rule("/late.js", "late", _late)
    script = "window.started ??= performance.now();"
    app.add_url_rule("/analytics.js", "analytics", lambda: _kept(script, "text/javascript"))
    app.add_url_rule("/site.css", "style", lambda: _kept(site.STYLE, "text/css"))
    app.add_url_rule("/embed", "embed", lambda: _kept("<!doctype html><p>Film", "text/html"))
    app.add_url_rule("/favicon.ico", "icon", lambda: _kept("", "image/x-icon"))
    app.add_url_rule("/least.js", "least", lambda: _kept(PROTOTYPE, "text/javascript"))
    app.after_request(_vary)
    return app


def _late() -> Response:
    time.sleep(int(request.args["after"]) / 1000)
    body = "window.late = (window.late ?? 0) + 1;"
    return Response(body, mimetype="text/javascript", headers={"Cache-Control": "no-cache"})


def _kept(body: str, media_type: str) -> Response:
    return Response(body, mimetype=media_type, headers={"Cache-Control": FOR_EVER})


def _vary(response: Response) -> Response:
    changes = {"timed": (HEADING, TIMED), "own": ("</title>", f"</title>{OWN}")}
    if response.mimetype != "text/html":
        return response
    text = response.get_data(as_text=True)
    for name in changes.keys() & request.args.keys():
        text = text.replace(*changes[name])
    if "prototype" in request.args:
        text = SCRIPT.sub('src="/least.js"', text)
    response.set_data(text)
    return response


class _Quiet(WSGIRequestHandler):
    """Keeps connections open as a real server does, and writes no line for a request."""

    protocol_version = "HTTP/1.1"

    def log_request(self, *_: object) -> None:
        """Write nothing."""
