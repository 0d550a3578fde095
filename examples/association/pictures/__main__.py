"""Draw every picture into the folders that are served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from . import country, orchard, people, signs, table

HERE = Path(__file__).parent.parent


def drawings() -> Iterator[tuple[Path, str]]:
    """Return each file with its content."""
    for draw in (country.valley, country.planting, orchard.winter, orchard.garden, table.show):
        yield HERE / f"static/pictures/{draw.__name__}.svg", draw()
    for name, look in people.LOOKS.items():
        yield HERE / f"static/pictures/{name}.svg", people.portrait(look)
    yield HERE / "static/pictures/sign.svg", signs.sign()
    yield HERE / "third_parties/pictures/town.svg", signs.town()


if __name__ == "__main__":
    for file, drawing in drawings():
        file.parent.mkdir(exist_ok=True)
        file.write_text(drawing, encoding="utf-8")
