"""Who may keep an answer."""

from __future__ import annotations

from flask import Response

from consent.web.visit import current_visit


def mark(response: Response) -> None:
    """
    Keep an answer that depends on the visitor's choice out of shared caches (GA-07).

    Only answers that asked for the choice are touched.
    """
    now = current_visit()
    if now is None or not now.depends_on:
        return
    headers = response.headers
    if headers.get("Cache-Control") == "no-store":
        return
    # Private caches matter too: the Back button takes what was kept unless it varies.
    if "Vary" in headers:
        response.vary.update(now.depends_on)
    else:
        headers.add("Vary", ", ".join(now.depends_on))
    if "Cookie" not in now.depends_on:
        return
    if "Cache-Control" not in headers:
        headers.add("Cache-Control", "private, no-cache")
    elif not response.cache_control.no_store:
        response.cache_control.public = False
        response.cache_control.s_maxage = None
        response.cache_control.private = True
