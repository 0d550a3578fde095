"""Views with types: a workbook for spreadsheets, Parquet for programs, records in JSON-LD."""

from __future__ import annotations

import builtins
import csv
import errno
import io
import json
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import openpyxl
import pyarrow as pa
import pytest
from openpyxl.utils.escape import unescape
from pyarrow import parquet

from consent.errors import LogError
from consent.log import event
from consent.log.export import columns, file, workbook
from consent.log.export.formats import FORMATS, Source, format_of
from consent.log.export.line import COLUMNS, HEADS
from tests.log.samples import DAY, MS, NOW, SITE, SOFTWARE, make, refuse

PREVIOUS = UUID("01a210d3-1abb-774f-98c4-dc0c0c07398f")
HOSTILE = '=HYPERLINK("https://evil.example")'

EVENTS = [
    make().body,
    refuse(now_ns=NOW + MS, language="en").body,
    make(now_ns=NOW + 2 * MS, kind="change", previous=PREVIOUS, granted=["a", "b"], undecided=["c"])
    .body,
    refuse(now_ns=NOW + DAY, kind="once", granted=["a"], refused=[], valid_until=None).body,
    event.export(
        now_ns=NOW + 2 * DAY, site=SITE, by=HOSTILE, format="xlsx", since=date(2026, 11, 25),
        until=None, rows=4, software=SOFTWARE, only={"kind": "grant"},
    ).body,
]  # fmt: skip


#: Spreadsheets know no time zones.
naive = datetime.fromisoformat


def written(events: list[bytes], format: str) -> io.BytesIO:
    target = io.BytesIO()
    writer = format_of(format).begin(target, Source(lambda _: None, "https://x.example/consent"))
    with file.abandoned_on_error(writer):
        for _ in file.pour(events, writer):
            pass
    target.seek(0)
    return target


def sheets(events: list[bytes]) -> list:
    return openpyxl.load_workbook(written(events, "xlsx")).worksheets


def test_a_workbook_says_what_the_events_say():
    """
    Texts are texts, times are times, and the head stays and filters.
    """
    (sheet,) = sheets(EVENTS)
    head, *rows = sheet.iter_rows(values_only=True)
    found = [dict(zip(COLUMNS, row, strict=True)) for row in rows]

    assert head == HEADS
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:R6")
    assert found[0]["recorded_at"] == naive("2026-11-25T03:50:00.123")
    assert found[0]["valid_until"] == naive("2027-05-24")
    assert found[0]["purposes"] == "media=granted statistics=granted"
    assert found[1] == {
        **dict.fromkeys(COLUMNS),
        "recorded_at": found[1]["recorded_at"],
        "valid_until": naive("2027-05-24"),
        "event": "decision",
        "kind": "refusal",
        "control": "reject",
        "layer": "banner",
        "language": "en",
        "refused": "matomo youtube",
        "notice": "ab" * 32,
        "site": SITE,
        "purposes": "media=refused statistics=refused",
        "software": SOFTWARE,
        "id": json.loads(EVENTS[1])["id"],
    }
    assert (found[2]["granted"], found[2]["previous"]) == ("a b", str(PREVIOUS))
    assert (found[2]["undecided"], found[2]["purposes"]) == ("c", found[0]["purposes"])
    assert found[3]["valid_until"] is None
    assert json.loads(found[4]["details"])["filter"] == {"kind": "grant"}


@pytest.mark.parametrize(
    "text",
    [HOSTILE, "+1", "@x", "1234", "https://evil.example", "{=1+1}", "\x01\x1f", "internal:x!A1"],
)
def test_a_cell_is_only_ever_a_text(text):
    """
    No text is calculated, linked or taken for a number, whatever it looks like (AU-04).
    """
    (sheet,) = sheets([make(language=text, site=text).body])

    for name in ("language", "site"):
        cell = sheet.cell(2, COLUMNS.index(name) + 1)
        assert (unescape(cell.value), cell.hyperlink) == (text, None)
        assert cell.data_type in ("s", "inlineStr")


def test_each_printed_page_has_the_head():
    """
    Whoever prints a workbook reads on every page what the columns are, and that times are UTC
    (AU-01).
    """
    [sheet] = sheets(EVENTS)

    assert sheet.print_title_rows == "$1:$1"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert "UTC" in sheet.oddFooter.left.text


