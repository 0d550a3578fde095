"""
The cookies of services on the site's own domain: which the site may set, and which have to go.

Embedded services keep most of theirs on their own domains, where no site can delete them;
those names are left alone here, since the site may use the same for something of its own. Other
storage is the matter of :mod:`consent.gate.storage`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from fnmatch import translate
from functools import lru_cache
from itertools import chain, product
from urllib.parse import quote

from consent.policy.model import Entry, Service

#: Most bytes of the expiries in one answer; what is left over comes with the next one.
ROOM = 3000

#: Proxies refuse answers with more headers than fit into a page of memory, or into some where a
#: site's have filled one anyway. What is added after us, by the server for one, has to fit, too.
_PAGE, _SPARE = 4096, 500

#: What a path may have as it is in an answer; a semicolon would end it.
_PATH = "%!$&'()*+,/:=@"

_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*", re.ASCII | re.IGNORECASE)

#: A cookie's name as browsers take it (RFC 6265, section 5.2); others cannot be named in an answer.
_NAME = re.compile(r"[!-:<>-~]+")


class Jar:
    """Knows whose the cookies of one site are."""

    def __init__(self, services: Iterable[Service], needed: Iterable[str]) -> None:
        """*needed* are names and patterns of what the site needs, whatever a service's say."""
        self._needed = fitting(needed)
        own = {
            service.id: [item.name for item in service.items_on_site if item.kind == "cookie"]
            for service in services
        }
        self._services = {id: fitting(names) for id, names in own.items() if names}
        self._any = fitting(chain.from_iterable(own.values()))

    def is_needed(self, name: str) -> bool:
        """Tell whether the site needs the cookie *name*."""
        return self._needed.match(name) is not None

    def services(self, name: str) -> tuple[str, ...]:
        """Return the services that the cookie *name* may belong to; none: nobody declared it."""
        if not self._any.match(name):
            return ()
        return tuple(id for id, names in self._services.items() if names.match(name))

    def leftovers(
        self, present: Iterable[str], kept: Collection[str], former: frozenset[Entry] = frozenset()
    ) -> list[str]:
        """
        Return which of the cookies that are *present* belong to no service but ungranted ones.

        *kept* are the services whose cookies stay. *former* is what services left that are no
        longer in the policy; it belongs to whoever has such a name today, if anybody has.
        """
        gone = _of_former(former) if former else None  # as for nearly everybody
        return [
            name
            for name in present
            if (self._any.match(name) or (gone and gone.match(name)))
            and _NAME.fullmatch(name)
            and not self.is_needed(name)
            and not any(id in kept for id in self.services(name))
        ]


def expiries(
    names: Iterable[str], host: str, path: str, *, secure: bool, used: int = 0
) -> Iterator[str]:
    """
    Return the ``Set-Cookie`` headers after which no cookie of *names* is left.

    A browser does not say for which path and domain a cookie was set, nor whether it is one of the
    *secure* ones that it keeps for this site alone (``Partitioned``). So every combination is named
    that may have come with a request for *path* on *host*, the usual ones first and as many as
    there is room for in an answer that has *used* so many bytes for other headers.
    """
    room = min(ROOM, _PAGE - used % _PAGE - _SPARE)
    paths = [quote(step, safe=_PATH) for step in _paths(path)]
    parts = ("; Secure", "; Secure; Partitioned") if secure else ("",)
    domains = ["", *(f"; Domain={domain}" for domain in _domains(host))]
    steps = [(step, part) for some in (paths[:1], paths[1:]) for part in parts for step in some]
    for (step, part), name, domain in product(steps, list(names), domains):
        expiry = f"{name}=; Max-Age=0; Path={step}{domain}{part}"
        room -= len(f"Set-Cookie: {expiry}\r\n")
        if room < 0:
            return
        yield expiry


@lru_cache(256)
def _of_former(entries: frozenset[Entry]) -> re.Pattern[str]:
    return fitting(name for kind, name in sorted(entries) if kind == "cookie")


def fitting(names: Iterable[str]) -> re.Pattern[str]:
    """Return what matches each of *names*, in which ``*`` alone stands for something else."""
    plain = (name.replace("[", "[[]").replace("?", "[?]") for name in names)
    return re.compile("|".join(map(translate, plain)) or r"(?!)")


def _paths(path: str) -> list[str]:
    """Return every path for which a cookie comes with a request for *path* (RFC 6265, 5.1.4)."""
    steps = [step for step in path.split("/") if step]
    found = ["/"]
    for number in range(len(steps)):
        place = "/" + "/".join(steps[: number + 1])
        found += [place, f"{place}/"] if number + 1 < len(steps) or path.endswith("/") else [place]
    return found


def _domains(host: str) -> list[str]:
    labels = host.split(".")
    # An address ends in a number; the last label of a name may have some: "xn--e1a4c".
    if labels[-1].isdigit() or not _HOST.fullmatch(host):
        return []
    return [".".join(labels[n:]) for n in range(len(labels) - 1)]
