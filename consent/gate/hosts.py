"""
Which service an address belongs to.

A pattern is a host name; ``*.`` before it stands for any subdomain, a port after it may
narrow it, and so may a path: ``www.google.com/maps`` is that path and all below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote, urlsplit

#: What browsers remove from an address before they read it (WHATWG URL, section 4.4).
_REMOVED = re.compile(r"[\t\n\r]")
_EDGES = "".join(map(chr, range(0x21)))


class Hosts:
    """Knows the service of an address."""

    def __init__(self, patterns: Mapping[str, Iterable[str]]) -> None:
        """*patterns*: host patterns by service id. Where two fit, the longer one counts."""
        self._rules = sorted(
            ((*_split(pattern), service) for service, own in patterns.items() for pattern in own),
            key=lambda rule: (-len(rule[1]), -len(rule[0])),
        )

    def service(self, address: str) -> str | None:
        """
        Return the id of the service that *address* belongs to, or None.

        The address is read as a browser reads it: with backslashes, line breaks, credentials
        and escaped letters in the host name.
        """
        host, path = _read(address)
        if host is None:
            return None
        for pattern, prefix, service in self._rules:
            if _fits(host, pattern) and _below(path, prefix):
                return service
        return None


def _split(pattern: str) -> tuple[str, str]:
    host, slash, path = pattern.partition("/")
    return host.lower(), slash + path


def _fits(host: str, pattern: str) -> bool:
    name = host if ":" in pattern else host.partition(":")[0]
    if pattern.startswith("*."):
        return name.endswith(pattern[1:])
    return name == pattern


def _below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix.rstrip("/") + "/")


def _read(address: str) -> tuple[str | None, str]:
    """Return host (with port, if one is named) and path of *address*."""
    address = _REMOVED.sub("", address.strip(_EDGES)).replace("\\", "/")
    match = re.match(r"(?:https?:)?/*", address, re.IGNORECASE)
    slashes = match.group() if match else ""
    if not slashes.endswith("//") and not slashes.lower().startswith("http"):
        return None, ""
    try:
        parts = urlsplit("//" + address[len(slashes) :])
        host, port = parts.hostname, parts.port
    except ValueError:
        return None, ""
    if not host:
        return None, ""
    name = unquote(host).rstrip(".").lower()
    return (name if port is None else f"{name}:{port}"), parts.path or "/"