def test_a_text_that_is_too_long_for_a_cell_is_seen_to_be_cut():
    """
    A cell holds what a spreadsheet takes, and ends in an ellipsis where that was less.
    """
    (sheet,) = sheets([make(language="x" * length).body for length in (32_767, 40_000)])

    assert [sheet.cell(row, 6).value for row in (2, 3)] == ["x" * 32_767, "x" * 32_766 + "…"]


def test_a_full_sheet_is_followed_by_another(monkeypatch):
    """
    What is more than a sheet can hold goes on in the next one, with head and filter of its own.
    """
    monkeypatch.setattr(workbook, "ROWS", 3)
    found = sheets(EVENTS)

    assert [(sheet.title, sheet.max_row) for sheet in found] == [
        ("events 1", 3), ("events 2", 3), ("events 3", 2),
    ]  # fmt: skip
    assert [sheet.cell(1, 1).value for sheet in found] == ["recorded_at (UTC)"] * 3
    assert [sheet.auto_filter.ref for sheet in found] == ["A1:R3", "A1:R3", "A1:R2"]


@pytest.mark.parametrize(("events", "sheets_"), [([], 1), (EVENTS[:2], 1), (EVENTS[:4], 2)])
def test_no_sheet_is_begun_for_nothing(monkeypatch, events, sheets_):
    """
    A sheet that is just full is the last one; an empty export is a head.
    """
    monkeypatch.setattr(workbook, "ROWS", 3)

    assert len(sheets(events)) == sheets_


def test_parquet_has_types():
    """
    Whoever counts with the columns need not read texts again.
    """
    table = parquet.read_table(written(EVENTS, "parquet"))
    text, word = pa.string(), pa.dictionary(pa.int32(), pa.string())
    rows = table.to_pylist(maps_as_pydicts="strict")

    assert tuple(table.schema.names) == COLUMNS
    assert {field.name: field.type for field in table.schema} == {
        **dict.fromkeys(COLUMNS, text),
        **dict.fromkeys(("event", "kind", "control", "layer", "language"), word),
        **dict.fromkeys(("notice", "site", "software"), word),
        **dict.fromkeys(("granted", "refused", "undecided"), pa.list_(text)),
        "recorded_at": pa.timestamp("ms", "UTC"),
        "valid_until": pa.date32(),
        "purposes": pa.map_(text, text),
    }
    assert rows[0]["recorded_at"] == datetime(2026, 11, 25, 3, 50, 0, 123_000, UTC)
    assert rows[0]["valid_until"] == date(2027, 5, 24)
    assert (rows[2]["granted"], rows[2]["undecided"]) == (["a", "b"], ["c"])
    assert rows[1]["purposes"] == {"media": "refused", "statistics": "refused"}
    assert (rows[1]["receipt"], rows[3]["valid_until"], rows[0]["details"]) == (None, None, None)
    assert (rows[4]["kind"], rows[4]["granted"]) == (None, [])
    assert json.loads(rows[4]["details"])["by"] == HOSTILE


def test_rows_come_in_groups(monkeypatch):
    """
    Groups bound what is in memory, and what a reader must read.
    """
    monkeypatch.setattr(columns, "GROUP", 2)
    monkeypatch.setattr(file, "STEP", 1)
    found = parquet.ParquetFile(written(EVENTS, "parquet"))

    assert [found.metadata.row_group(n).num_rows for n in range(found.num_row_groups)] == [2, 2, 1]
    assert found.read().column("event").to_pylist() == ["decision"] * 4 + ["export"]


def test_an_empty_period_is_a_table_without_rows():
    """
    The columns are there even where nothing is in them.
    """
    assert parquet.read_table(written([], "parquet")).num_rows == 0


