"""
What browsers report that they refused: other hosts that a page tried to reach.

A report is reduced to the origin and the directive at once; the address of the page, the path
and everything else that a browser adds is not read. Both forms are understood: the one of
``report-uri`` (CSP Level 3, section 5.3) and the one of ``report-to`` (Reporting API, section 3).
Everybody may send reports, so whatever does not look like one is passed over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

#: Bytes of a request that are read, and reports in it.
LARGEST, MOST = 16_384, 20

#: Content types of both forms. No other site can make a browser send them unasked.
MEDIA_TYPES = ("application/csp-report", "application/reports+json")

#: Directives that stand for a request to somebody.
DIRECTIVES = frozenset(
    "child-src connect-src default-src font-src form-action frame-src img-src manifest-src"
    " media-src object-src prefetch-src script-src script-src-elem style-src style-src-elem"
    " worker-src".split()
)

_ORIGIN = re.compile(
    r"((?:https?|wss?)://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*"
    r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?::[0-9]{1,5})?)(?:[/?#].*)?",
    re.ASCII | re.DOTALL,
)


def leaks(body: bytes) -> Iterator[tuple[str, str]]:
    """Give origin and directive of each report in *body* that tells of another host."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        return
    for blocked, directive in list(_reports(given))[:MOST]:
        found = _ORIGIN.fullmatch(blocked) if isinstance(blocked, str) else None
        if found and len(found[1]) <= 253 and isinstance(directive, str):
            name = directive.partition(" ")[0]
            if name in DIRECTIVES:
                yield found[1], name


def _reports(given: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(given, dict) and isinstance(given.get("csp-report"), dict):
        report = given["csp-report"]
        directive = report.get("effective-directive") or report.get("violated-directive")
        yield report.get("blocked-uri"), directive
    # WebKit sends what goes to report-to one by one, without a list and under the older type.
    for report in given if isinstance(given, list) else (given,):
        body = report.get("body") if isinstance(report, dict) else None
        if isinstance(body, dict) and report.get("type") == "csp-violation":
            yield body.get("blockedURL"), body.get("effectiveDirective")
