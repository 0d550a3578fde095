"""An export holds what was recorded, in a form that others can read and that harms nobody."""

from __future__ import annotations

import csv
import io
import json
import os
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from consent.errors import LogError, LogUnavailable
from consent.log import event
from consent.log.export import file
from consent.log.export.file import Request
from consent.log.export.formats import FORMATS, Source, format_of
from consent.log.export.line import COLUMNS
from consent.log.export.selection import Selection
from consent.log.export.table import Table
from consent.log.store import Store
from tests.log.samples import DAY, MS, NOW, RECEIPT, SITE, SOFTWARE, make, refuse

GOLDEN = Path(__file__).parent / "golden"
PREVIOUS = UUID("01a210d3-1abb-774f-98c4-dc0c0c07398f")


@pytest.fixture
def story(no_chance) -> list[bytes]:
    """One event of each kind."""
    events = (
        make(),
        refuse(now_ns=NOW + MS, language="en"),
        make(
            now_ns=NOW + 2 * MS,
            kind="change",
            layer="settings",
            control="save",
            granted=["matomo"],
            refused=["youtube"],
            undecided=["vimeo"],
            purposes={"statistics": "granted", "media": "partial"},
            previous=PREVIOUS,
        ),
        make(
            now_ns=NOW + DAY,
            kind="withdrawal",
            layer="settings",
            control="withdraw",
            granted=[],
            refused=["matomo", "youtube"],
            purposes={"statistics": "refused", "media": "refused"},
            previous=PREVIOUS,
        ),
        refuse(
            now_ns=NOW + 2 * DAY,
            kind="once",
            layer="placeholder",
            control="once",
            granted=["youtube"],
            refused=[],
            undecided=["matomo"],
            purposes={"statistics": "undecided", "media": "granted"},
            valid_until=None,
        ),
        event.export(
            now_ns=NOW + 3 * DAY,
            site=SITE,
            by='=HYPERLINK("https://evil.example";"Müller\u2028")',
            format="csv",
            since=date(2026, 11, 25),
            until=None,
            rows=5,
            software=SOFTWARE,
        ),
    )
    return [event.body for event in events]


def written(events, format="csv") -> bytes:
    target = io.BytesIO()
    writer = format_of(format).begin(target, Source(lambda hash: None, "https://x.example/consent"))
    for _ in file.pour(events, writer):
        pass
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("events.jsonl", "jsonl"),
        ("events.csv", "csv"),
        ("events-excel.csv", "csv-excel"),
    ],
)
def test_the_files_are_exactly_these(story, name, format):
    """
    Whoever built something on an export finds the same columns in the same order (AU-01, AU-07), in
    UTF-8, with times as ISO 8601 writes them unless it is for spreadsheets (AU-04).
    """
    assert written(story, format) == (GOLDEN / name).read_bytes()


def test_json_lines_are_the_stored_bytes(story):
    """
    Each line is an event as it was recorded, and a line feed ends it (AU-01).
    """
    assert written(story, "jsonl") == b"".join(body + b"\n" for body in story)


def test_an_empty_log_is_an_empty_file():
    """
    A period without events is a file without lines, or with its heading only.
    """
    assert written([], "jsonl") == b""
    assert written([], "csv").decode() == ",".join(COLUMNS) + "\r\n"


def test_csv_says_the_same_as_the_events(story):
    """
    A program that reads the view finds in it what the evidence says.
    """
    text = written(story, "csv").decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))

    for row, body in zip(rows, story, strict=True):
        line = json.loads(body)
        for name in ("recorded_at", "event", "site", "id", "software"):
            assert row[name] == line[name]
        for name in ("kind", "control", "layer", "language", "notice", "receipt", "previous"):
            assert row[name] == (line.get(name) or "")
        for name in ("granted", "refused", "undecided"):
            assert row[name].split() == line.get(name, [])
        assert dict(item.split("=") for item in row["purposes"].split()) == line.get("purposes", {})


