"""What the forms of the desk ask for: one value for each field, or a problem in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import product

from werkzeug.datastructures import MultiDict

from consent.audit.given import is_receipt
from consent.audit.reading import kind_name, language_name
from consent.audit.versions import whole
from consent.audit.wording import LANGUAGES
from consent.log.export.selection import (
    ANSWERS,
    DECISION,
    DECISIONS,
    SORTS,
    Selection,
    SelectionError,
)
from consent.log.export.selection import day as day_of
from consent.policy import shelf
from consent.policy.wording import languages
from consent.web.desk.shell import language, say
from consent.web.site import current_site

#: Characters of what was found that are said again.
SHOWN = 60

#: What a selection may name, in the order of its form.
SELECTING = ("since", "until", "kind", "notice", "language", "service", "answer")


class AskedWronglyError(Exception):
    """A field cannot be read; the text says which, what was found, what was wanted."""


def value(fields: MultiDict[str, str], name: str, area: str = "asking") -> str:
    """
    Return the value of a field without white space round it, "" if there is none.

    Raises AskedWronglyError for several different ones, in the words of *area*.
    """
    values = {text.strip() for text in fields.getlist(name)} or {""}
    if len(values) > 1:
        raise AskedWronglyError(say()("asking.problem.twice", field=say()(f"{area}.{name}")))
    return values.pop()


def day(fields: MultiDict[str, str], name: str, area: str = "asking") -> date | None:
    """Return the day that a field names, None if it is empty. Raises AskedWronglyError."""
    text = value(fields, name, area)
    try:
        return day_of(text) if text else None
    except ValueError:
        field = say()(f"{area}.{name}")
        message = say()("asking.problem.day", field=field, found=shown(text))
        raise AskedWronglyError(message) from None


def selection(fields: MultiDict[str, str], usual: str | None = None) -> Selection:
    """
    Return which events are asked for, of the *usual* kind if no field says which.

    Raises AskedWronglyError.
    """
    days = {name: day(fields, name) for name in ("since", "until")}
    given = {name: value(fields, name) or None for name in SELECTING if name not in days}
    if "kind" not in fields:
        given["kind"] = usual
    if given["notice"]:
        given["notice"] = whole(current_site().store, given["notice"])
    services = list(_services())
    given["language"] = _meant(given["language"], _spoken())
    given["service"] = service = _meant(given["service"], services)
    # What is looked for stands in the address, where no receipt may stand.
    if service and service not in dict(services) and is_receipt(service):
        raise AskedWronglyError(say()("asking.problem.receipt"))
    try:
        return Selection(**days, **given)  # type: ignore[arg-type]  # it looks at each itself
    except SelectionError as error:
        found = fields.get(error.field, "").strip()
        problem = "alone" if found in ANSWERS else error.field
        text = say()(f"asking.problem.{problem}", found=shown(found))
        raise AskedWronglyError(text) from None


def _meant(given: str | None, names: Iterable[tuple[str, str]]) -> str | None:
    """Return which of *names*, ids with what people call them, is *given*; another one as it is."""
    if given is None:
        return None
    word = given.casefold()
    return next((id for id, name in names if word in (id, name.casefold())), given)


def _spoken() -> Iterator[tuple[str, str]]:
    spoken = {*languages(), *current_site().config.policy.languages}
    for tag, desk in product(sorted(spoken), LANGUAGES):
        yield tag, language_name(tag, desk)


def _services() -> Iterator[tuple[str, str]]:
    for service in current_site().config.policy.services:
        yield service.id, service.name
    for id, label in shelf.labels().items():  # of which an earlier policy may have had any
        yield id, label.name


def filled(fields: MultiDict[str, str], names: Iterable[str] = SELECTING) -> dict[str, str]:
    """Return what stands in the fields of a form that is shown again."""
    return {name: fields.get(name, "")[:200] for name in names}


def choices() -> dict[str, object]:
    """Return what the fields of a selection offer."""
    policy = current_site().config.policy
    return {
        "answers": ANSWERS,
        "decision": DECISION,
        "decisions": [(kind, kind_name(say(), kind)) for kind in DECISIONS],
        "sorts": [(sort, kind_name(say(), sort)) for sort in SORTS],
        "services": [(service.id, service.name) for service in policy.services],
        "spoken": [(tag, language_name(tag, language())) for tag in policy.languages],
    }


def shown(text: str) -> str:
    """Return *text* as a message quotes it."""
    text = "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"
        for character in text[: SHOWN + 1]
    )
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
