"""
What the server that runs the app has to do for it, and whether it does.

Nothing here changes an answer: a server without threads stops the start, and what a proxy in front
does not pass on is told to the operator once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from ipaddress import ip_address

from flask import Request

from consent.errors import ConfigError
from consent.web.origin import is_own

CGI = (
    'CONSENT_SEAL: found "thread" under CGI, where a process ends with its request, so that the log'
    ' is sealed by luck alone; hint: "command", and flask consent seal by cron; see'
    " docs/deployment.md"
)

_FIX = "hint: werkzeug's ProxyFix, for the headers that your proxy sets; see docs/deployment.md"


def require_threads() -> None:
    """
    Raise ConfigError if this is uWSGI without threads.

    It stops every thread between two requests. One that seals or makes an export would stop in
    the middle, in its turn to write, and no process could record a decision any more.
    """
    server = sys.modules.get("uwsgi")
    if server is not None and not getattr(server, "has_threads", True):
        raise ConfigError(
            "uWSGI: found no threads, wanted some to seal the log and to make exports; "
            "hint: enable-threads = true"
        )


def is_cgi() -> bool:
    """Tell whether this process is one for a single request, which may be killed after it."""
    return "GATEWAY_INTERFACE" in os.environ


def withheld(request: Request) -> Iterator[str]:
    """Tell what a decision that came from the site's own page shows a proxy to keep from us."""
    origin = request.headers.get("Origin", "")
    if origin.startswith("https:") and not request.is_secure:
        yield f"visitors come over HTTPS, and their cookies are not marked as Secure; {_FIX}"
    if origin not in ("", "null") and not is_own(request, origin):
        yield (
            "the proxy hands on another name of the host than visitors see, and older browsers"
            f" cannot decide; {_FIX}"
        )
    if _is_hidden(request):
        yield f"no visitor's own address arrives, so all share one CONSENT_RATE_LIMIT; {_FIX}"


def _is_hidden(request: Request) -> bool:
    """Tell whether the address of *request* is one of a proxy beside us, or nobody's."""
    address = request.remote_addr
    if not address:
        return True
    forwarded = request.headers.get("X-Forwarded-For", "")
    if not forwarded or address in map(str.strip, forwarded.split(",")):
        return False
    try:
        return ip_address(address).is_private
    except ValueError:
        return True
