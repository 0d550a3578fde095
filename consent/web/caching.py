"""Who may keep an answer."""

from __future__ import annotations

from collections.abc import Container

from flask import Response

from consent.web.visit import Visit


def mark(now: Visit | None, response: Response, present: Container[str]) -> None:
    """
    Keep an answer that depends on the visitor's choice out of shared caches (GA-07).

    Only answers that asked for the choice are touched; *now* is None for those that did not.
    *present* are the names of the headers that the answer has, in lower case.
    """
    if now is None or not now.depends_on:
        return
    headers = response.headers
    has_caching = "cache-control" in present
    if has_caching and headers["Cache-Control"] == "no-store":
        return
    # Private caches matter too: the Back button takes what was kept unless it varies.
    if "vary" in present:
        response.vary.update(now.depends_on)
    else:
        headers.add("Vary", ", ".join(now.depends_on))
    if "Cookie" not in now.depends_on:
        return
    if not has_caching:
        headers.add("Cache-Control", "private, no-cache")
    elif not response.cache_control.no_store:
        response.cache_control.public = False
        response.cache_control.s_maxage = None
        response.cache_control.private = True
