"""What a page shows in the place of a service that is not granted."""

from __future__ import annotations

from consent.gate.markup import inert
from consent.gate.stored import Embed, replace_embeds
from consent.policy import shelf
from consent.web.visit import Visit


def gate(visit: Visit, service: str, markup: str, direct: str = "") -> str:
    """
    Return *markup* as it is, or inert after a placeholder.

    A service that the policy does not declare is off for everybody, and the operator is told
    once. *direct* is an address where the content can be opened at the provider's.
    """
    config = visit.site.config
    declared = config.policy.service(service)
    if declared is None:
        visit.site.warn_once(f'gate "{service}": not a service of {config.policy_file.name}')
        return ""
    if visit.standing.permits(service):
        return markup
    placeholder = ""
    if declared.embed:
        layer = f"placeholder:{service}:direct" if direct else f"placeholder:{service}"
        placeholder = visit.shown.layer(layer, visit.place, direct)
    return inert(service, markup, placeholder)


def gate_stored(visit: Visit, html: str) -> str:
    """Return *html* with each embed of a known service gated, and the rest as it was."""

    def replacement(embed: Embed) -> str | None:
        service = visit.site.hosts.service(embed.address)
        if service is None:
            return _undeclared(visit, embed)
        if visit.standing.permits(service):
            return None
        direct = embed.address if embed.address.startswith("https://") else ""
        return gate(visit, service, embed.markup, direct)

    return replace_embeds(html, replacement)


def _undeclared(visit: Visit, embed: Embed) -> str | None:
    """Hold back what the catalogue knows and the site does not declare: nobody was asked."""
    site = visit.site
    id = site.catalogue.service(embed.address)
    entry = shelf.entry(id) if id else None
    if entry is None:
        return None
    site.warn_once(f"stored HTML embeds {id}, which {site.config.policy_file.name} does not have")
    if not entry.get("embed"):
        return ""
    return site.notices.fragment("undeclared", say=visit.shown.say, provider=entry["provider"])
