"""A language that a site brings itself, written from right to left; what it says means nothing."""

from __future__ import annotations

import re
from string import ascii_lowercase, ascii_uppercase

from consent.policy import brought

MIRRORED = "ar"

_ARABIC = "ابتثجحخدذرزسشصضطظعغفقكلمنه"
_LETTERS = str.maketrans(ascii_lowercase + ascii_uppercase, _ARABIC * 2)


def in_mirrored(text: str) -> str:
    """Return English *text* in Arabic letters, but for what is in braces."""
    parts = re.split(r"(\{\w+\})", text)
    return "".join(part if part.startswith("{") else part.translate(_LETTERS) for part in parts)


def mirrored() -> str:
    """Return the file of that language."""
    return re.sub(
        '(?m)= "(.*)"$', lambda found: f'= "{in_mirrored(found[1])}"', brought.template(MIRRORED)
    )
