"""What a browser saw on the running site, judged by the policy."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from consent.check.visit import Seen
from consent.errors import one_line
from consent.gate.owner import Owner
from consent.gate.storage import SITE
from consent.web.site import Site

#: Characters of a name that are told.
_LONGEST = 80

_HINTS = {
    "service": " before its grant; hint: put a gate around what asks it",
    "known": ", which is not declared; hint: flask consent services",
    "stranger": ", which is not declared; hint: keep the file on your own host, or name the other "
    "one in own_hosts if it is yours",
}


def findings(site: Site, seen: Seen) -> Iterator[str]:
    """Tell who else was asked, and what was kept that the site does not need."""
    asked = dict[Owner, str]()
    for address, page in seen.asked.items():
        owner = site.owners.of(address, seen.pages[0])
        if owner.kind in _HINTS:
            asked.setdefault(owner, page)
    for owner, page in asked.items():
        yield f"{_path(page)}: asks {owner.name}{_HINTS[owner.kind]}"
    for (kind, name), page in seen.kept.items():
        owners = site.storage.owners(kind, name)
        if SITE in owners:
            continue
        whose = (
            f" of {' or '.join(sorted(owners))} before its grant"
            if owners
            else ", which nobody declared; hint: name it in essential if the site needs it"
        )
        yield f"{_path(page)}: keeps {kind} {one_line(name, _LONGEST)}{whose}"


def _path(page: str) -> str:
    return urlsplit(page).path or "/"
