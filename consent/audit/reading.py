"""
An event in words: every field of a line, under a name that a reader understands.

Nothing is left out: a field that has no name here is given under its own. What is shown is the
line's; only the names of services and purposes come from the notice that was on screen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel import Locale, UnknownLocaleError

from consent.audit import wording
from consent.log.event import timestamp
from consent.log.export.selection import DECISIONS, day
from consent.policy.wording import SIMPLE_GERMAN, Say

#: Fields whose values have words of their own, and what the keys of these begin with.
_WORDED = {
    "kind": "record.kind.",
    "layer": "record.layer.",
    "control": "record.control.",
    "reason": "record.reason.",
    "ground": "record.ground.",
    "as": "exports.name.",
    "what": "record.what.",
    "standing": "record.standing.",
}
#: Fields whose values are days.
_DAYS = frozenset({"since", "until", "valid_until"})

#: Fields that are told together, or as the heading.
_TOLD = frozenset({"event", "granted", "refused", "undecided", "purposes"})


@dataclass(frozen=True, slots=True)
class Line:
    """One field: its name in words, its value in words, and what it is in the line."""

    name: str
    text: str
    raw: str = ""  #: the value as it stands in the line, where *text* is another one
    is_code: bool = False  #: whether the value is for a machine


@dataclass(frozen=True, slots=True)
class Names:
    """What services and purposes are called, by id."""

    services: Mapping[str, str]
    purposes: Mapping[str, str]


def kind_of(event: Mapping[str, Any]) -> str:
    """
    Return the kind of a decision, or the sort of another event; "" if it was altered.

    They are those of :data:`consent.log.export.selection.KINDS`.
    """
    return str(event.get("kind") or event.get("event") or "")


def kind_name(say: Say, kind: str) -> str:
    """Return a kind in words; one that is not known as it is."""
    return worded(say, "kind", kind)


def lines(event: Mapping[str, Any], names: Names, language: str) -> list[Line]:
    """Return all fields of *event* in the words of the desk's *language*."""
    return list(_lines(event, names, wording.speaker(language), language))


def _lines(event: Mapping[str, Any], names: Names, say: Say, language: str) -> Iterator[Line]:
    kind = kind_of(event)
    yield Line(say("record.field.event"), kind_name(say, kind), kind)
    for answer in ("granted", "refused", "undecided"):
        if answer in event:
            services = [names.services.get(id, id) for id in event[answer]]
            text = ", ".join(services) or say("record.nobody")
            yield Line(say("record.answer." + answer), text, ", ".join(event[answer]))
    for purpose, answer in (event.get("purposes") or {}).items():
        name = say("record.field.purpose", purpose=names.purposes.get(purpose, purpose))
        yield Line(name, worded(say, "standing", answer), f"{purpose}: {answer}")
    for field, value in event.items():
        if field not in _TOLD and not (field == "kind" and kind in DECISIONS):
            yield _line(field, value, say, language)


def _line(field: str, value: Any, say: Say, language: str) -> Line:
    try:
        name = say("record.field." + field)
    except KeyError:
        name = field
    if value is None or value == "":
        return Line(name, _nothing(field, say), "null" if value is None else "")
    if field == "language":
        return Line(name, language_name(str(value), language), str(value))
    if field in _WORDED:
        return Line(name, worded(say, field, str(value)), str(value))
    if field in _DAYS and (words := day_words(str(value), language)) != str(value):
        return Line(name, words, str(value))
    if field == "recorded_at" and (words := _moment(value, language)) != value:
        return Line(name, words, value)
    if isinstance(value, list | dict):
        return Line(name, json.dumps(value, ensure_ascii=False), is_code=True)
    return Line(name, str(value), is_code=field not in ("by", "about", "rows"))


def language_name(tag: str, language: str) -> str:
    """Return what a language is called in the desk's *language*; one nobody knows by its tag."""
    if tag == SIMPLE_GERMAN:
        return wording.say(language, "record.simple")
    try:
        name = Locale.parse(tag.partition("-")[0]).get_display_name(language)
    except (ValueError, UnknownLocaleError):
        return tag
    return f"{name} ({tag})" if "-" in tag else name or tag


def day_words(text: str, language: str) -> str:
    """Return a day of the log as *language* writes it; a text that is no day as it is."""
    try:
        return wording.day(language, day(text))
    except ValueError:
        return text


def _moment(value: Any, language: str) -> Any:
    """Return a time of the log in the same way."""
    try:
        ms = round(datetime.fromisoformat(value).timestamp() * 1000)
    except (TypeError, ValueError, OverflowError):
        return value
    return wording.moment(language, ms) if timestamp(ms) == value else value


def _nothing(field: str, say: Say) -> str:
    try:
        return say("record.none." + field)
    except KeyError:
        return say("record.none.any")


def worded(say: Say, group: str, value: str) -> str:
    """Return a *value* of the field *group* in words; one that is not known as it is."""
    try:
        return say(_WORDED[group] + value)
    except KeyError:
        return value
