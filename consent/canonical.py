"""
One spelling for every value: JSON as RFC 8785 writes it.

Keys are sorted, nothing is padded, text is raw UTF-8 with the shortest escapes. Only text, whole
numbers, true, false, null, lists and tables occur in our formats, so the rules of RFC 8785 for
fractions are never needed; keys are ASCII, so sorting by code point is sorting by UTF-16 unit.
"""

from __future__ import annotations

from typing import Any

import msgspec

_encoder = msgspec.json.Encoder(order="sorted")


def canonical(value: Any) -> bytes:
    """
    Return *value* as canonical JSON.

    Raises UnicodeEncodeError for text that is no Unicode (half of a surrogate pair).
    """
    return _encoder.encode(value)
