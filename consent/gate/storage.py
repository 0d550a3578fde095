"""
What services keep on the site beside cookies, and what of it has to go.

The server sees none of it, so the browser side looks and deletes; it is told what to look for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from consent.gate.cookies import fitting
from consent.policy.model import Entry, Item, Service

#: Whose the site's own items are in a table of all.
SITE = ""

#: Where htmx 1 and 2 keep whole pages for the Back button, with what was granted when they were
#: left. By kind and name, as the services' own.
SNAPSHOTS = [(kind, "htmx-history-cache") for kind in ("session-storage", "local-storage")]


class Storage:
    """Knows what is kept in the browsers of one site's visitors."""

    def __init__(
        self, services: Iterable[Service], cookies: Iterable[str], essential: Iterable[Item]
    ) -> None:
        """
        *essential* and the *cookies* are the site's own and always stay.

        A name may be a pattern.
        """
        needed = [*(("cookie", name) for name in cookies), *((i.kind, i.name) for i in essential)]
        #: Owner, kind and name of everything, cookies included; the site's own last.
        self.table: list[tuple[str, str, str]] = [
            *((s.id, item.kind, item.name) for s in services for item in s.items_on_site),
            *((SITE, kind, name) for kind, name in needed),
        ]
        #: Services that keep something beside cookies.
        self.holders = frozenset(
            owner for owner, kind, _ in self.table if owner != SITE and kind != "cookie"
        )

    def owners(self, kind: str, name: str) -> set[str]:
        """
        Return whose an entry of this *kind* and *name* may be: services, and SITE.

        None of them: nobody declared it.
        """
        found = ((owner, its) for owner, of, its in self.table if of == kind)
        return {owner for owner, its in found if fitting([its]).match(name)}

    def leftovers(
        self, gone: Collection[str], former: Iterable[Entry] = (), *, cookies: bool = False
    ) -> list[tuple[str, ...]]:
        """
        Return what *gone* services keep beside cookies: kind, name, and names that stay.

        Those are names of others, of the same kind, that may fit the same. *former* is what
        services left that are no longer in the policy. *cookies*: these are named, too.
        """
        others = [(kind, name) for owner, kind, name in self.table if owner not in gone]
        theirs = ((kind, name) for owner, kind, name in self.table if owner in gone)
        return [
            (kind, name, *(own for its, own in others if its == kind and _may_meet(name, own)))
            for kind, name in (*theirs, *sorted(former))
            if cookies or kind != "cookie"
        ]


def _may_meet(one: str, other: str) -> bool:
    """Tell whether something may fit both patterns; judged by what stands before their ``*``."""
    first, second = one.partition("*")[0], other.partition("*")[0]
    return first.startswith(second) or second.startswith(first)
