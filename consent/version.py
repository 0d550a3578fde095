"""The version of this package, the one place where it is written."""

from __future__ import annotations

VERSION = "0.1.0"

#: What made an event, as it says itself.
SOFTWARE = f"consentry/{VERSION}"
