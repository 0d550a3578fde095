"""
The ready-made services: one TOML file each in ``catalogue/``, named by its id.

An entry has the fields of a ``[services.ID]`` table of the policy file, any of which a
site may override, and two of its own:

``source``
    Table with ``url`` and ``date`` (ISO 8601): where the facts were read, and when.
``own_host``
    ``true`` where a site runs the software itself. Such an entry names no hosts, provider,
    country or privacy page: those are the site's.

``hosts`` lists where markup loads the service from. An entry is a host name, a host name
below ``*.`` for any subdomain (the domain itself has an entry of its own), or a host name
with a path such as ``www.google.com/maps``, which stands for that path and everything
below it and leaves the rest of the host, with its other services, alone.

``items`` of a service with ``embed`` lie on the domains of its provider; the items of all
others lie on the domain of the site itself.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any


@cache
def names() -> tuple[str, ...]:
    """Return the ids of all ready-made services, sorted."""
    shelf = files("consent.policy") / "catalogue"
    return tuple(
        sorted(
            file.name.removesuffix(".toml")
            for file in shelf.iterdir()
            if file.name.endswith(".toml")
        )
    )


@cache
def entry(id: str) -> Mapping[str, Any] | None:
    """Return the table of the ready-made service *id* as it stands in its file, or None."""
    if id not in names():
        return None
    text = (files("consent.policy") / "catalogue" / f"{id}.toml").read_text(encoding="utf-8")
    return MappingProxyType(tomllib.loads(text))
