"""The few pictures that the documentation shows, and all that there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .camera import Picture
from .view import THEMES, View, views

#: The pictures of docs/gallery.md by their names there.
SHOWN = {
    "bar": Picture(View("de"), height=720),
    "phone": Picture(View("de", width="320")),
    "dark": Picture(View("de"), "dark", height=720),
    "corner": Picture(View("de", "corner"), height=720),
    "modal": Picture(View("de", "modal"), height=720),
    "settings": Picture(View("de", layer="dialog", width="768"), height=880),
    "placeholder": Picture(View("de", layer="placeholder", width="768"), height=720),
    "simple": Picture(View("de-simple", width="390")),
}

#: Theme and device of the pictures that nobody asked to be fewer.
LOOKS = (
    *((theme, "light") for theme in THEMES),
    ("green", "dark"),
    ("plain", "forced"),
    ("plain", "text"),
)


def everything(selection: Mapping[str, str]) -> Iterator[Picture]:
    """Return all pictures of a *selection*, where an empty value stands for all."""
    for theme, device in LOOKS:
        if selection["theme"] in ("", theme):
            for view in views({**selection, "theme": theme}):
                yield Picture(view, device)
