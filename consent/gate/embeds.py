"""
Embeds as their providers offer them with less: no cookies, no history, no whole address.

What a provider documents is put into the markup of an embed by the server, since a browser asks
for a frame before any script can change it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

_YOUTUBE = re.compile(r"//(?:www\.|m\.)?youtube\.com/embed/", re.IGNORECASE)
_VIMEO = re.compile(r"""(//player\.vimeo\.com/video/[0-9]+)(?:\?([^"'\s>#]*))?""", re.IGNORECASE)
_WHOLE_ADDRESS = re.compile(
    r"""(\sreferrerpolicy=["']?)no-referrer-when-downgrade\b""", re.IGNORECASE
)

#: How many embeds are remembered as they are asked for: a page is asked for more often.
MEMORY = 256


@lru_cache(MEMORY)
def sparing(markup: str, adapter: str | None) -> str:
    """
    Return *markup* with embeds asked for with less, as *adapter* knows how; None: as it is.

    >>> sparing('<iframe src="https://www.youtube.com/embed/x"></iframe>', "youtube")
    '<iframe src="https://www.youtube-nocookie.com/embed/x"></iframe>'
    """
    rule = _RULES.get(adapter or "")
    return rule(markup) if rule else markup


def _youtube(markup: str) -> str:
    """Use the "privacy-enhanced mode": https://support.google.com/youtube/answer/171780."""
    return _YOUTUBE.sub("//www.youtube-nocookie.com/embed/", markup)


def _vimeo(markup: str) -> str:
    """Ask for no cookies: https://help.vimeo.com/hc/en-us/articles/26080940921361."""
    return _VIMEO.sub(_asked_for_no_cookies, markup)


def _asked_for_no_cookies(match: re.Match[str]) -> str:
    address, query = match[1], match[2] or ""
    if re.search(r"\bdnt=", query):
        return match[0]
    return f"{address}?dnt=1&amp;{query}" if query else f"{address}?dnt=1"


def _google_maps(markup: str) -> str:
    """Tell the site's name and not which page it is (W3C Referrer Policy, section 3.7)."""
    return _WHOLE_ADDRESS.sub(r"\1strict-origin-when-cross-origin", markup)


_RULES: Mapping[str, Callable[[str], str]] = {
    "youtube": _youtube,
    "vimeo": _vimeo,
    "google-maps": _google_maps,
}
