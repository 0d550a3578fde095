"""
The paths of our own routes, as pages link to them.

Not by ``url_for``: a request for a host that is not the site's has no addresses, and the site may
answer it with a page of its own like any other.
"""

from __future__ import annotations

from urllib.parse import quote

from flask import current_app, request

from consent.policy.model import Policy
from consent.web.anywhere import place


def route(name: str, **values: str) -> str:
    """Return the path of our route *name*, on the host of the current request."""
    own = current_app.url_map.bind("", f"{quote(request.root_path)}/")
    endpoint = f"consentry.{name}"
    return own.build(endpoint, {**values, **place(endpoint, own)})


def addresses(policy: Policy, language: str) -> dict[str, str]:
    """Return the addresses that templates link to."""
    choose = f"?lang={language}" if len(policy.languages) > 1 else ""
    return {
        "choice_url": route("choice"),
        "settings_url": route("settings") + choose,
        "receipt_url": route("receipt") + choose,
        "state_url": route("state") + choose,
    }
