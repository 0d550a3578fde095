"""
The ready-made services: one TOML file each in ``catalogue/``, named by its id.

An entry has the fields of a ``[services.ID]`` table of the policy file, any of which a
site may override, and two of its own:

``source``
    Table with ``url`` and ``date`` (ISO 8601): where the facts can be looked up, and when the
    entry was last gone through; ``more`` lists further addresses. ``unconfirmed`` names the
    fields whose facts were then found nowhere, so that they have to be checked before use.
``own_host``
    ``true`` where a site runs the software itself. Such an entry names no hosts, provider,
    country or privacy page: those are the site's.

``hosts`` lists where markup loads the service from. An entry is a host name, a host name
below ``*.`` for any subdomain (the domain itself has an entry of its own), or a host name
with a path such as ``www.google.com/maps``, which stands for that path and everything
below it and leaves the rest of the host, with its other services, alone.

``items`` of a service with ``embed`` lie on the domains of its provider; the items of all
others lie on the domain of the site itself; ``domain`` of an item says where it is
otherwise.

``catalogue.json`` has what is asked about all entries at once, so that nobody reads a
hundred files to recognise one host. After a change of an entry write it anew:

    python -c "from consent.policy import shelf; shelf.INDEX.write_text(shelf.index(), 'utf-8')"
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from consent.policy.model import Embed

SHELF = Path(__file__).with_name("catalogue")
INDEX = Path(__file__).with_name("catalogue.json")


@dataclass(frozen=True, slots=True)
class Label:
    """What can be told of an entry without opening it."""

    name: str
    provider: str | None  #: None, as the country: the site runs it itself
    countries: tuple[str, ...]  #: that receive data, the provider's first
    purposes: tuple[str, ...]
    hosts: tuple[str, ...]
    embed: Embed | None

    @property
    def own_host(self) -> bool:
        """Whether the site runs the software itself."""
        return self.provider is None


@cache
def labels() -> Mapping[str, Label]:
    """Return the labels of all ready-made services by id, sorted."""
    rows = json.loads(INDEX.read_text(encoding="utf-8"))
    return MappingProxyType({id: Label(**_tuples(row)) for id, row in rows.items()})


def names() -> tuple[str, ...]:
    """Return the ids of all ready-made services, sorted."""
    return tuple(labels())


@cache
def entry(id: str) -> Mapping[str, Any] | None:
    """Return the table of the ready-made service *id* as it stands in its file, or None."""
    return MappingProxyType(_read(SHELF / f"{id}.toml")) if id in labels() else None


def index() -> str:
    """Return the text of ``catalogue.json`` as the entries now make it."""
    rows = {file.stem: asdict(_label(_read(file))) for file in sorted(SHELF.glob("*.toml"))}
    lines = (f"{json.dumps(id)}: {json.dumps(row, ensure_ascii=False)}" for id, row in rows.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _label(entry: Mapping[str, Any]) -> Label:
    return Label(
        name=entry["name"],
        provider=entry.get("provider"),
        countries=tuple(filter(None, (entry.get("country"), *entry.get("transfers", ())))),
        purposes=tuple(entry.get("purposes", (entry.get("purpose"),))),
        hosts=tuple(entry.get("hosts", ())),
        embed=entry.get("embed"),
    )


def _tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
