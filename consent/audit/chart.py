"""
Charts: where the bars of a picture are, as a template draws them.

Across, all is in percent of the picture's width, and up and down in pixels: so a picture fits a
phone and a sheet of paper alike, and what is written in it keeps its size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

#: Pixels: the room for columns, what is above it for the writing of a line, and below for labels.
HEIGHT, TOP, BOTTOM = 200, 18, 24

#: Pixels of a row with its label, and of the bar in it.
ROW, THICK = 46, 18

#: Of the room for a column, what the column takes.
FILLED = 0.78

#: Columns that have a label at most; more would not fit a phone.
LABELS = 3

#: Rows of a picture at most; the table has the others.
ROWS = 12


@dataclass(frozen=True, slots=True)
class Rect:
    """A piece of a bar."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line across for a number."""

    y: float
    value: int


@dataclass(frozen=True, slots=True)
class Label:
    """Where the label of a column stands, and which column it is."""

    x: float
    anchor: str  #: as SVG names it: start, middle, end
    column: int


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns side by side, of pieces that are stacked."""

    rects: tuple[Rect, ...]
    lines: tuple[Line, ...]
    labels: tuple[Label, ...]
    most: int  #: the count of the highest
    height: int = TOP + HEIGHT + BOTTOM


@dataclass(frozen=True, slots=True)
class Row:
    """A bar that lies, under its label."""

    value: str
    y: int  #: of the foot of its label
    total: int
    rects: tuple[Rect, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """Bars that lie one below the other."""

    rows: tuple[Row, ...]
    left_out: int  #: rows that the picture has no room for

    @property
    def height(self) -> int:
        """Pixels."""
        return ROW * len(self.rows)


def columns(bars: Sequence[Mapping[str, int]], kinds: Sequence[str]) -> Columns:
    """Return the columns for *bars*, which count by kind; *kinds* are stacked from below."""
    most = max((sum(bar.get(kind, 0) for kind in kinds) for bar in bars), default=0)
    highest = _round(most)
    room = 100 / max(1, len(bars))
    rects = []
    for place, bar in enumerate(bars):
        foot = 0
        for kind in kinds:
            count = bar.get(kind, 0)
            if count:
                foot += count
                rects.append(
                    Rect(
                        kind,
                        room * (place + (1 - FILLED) / 2),
                        TOP + HEIGHT * (1 - foot / highest),
                        room * FILLED,
                        HEIGHT * count / highest,
                    )
                )
    halves = (0, highest // 2, highest) if highest % 2 == 0 else (0, highest)
    lines = tuple(Line(TOP + HEIGHT * (1 - value / highest), value) for value in halves)
    return Columns(tuple(rects), lines, tuple(_labels(len(bars), room)), most)


def rows(values: Mapping[str, Mapping[str, int]], kinds: Sequence[str]) -> Rows:
    """Return a bar for each of *values*, as long as its share of the longest one."""
    totals = {value: sum(counts.get(kind, 0) for kind in kinds) for value, counts in values.items()}
    longest = max(totals.values(), default=0)
    made = []
    for place, (value, counts) in enumerate(list(values.items())[:ROWS]):
        start, rects = 0.0, []
        for kind in kinds:
            if counts.get(kind, 0):
                width = 100 * counts[kind] / longest
                rects.append(Rect(kind, start, place * ROW + ROW - THICK - 8, width, THICK))
                start += width
        made.append(Row(value, place * ROW + ROW - THICK - 14, totals[value], tuple(rects)))
    return Rows(tuple(made), max(0, len(values) - ROWS))


def _round(value: int) -> int:
    """Return the smallest number that is not below *value* and short, such as 8, 16, 120, 3000."""
    if value <= 10:
        return next(n for n in (1, 2, 4, 6, 8, 10) if n >= value)
    power = int("1" + "0" * (len(str(value)) - 2))
    return next(
        n * power for n in (10, 12, 16, 20, 24, 30, 40, 50, 60, 80, 100) if n * power >= value
    )


def _labels(count: int, room: float) -> list[Label]:
    if count == 0:
        return []
    shown = min(count, LABELS)
    if shown == 1:
        return [Label(room / 2, "middle", 0)]
    places = [round(n * (count - 1) / (shown - 1)) for n in range(shown)]
    labels = [Label(room * (place + 0.5), "middle", place) for place in places]
    labels[0] = Label(room * (1 - FILLED) / 2, "start", 0)
    labels[-1] = Label(100 - room * (1 - FILLED) / 2, "end", count - 1)
    return labels
