"""One figure, what it may be at most or must be at least, and the table of them all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    what: str
    measured: str
    budget: str = ""
    met: bool | None = None  #: None: nothing was promised about it


def at_most(what: str, value: float, limit: float, unit: str = "", note: str = "") -> Figure:
    """Return the figure of a *value* that has an upper limit. Only the text is rounded."""
    return Figure(what, _text(value, unit, note), f"<= {_plain(limit, unit)}", value <= limit)


def at_least(what: str, value: float, limit: float, unit: str = "", note: str = "") -> Figure:
    """Return the figure of a *value* that has a lower limit. Only the text is rounded."""
    return Figure(what, _text(value, unit, note), f">= {_plain(limit, unit)}", value >= limit)


def shown(what: str, value: float, unit: str = "", note: str = "") -> Figure:
    """Return a figure that helps to read the others and has no limit of its own."""
    return Figure(what, _text(value, unit, note))


def table(figures: Iterable[Figure]) -> Iterator[str]:
    """Give the lines of a table of *figures*."""
    rows = [("what", "measured", "budget", "")]
    for figure in figures:
        verdict = {True: "met", False: "NOT MET", None: ""}[figure.met]
        rows.append((figure.what, figure.measured, figure.budget, verdict))
    widths = [max(len(row[n]) for row in rows) for n in range(3)]
    rows.insert(1, (*("-" * width for width in widths), "-------"))
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield "  ".join([*cells, row[3]]).rstrip()


def _text(value: float, unit: str, note: str) -> str:
    return _plain(value, unit) + (f" ({note})" if note else "")


def _plain(value: float, unit: str) -> str:
    if isinstance(value, int) or abs(value) >= 1000:
        number = f"{value:,.0f}"
    else:
        number = f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"
        number = number.rstrip("0").rstrip(".") if float(value).is_integer() else number
    if unit in ("x", ""):
        return number + unit
    return f"{number} {unit}"
