"""
Read a policy file, or say everything that is wrong with it.

    consent.toml -> TOML -> fields one by one -> services against each other -> Policy
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from consent.errors import PolicyError
from consent.policy import phrases, toml, wording
from consent.policy.document import built_in, document, languages
from consent.policy.facts import check, facts
from consent.policy.mistakes import Mistakes, Place, Read
from consent.policy.model import Duration, Policy, Purpose, Service, Words

#: How long evidence is kept, counted from the end of the year in which a consent ended: until
#: claims (§§ 195, 199 BGB) and fines (§ 31 OWiG) are out of time.
RETENTION = Duration(3, "year")


def read(path: str | Path) -> Policy:
    """Return the policy in the TOML file *path*. Raises PolicyError with all its mistakes."""
    return parse(toml.load(path), str(path))


def parse(table: Mapping[str, Any], file: str) -> Policy:
    """
    Return the policy that *table* declares; *file* is what its mistakes are reported for.

    Raises PolicyError with all mistakes in the order of *table*.
    """
    whole, brought = document(), _brought(table)
    mistakes = Mistakes(
        _languages(table, brought),
        tuple(field.name for field in whole.fields),
        brought,
        Path(file).parent,
    )
    root = Place(mistakes)
    given = whole.read(table, root)
    controller, declared = given.get("controller"), given.get("services", {})
    services = {id: facts(id.lower(), row, controller) for id, row in declared.items()}
    for id, row in declared.items():
        check(services[id], row, _purpose_ids(table), root.child("services").child(id))
    _ask_parents(table, root)
    phrases.tell_apart(given.get("texts", {}), root.child("texts"))
    if mistakes:
        raise PolicyError(file, mistakes.in_order_of(table))
    return _policy(given, tuple(Service(**row) for row in services.values()))


def _languages(table: Mapping[str, Any], brought: Mapping[str, Read]) -> tuple[str, ...]:
    """Return the site's languages, none if they cannot be read."""
    field, mistakes = languages(), Mistakes(brought=brought)
    if field.name not in table:
        return tuple(field.default)
    read = field.value.read(table[field.name], Place(mistakes))
    return () if mistakes else tuple(read)


def _brought(table: Mapping[str, Any]) -> dict[str, Read]:
    """Return what reads each language that the site has a file for, as few sites have."""
    texts = table.get("texts")
    rows = texts.items() if isinstance(texts, Mapping) else ()
    tags = [tag for tag, file in rows if isinstance(file, str)]
    if not tags:
        return {}
    from consent.policy import brought

    return {tag: partial(brought.read, tag) for tag in tags if brought.can_be(tag)}


def _ask_parents(table: Mapping[str, Any], root: Place) -> None:
    """Report optional services for children if nothing is said of their parents (Art. 8 GDPR)."""
    if table.get("audience") == "children" and table.get("services") and "parents" not in table:
        root.child("services").report(
            "optional ones on a site for children",
            "none, as children under 16 cannot consent without their parents (Art. 8 GDPR)",
            'or tell visitors how parents agree: parents = "…", above the first [table]',
        )


def _purpose_ids(table: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids of all purposes that exist, even of those with mistakes."""
    declared = table.get("purposes")
    return (*(declared if isinstance(declared, Mapping) else ()), *built_in())


def _policy(given: Mapping[str, Any], services: tuple[Service, ...]) -> Policy:
    own, used = given.get("purposes", {}), [id for service in services for id in service.purposes]
    order = [id for id in dict.fromkeys((*own, *used)) if id in used]
    return Policy(
        site=given["site"],
        controller=given["controller"],
        links=given["links"],
        languages=given["languages"],
        lifetime=given["lifetime"],
        retention=given.get("retention", RETENTION),
        placement=given["placement"],
        tone=given["tone"],
        audience=given["audience"],
        parents=given.get("parents"),
        signals=given["signals"],
        own_hosts=given["own_hosts"],
        unknown=given["unknown"],
        ungranted=given["ungranted"],
        purposes=tuple(_purpose(id, own.get(id, {}), given) for id in order),
        services=services,
        essential=given.get("essential", ()),
        texts=given.get("texts", {}),
    )


def _purpose(id: str, own: Mapping[str, Words], given: Mapping[str, Any]) -> Purpose:
    def words(part: str) -> Words:
        key = f"purposes.{id}.{part}"
        if part in own:
            return own[part]
        texts = given.get("texts", {})
        return {
            tag: wording.every_text(tag, given["tone"], texts.get(tag, {}))[key]
            for tag in given["languages"]
        }

    return Purpose(
        id=id,
        title=words("title"),
        description=words("description"),
        without=words("without"),
    )
