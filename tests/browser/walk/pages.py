"""What a document should show, as far as it follows from what was confirmed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.browser.walk.life import NONE, Kept, Life, Services, Stand
from tests.browser.walk.places import EMBEDS, ITEMS, PAGES, POLICIES, PREFIX, SCRIPTS, SETTINGS


class Made(NamedTuple):
    """What the site knew when it made a page, which a browser may show again later."""

    policy: str
    stand: Stand
    about: Services
    is_static: bool
    runs_scripts: bool


class Read(NamedTuple):
    """What our script reads in the cookie, whether the server trusts it or not."""

    granted: Services = NONE
    is_decided: bool = False
    text: Any = None  #: something that is equal if the cookie is; None: there is none
    policy: str = ""
    despite: bool = False

    @classmethod
    def of(cls, kept: Kept | None) -> Read:
        """Return what it reads in a cookie of the server's."""
        if kept is None:
            return cls()
        return cls(kept.granted, not kept.undecided, kept, kept.policy, kept.despite)


@dataclass
class Doc:
    """A document as it should be."""

    path: str
    policy: str  #: that of its placeholders and links
    is_static: bool
    runs_scripts: bool
    is_ours: bool  #: whether our script runs
    items: set[str] = field(default_factory=set)  #: what is gated in it
    running: set[str] = field(default_factory=set)
    banner: bool = False
    about: Services = NONE  #: of the banner
    asked: str = ""  #: the policy of the banner
    seen: Services = NONE  #: what our script believes to be granted
    mine: Services = NONE  #: what it lets start in what comes later
    text: Any = None
    is_decided: bool = False
    dialog: str = ""  #: the policy of the settings over it; nothing: they are not open
    ticked: list[str] | None = None
    may_withdraw: bool = False  #: whether it has the button in the footer
    is_alarmed: bool = False  #: whether an alert may still stand there

    @property
    def is_own(self) -> bool:
        """Whether it is one of our pages, whose forms are sent without our script."""
        return self.path.startswith(PREFIX)

    @property
    def waiting(self) -> list[str]:
        """Return the items before which there is a placeholder, in their order."""
        return [i for i in ITEMS if i in self.items - self.running and ITEMS[i] in EMBEDS]

    @property
    def has_banner_tag(self) -> bool:
        """Whether the page has a place for the first layer."""
        return "consent.banner" in PAGES.get(self.path, "")

    def start(self, services: Services) -> None:
        """Let everything of *services* run."""
        self.running |= {item for item in self.items if ITEMS[item] in services}

    def follow(self, read: Read, *, is_strict: bool) -> bool:
        """Follow the cookie; return whether that takes a new document."""
        if self.seen - read.granted or (
            is_strict and not self.is_static and read.granted - self.seen
        ):
            return True
        self.seen = self.mine = read.granted
        self.text, self.is_decided = read.text, read.is_decided
        self.start(read.granted)
        if read.is_decided:
            self.banner = False
        return False


def opened(path: str, life: Life, read: Read, made: Made, blocked: str) -> Doc:
    """Return what the page *made* at *path* becomes; *blocked* names a file of ours."""
    source, stand = PAGES.get(path, ""), made.stand
    is_own = path.startswith(PREFIX)
    has_script = made.runs_scripts and (is_own or "consent.head" in source)
    is_ours = has_script and blocked != "consent.js"
    doc = Doc(path, made.policy, made.is_static and bool(source), made.runs_scripts, is_ours)
    offered = frozenset(POLICIES[made.policy][1])
    if "URL/" in source:
        doc.items = {item for item, service in ITEMS.items() if service in offered}
    doc.asked, doc.about = made.policy, made.about
    granted, asks = stand.granted, stand.asks
    if is_ours:
        doc.seen, doc.text = read.granted, read.text
    if doc.is_static:
        granted, asks = _held(doc, life, read, blocked, offered)
    elif is_own or "settings_link" in source:
        doc.may_withdraw = bool(stand.granted | stand.paused) and not is_own
    doc.start(granted)
    if not made.runs_scripts:
        doc.running -= SCRIPTS
    doc.banner = doc.has_banner_tag and bool(asks)
    doc.ticked = sorted(stand.granted) if path == SETTINGS else None
    return doc


def _held(
    doc: Doc, life: Life, read: Read, blocked: str, offered: Services
) -> tuple[Services, Services]:
    """Return what is granted and asked on a page that is the same for everybody."""
    if not doc.is_ours or not doc.has_banner_tag:
        return NONE, NONE
    doc.seen = NONE
    if blocked == "held.js":
        return NONE, NONE
    if read.text is None:
        return NONE, NONE if life.signal else offered
    rests = life.signal and read.granted and not read.despite
    granted, asks = read.granted, NONE
    if read.policy != doc.policy or not read.is_decided or rests:
        now = life.stand()
        granted, asks = now.granted, now.asks
        doc.asked, doc.about = life.policy, life.about()
    doc.seen = doc.mine = granted
    doc.is_decided = not asks
    return granted, asks
