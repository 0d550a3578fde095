"""What a page has in its head: style sheet and script."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from flask import request, url_for

from consent.web.assets import SCRIPT, STYLE, load

if TYPE_CHECKING:
    from consent.web.site import Site


def head(site: Site, nonce: str | None = None) -> str:
    """
    Return the link to the style sheet and the script.

    *nonce* is for sites whose Content-Security-Policy asks for one. Without any optional
    service there is nothing to ask and no script.
    """
    attribute = f' nonce="{escape(nonce)}"' if nonce else ""
    style, script = _addresses(site)
    link = f'<link rel="stylesheet" href="{style}"{attribute}>'
    if not site.config.policy.services:
        return link
    return f'{link}\n<script type="module" src="{script}"{attribute}></script>'


def _addresses(site: Site) -> tuple[str, str]:
    found = site.files.get(request.script_root)
    if found is None or site.app.debug:
        found = site.files[request.script_root] = (_address(STYLE), _address(SCRIPT))
    return found


def _address(name: str) -> str:
    return url_for("consentry.static", filename=name, v=load(name).version)
