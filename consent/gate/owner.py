"""
Whom an address belongs to: the site, a declared service, a known one, or a stranger.

What could not be read may belong to any of them.

A declared service comes first, as it may run on the site's own host (``verein.example/matomo``).
The site's own are the host that the page came from, the policy's ``site`` with everything below
it, and its ``own_hosts``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import urljoin

from consent.gate.carried import ANYTHING
from consent.gate.hosts import Hosts, read

#: What a host's name does not have; it stands in the operator's log.
_ODD = re.compile(r"[^\w.:\[\]-]")


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose an address is."""

    #: known: in the catalogue, not declared
    kind: Literal["own", "service", "known", "stranger", "anybody"]
    name: str = ""  #: id of the service, or the stranger's host


OWN, ANYBODY = Owner("own"), Owner("anybody")


class Owners:
    """Knows whom addresses on the pages of one site belong to."""

    def __init__(self, declared: Hosts, catalogue: Hosts, site: str, own: Iterable[str]) -> None:
        """*declared* and *catalogue* are services, *own* the host patterns of the site."""
        self._declared = declared
        self._catalogue = catalogue
        self._own = Hosts({"": (site, f"*.{site}", *own)})
        #: Tells whether a whole address is one of a declared service; the same are asked often.
        self.is_of = lru_cache(256)(self._is_of)

    def _is_of(self, service: str, address: str) -> bool:
        host, path = read(address)
        return host is not None and self._declared.at(host, path) == service

    def of(self, address: str, page: str) -> Owner:
        """Return whose *address* is on the *page*, which is named by its whole address."""
        if address == ANYTHING:
            return ANYBODY
        here = read(page)[0]
        host, path = read(address)
        if host is None:
            host, path = here, self._path(address, page)
        if not host:
            return OWN
        if service := self._declared.at(host, path):
            return Owner("service", service)
        if host == here or self._own.at(host, path) is not None:
            return OWN
        if service := self._catalogue.at(host, path):
            return Owner("known", service)
        return Owner("stranger", _ODD.sub("?", host)[:253])

    def is_host(self, page: str) -> bool:
        """Tell whether a declared service is on the host of *page*, where addresses have none."""
        return bool(self._declared.all_at(read(page)[0] or ""))

    def explanations(self, origin: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the declared services that use *origin*, and the known ones that are not."""
        host = read(origin)[0] or ""
        return self._declared.all_at(host), self._catalogue.all_at(host)

    @staticmethod
    def _path(address: str, page: str) -> str:
        try:
            return read(urljoin(page, address))[1]
        except ValueError:
            return "/"
