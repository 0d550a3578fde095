"""
CSV: RFC 4180 in UTF-8, one row for each event.

Lists are joined by a space, purposes are ``statistics=granted media=refused``. What an event has
beyond these columns stands in ``details`` as JSON. A cell that a spreadsheet would take for a
formula gets an apostrophe in front. For Excel in German there are semicolons, a byte order mark,
and times without letters, which are still UTC, as the head says.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import BinaryIO

from consent.log.export.line import COLUMNS, HEADS, UNREADABLE, row
from consent.log.export.writer import Writer

#: How a cell begins that is calculated (OWASP, CSV injection). Some spreadsheets take the wide
#: forms as well.
_FORMULA = frozenset("=+-@\t\r\n\0＝＋－＠")

#: Such a cell among cells that have a NUL in front and no other.
_ANY_FORMULA = re.compile(f"\0[{re.escape(''.join(_FORMULA - {chr(0)}))}]")

_BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"


class Table(Writer):
    """Events as rows of CSV in *target*; *excel*: as Excel in German expects them."""

    def __init__(self, target: BinaryIO, excel: bool = False) -> None:
        self._target = target
        self._excel = excel
        self._delimiter = ";" if excel else ","
        head = _BYTE_ORDER_MARK + self._text(HEADS) if excel else self._text(COLUMNS)
        target.write(head.encode())

    def add(self, events: list[bytes]) -> None:
        self._target.write("".join([self._text(self._row(body)) for body in events]).encode())

    def _text(self, cells: Sequence[str]) -> str:
        # Nearly every row can be joined as it is, in a third of the time of csv.writer.
        joined = "\0".join(cells)
        if (
            joined.count("\0") >= len(cells)
            or any(mark in joined for mark in (self._delimiter, '"', "\r", "\n"))
            or _ANY_FORMULA.search("\0" + joined)
        ):
            return self._quoted(cells)
        return joined.replace("\0", self._delimiter) + "\r\n"

    def _quoted(self, cells: Sequence[str]) -> str:
        text = io.StringIO(newline="")
        safe = ["'" + cell if cell[:1] in _FORMULA else cell for cell in cells]
        csv.writer(text, delimiter=self._delimiter).writerow(safe)
        return text.getvalue()

    def _row(self, body: bytes) -> tuple[str, ...]:
        line, details = row(body)
        self.unreadable += line.event == UNREADABLE
        at = line.recorded_at
        return (
            f"{at[:10]} {at[11:19]}".strip() if self._excel else at,
            line.event,
            line.kind,
            line.control,
            line.layer,
            line.language,
            " ".join(line.granted),
            " ".join(line.refused),
            " ".join(line.undecided),
            " ".join([f"{purpose}={state}" for purpose, state in line.purposes.items()]),
            line.valid_until or "",
            line.receipt or "",
            line.previous or "",
            line.notice,
            line.site,
            line.id,
            line.software,
            details,
        )
