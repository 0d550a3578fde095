"""``flask consent services``: the ready-made services, as a list and one by one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import click

from consent.gate.hosts import Hosts
from consent.policy import shelf
from consent.policy.facts import Facts
from consent.policy.facts import entry as facts_of
from consent.policy.mistakes import nearest
from consent.policy.model import Item, Source
from consent.policy.services import meant
from consent.policy.shelf import Label
from consent.policy.wording import duration_words, texts


@click.command()
@click.argument("query", required=False)
@click.option("--purpose", help="Only services for this purpose, such as statistics.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, by id.")
def services(query: str | None, purpose: str | None, as_json: bool) -> None:
    """
    List the ready-made services, or tell all about one.

    QUERY is an id such as youtube, a part of a name, provider or host, the address in an embed,
    or its code, in quotes. If it leaves one service, everything about that one is shown.
    """
    found = _found(query, purpose)
    if not found:
        raise click.ClickException(_nothing(query, purpose))
    one = next(iter(found)) if query and len(found) == 1 else None
    if as_json:
        rows = {one: dict(shelf.entry(one) or {})} if one else _rows(found)
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2).encode())
        return
    for line in _details(one) if one else _table(found):
        click.echo(line)


def _found(query: str | None, purpose: str | None) -> dict[str, Label]:
    labels = {
        id: label
        for id, label in shelf.labels().items()
        if purpose is None or purpose.lower() in label.purposes
    }
    if query is None:
        return labels
    hosts = Hosts({id: label.hosts for id, label in labels.items()})
    one = query if query in labels else hosts.service(query)
    if one:
        return {one: labels[one]}
    if named := {id: label for id, label in labels.items() if query.lower() in _words(id, label)}:
        return named
    loaded = filter(None, map(hosts.service, _addresses(query)))
    return {id: labels[id] for id in sorted(set(loaded))}


def _addresses(query: str) -> Iterator[str]:
    """Give what *query* may name without saying so: an address as people write it, or code."""
    if "<" not in query:
        yield f"//{query}"
        return
    from consent.gate.stored import embeds  # the parser takes a while to load

    for embed in embeds(query):
        yield from (load.address for load in embed.loads if load.address)


def _words(id: str, label: Label) -> str:
    return " ".join((id, label.name, label.provider or "", *label.hosts)).lower()


#: What to do where nothing fits.
_OWN = (
    "\n    hint: say yourself in consent.toml what it is: name, provider, country, purpose, hosts"
    " and items, as in docs/policy.md"
)


def _nothing(query: str | None, purpose: str | None) -> str:
    purposes = sorted({purpose for label in shelf.labels().values() for purpose in label.purposes})
    if purpose is not None and purpose not in purposes:
        near = nearest(purpose, purposes)
        perhaps = f"; perhaps {near}" if near else ""
        return f'no ready-made service for "{purpose}"{perhaps}; purposes are {", ".join(purposes)}'
    near = " or ".join(meant(query) if query else ())
    about = " ".join(filter(None, (query and f'"{query}"', purpose and f"for {purpose}")))
    hint = f"; perhaps {near}" if near else "" if purpose else _OWN
    return f"no ready-made service {about}{hint}"


def _rows(found: Mapping[str, Label]) -> dict[str, Any]:
    return {id: asdict(label) for id, label in found.items()}


def _table(found: Mapping[str, Label]) -> Iterator[str]:
    rows = [
        (id, ", ".join(label.purposes), " ".join(label.countries) or "own", _title(label))
        for id, label in found.items()
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for *cells, title in rows:
        columns = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
        yield "  ".join((*columns, title))


def _title(label: Label) -> str:
    return f"{label.name} ({label.provider or 'on your server'})"


def _details(id: str) -> Iterator[str]:
    facts = facts_of(id)
    yield facts["name"]
    for name, value in _facts(id, facts):
        yield f"  {name:<11} {value}"
    for item in facts["items"]:
        yield f"  {'stores':<11} {_item(item)}"
    if not facts["items"]:
        yield f"  {'stores':<11} nothing that is known"
    yield from _source(facts["source"])
    yield ""
    yield "consent.toml:"
    yield f"  [services.{id}]"
    if facts.get("own_host"):
        yield f'  host = "{id}.your-site.example"'


def _facts(id: str, facts: Facts) -> Iterator[tuple[str, str]]:
    label = shelf.labels()[id]
    if label.provider:
        where = ", ".join(filter(None, (label.provider, facts.get("address"))))
        yield "provider", f"{where} ({facts['country']})"
    if "transfers" in facts:
        yield "data also", ", ".join(facts["transfers"])
    if "safeguard" in facts:
        yield "ground", texts("en")[f"safeguard.{facts['safeguard']}"]
    yield "purpose", ", ".join(label.purposes)
    for practice in facts.get("practices", ()):
        yield "practice", texts("en")[f"practices.{practice}"]
    if label.embed:
        yield "placeholder", label.embed
    for host in label.hosts:
        yield "recognised", host
    if "privacy" in facts:
        yield "privacy", facts["privacy"]


def _item(item: Item) -> str:
    kept = duration_words(item.duration, "en", texts("en"))
    content = texts("en")[f"content.{item.content['']}"]
    return f"{item.name} ({item.kind}, {kept}): {content}"


def _source(source: Source) -> Iterator[str]:
    for url in (source.url, *source.more):
        yield f"  {'source':<11} {url} ({source.date})"
    if source.unconfirmed:
        yield f"  {'unconfirmed':<11} {', '.join(source.unconfirmed)}: look before you rely on it"
