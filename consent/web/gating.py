"""What a page shows in the place of a service that is not granted."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from consent.web.visit import Visit

if TYPE_CHECKING:
    from consent.gate.stored import Embed
    from consent.gate.verdict import Verdict

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
    """Return *html* with everything held back that may not load, and the rest as it was."""
    # The parser takes megabytes; many sites have no stored HTML.
    from consent.gate.stored import embeds
    from consent.gate.verdict import groups, judge
    from consent.web.standin import stand_in

    site, page = visit.site, visit.request.base_url
    strangers = site.config.policy.unknown == "allow"
    owner = cache(lambda address: site.owners.of(address, page))

    def verdict(embed: Embed) -> Verdict | None:
        return judge(embed, owner, visit.permits, strangers=strangers)

    pieces, position = [], 0
    seen: set[str] = set()
    for group in groups(html, embeds(html), verdict):
        for embed, instead in zip(group.members, stand_in(visit, group, seen), strict=True):
            pieces += [html[position : embed.start], instead]
            position = embed.end
    return "".join([*pieces, html[position:]])
