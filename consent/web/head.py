"""What a page has in its head: style sheet and script."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from markupsafe import Markup

from consent.policy.wording import SIMPLE_GERMAN
from consent.web.assets import PLACEMENTS, SCRIPT, SIMPLE, STYLE, address

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
    kept = site.heads.get(root) if nonce is None and not site.app.debug else None
    if kept is not None:
        return kept
    policy = site.config.policy
    simple = SIMPLE if SIMPLE_GERMAN in policy.languages else None
    names = (STYLE, PLACEMENTS.get(policy.placement), simple)
    made = "\n".join(style(name, nonce) for name in names if name)
    if policy.services:
        reload = " data-consent-reload" if site.config.widens else ""
        source = f'src="{address(SCRIPT)}"{_attribute(nonce)}{reload}'
        made += f'\n<script type="module" {source}></script>'
    if nonce is None:
        site.heads[root] = Markup(made)
    return Markup(made)


def style(name: str, nonce: str | None = None) -> Markup:
    """Return the link to a style sheet."""
    return Markup(f'<link rel="stylesheet" href="{address(name)}"{_attribute(nonce)}>')


def _attribute(nonce: str | None) -> str:
    return f' nonce="{escape(nonce)}"' if nonce else ""