def test_what_has_no_column_is_in_the_details(story):
    """
    An event of another kind is complete in the view, too.
    """
    text = written(story, "csv").decode()
    row = list(csv.DictReader(io.StringIO(text, newline="")))[-1]

    assert json.loads(row["details"]) == {
        "as": "csv",
        "by": '=HYPERLINK("https://evil.example";"Müller\u2028")',
        "rows": 5,
        "since": "2026-11-25",
        "until": None,
    }


def test_a_look_up_is_in_the_view():
    """
    What an auditor looked at is complete in the view (AU-03).
    """
    looked = event.access(
        now_ns=NOW, site=SITE, by="Anna", what="look-up", about="=1+1", software=SOFTWARE
    )
    text = written([looked.body], "csv").decode()
    row = next(csv.DictReader(io.StringIO(text, newline="")))

    assert row["event"] == "access"
    assert json.loads(row["details"]) == {"about": "=1+1", "by": "Anna", "what": "look-up"}


@pytest.mark.parametrize(
    "start",
    ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"],
    ids=[
        *("equals", "plus", "minus", "at", "tab", "return", "feed"),
        *("wide equals", "wide plus", "wide minus", "wide at"),
    ],
)
@pytest.mark.parametrize("excel", [False, True], ids=["csv", "excel"])
def test_no_cell_is_a_formula(start, excel):
    """
    Opening the view in a spreadsheet calculates nothing, whatever a field holds (AU-04).
    """
    hostile = start + "cmd|' /C calc'!A0"
    body = make(language=hostile, granted=[hostile], purposes={"=x": "granted"}, site=hostile).body
    text = written([body], "csv-excel" if excel else "csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if excel else ","))

    for column in ("language", "granted", "site"):
        assert rows[0][column] == "'" + hostile
    assert rows[0]["purposes"] == "'=x=granted"
    assert not any(cell[:1] in set("=+-@\t\r\n") for row in rows for cell in row.values() if cell)


@example(["a\n=1"], False)
@example(["a\r=1"], False)
@example(["a\0=1"], False)
@example(["a\0a"], False)
@example(["a;=1"], True)
@given(st.lists(st.text(alphabet='a1,;"\r\n\t=+-@＝\0ä '), min_size=1, max_size=4), st.booleans())
def test_the_quick_way_writes_what_the_careful_way_writes(cells, excel):
    """
    Rows that need no care are written faster, and exactly as with care.
    """
    table = Table(io.BytesIO(), excel)

    assert table._text(cells) == table._quoted(cells) or cells == [""]


def test_the_excel_preset_opens_with_a_double_click(story):
    """
    Excel in German finds columns, umlauts and times without an import dialogue, and says over
    times that cannot say it themselves that they are UTC (AU-04).
    """
    text = written(story, "csv-excel")

    assert text.startswith(b"\xef\xbb\xbfrecorded_at (UTC);event;")
    assert b"\r\n2026-11-25 03:50:00;decision;" in text


def test_a_format_that_there_is_not_is_refused():
    """
    A misspelt format is named, with those that there are.
    """
    with pytest.raises(LogError, match=r"'pdf', wanted one of jsonl, csv"):
        format_of("pdf")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"format":"consent-event/2"}',
        make().body.replace(b"consent-event/1", b"consent-event/2"),
        make().body.replace(b'"granted":[', b'"granted":[7,'),
        make().body.replace(b"banner", b"\xff"),
    ],
    ids=[
        *("empty", "cut off", "no object", "no text"),
        *("no fields", "other format", "other type", "a byte of no text"),
    ],
)
def test_a_view_of_something_else_is_marked(body):
    """
    A row that is not an event of this format is shown as it lies there, and not guessed at.
    """
    text = io.StringIO(written([body]).decode(), newline="")
    [row] = csv.DictReader(text)
    told = {name: value for name, value in row.items() if value}

    details = body.decode("utf-8", "replace")
    assert told == {"event": "unreadable"} | ({"details": details} if details else {})


@pytest.mark.parametrize("format", [name for name, about in FORMATS.items() if about.grows])
def test_a_stream_is_the_file(story, format):
    """
    Whoever takes an export over the network gets the very bytes of the file.
    """
    events = story[:5]
    pipe = file.Pipe()
    source = Source(lambda hash: None, "https://x.example/consent")
    writer = format_of(format).begin(pipe.file, source)

    assert b"".join(file.stream(events, writer, pipe)) == written(events, format)


