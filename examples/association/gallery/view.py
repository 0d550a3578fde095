"""What can be looked at: one view is one page in one window."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from babel import Locale

from consent.policy import wording
from consent.policy.model import Tone

#: Where the gallery is.
ROOT = "/consent-gallery"


#: How a site may address its visitors in one language: tag and tone.
Language = tuple[str, Tone]


def _languages() -> Iterator[tuple[str, Language]]:
    for tag in wording.languages():
        yield tag, (tag, "formal")
        if wording.texts(tag, "informal") != wording.texts(tag):
            yield f"{tag}-informal", (tag, "informal")


LANGUAGES = dict(_languages())

PLACEMENTS = {"bar": "unten", "corner": "in der Ecke", "modal": "in der Mitte"}

THEMES = {
    "green": "Farben des Verbands",
    "plain": "ohne eigene Farben",
    "dark": "dunkel",
    "round": "rund und blau",
    "large": "doppelt so große Schrift",
    "spaced": "weite Abstände",
    "mirrored": "von rechts nach links",
}

LAYERS = {
    "banner": "Banner",
    "paused": "Banner nach einem Signal des Browsers",
    "dialog": "Einstellungen im Fenster",
    "settings": "Einstellungen als Seite",
    "granted": "Einstellungen nach Zustimmung",
    "placeholder": "Platzhalter",
    "receipt": "Nachweis",
    "table": "Tabelle der Dienste",
}

#: Layer -> the page that shows it, and to whom: before or after a decision.
PAGES = {
    "banner": "",
    "paused": "?after=accept&signal",
    "dialog": "dialog",
    "settings": "consent/settings",
    "granted": "consent/settings?after=accept",
    "placeholder": "?after=reject",
    "receipt": "consent/receipt?after=accept",
    "table": "table?after=reject",
}

#: Width -> height of the windows, in CSS pixels.
WIDTHS = {"320": 640, "390": 844, "768": 1024, "1280": 800}

#: What the form shows before anything is chosen. An empty value stands for all.
FIRST = {"language": "de", "placement": "bar", "theme": "green", "layer": "banner", "width": ""}


@dataclass(frozen=True, slots=True)
class View:
    """One page in one window."""

    language: str
    placement: str = "bar"
    theme: str = "green"
    layer: str = "banner"
    width: str = "1280"

    @property
    def mount(self) -> str:
        """The address of the site that has the page."""
        return f"{ROOT}/{self.language}/{self.placement}/{self.theme}"

    @property
    def path(self) -> str:
        """The address of the page."""
        return f"{self.mount}/{PAGES[self.layer]}"

    @property
    def height(self) -> int:
        """The height of the window."""
        return WIDTHS[self.width]

    @property
    def title(self) -> str:
        """What it is, in German."""
        return (
            f"{LAYERS[self.layer]}, {language_name(self.language)}, "
            f"{PLACEMENTS[self.placement]}, {THEMES[self.theme]}, {self.width} px"
        )


def choices() -> dict[str, dict[str, str]]:
    """Return, for each field of the form, its values with their German names."""
    return {
        "language": {name: language_name(name) for name in LANGUAGES},
        "placement": PLACEMENTS,
        "theme": THEMES,
        "layer": LAYERS,
        "width": {width: f"{width} px" for width in WIDTHS},
    }


def chosen(form: Mapping[str, str]) -> dict[str, str]:
    """Return the value of each field; one that does not exist is as good as none."""
    offered = choices()
    return {
        field: form[field] if form.get(field) in ("", *offered[field]) else first
        for field, first in FIRST.items()
    }


def views(selection: Mapping[str, str]) -> Iterator[View]:
    """Return the views of a *selection*, where an empty value stands for all."""
    offered = choices()
    wanted = [[selection[field]] if selection[field] else offered[field] for field in FIRST]
    return (View(*values) for values in product(*wanted))


def language_name(name: str) -> str:
    """Return the German name of an entry of :data:`LANGUAGES`."""
    tag, tone = LANGUAGES[name]
    if tag == "de-simple":
        return "Leichte Sprache"
    said = Locale.parse(tag).get_display_name("de")
    return f"{said}, per Du" if tone == "informal" else str(said)
