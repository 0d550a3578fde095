"""
The facts about each service: what the catalogue says, overridden by what the site says.

A service keeps the source of its catalogue entry whatever is overridden; what the site says
itself no longer counts as unconfirmed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Any

from consent.errors import PolicyError
from consent.policy import otherwise, shelf, wording
from consent.policy.mistakes import Mistakes, Place, nearest
from consent.policy.model import EEA, Controller
from consent.policy.ready import ENTRY

Facts = Mapping[str, Any]


def facts(id: str, given: Facts, controller: Controller | None) -> dict[str, Any]:
    """
    Return the fields of the service *id*, of which *given* are its site's words.

    *controller* provides what the site runs itself. Fields are missing only where reading
    the file has found mistakes.
    """
    base = entry(given.get("from", id))
    result = {"id": id, **base, **given}
    result["purposes"] = _purposes(given) or _purposes(base)
    if "host" in given:
        result["hosts"] = tuple(dict.fromkeys((given["host"], *given.get("hosts", ()))))
    if "source" in base:
        left = tuple(name for name in base["source"].unconfirmed if name not in given)
        result["source"] = replace(base["source"], unconfirmed=left)
    if base.get("own_host") and controller:
        result.setdefault("provider", controller.name)
        result.setdefault("country", controller.country)
    for key in ("purpose", "host", "from", "own_host"):
        result.pop(key, None)
    return result


@cache
def entry(id: str) -> Facts:
    """
    Return the fields of the catalogue's entry *id*; none if there is no such entry.

    Raises PolicyError if the entry itself has mistakes.
    """
    table = shelf.entry(id)
    if table is None:
        return MappingProxyType({})
    mistakes = Mistakes(wording.languages())
    read = ENTRY.read(table, Place(mistakes))
    if mistakes:
        raise PolicyError(f"catalogue/{id}.toml", mistakes.in_order_of(table))
    return MappingProxyType(read)


def check(facts: Facts, given: Facts, purposes: Iterable[str], at: Place) -> None:
    """Report what is wrong with a service although each of its fields is well-formed."""
    for name, place in _named_purposes(given, at):
        if name not in purposes:
            near = otherwise.PURPOSES.get(name) or nearest(name, purposes)
            hint = f'"{near}"' if near else f"declare it as [purposes.{name}]"
            known = ", ".join(dict.fromkeys(purposes))
            place.report(f'"{name}"', f"a purpose that exists: {known}", hint)
    countries = (facts.get("country"), *facts.get("transfers", ()))
    outside = list(dict.fromkeys(code for code in countries if code and code not in EEA))
    place = at.child("safeguard")
    if outside and "safeguard" not in facts and not at.mistakes.touch(place.path):
        wanted = f"a ground for data to reach {', '.join(outside)}, outside the EEA"
        place.report("nothing", wanted, 'one of "adequacy", "dpf", "scc", "bcr"')


def _purposes(given: Facts) -> tuple[str, ...]:
    return (given["purpose"],) if "purpose" in given else tuple(given.get("purposes", ()))


def _named_purposes(given: Facts, at: Place) -> list[tuple[str, Place]]:
    several = at.child("purposes")
    named = enumerate(given.get("purposes", ()), start=1)
    places = [(name, several.child(number)) for number, name in named]
    return [(given["purpose"], at.child("purpose")), *places] if "purpose" in given else places