def test_a_stream_never_grows(monkeypatch):
    """
    What is sent is gathered in pieces, and no more than one of them is in memory.
    """
    monkeypatch.setattr(file, "STEP", 2)
    monkeypatch.setattr(file, "PIECE", 10)
    pipe = file.Pipe()
    writer = format_of("jsonl").begin(pipe.file, Source(lambda hash: None, ""))
    pieces = list(file.stream([b"12345"] * 5, writer, pipe))

    assert [len(piece) for piece in pieces] == [12, 12, 6]
    assert (pipe.waiting, pipe.tell()) == (0, 30)


class TestToFile:
    """On SQLite; the class below runs all of it on PostgreSQL."""

    @pytest.fixture
    def told(self, store: Store) -> Store:
        for day in range(5):
            store.append(make(now_ns=NOW + day * DAY))
        return store

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "events.jsonl"

    def export(self, store, path, **different):
        progress = different.pop("progress", None)
        about = {"format": "jsonl", "by": "Müller", "software": SOFTWARE, "now_ns": NOW + 9 * DAY}
        names = ("format", "by", "software", "now_ns")
        about |= {name: different.pop(name) for name in names if name in different}
        asked = Request(**about, address="https://x.example", selection=Selection(**different))
        return file.to_file(store, path, asked, progress)

    def test_all_that_was_there_before_is_in_the_file(self, told, path):
        """
        An export is complete up to the moment at which it was asked for (AU-01).
        """
        before = list(told.events())
        rows = self.export(told, path)

        assert rows == 5
        assert path.read_bytes().split(b"\n") == [*before, b""]

    @pytest.mark.parametrize(
        ("since", "until", "days"),
        [
            (date(2026, 11, 26), date(2026, 11, 27), [1, 2]),
            (date(2026, 11, 25), date(2026, 11, 25), [0]),
            (date(2026, 11, 28), None, [3, 4]),
            (None, date(2026, 11, 24), []),
            (date(1900, 1, 1), date.max, [0, 1, 2, 3, 4]),
            (None, date(1900, 1, 1), []),
        ],
        ids=["two days", "one day", "open end", "before", "ever", "before computers"],
    )
    def test_a_period_is_whole_days_with_both_ends(self, told, path, since, until, days):
        """
        From and until are whole days in UTC, and both belong to the period (AU-01).
        """
        self.export(told, path, since=since, until=until)
        found = [json.loads(line)["recorded_at"][:10] for line in path.read_bytes().splitlines()]

        assert found == [f"2026-11-{25 + day}" for day in days]

    @pytest.mark.parametrize(
        ("at", "counts"),
        [
            (1_795_564_800_000 * MS - 1, 0),
            (1_795_564_800_000 * MS, 1),
            (1_795_651_200_000 * MS - 1, 1),
            (1_795_651_200_000 * MS, 0),
        ],
        ids=["before midnight", "midnight", "end of the day", "next midnight"],
    )
    def test_a_day_ends_where_the_next_begins(self, store, path, at, counts):
        """
        An event at midnight belongs to one day, and to one only.
        """
        store.append(make(now_ns=at))
        day = date(2026, 11, 25)

        assert self.export(store, path, since=day, until=day) == counts

    def test_taking_events_along_is_recorded(self, told, path):
        """
        Each export is in the log itself: who, when, which range, how many (AU-03).
        """
        self.export(told, path, since=date(2026, 11, 26), until=date(2026, 11, 27))
        *_, last = told.events()
        line = json.loads(last)
        del line["id"]

        assert line == {
            "as": "jsonl",
            "by": "Müller",
            "event": "export",
            "format": "consent-event/1",
            "recorded_at": "2026-12-04T03:50:00.123Z",
            "rows": 2,
            "since": "2026-11-26",
            "site": SITE,
            "software": SOFTWARE,
            "until": "2026-11-27",
        }

    def test_the_kind_of_view_is_recorded(self, told, path):
        """
        The record tells evidence from a view.
        """
        self.export(told, path, format="csv-excel")
        *_, last = told.events()

        assert json.loads(last)["as"] == "csv-excel"
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")

    def test_what_comes_meanwhile_is_not_in_the_file(self, told, path):
        """
        Decisions that are made during an export change neither its rows nor their number.
        """
        rows = self.export(
            told, path, progress=lambda rows, total: told.append(make(now_ns=NOW - rows * MS))
        )

        assert rows == 5
        assert len(path.read_bytes().splitlines()) == 5
        assert told.count() == 7

    def test_what_was_asked_for_is_recorded(self, told, path):
        """
        An export of some kind of event says so, and one of all says nothing (AU-03).
        """
        self.export(told, path, kind="grant", service="matomo", notice="ab" * 32)
        *_, last = told.events()

        assert json.loads(last)["filter"] == {
            "kind": "grant",
            "notice": "ab" * 32,
            "service": "matomo",
        }

    def test_progress_is_told(self, told, path, monkeypatch):
        """
        Whoever waits for a long export sees how far it is.
        """
        monkeypatch.setattr(file, "STEP", 2)
        seen = []
        self.export(told, path, progress=lambda *numbers: seen.append(numbers))

        assert seen == [(2, 5), (4, 5), (5, 5)]

    def test_nothing_is_taken_along_unrecorded(self, told, path, monkeypatch):
        """
        If the export cannot be recorded, it does not happen (AU-03).
        """

        def fail(event):
            raise LogUnavailable

        monkeypatch.setattr(told, "append", fail)

        with pytest.raises(LogUnavailable):
            self.export(told, path)
        assert list(path.parent.glob("events*")) == []

    def test_a_file_appears_complete_or_not_at_all(self, told, path):
        """
        An export that is interrupted leaves no file behind, and the older one as it was.
        """
        path.write_bytes(b"older\n")

        def interrupt(rows, total):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            self.export(told, path, progress=interrupt)
        assert list(path.parent.glob("events*")) == [path]
        assert path.read_bytes() == b"older\n"

    def test_a_disk_that_gets_full_is_told(self, told, path):
        """
        If the file cannot be written to its end, that is said, and no half of it stays.
        """

        def fill(rows, total):
            raise OSError(28, "No space left on device")

        with pytest.raises(LogError, match=r"events\.jsonl: cannot be written: No space"):
            self.export(told, path, progress=fill)
        assert list(path.parent.glob("events*")) == []

    def test_a_folder_that_is_missing_is_told(self, told, path):
        """
        If the file cannot be made, that is said before anything is recorded.
        """
        with pytest.raises(LogError, match="cannot be written: No such file"):
            self.export(told, path / "events.jsonl")
        assert told.count() == 5

    def test_what_is_no_file_is_not_replaced(self, told, path):
        """
        An administrator who exports to a device, such as his terminal, does not lose the device.
        """
        os.mkfifo(path)

        with pytest.raises(LogError, match="no plain file"):
            self.export(told, path)
        assert (path.is_fifo(), told.count()) == (True, 5)

    def test_a_link_is_followed(self, told, path):
        """
        A link that always leads to the newest export stays one.
        """
        link = path.with_name("newest")
        link.symlink_to(path)
        self.export(told, link)

        assert (link.is_symlink(), path.is_file()) == (True, True)

    def test_two_exports_do_not_write_into_one_file(self, told, path):
        """
        An export to a file that another one is writing is refused, with what to do.
        """
        part = path.with_name("events.jsonl.part")
        part.write_bytes(b"of another\n")

        with pytest.raises(LogError, match="hint"):
            self.export(told, path)
        assert part.read_bytes() == b"of another\n"
        assert told.count() == 5

    def test_the_file_is_for_its_owner(self, told, path):
        """
        Other users of the machine cannot read the receipts.
        """
        self.export(told, path)

        assert path.stat().st_mode & 0o777 == 0o600
        assert RECEIPT.encode() in path.read_bytes()


class TestToFileOnPostgreSQL(TestToFile):
    """The same promises on PostgreSQL."""

    @pytest.fixture
    def url(self, postgresql: str) -> str:
        return postgresql
