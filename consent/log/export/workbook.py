"""
A workbook for spreadsheets (XLSX): the columns of CSV, with real dates and times, in UTC.

The head stays on screen, filters, and is on each page that is printed; a sheet that is full is
followed by the next one. Every text is written as a text, so that nothing is a formula, a link or a
number. Rows go to a file as they come, so memory does not grow with them; the workbook is put
together at the end.
"""

from __future__ import annotations

from io import BytesIO
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from consent.errors import LogError
from consent.log.export.line import HEADS, UNREADABLE, typed
from consent.log.export.writer import ExtraMissingError, Writer

#: Rows that spreadsheets take in one sheet, the head among them.
ROWS = 1_048_576

#: Characters that they take in one cell.
CELL = 32_767

#: What is printed on, as the format numbers it.
A4 = 9

#: How wide the columns are, in characters.
WIDTHS = (22, 10, 11, 10, 11, 9, 24, 24, 24, 32, 12, 30, 38, 24, 32, 38, 18, 40)


class _Outlet:
    """The *file* that the library writes to, for as long as anybody wants it."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


class Workbook(Writer):
    """Events as rows of sheets, written to *target* when it is closed."""

    def __init__(self, target: BinaryIO) -> None:
        try:
            import xlsxwriter
        except ImportError:
            raise ExtraMissingError("xlsx") from None
        self._folder = TemporaryDirectory()
        self._outlet = _Outlet(target)
        self._book = xlsxwriter.Workbook(
            self._outlet, {"constant_memory": True, "tmpdir": self._folder.name}
        )
        self._head = self._book.add_format({"bold": True, "bottom": 1})
        self._time = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._sheets = 0
        self._sheet, self._row = self._begin(), 1

    def add(self, events: list[bytes]) -> None:
        for body in events:
            if self._row == ROWS:
                self._finish()
                self._sheet, self._row = self._begin(), 1
            self._write(body)
            self._row += 1

    def close(self) -> None:
        from xlsxwriter.exceptions import FileCreateError, FileSizeError

        self._finish()
        try:
            self._book.close()
        except FileCreateError as error:
            # What it was about, as a full disk, is told as with every format.
            raise error.args[0] from None
        except FileSizeError:
            raise LogError(
                "a workbook cannot be so large\n"
                "    hint: take fewer days along, or take another format"
            ) from None
        self._folder.cleanup()

    def drop(self) -> None:
        # Nothing else keeps the library from writing when it is forgotten: rows, or a zip's end.
        self._book.fileclosed = True
        self._outlet.file = BytesIO()
        for sheet in self._book.worksheets():
            sheet.row_data_fh.close()
        self._folder.cleanup()

    def _begin(self) -> Any:
        self._sheets += 1
        sheet = self._book.add_worksheet(f"events {self._sheets}")
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.set_footer("&L&A, times in UTC&R&P / &N")
        for number, (name, width) in enumerate(zip(HEADS, WIDTHS, strict=True)):
            sheet.set_column(number, number, width)
            sheet.write_string(0, number, name, self._head)
        return sheet

    def _finish(self) -> None:
        self._sheet.autofilter(0, 0, max(self._row - 1, 0), len(HEADS) - 1)

    def _write(self, body: bytes) -> None:
        line, details, at, day = typed(body)
        self.unreadable += line.event == UNREADABLE
        sheet, row = self._sheet, self._row
        if at:
            sheet.write_datetime(row, 0, at.replace(tzinfo=None), self._time)
        if day:
            sheet.write_datetime(row, 10, day, self._day)
        texts = (
            (1, line.event),
            (2, line.kind),
            (3, line.control),
            (4, line.layer),
            (5, line.language),
            (6, " ".join(line.granted)),
            (7, " ".join(line.refused)),
            (8, " ".join(line.undecided)),
            (9, " ".join([f"{name}={state}" for name, state in line.purposes.items()])),
            (11, line.receipt),
            (12, line.previous),
            (13, line.notice),
            (14, line.site),
            (15, line.id),
            (16, line.software),
            (17, details),
        )
        for column, text in texts:
            if text:
                sheet.write_string(row, column, _fitting(text))


def _fitting(text: str) -> str:
    return text if len(text) <= CELL else text[: CELL - 1] + "…"
