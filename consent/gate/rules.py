"""
Speculation rules: what a browser fetches before a visitor goes there.

Rules with addresses name them. Others are about the links of the page, and each that fits is
fetched, be it one of a text or the one of a placeholder: such rules are the site's own affair only
where they keep to its paths.
"""

from __future__ import annotations

import json
import re

#: A pattern of addresses on the host of the page, whatever it goes on with.
_PATH = re.compile(r"/(?![/\\])")


def leaves(text: str) -> bool:
    """
    Tell whether the rules in *text* fetch links wherever they lead.

    >>> leaves('{"prefetch": [{"where": {"href_matches": "/*"}}]}')
    False
    >>> leaves('{"prefetch": [{"source": "document"}]}')
    True
    """
    try:
        rules = json.loads(text)
    except (ValueError, RecursionError):
        return True  # what a browser makes of it nobody knows
    lists = rules.values() if isinstance(rules, dict) else ()
    every = [rule for one in lists if isinstance(one, list) for rule in one]
    return any(_is_of_links(rule) and not _stays(rule.get("where")) for rule in every)


def _is_of_links(rule: object) -> bool:
    return isinstance(rule, dict) and ("where" in rule or rule.get("source") == "document")


def _stays(where: object) -> bool:
    """Tell whether each link that fits leads to the host of the page."""
    match where:
        case {"href_matches": str(pattern)}:
            return _PATH.match(pattern) is not None
        case {"href_matches": [*patterns]}:
            return all(_stays({"href_matches": pattern}) for pattern in patterns)
        case {"and": [*parts]}:
            return any(map(_stays, parts))
        case {"or": [*parts]}:
            return all(map(_stays, parts))
    return False
