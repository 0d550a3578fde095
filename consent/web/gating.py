"""What a page shows in the place of a service that is not granted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from consent.gate.markup import CLOSING
from consent.policy import shelf
from consent.web.visit import Visit

if TYPE_CHECKING:
    from consent.gate.stored import Embed

_NOTHING = Markup("")


def opening(visit: Visit, service: str, direct: str = "") -> Markup | None:
    """
    Return what has to precede the markup of *service*.

    Nothing if it is granted; else a placeholder, where the service has one, and the opening of
    a template. None if the policy does not declare the service: it is off for everybody, and
    the operator is told once. *direct* is where the content can be opened at the provider's.
    """
    if visit.permits(service):
        return _NOTHING
    made = visit.shown.opening(service, visit.path, direct)
    if made is None:
        file = visit.site.config.policy_file.name
        visit.site.warn_once(f'gate "{service}": not a service of {file}')
    return made


def gate_stored(visit: Visit, html: str) -> str:
    """Return *html* with each embed of a known service gated, and the rest as it was."""
    # The parser takes megabytes; many sites have no stored HTML.
    from consent.gate.stored import replace_embeds

    def replacement(embed: Embed) -> str | None:
        service = visit.site.hosts.service(embed.address)
        if service is None:
            return _undeclared(visit, embed)
        if visit.permits(service):
            return None
        direct = embed.address if embed.address.startswith("https://") else ""
        return f"{opening(visit, service, direct)}{embed.markup}{CLOSING}"

    return replace_embeds(html, replacement)


def _undeclared(visit: Visit, embed: Embed) -> str | None:
    """Hold back what the catalogue knows and the site does not declare: nobody was asked."""
    site = visit.site
    id = site.catalogue.service(embed.address)
    if id is None:
        return None
    label = shelf.labels()[id]
    site.warn_once(f"stored HTML embeds {id}, which {site.config.policy_file.name} does not have")
    if not label.embed:
        return ""
    return site.notices.fragment("undeclared", say=visit.shown.say, provider=label.provider)
