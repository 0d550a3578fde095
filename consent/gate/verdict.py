"""
What becomes of an embed for one visitor, and which embeds go together.

Nothing is held back that belongs to the site or to a granted service. What belongs to a declared
service waits for its grant. What nobody was asked about stays off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from consent.gate.owner import Owner
from consent.gate.stored import Embed

#: Whom a visitor is told of, of several that nobody was asked about: who has the best name.
_TELLING = ("known", "stranger", "anybody")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why an embed is not let through."""

    services: tuple[str, ...] = ()  #: declared ones, all of which have to be granted
    off: Owner | None = None  #: whom nobody was asked about; None: the services are all


@dataclass(frozen=True, slots=True)
class Group:
    """Embeds with one verdict and nothing but white space between them."""

    verdict: Verdict
    members: tuple[Embed, ...]


def judge(
    embed: Embed,
    owner: Callable[[str], Owner],
    permits: Callable[[str], bool],
    *,
    strangers: bool,
) -> Verdict | None:
    """
    Return why *embed* is held back, or None if it is let through.

    *owner* tells whose an address is, *permits* whether a service is granted. *strangers*:
    whether hosts that nobody knows are let through. What may be anybody's never is: it may be
    of a service that waits. A form goes where the visitor sends it, as a link does, so it waits
    only for a service that the site declares.
    """
    services: dict[str, None] = {}
    off = None
    for load in embed.loads:
        who = owner(load.address)
        if who.kind == "service":
            if not permits(who.name) and who.name not in embed.waits:
                services[who.name] = None
        elif embed.kind == "form" or who.kind == "own":
            continue
        elif who.kind != "stranger" or not (strangers or load.is_mention):
            off = min((off or who, who), key=lambda one: _TELLING.index(one.kind))
    return Verdict(tuple(services), off) if services or off else None


def groups(
    html: str, embeds: Iterable[Embed], verdict: Callable[[Embed], Verdict | None]
) -> Iterator[Group]:
    """
    Give what of *html* is held back, in its order.

    The same script a second time, as behind each of several posts, is a member of its own; what
    stands in a held form is not.
    """
    gathered: list[Embed] = []
    position, last = 0, None
    for embed in embeds:
        found = verdict(embed) if embed.start >= position else None
        if found is None:
            continue
        if gathered and (found != last or html[position : embed.start].strip()):
            yield Group(last or found, tuple(gathered))
            gathered = []
        gathered.append(embed)
        position, last = embed.end, found
    if gathered and last:
        yield Group(last, tuple(gathered))
