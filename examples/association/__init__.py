"""
The site of an invented county association, to try the package on.

``python -m examples.association`` serves it together with a second origin that plays the
third parties and counts what reaches it. Association, places and people do not exist.
"""

from __future__ import annotations

from .site import create_app

__all__ = ["create_app"]
