"""Reads pages as visitors do."""

from __future__ import annotations

import re
from html import unescape


def words(markup: str) -> str:
    """Return the text of *markup*, with single spaces; those that do not break are kept."""
    return re.sub(r"[ \n]+", " ", unescape(re.sub(r"<[^>]+>", " ", markup))).strip()
