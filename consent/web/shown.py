"""
A notice as pages show it: its layers are rendered once, and cut where a page fills something in.

What is filled in is marked while a template is rendered. A mark is of private-use characters,
which cannot come from a template or a text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape

from markupsafe import Markup

from consent.gate.markup import opening
from consent.log.document import Document
from consent.policy.notice import Notice
from consent.policy.wording import Say

#: Where to return to, a way to a provider, the hash of the notice, the size of a placeholder.
_MARKS = NEXT, DIRECT, HASH, FRAMED = tuple(f"\ue000{n}\ue001" for n in range(4))

#: How many gates and how many pages a notice remembers. There may be many of both, as embeds and
#: addresses may come from a database.
MEMORY = 128

#: Text that is cut where a page fills in the path to return to.
Cut = tuple[str, ...]


@dataclass(slots=True)
class Opening:
    """What precedes markup in a page: in two parts if a size is drawn, which needs a style."""

    before: Cut
    after: Cut | None = None
    #: Path and mount point of the page that had it last, with the style, and how it stood there.
    #: What is embedded stands on one page, mostly.
    last: tuple[tuple[str, str], str] | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A notice of today, with its layers ready to be put into a page."""

    notice: Notice
    say: Say
    link: Markup  #: to the settings
    withdrawal: Cut  #: the same with a button beside it
    offer: Cut  #: the same with that button inert, for when something is granted on the page
    table: Markup  #: of all services, for the privacy page
    banner: Cut
    held: Cut  #: the banner as pages have it that show nobody's choice
    quiet: Markup  #: the same where nobody is asked, for what was granted to start
    #: By service and whether with a way to it: the parts before and after the place for a size.
    openings: Mapping[tuple[str, bool], tuple[Cut, ...]]
    documents: tuple[Document, ...]  #: what the store must hold before anybody decides
    #: Gates that were asked for, by service, markup and poster; whole where no page fills in.
    gates: dict[tuple[str, str, str | None], str | Opening] = field(default_factory=dict)
    #: Links with a button that were asked for, by the page to return to and whether it works.
    links: dict[tuple[str, bool], Markup] = field(default_factory=dict)

    def banner_at(self, path: str) -> Markup:
        """Return the banner for the page at *path*, which is ready to be put into HTML."""
        return Markup(path.join(self.banner))

    def link_at(self, path: str, *, granted: bool) -> Markup:
        """
        Make the link to the settings with a button to withdraw, and remember it.

        The button is inert unless something is *granted*.
        """
        if len(self.links) >= MEMORY:
            self.links.clear()
        made = self.links[path, granted] = Markup(
            path.join(self.withdrawal if granted else self.offer)
        )
        return made

    def held_at(self, path: str) -> Markup:
        """Return the banner, inert, for a page that is the same for everybody."""
        return Markup(path.join(self.held))

    def opening(self, service: str, direct: str = "") -> tuple[Cut, ...]:
        """
        Return what makes the markup of *service* inert, after its placeholder if it has one.

        Those are two cuts, and the size of the placeholder belongs between them, or one. *direct*
        is an address at the provider's.
        """
        cuts = self.openings[service, bool(direct)]
        return _leading(cuts, direct) if direct else cuts


@lru_cache(256)
def _leading(parts: tuple[Cut, ...], direct: str) -> tuple[Cut, ...]:
    """Return *parts* with the way to *direct*; a page is asked for more often than it changes."""
    direct = escape(direct)
    return tuple(tuple(text.replace(DIRECT, direct) for text in cut) for cut in parts)


def openings(
    services: Iterable[str], layers: Mapping[str, str]
) -> dict[tuple[str, bool], tuple[Cut, ...]]:
    """Return what :attr:`Shown.openings` holds, of these *services* and rendered *layers*."""
    return {
        (service, direct): tuple(
            map(cut_text, (layers.get(name, "") + opening(service)).split(FRAMED))
        )
        for service in services
        for direct, name in (
            (False, f"placeholder:{service}"),
            (True, f"placeholder:{service}:direct"),
        )
    }


def cut_text(text: str) -> Cut:
    """Return *text* in pieces, between which a page fills in where to return to."""
    return tuple(text.split(NEXT))


def joined(*cuts: Cut) -> Cut:
    """Return *cuts*, one after the other, as one."""
    whole = [""]
    for first, *others in cuts:
        whole[-1] += first
        whole += others
    return tuple(whole)


def without_marks(layer: str) -> str:
    """Return a *layer* with nothing where a page fills something in, as its notice has it."""
    for mark in _MARKS:
        layer = layer.replace(mark, "")
    return layer
