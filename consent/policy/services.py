"""
The tables of services: ``[services.youtube]`` and the like.

Which keys a service needs depends on where its facts come from: from the catalogue by its
own id, from the catalogue by ``from``, or from the site alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from consent.policy import addresses, otherwise, shelf
from consent.policy.fields import ID, OWN, SERVICE
from consent.policy.mistakes import Place, nearest
from consent.policy.tables import Field, Keyed, Table
from consent.policy.values import Definitions, Fragment, OneOf

HOST = Field(
    name="host",
    value=addresses.OWN_HOST,
    required=True,
    about="Where the site runs the software itself; provider and country are the controller's.",
)

#: How much alike a name and a slip of the pen in it are, of 1.
_SLIP = 0.85

#: What lists the catalogue.
LISTING = '"flask consent services"'


def services() -> Keyed:
    """Return the tables of the optional services, by id."""
    return Keyed(
        wanted="tables such as [services.youtube]",
        id=ID,
        choose=_service,
        named=lambda: {
            id: (ready_made(id), f"Ready-made: {label.name}.")
            for id, label in shelf.labels().items()
        },
        other=_other_services,
    )


def _service(id: str, row: Mapping[str, object], at: Place) -> Table:
    """Return the table that fits *row*, which may have mistakes although nobody knows its *id*."""
    if id in shelf.labels():
        return ready_made(id)
    if "from" in row:
        source = row["from"]
        return ready_made(source if isinstance(source, str) else "", renamed=True)
    if row.keys() & {"provider", "hosts", "items"}:
        return replace(SERVICE, elsewhere=_code)
    near = meant(id)
    tables = " or ".join(f"[services.{name}]" for name in near)
    at.report(
        "a service that is not in the catalogue",
        f"one of those that {LISTING} shows, or a description with {OWN}",
        f'{tables}, or from = "{near[0]}"' if near else None,
    )
    unknown = SERVICE.overriding(replace(HOST, required=False), name="unknown-service")
    return replace(unknown, elsewhere=_code)


def meant(word: str) -> tuple[str, ...]:
    """Return the services of the catalogue that *word* was most likely meant to be, if any."""
    names, word = shelf.names(), word.strip().lower()
    if word in otherwise.SERVICES:
        return otherwise.SERVICES[word]
    near = nearest(word, names, _SLIP)
    parts = () if near else tuple(part for part in re.split("[ _-]", word) if part in names)
    near = near or nearest(word, names)
    return parts or ((near,) if near else ())


def _source_hint(given: object) -> str | None:
    near = meant(given) if isinstance(given, str) else ()
    return " or ".join(f'"{name}"' for name in near) or None


def ready_made(entry: str, *, renamed: bool = False) -> Table:
    """Return the table of a service whose facts come from the catalogue's *entry*."""
    own_host = _has_own_host(entry)
    source = Field(
        name="from",
        value=OneOf(
            wanted=f"a service that {LISTING} shows", words=shelf.names(), hint=_source_hint
        ),
        required=True,
        about="The entry of the catalogue that the facts are taken from.",
    )
    more = (source,) * renamed + (HOST,) * own_host
    name = "renamed-" * renamed + "ready-made-service" + "-on-own-host" * own_host
    return replace(SERVICE.overriding(*more, name=name), elsewhere=_elsewhere)


def _elsewhere(key: object) -> str | None:
    hints = {
        "from": "only under an id that the catalogue does not have",
        "host": "only for what runs on the site's own server; the hosts of this one are known",
    }
    return hints.get(str(key)) or _code(key)


def _code(key: object) -> str | None:
    """Say where the number of the site at a provider is, and the code that the provider gave."""
    where = "it stays in the code of the service, which a template has within {% gate %}"
    return where if key in otherwise.CODE else None


def _has_own_host(entry: str) -> bool:
    return entry in shelf.labels() and shelf.labels()[entry].own_host


def _other_services(definitions: Definitions) -> Fragment:
    own_host = [id for id in shelf.names() if _has_own_host(id)]
    elsewhere = [id for id in shelf.names() if not _has_own_host(id)]
    renamed = {
        "if": {"properties": {"from": {"enum": own_host}}},
        "then": ready_made(own_host[0], renamed=True).schema(definitions),
        "else": ready_made(elsewhere[0], renamed=True).schema(definitions),
    }
    return {
        "if": {"required": ["from"]},
        "then": renamed,
        "else": SERVICE.schema(definitions),
    }
