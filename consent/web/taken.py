"""
Addresses that the site and we both have.

Of two routes alike werkzeug takes the one that was there first, and says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from flask import Flask

from consent.web.site import OURS

#: A part of an address that a route leaves open, whatever it is called.
_OPEN = re.compile(r"<[^<>]*>")


def taken(app: Flask, prefix: str) -> Iterator[str]:
    """
    Tell what *app* itself has at an address of ours below *prefix*.

    What it has at one of several hosts may be where no page asks, as with an API: let it be.
    """
    ours: set[tuple[str, str]] = set()
    theirs: dict[tuple[str, str], str] = {}
    for rule in app.url_map.iter_rules():
        if rule.build_only or not rule.rule.startswith(f"{prefix}/"):
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            address = method, _OPEN.sub("<>", rule.rule)
            if rule.endpoint.startswith(OURS):
                ours.add(address)
            elif not (rule.host or rule.subdomain):
                theirs[address] = f"{method} {rule.rule} for {rule.endpoint} of the site itself"
    for address in filter(ours.__contains__, theirs):
        yield (
            f"CONSENT_URL_PREFIX: found {theirs[address]} at an address of ours, where one hides "
            'the other, wanted a path that the site does not use; hint: "/consentry"'
        )
