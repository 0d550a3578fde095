"""
The words that visitors read, one TOML file per language in ``texts/``.

Nested tables become dotted keys: ``title`` in ``[banner]`` is ``banner.title``. Every
language has the same keys with the same placeholders. A placeholder is a plain name in
braces; a text that depends on a number stands under ``KEY.one``, ``KEY.other`` and whichever
further plural forms the language has (Unicode CLDR). ``informal/`` has what is said
differently by a site that addresses its visitors so, ``units/`` the units of time in languages
for which CLDR lacks some of them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Formatter
from types import MappingProxyType
from typing import Any

from babel import Locale
from babel.dates import format_date, format_time
from babel.units import format_unit

from consent.policy.model import Duration, Tone

#: Easy-to-read German, "Leichte Sprache"; the variant is registered (RFC 5646, IANA 2015).
SIMPLE_GERMAN = "de-simple"

#: The space in an abbreviation of single letters.
_LETTERS = re.compile(r"(?<=\b\w\.) (?=\w\.)")


@cache
def languages() -> tuple[str, ...]:
    """Return the languages that have texts: German first, the others sorted."""
    found = (file.name for file in (files("consent.policy") / "texts").iterdir())
    shipped = {name.removesuffix(".toml") for name in found if name.endswith(".toml")}
    return tuple(sorted(shipped, key=lambda language: (language != "de", language)))


@cache
def keys() -> frozenset[str]:
    """Return the keys that every language has."""
    return frozenset(texts("de"))


@cache
def texts(language: str, tone: Tone = "formal") -> Mapping[str, str]:
    """
    Return all texts of *language* by dotted key.

    An informal *tone* says some of them otherwise, in languages that have it. Raises
    KeyError, naming the language, if there are no texts.
    """
    if language not in languages():
        raise KeyError(language)
    found, informal = read_texts(file_of(language)), file_of(f"informal/{language}")
    if tone == "informal" and informal.is_file():
        found |= read_texts(informal)
    return MappingProxyType(found)


def file_of(name: str) -> Traversable:
    """Return the file of texts with this *name*: that of a language, or one in a folder below."""
    return files("consent.policy").joinpath("texts", f"{name}.toml")


def every_text(language: str, tone: Tone, own: Mapping[str, str]) -> dict[str, str]:
    """
    Return all texts of *language* with a site's *own* in the place of ours.

    *own* has all texts of a language that has none here.
    """
    return {**(texts(language, tone) if language in languages() else {}), **own}


def read_texts(file: Traversable) -> dict[str, str]:
    """Return the texts in a *file* by dotted key."""
    return dict(flat(tomllib.loads(file.read_text(encoding="utf-8"))))


def flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Give what stands in nested tables, each under its dotted key."""
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def placeholders(text: str) -> frozenset[str]:
    """
    Return the names in braces in *text*.

    Anything beyond a plain name is returned as written, ``count:03d`` or ``name.field``, so
    that comparing with the names allowed is enough to refuse it. Raises ValueError if the
    braces do not match.
    """
    return frozenset(
        name + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")
        for _, name, form, conversion in Formatter().parse(text)
        if name is not None
    )


