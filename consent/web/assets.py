"""
Style sheet and script, served as committed.

Their address carries a piece of their hash, so a browser may keep them for ever and still
gets a new version at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from werkzeug.security import safe_join

from consent.policy.model import Placement
from consent.web.route import route

#: The nearest folder upward with the script: the package once installed, the repository
#: root in a checkout.
ROOT = next(d for d in Path(__file__).parents if (d / "static/js/consent.js").exists())

#: Our own templates, under their short names.
TEMPLATES = ROOT / "templates" / "consent"

STYLE = "css/consent.css"
PAGES = "css/pages.css"  #: of our own pages and of the table
SCRIPT = "js/consent.js"
FRAME = "css/frame.css"  #: of placeholders that know how large they have to be
SIMPLE = "css/simple.css"  #: of easy-to-read language
DIALOG = "js/settings.js"
WHOLE = "js/purposes.js"  #: where a purpose has several services
HELD = "js/held.js"
FORGET = "js/forget.js"

#: What a placement of the first layer needs beyond the style sheet of every page.
PLACEMENTS: Mapping[Placement, str] = {"corner": "css/corner.css", "modal": "css/modal.css"}

#: The style sheets of a notice, in the order in which pages have them.
STYLES = (STYLE, *PLACEMENTS.values(), SIMPLE, PAGES, FRAME)

#: A year in seconds: what "for ever" is to a cache.
FOR_EVER = 31_536_000


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, as it was when it was read."""

    name: str
    media_type: str
    body: bytes

    @property
    def hash(self) -> str:
        """SHA-256 of the file: 64 hexadecimal digits."""
        return sha256(self.body).hexdigest()

    @property
    def version(self) -> str:
        """What the file's address carries."""
        return self.hash[:12]


def address(name: str) -> str:
    """Return the path that the file *name* is served under, good for ever."""
    return route("static", filename=name, v=load(name).version)


def adapter(name: str | None) -> str | None:
    """Return the path of the script of an adapter, shipped or the site's; None: it has none."""
    if name is None or name.startswith("/"):
        return name
    file = f"js/adapters/tell-{name}.js"
    return address(file) if (ROOT / "static" / file).exists() else None


def find(name: str) -> Asset | None:
    """Return the file *name*, which anybody may make up, below ``static``; None: there is none."""
    place = safe_join("static", name)  # with one spelling of each name
    if place is None:
        return None
    try:
        return load(place.removeprefix("static/"))
    except (OSError, ValueError):
        return None


@cache
def load(name: str) -> Asset:
    """
    Return the file *name* below ``static`` as it was when it was first asked for.

    Pages, records and what is served name one and the same file that way, also where a newer
    version is installed under a site that runs, and where no file can be opened any more.
    """
    media_type = "text/css" if name.endswith(".css") else "text/javascript"
    return Asset(name, media_type, (ROOT / "static" / name).read_bytes())
