"""What a page has in its head: style sheet and script."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from flask import url_for
from markupsafe import Markup

from consent.web.assets import SCRIPT, STYLE, load

if TYPE_CHECKING:
    from consent.web.visit import Visit


def head(visit: Visit, nonce: str | None = None) -> Markup:
    """
    Return the link to the style sheet and the script.

    *nonce* is for sites whose Content-Security-Policy asks for one. Without any optional
    service there is nothing to ask and no script.
    """
    site, root = visit.site, visit.request.root_path
    kept = site.heads.get(root) if nonce is None and not site.app.debug else None
    if kept is not None:
        return kept
    attribute = f' nonce="{escape(nonce)}"' if nonce else ""
    made = f'<link rel="stylesheet" href="{_address(STYLE)}"{attribute}>'
    if site.config.policy.services:
        made += f'\n<script type="module" src="{_address(SCRIPT)}"{attribute}></script>'
    if nonce is None:
        site.heads[root] = Markup(made)
    return Markup(made)


def _address(name: str) -> str:
    return url_for("consentry.static", filename=name, v=load(name).version)