class Say:
    """
    Say something in one language, for instance in a template.

    >>> say = Say({"found.one": "{count} Eintrag", "found.other": "{count} Einträge"}, "de")
    >>> say("found", count=2)
    '2 Einträge'
    """

    def __init__(self, texts: Mapping[str, str], language: str) -> None:
        self._texts = texts
        self._language = language
        #: What stands between a label and what it labels.
        self.colon = "\u00a0:" if language == "fr" else ":"
        self._plural_form = _locale(language).plural_form
        self._is_mirrored = direction(language) == "rtl"

    def __call__(self, key: str, /, **values: object) -> str:
        """
        Return the text under *key* with *values* in the place of its placeholders.

        A key that exists only in plural forms takes the one that ``count`` asks for. A name that
        ends in a full stop, such as "Beispiel e. V.", ends the sentence, too, and no line begins
        with its last letter. Raises KeyError, naming the key or the placeholder, if one of them is
        missing.
        """
        text = self._text(key, values)
        for name, value in values.items():
            if isinstance(value, str) and value.endswith("."):
                text = text.replace(f"{{{name}}}.", f"{{{name}}}")
        values = {name: _together(value) for name, value in values.items()}
        return text.format_map(_isolated(values) if self._is_mirrored else values)

    def days(self, number: int) -> str:
        """Return a period of *number* days, such as "180 Tage"."""
        return duration_words(Duration(number, "day"), self._language, self._texts)

    def day(self, iso: str) -> str:
        """
        Return a day that is written as in the log, in words.

        >>> Say({}, "de").day("2026-11-07")
        '7. November 2026'
        """
        day = date.fromisoformat(iso)
        words = str(format_date(day, "long", locale=_locale(self._language)))
        # In French the first of a month is an ordinal, which CLDR does not know.
        return f"1er{words[1:]}" if self._language == "fr" and day.day == 1 else words

    def moment(self, iso: str) -> str:
        """
        Return a time that is written as in the log, in words and to the minute.

        >>> Say({}, "de").moment("2026-11-07T08:05:59.123Z")
        '7. November 2026, 08:05 UTC'
        """
        at = datetime.fromisoformat(iso).astimezone(UTC)
        clock = format_time(at, "short", tzinfo=UTC, locale=_locale(self._language))
        return f"{self.day(iso[:10])}, {clock} UTC"

    def _text(self, key: str, values: Mapping[str, object]) -> str:
        text = self._texts.get(key)
        count = values.get("count")
        if text is None and isinstance(count, int):
            form = self._texts.get(f"{key}.{self._plural_form(count)}")
            text = self._texts.get(f"{key}.other") if form is None else form
        if text is None:
            raise KeyError(key)
        return text


def _together(value: object) -> object:
    """Let the letters of an abbreviation such as "e. V." stay on one line."""
    return _LETTERS.sub("\u00a0", value) if isinstance(value, str) else value


def _isolated(values: Mapping[str, object]) -> dict[str, object]:
    """Keep the signs of names together in a text from right to left (UAX #9, section 2.4)."""
    return {
        name: f"\u2068{value}\u2069" if isinstance(value, str) else value
        for name, value in values.items()
    }


def duration_words(duration: Duration, language: str, texts: Mapping[str, str]) -> str:
    """Return *duration* as visitors read it, such as "13 Monate"."""
    if duration.unit in ("session", "persistent"):
        return texts[f"duration.{duration.unit}"]
    units = _units(language)
    if units:
        return Say(units, language)(duration.unit, count=duration.amount)
    return format_unit(duration.amount, duration.unit, length="long", locale=_locale(language))


@cache
def _units(language: str) -> Mapping[str, str]:
    file = file_of(f"units/{language}")
    return read_texts(file) if file.is_file() else {}


@cache
def country_name(code: str, language: str) -> str:
    """
    Return the name of the country with the ISO 3166-1 alpha-2 *code*.

    Raises KeyError, naming the code, if there is no such country.
    """
    return str(_locale(language).territories.get(code) or _locale("en").territories[code])


def language_names(language: str) -> frozenset[str]:
    """Return what *language* is called in German, in English and by itself, in small letters."""
    locale = _locale(language)
    names = (locale.get_language_name(tongue) for tongue in (_locale("de"), _locale("en"), locale))
    return frozenset(name.lower() for name in names if name)


def direction(language: str) -> str:
    """Return "rtl" if *language* is written from right to left, otherwise "ltr"."""
    return str(_locale(language).text_direction)


def _locale(language: str) -> Locale:
    # Formats do not depend on a variant such as easy-to-read language, "de-simple". In Europe
    # the seventh of May is not written "May 7".
    name = language.partition("-")[0]
    return Locale.parse({"en": "en_GB", "pt": "pt_PT"}.get(name, name))
