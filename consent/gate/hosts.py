"""
Which service an address belongs to.

A pattern is a host name; ``*.`` before it stands for any subdomain, a port after it may
narrow it, and so may a path: ``www.google.com/maps`` is that path and all below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from urllib.parse import unquote

from consent.policy.addresses import in_dns

#: What browsers remove from an address before they read it (WHATWG URL, section 4.4).
REMOVED = re.compile(r"[\t\n\r]")
_EDGES = "".join(map(chr, range(0x21)))

_START = re.compile(r"(?:(?:https?|wss?|ftp):)?/*", re.IGNORECASE)

#: A host and its port.
_HOST = re.compile(r"(\[[^\[\]@]+\]|[^:\[\]]+)(?::0*([0-9]{0,5}))?")
_LAST_PORT = 65_535

#: Characters of the longest name in the DNS (RFC 1035, section 2.3.4): of another one nobody is.
_LONGEST = 253


class Hosts:
    """Knows the service of an address."""

    def __init__(self, patterns: Mapping[str, Iterable[str]]) -> None:
        """
        *patterns*: host patterns by service id.

        Where two fit, the one with the longer path counts, then the one with the longer name.
        """
        self._rules: dict[str, dict[str, str]] = {}
        for service, own in patterns.items():
            for pattern in own:
                host, prefix = _split(pattern)
                self._rules.setdefault(host, {}).setdefault(prefix, service)

    def service(self, address: str) -> str | None:
        """
        Return the id of the service that *address* belongs to, or None.

        The address is read as a browser reads it: with backslashes, line breaks, credentials
        and escaped letters in the host name.
        """
        host, path = read(address)
        return self.at(host, path) if host else None

    def at(self, host: str, path: str) -> str | None:
        """Return the service at *path* of *host*, both as :func:`read` gives them, or None."""
        fitting = [
            (len(prefix), len(pattern), service)
            for pattern in _patterns(host)
            for prefix, service in self._rules.get(pattern, {}).items()
            if _below(path, prefix)
        ]
        return max(fitting)[2] if fitting else None

    def all_at(self, host: str) -> tuple[str, ...]:
        """Return the services that have something on *host*, whatever the path."""
        found = (self._rules.get(pattern, {}).values() for pattern in _patterns(host))
        return tuple(sorted({service for services in found for service in services}))


def _split(pattern: str) -> tuple[str, str]:
    host, slash, path = pattern.partition("/")
    # What is in small letters already is the pattern's own text, of which no copy has to be kept.
    return host if host.islower() else host.lower(), slash + path


def _patterns(host: str) -> Iterator[str]:
    """Return every pattern without a path that *host* fits, with its port and without."""
    bare = host.partition(":")[0]
    for name in dict.fromkeys((host, bare)) if len(bare) <= _LONGEST else ():
        labels = name.split(".")
        yield name
        yield from (f"*.{'.'.join(labels[n:])}" for n in range(1, len(labels)))


def _below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix.rstrip("/") + "/")


@lru_cache(2048)
def read(address: str) -> tuple[str | None, str]:
    """
    Return host (with port, if one is named) and path of *address*, as a server understands it.

    None as host: it is relative to the page, or no address of the web at all.
    """
    address = plain(address).replace("\\", "/")
    match = _START.match(address)
    start = match.group() if match else ""
    if not start.endswith("//") and ":" not in start:
        return None, ""
    authority = address[len(start) :]
    for end in "/?#":
        authority = authority.partition(end)[0]
    # What stands before the last @ is no part of the host, whatever it is.
    found = _HOST.fullmatch(authority.rpartition("@")[2])
    if not found or int(found[2] or 0) > _LAST_PORT:
        return None, ""
    host, port = found.groups()
    path = re.split(r"[?#]", address[len(start) + len(authority) :], maxsplit=1)[0]
    name = in_dns(unquote(host)).rstrip(".")
    return (f"{name}:{int(port)}" if port else name), _resolved(path)


def plain(address: str) -> str:
    """Return *address* without what browsers take out before they read it."""
    return REMOVED.sub("", address.strip(_EDGES))


def _resolved(path: str) -> str:
    """Return *path* without detours, such as ``/a/../b``, ``//b`` or ``/%62``."""
    *steps, last = unquote(path).split("/")
    found: list[str] = []
    for step in (*steps, last):
        if step == "..":
            del found[-1:]
        elif step not in ("", "."):
            found.append(step)
    is_folder = found and last in ("", ".", "..")
    return f"/{'/'.join(found)}{'/' * bool(is_folder)}"
