"""
Show the stand-in where the site names YouTube or OpenStreetMap.

The stored HTML holds the genuine embed code, and the gate recognises it by the genuine host.
Only after that are the addresses turned to the second origin of this demo, as a demo must
not contact anybody. A real site has no such step.
"""

from __future__ import annotations

from flask import current_app
from markupsafe import Markup

ROOMS = {
    "https://www.youtube-nocookie.com": "youtube",
    "https://www.youtube.com": "youtube",
    "https://www.openstreetmap.org": "osm",
}


def standin(html: str) -> Markup:
    """Return *html*, which was safe before, with the addresses turned to the stand-in."""
    origin = current_app.config["STANDIN_ORIGIN"]
    for real, room in ROOMS.items():
        html = html.replace(f"{real}/", f"{origin}/{room}/")
    return Markup(html)
