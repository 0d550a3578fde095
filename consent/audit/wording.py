"""
The words of the auditor's desk: one TOML file per area and language in ``texts/LANGUAGE/``.

``title`` in ``overview.toml`` is ``overview.title``, nested tables become further parts of the
key. Both languages have the same keys with the same placeholders; plural forms are written as in
:mod:`consent.policy.wording`. How each writes days and times is here, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from babel import Locale
from babel.dates import format_date, format_datetime

from consent.day import told
from consent.policy.wording import Say, read_texts

#: What the desk speaks; the first one where nobody asks for another.
LANGUAGES = ("de", "en")

#: British dates are read without doubt where German ones are.
LOCALES = {"de": Locale("de"), "en": Locale("en", "GB")}


@cache
def texts(language: str) -> Mapping[str, str]:
    """Return all texts of *language*, one of :data:`LANGUAGES`, by dotted key."""
    found: dict[str, str] = {}
    for file in (files("consent.audit") / "texts" / language).iterdir():
        area = file.name.removesuffix(".toml")
        found |= {f"{area}.{key}": text for key, text in read_texts(file).items()}
    return MappingProxyType(found)


@cache
def speaker(language: str) -> Say:
    """Return what says things in *language*, for instance in a template."""
    return Say(texts(language), language)


def say(language: str, key: str, /, **values: object) -> str:
    """
    Return the text under *key* in *language* with *values* in the place of its placeholders.

    Raises KeyError, naming the key or the placeholder, if one of them is missing.
    """
    return speaker(language)(key, **values)


def day(language: str, value: date) -> str:
    """Return a day as *language* writes it."""
    return str(format_date(value, "medium", locale=LOCALES[language]))


def moment(language: str, ms: int) -> str:
    """Return a time, in milliseconds since 1970 UTC, with the day and the zone."""
    at = datetime.fromtimestamp(told(ms) // 1000, UTC)
    return f"{format_datetime(at, 'medium', locale=LOCALES[language])} UTC"
