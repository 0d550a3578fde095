"""Contact sheets: all pictures of one placement on one page, a row for each language and look."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, PackageLoader

from .camera import Picture
from .view import LAYERS, PLACEMENTS, THEMES, language_name

_templates = Environment(loader=PackageLoader(__package__), autoescape=True)


def write(folder: Path, pictures: Sequence[Picture]) -> list[Path]:
    """Write a sheet for each placement into the *folder* of the pictures; return the files."""
    sheets = []
    for placement, title in PLACEMENTS.items():
        shown = [picture for picture in pictures if picture.view.placement == placement]
        if shown:
            rows = [(row, list(group)) for row, group in groupby(sorted(shown, key=_row), key=_row)]
            text = _templates.get_template("sheet.html").render(title=title, rows=rows)
            sheets.append(folder / f"{placement}.html")
            sheets[-1].write_text(text, encoding="utf-8")
    return sheets


def _row(picture: Picture) -> str:
    view = picture.view
    look = f"{THEMES[view.theme]} ({picture.device})"
    return f"{language_name(view.language)}, {LAYERS[view.layer]}, {look}"