@pytest.mark.parametrize(("format", "package"), [("xlsx", "xlsxwriter"), ("parquet", "pyarrow")])
def test_what_is_missing_is_told_with_the_command_for_it(monkeypatch, format, package):
    """
    A format whose package is not installed says how to get it.
    """
    real = builtins.__import__

    def without(name, *more):
        if name.split(".")[0] == package:
            raise ImportError(name)
        return real(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(LogError, match=rf"pip install 'consentry\[{format}\]'"):
        written([], format)


class Full(io.BytesIO):
    """A file on a disk that is full for a moment."""

    is_full = True

    def write(self, data: bytes) -> int:
        if self.is_full and self.tell() + len(data) > 1000:
            self.is_full = False
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(data)


def test_a_disk_that_is_full_is_told_of_a_workbook_too():
    """
    What the library makes of a full disk comes out as what it is, as with the other formats.
    """
    writer = workbook.Workbook(Full())
    writer.add(EVENTS)

    with pytest.raises(OSError, match="No space left"), file.abandoned_on_error(writer):
        writer.close()


def test_a_workbook_that_is_too_large_is_told_with_what_helps(monkeypatch):
    """
    A sheet can have no more bytes than spreadsheets can unpack; then another format will do.
    """
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1000)

    with pytest.raises(LogError, match="cannot be so large\n    hint: take fewer days"):
        written(EVENTS, "xlsx")


ALTERED = {
    "nothing": b"",
    "no text": b"\xff\xfe",
    "no object": b"[]",
    "no event": b"{}",
    "nested": b'{"x":' + b"[" * 100_000,
    "an unknown kind": EVENTS[0].replace(b'"kind":"grant"', b'"kind":"x"'),
    "a large number": b'{"x":' + b"9" * 5_000 + b"," + EVENTS[4][1:],
    "no time": EVENTS[0].replace(b'"recorded_at":"2026-11', b'"recorded_at":"2026-13'),
    "no day": EVENTS[0].replace(b'"valid_until":"2027-05', b'"valid_until":"2027-13'),
}


def marked(body: bytes, format: str) -> list[str]:
    """Return what an export tells of unreadable events, if one is between two others."""
    text = written([EVENTS[1], body, EVENTS[2]], format)
    if format == "jsonld":
        nodes = json.load(text)["@graph"]
        records = [node for node in nodes if node["@type"] == "dpv:ConsentRecord"]
        assert ["dct:identifier" in node for node in records] == [True, False, True]
        return [records[1]["dct:description"].removeprefix("unreadable: ")]
    if format == "xlsx":
        rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(text).active][1:]
    elif format == "parquet":
        rows = [list(row.values()) for row in parquet.read_table(text).to_pylist()]
    else:
        lines = io.StringIO(text.read().decode("utf-8-sig"), newline="")
        rows = list(csv.reader(lines, delimiter=";" if format == "csv-excel" else ","))[1:]
    assert len(rows) == 3
    place = COLUMNS.index("event")
    assert rows[0][place] == rows[2][place] == "decision"
    return [row[-1] for row in rows if row[place] == "unreadable" and not row[0]]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", ALTERED)
def test_a_line_that_was_altered_is_marked_and_keeps_no_other_away(format, name):
    """
    Whatever somebody makes of a line in the database, an export is complete (AU-01): what is no
    event any more stands in its place as it was found, marked as unreadable.
    """
    body = ALTERED[name]
    if format == "jsonl":
        assert written([EVENTS[1], body, EVENTS[2]], format).read().split(b"\n")[1] == body
    elif name == "an unknown kind" and format != "jsonld":
        assert marked(body, format) == []  # a text as any other
    elif name in ("no time", "no day") and format.startswith("csv"):
        assert marked(body, format) == []  # so are days there
    elif name in ("no time", "no day") and format == "jsonld":
        assert b':"202%d-13' % (6 + (name == "no day")) in written([body], format).read()
    else:
        [told] = marked(body, format)
        assert (told or "")[:9000] == body.decode("utf-8", "replace")[:9000]


@pytest.mark.parametrize("format", ["csv", "xlsx", "parquet"])
@pytest.mark.parametrize("text", [b'"\\u0000"', b'"\\ud800"'], ids=["NUL", "half a character"])
def test_what_no_text_can_be_is_marked_in_what_is_no_decision_too(format, text):
    """
    So is a line with a text that none of ours can have, among what has no column of its own.
    """
    body = EVENTS[4].replace(b'"rows":4', b'"rows":' + text)

    assert marked(body, format) == [body.decode()]


@pytest.mark.parametrize("format", FORMATS)
def test_an_export_that_is_given_up_leaves_nothing(format, monkeypatch, tmp_path: Path):
    """
    Files that were needed on the way are gone, whenever it ends, however often that is said.
    """
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    target = io.BytesIO()
    writer = format_of(format).begin(target, Source(lambda _: None, "https://x.example/consent"))
    writer.add(EVENTS[:1])
    writer.drop()
    writer.drop()

    assert list(tmp_path.iterdir()) == []
