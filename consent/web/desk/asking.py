"""What the forms of the desk ask for: one value for each field, or a problem in plain words."""

from __future__ import annotations

from datetime import date

from werkzeug.datastructures import MultiDict

from consent.log.export.selection import Selection, SelectionError, day
from consent.web.desk.shell import say

#: Characters of what was found that are said again.
SHOWN = 60

SELECTING = ("since", "until", "kind", "notice", "service")


class AskedWronglyError(Exception):
    """A field cannot be read; the text says which, what was found, what was wanted."""


def value(fields: MultiDict[str, str], name: str, area: str = "exports") -> str:
    """
    Return the value of a field without white space round it, "" if there is none.

    Raises AskedWronglyError for several different ones, in the words of *area*.
    """
    values = {text.strip() for text in fields.getlist(name)} or {""}
    if len(values) > 1:
        raise AskedWronglyError(say()("exports.problem.twice", field=say()(f"{area}.{name}")))
    return values.pop()


def selection(fields: MultiDict[str, str]) -> Selection:
    """Return which events are asked for. Raises AskedWronglyError."""
    given = {name: value(fields, name) or None for name in SELECTING}
    try:
        return Selection(
            _day("since", given["since"]),
            _day("until", given["until"]),
            given["kind"],
            given["notice"],
            given["service"],
        )
    except SelectionError as error:
        text = shown(given[error.field] or "")
        raise AskedWronglyError(say()("exports.problem." + error.field, found=text)) from None


def shown(text: str) -> str:
    """Return *text* as a message quotes it."""
    text = "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"
        for character in text[: SHOWN + 1]
    )
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def _day(name: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return day(text)
    except ValueError:
        message = say()("exports.problem.day", field=say()("exports." + name), found=shown(text))
        raise AskedWronglyError(message) from None
