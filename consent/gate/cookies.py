"""
What a withdrawn service left on this site: cookies, which the server can expire, and other
storage, which only the browser side can clear.

Embedded services keep most of theirs on their own domains, where no site can delete them;
those names are left alone here, since the site may use the same for something of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from consent.policy.model import Service


def leftovers(
    services: Iterable[Service], present: Iterable[str], host: str, kept: Iterable[str]
) -> Iterator[tuple[str, str | None]]:
    """
    Return name and domain of what has to expire on *host*.

    *present* are the names of the cookies that came with the request, *kept* names and patterns
    of what the site needs, whatever a service's patterns say. A browser does not say
    which domain a cookie was set for, so every one that *host* may set is named; None stands
    for the host alone.
    """
    needed = list(kept)
    patterns = [
        item.name for service in services for item in service.items_on_site if item.kind == "cookie"
    ]
    for name in present:
        if _fits(name, patterns) and not _fits(name, needed):
            for domain in (None, *_domains(host)):
                yield name, domain


def stored(services: Iterable[Service]) -> list[tuple[str, str]]:
    """Return kind and name of what *services* keep on this site beside cookies."""
    return [
        (item.kind, item.name)
        for service in services
        for item in service.items_on_site
        if item.kind != "cookie"
    ]


def _fits(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _domains(host: str) -> list[str]:
    labels = host.split(".")
    if not labels[-1].isalpha():
        return []
    return [".".join(labels[n:]) for n in range(len(labels) - 1)]
