"""
What a page has in its head: style sheet, script, and what tells providers of a decision.

An adapter stands behind a gate like what it speaks for, and before it in the page: some providers
must be told before their own script runs. So it is a classic script and no module.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from markupsafe import Markup

from consent.choice.choice import NOBODY
from consent.gate.markup import waiting
from consent.policy.wording import SIMPLE_GERMAN
from consent.web.assets import PLACEMENTS, SCRIPT, SIMPLE, STYLE, adapter, address

if TYPE_CHECKING:
    from consent.web.visit import Visit


def head(visit: Visit, nonce: str | None = None) -> Markup:
    """
    Return the link to the style sheet and the script.

    *nonce* is for sites whose Content-Security-Policy asks for one. Without any optional
    service there is nothing to ask and no script.
    """
    site, root = visit.site, visit.request.root_path
    visit.nonce = nonce
    told = NOBODY if visit.is_neutral else visit.standing.granted.intersection(site.adapters)
    kept = site.heads.get((root, told)) if nonce is None and not site.app.debug else None
    if kept is not None:
        return kept
    policy = site.config.policy
    simple = SIMPLE if SIMPLE_GERMAN in policy.languages else None
    names = (STYLE, PLACEMENTS.get(policy.placement), simple)
    made = [style(name, nonce) for name in names if name]
    if policy.services:
        reload = " data-consent-reload" if site.config.widens else ""
        source = f'src="{address(SCRIPT)}"{_attribute(nonce)}{reload}'
        made.append(Markup(f'<script type="module" {source}></script>'))
    made += _adapters(visit, told, nonce)
    if nonce is None:
        site.heads[root, told] = Markup("\n".join(made))
    return Markup("\n".join(made))


def _adapters(visit: Visit, told: frozenset[str], nonce: str | None) -> Iterator[Markup]:
    """Return the scripts that speak to providers; those of services not *told* are inert."""
    for service in visit.site.config.policy.services:
        source = adapter(service.adapter)
        if source is None:
            continue
        facts = f'data-service="{service.id}" data-purposes="{" ".join(service.purposes)}"'
        script = f'<script src="{escape(source)}" {facts}{_attribute(nonce)}></script>'
        yield Markup(script if service.id in told else waiting(service.id, script))


def style(name: str, nonce: str | None = None) -> Markup:
    """Return the link to a style sheet."""
    return Markup(f'<link rel="stylesheet" href="{address(name)}"{_attribute(nonce)}>')


def _attribute(nonce: str | None) -> str:
    return f' nonce="{escape(nonce)}"' if nonce else ""
