"""
What a page has in its head: style sheet, scripts, and what tells providers of a decision.

An adapter stands behind a gate like what it speaks for, and before it in the page: some providers
must be told before their own script runs. So it is a classic script and no module.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from html import escape

from markupsafe import Markup

from consent.choice.choice import NOBODY
from consent.gate.markup import waiting
from consent.policy.wording import SIMPLE_GERMAN
from consent.web.assets import FORGET, PLACEMENTS, SCRIPT, SIMPLE, STYLE, adapter, address
from consent.web.visit import Visit

#: How many heads are remembered. Few are needed: visitors allow all or nothing, mostly.
MEMORY = 1024

_as_text = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))


def head(visit: Visit, nonce: str | None = None) -> Markup:
    """
    Return the link to the style sheet and the script.

    *nonce* is for sites whose Content-Security-Policy asks for one. Without any optional
    service there is nothing to ask and no script.
    """
    site, standing = visit.site, visit.standing
    visit.nonce = nonce
    decided = None
    if not visit.is_neutral:
        decided = (
            standing.granted,
            standing.paused,
            standing.choice is None,
            standing.told,
            standing.former,
        )
    key = (visit.root, visit.is_secure, decided)
    kept = site.heads.get(key) if nonce is None and not visit.is_debug else None
    if kept is not None:
        return kept
    whole = Markup("\n".join(_parts(visit, nonce)))
    if nonce is None:
        if len(site.heads) >= MEMORY:
            site.heads.clear()
        site.heads[key] = whole
    return whole


def _parts(visit: Visit, nonce: str | None) -> Iterator[Markup]:
    policy = visit.site.config.policy
    simple = SIMPLE if SIMPLE_GERMAN in policy.languages else None
    for name in (STYLE, PLACEMENTS.get(policy.placement), simple):
        if name:
            yield style(name, nonce)
    if policy.services:
        reload = " data-consent-reload" if visit.site.config.widens else ""
        # Behind a proxy without ProxyFix only the server knows which name it gives the cookie.
        prefixed = " data-consent-host" if visit.is_secure else ""
        source = f'src="{address(SCRIPT)}"{_attribute(nonce)}{reload}{prefixed}{_told(visit)}'
        yield Markup(f'<script type="module" {source}></script>')
    yield from _adapters(visit, nonce)
    if left := _leftovers(visit, nonce):
        yield left


def _told(visit: Visit) -> str:
    """
    Return what our script need not read from the cookie; that takes a third of its time.

    Nor does it look for gates and placeholders then, since who has allowed everything has none.
    """
    told = visit.standing.told
    if told is None or visit.is_neutral or visit.site.config.widens:
        return ""
    return f' data-consent-told="{escape(told)}"'


def _gone(visit: Visit) -> frozenset[str]:
    """
    Return the services whose storage must be empty: none before a decision.

    Nothing is read on a visitor's device before (PS-03).
    """
    standing = visit.standing
    if standing.choice is None:
        return NOBODY
    return visit.site.storage.holders - standing.granted - standing.paused


def _leftovers(visit: Visit, nonce: str | None) -> Markup | None:
    """Return what deletes the storage of services that are gone; None if there is none."""
    storage = visit.site.storage
    if visit.is_neutral:
        # Of a page that is the same for everybody the script finds out who is gone, and deletes
        # cookies, too: the server cannot here.
        if not any(owner for owner, _, _ in storage.table):
            return None
        table, source = escape(_as_text(storage.table)), address(FORGET)
        return Markup(
            f'<template data-consent-leftovers="{table}" data-script="{source}"></template>'
        )
    found = storage.leftovers(_gone(visit), visit.standing.former)
    if not found:
        return None
    rows, source = escape(_as_text(found)), address(FORGET)
    return Markup(
        f'<script type="module" src="{source}"{_attribute(nonce)} data-consent-leftovers="{rows}">'
        "</script>"
    )


def _adapters(visit: Visit, nonce: str | None) -> Iterator[Markup]:
    """Give the scripts that speak to providers; those of services not granted are inert."""
    for service in visit.site.config.policy.services:
        source = adapter(service.adapter)
        if source is None:
            continue
        is_granted = visit.permits(service.id)
        if visit.is_bare and not is_granted:
            continue
        facts = f'data-service="{service.id}" data-purposes="{" ".join(service.purposes)}"'
        script = f'<script src="{escape(source)}" {facts}{_attribute(nonce)}></script>'
        yield Markup(script if is_granted else waiting(service.id, script))


def style(name: str, nonce: str | None = None) -> Markup:
    """Return the link to a style sheet."""
    return Markup(f'<link rel="stylesheet" href="{address(name)}"{_attribute(nonce)}>')


def _attribute(nonce: str | None) -> str:
    return f' nonce="{escape(nonce)}"' if nonce else ""
