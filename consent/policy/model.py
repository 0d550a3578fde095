"""
What a site declares, as values that nothing edits.

A policy is read from ``consent.toml`` by :mod:`consent.policy.file`; these classes only
hold it. Countries are ISO 3166-1 alpha-2 codes, languages BCP 47 tags.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

#: A text by language. The key "" stands for every language that has no entry of its own.
Words = Mapping[str, str]

#: Where something lies. A worker goes by the path of its script.
ItemKind = Literal[
    "cookie", "local-storage", "session-storage", "indexed-db", "cache-storage", "service-worker"
]
#: Whose domain an item lies on. A site reaches, and can delete, only what lies on its own.
Domain = Literal["site", "provider"]
#: What may be found in a browser: kind and name of an item.
Entry = tuple[str, str]
Unit = Literal["session", "persistent", "minute", "hour", "day", "week", "month", "year"]
Embed = Literal["video", "map", "audio", "post", "form", "content"]
#: Programs that tell a provider what was decided, each a file in ``static/js/adapters``, and
#: rules by which an embed is asked for with less: :mod:`consent.gate.embeds`.
Adapter = Literal[
    "clarity", "etracker", "friendly-captcha", "google", "google-maps", "matomo", "uet", "vimeo",
    "youtube",
]  # fmt: skip
Tone = Literal["formal", "informal"]  #: how visitors are addressed

#: Where the first layer is: a bar at the bottom, a card in the corner, or a dialog in the
#: middle with the page out of reach behind it.
Placement = Literal["bar", "corner", "modal"]

#: Whom the site is for. The consent of a child under 16 needs that of the parents (Art. 8 GDPR).
Audience = Literal["everybody", "children"]

#: Signals of browsers that are taken as a refusal: Global Privacy Control and Do Not Track.
Signal = Literal["gpc", "dnt"]

#: Their names, which are the same in every language.
SIGNALS: Mapping[Signal, str] = {
    "gpc": "Global Privacy Control (GPC)",
    "dnt": "Do Not Track (DNT)",
}

#: What a service does beyond its purpose and visitors must be told (Art. 13(2)(f) GDPR).
Practice = Literal["profiling", "cross-device", "account"]

#: What becomes of stored HTML that loads from a host which is neither the site's nor a service's.
Unknown = Literal["block", "allow"]

#: What a page has of a service that is not granted: its markup where nothing runs, or nothing.
Ungranted = Literal["inert", "absent"]

#: Grounds for a transfer outside the EEA: adequacy decision (Art. 45 GDPR), the EU-US Data
#: Privacy Framework (Art. 45), standard contractual clauses (Art. 46(2)(c)), binding
#: corporate rules (Art. 47). Consent under Art. 49 is for single cases and not offered.
Safeguard = Literal["adequacy", "dpf", "scc", "bcr"]

#: EU member states with Iceland, Liechtenstein and Norway.
EEA = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
    .split()
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Controller:
    """Who is responsible for the site (Art. 4(7) GDPR)."""

    name: str
    email: str
    country: str = "DE"
    address: str | None = None
    dpo: str | None = None  #: contact of the data protection officer; None if there is none


@dataclass(frozen=True, slots=True)
class Links:
    """Pages of the site that can be read without deciding."""

    privacy: str
    imprint: str
    sign_language: str | None = None  #: a film about the decision; None: there is none

    @property
    def pages(self) -> tuple[str, ...]:
        """The addresses of all that are there."""
        return tuple(filter(None, (self.privacy, self.imprint, self.sign_language)))


@dataclass(frozen=True, slots=True)
class Duration:
    """How long an item stays. ``session`` and ``persistent`` have no amount (0)."""

    amount: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Item:
    """One cookie or storage key."""

    name: str  #: exact, or a pattern with ``*``
    kind: ItemKind
    duration: Duration
    #: What it holds, or, for essential ones, why it is needed: in own words, or as the one
    #: name of a text under ``content``.
    content: Words
    #: None: the provider's for a service with an embed, the site's for all others.
    domain: Domain | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where the facts about a ready-made service can be looked up, and how sure they are."""

    url: str
    date: str  #: when they were last gone through, ISO 8601
    more: tuple[str, ...] = ()  #: further addresses
    #: Fields whose facts were then found nowhere and have to be checked.
    unconfirmed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """An optional service. Nothing of it reaches a browser before it is granted."""

    id: str
    name: str
    provider: str
    country: str  #: seat of the provider
    purposes: tuple[str, ...]  #: ids, at least one
    hosts: tuple[str, ...]  #: host names its markup loads from; ``*.`` stands for any subdomain
    items: tuple[Item, ...]
    transfers: tuple[str, ...] = ()  #: further countries that receive data
    safeguard: Safeguard | None = None  #: None only if no country lies outside the EEA
    practices: tuple[Practice, ...] = ()  #: none: nothing beyond its purposes
    embed: Embed | None = None  #: what a placeholder stands for; None: invisible, no placeholder
    address: str | None = None
    privacy: str | None = None  #: the provider's privacy page
    #: A shipped adapter, or the address of a script of the site's own; None: nothing is passed on.
    adapter: str | None = None
    source: Source | None = None  #: None for services that the site describes itself

    @property
    def third_countries(self) -> tuple[str, ...]:
        """Countries outside the EEA that receive data, the seat first."""
        return tuple(c for c in dict.fromkeys((self.country, *self.transfers)) if c not in EEA)

    @property
    def items_on_site(self) -> tuple[Item, ...]:
        """The items on the site's own domain, which the site can delete."""
        return tuple(item for item in self.items if self.domain_of(item) == "site")

    def domain_of(self, item: Item) -> Domain:
        """Return whose domain *item*, one of its own, lies on."""
        return item.domain or ("provider" if self.embed else "site")


@dataclass(frozen=True, slots=True)
class Purpose:
    """An optional purpose: why services are used."""

    id: str
    title: Words
    description: Words
    without: Words  #: what is concretely missing when it is refused


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything a site declares in its ``consent.toml``."""

    site: str  #: names the site in cookies and log, by custom its host name
    controller: Controller
    links: Links
    languages: tuple[str, ...]  #: the first is the site's own
    lifetime: int  #: days that a decision, either way, is kept: 1 to 400
    retention: Duration  #: how long evidence is kept after the year in which a consent ended
    placement: Placement
    tone: Tone
    audience: Audience
    parents: Words | None  #: how parents agree, as visitors are told; None: nothing is told
    signals: tuple[Signal, ...]  #: those that are honoured
    own_hosts: tuple[str, ...]  #: host patterns of the site's own beside ``site`` and below it
    unknown: Unknown
    ungranted: Ungranted
    purposes: tuple[Purpose, ...]  #: only those that a service has, in the order of the file
    services: tuple[Service, ...]
    essential: tuple[Item, ...]  #: declared by the site; our own cookies are added by the notice
    texts: Mapping[str, Mapping[str, str]]  #: the site's own wording, by language and key

    def service(self, id: str) -> Service | None:
        """Return the declared service with this id, or None."""
        return next((s for s in self.services if s.id == id), None)
