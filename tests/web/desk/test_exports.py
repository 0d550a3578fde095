"""The page of exports: what an auditor takes along, and what is recorded of it."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import UTC, datetime
from html import unescape
from urllib.parse import parse_qsl

import openpyxl
import pytest
from pyarrow import parquet
from sqlalchemy import event as hook
from sqlalchemy import select, update

from consent.audit.counter import Counter
from consent.errors import LogUnavailable
from consent.log import verify
from consent.log.database import tables
from consent.log.erase import Eraser
from consent.log.export import file
from consent.web.desk import exports, prepared
from tests.conftest import Visitor, events
from tests.web.desk.reader import Reader

ONLY = {"kind": "grant", "language": "de", "service": "matomo", "answer": "granted"}


@pytest.fixture
def reader(make_app) -> Reader:
    return Reader(make_app(CONSENT_AUDITOR=lambda: "Dr. Prüfer"), decisions=6)


def lines(data: bytes) -> list[dict]:
    return [json.loads(line) for line in data.splitlines()]


def rows_of(format: str, data: bytes) -> int:
    if format == "bundle":
        with zipfile.ZipFile(io.BytesIO(data)) as zip:
            names = [name for name in zip.namelist() if name.endswith("events.jsonl")]
            return sum(zip.read(name).count(b"\n") for name in names)
    if format == "xlsx":
        return openpyxl.load_workbook(io.BytesIO(data)).active.max_row - 1
    if format == "parquet":
        return parquet.read_table(io.BytesIO(data)).num_rows
    if format == "jsonld":
        graph = json.loads(data)["@graph"]
        return sum(node["@type"] == "dpv:ConsentRecord" for node in graph)
    return data.count(b"\n") - (format != "jsonl")


#: How the names of the files end.
ENDINGS = {"bundle": ".zip", **{name: "." + name.partition("-")[0] for name in exports.NAMES[1:]}}


MEDIA_TYPES = {
    "bundle": "application/zip",
    "jsonl": "application/x-ndjson",
    "csv": "text/csv",
    "csv-excel": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
    "jsonld": "application/ld+json",
}


@pytest.mark.parametrize("format", exports.NAMES)
def test_each_format_can_be_taken_along(reader, format):
    """
    The page says how many it will be and whether it is made first, the file has so many and says
    what it is, and the log says who took them.
    """
    page = reader.get("/exports", format=format)
    count = len(events(reader.app))
    answer = reader.post("/exports/file", format=format)
    taken = [event for event in events(reader.app) if event["event"] == "export"]
    rows = 6 if format == "jsonld" else count

    assert (page.status_code, answer.status_code) == (200, 200)
    assert 'action="/consent/audit/exports/file"' in page.text
    assert "Gelöschtes ist nicht dabei" in page.text
    assert re.findall(r'<h2 id="found">\D*(\d+) ', page.text) == [str(rows)]
    assert ("erst zusammengestellt" in page.text) is (format in ("bundle", "xlsx"))
    assert rows_of(format, answer.data) == rows
    assert answer.mimetype == MEDIA_TYPES[format]
    assert [(event["by"], event["as"], event["rows"]) for event in taken] == [
        ("Dr. Prüfer", format, rows)
    ]
    named = f"attachment; filename=consent-{reader.site.config.policy.site}{ENDINGS[format]}"
    assert answer.headers["Content-Disposition"] == named
    assert answer.headers["Cache-Control"] == "no-store"


def test_who_only_opens_the_page_is_asked_what_for(reader):
    """
    Before a format is chosen nothing is wrong, nothing is looked at, and so nothing is noted.
    """
    before = len(events(reader.app))
    page = reader.get("/exports")

    assert (page.status_code, 'role="alert"' in page.text) == (200, False)
    assert "exports/file" not in page.text
    assert len(events(reader.app)) == before


@pytest.mark.parametrize("has_key", [True, False], ids=["with the key", "without"])
def test_a_server_without_the_key_says_who_makes_a_bundle(make_app, tmp_path, has_key):
    """
    Where a command seals, the web server need not have the key that signs a bundle; the auditor is
    sent to the operator before anything is begun, and gets everything else.
    """
    sealing = Reader(make_app(CONSENT_AUDITOR=lambda: "Dr. Prüfer"), decisions=2)
    key = sealing.site.config.log_key if has_key else tmp_path / "elsewhere" / "consent.key"
    reader = Reader(
        make_app(
            CONSENT_AUDITOR=lambda: "Dr. Prüfer", CONSENT_SEAL="command", CONSENT_LOG_KEY=str(key)
        )
    )
    pages = [
        reader.get("/exports", format="bundle"), reader.post("/exports/file", format="bundle"),
    ]  # fmt: skip

    assert [page.status_code for page in pages] == [200 if has_key else 400] * 2
    assert has_key is all("flask consent export" not in page.text for page in pages[:1])
    assert has_key is ("export" in [event["event"] for event in events(reader.app)])
    assert reader.post("/exports/file", format="jsonl").status_code == 200


@pytest.mark.parametrize("format", ["jsonl", "xlsx", "bundle"])
def test_the_length_is_told_where_it_is_known(reader, format):
    """
    A browser then shows how far a download is.
    """
    answer = reader.post("/exports/file", format=format)

    assert answer.content_length == len(answer.data)


def test_the_length_is_right_for_records_that_were_altered_by_hand(reader):
    """
    What somebody replaced in a line with SQLite's own program is text there, and no bytes any more:
    its length is told in bytes all the same, as else the end of the file would be cut off (EV-08).
    """
    by_hand = "UPDATE consent_event SET body = replace(body, 'Prüfer', 'Prüfler')"
    reader.site.store.transact(lambda connection: connection.exec_driver_sql(by_hand))
    answer = reader.post("/exports/file", format="jsonl")

    assert "Dr. Prüfler".encode() in answer.data
    assert answer.content_length == len(answer.data)


def test_a_record_that_was_altered_ends_no_download(reader):
    """
    One record that is none any more is marked in its row, and all that comes after it is sent,
    too (AU-01).
    """
    whole = reader.post("/exports/file", format="csv", until="2026-12-31").text.splitlines()
    ids = select(tables.event.c.id).order_by(tables.event.c.id).limit(1).scalar_subquery()
    altered = update(tables.event).where(tables.event.c.id == ids).values(body=b"[]")
    reader.site.store.transact(lambda connection: connection.execute(altered))
    rows = reader.post("/exports/file", format="csv").text.splitlines()

    assert rows[1] == ",unreadable" + "," * 16 + "[]"
    assert rows[2:3] == whole[2:3]
    assert len(rows) > len(whole)


@pytest.mark.parametrize("format", [name for name in exports.NAMES if name != "bundle"])
def test_a_selection_is_applied_and_recorded(reader, format):
    """
    The file holds what was chosen, and the log says what that was.
    """
    answer = reader.post("/exports/file", format=format, since="2026-01-01", **ONLY)
    *_, newest = events(reader.app)

    assert rows_of(format, answer.data) == 3
    assert (newest["filter"], newest["since"], newest["rows"]) == (ONLY, "2026-01-01", 3)


@pytest.mark.parametrize("format", exports.NAMES)
def test_a_period_is_applied_and_recorded(reader, format):
    """
    Of days on which nothing was recorded nothing is in the file, in a bundle only the two events
    that show that, and the log says which days they were.
    """
    answer = reader.post("/exports/file", format=format, since="2020-01-01", until="2020-12-31")
    [taken] = [event for event in events(reader.app) if event["event"] == "export"]

    assert rows_of(format, answer.data) == (2 if format == "bundle" else 0)
    assert taken["rows"] == 0
    assert (taken["since"], taken["until"]) == ("2020-01-01", "2020-12-31")


@pytest.mark.parametrize("format", ["jsonl", "xlsx", None], ids=["export", "made first", "look-up"])
def test_what_an_auditor_does_is_sealed_soon(reader, monkeypatch, format):
    """
    What is recorded at the desk does not wait for the next visitor to decide something.
    """
    woken = []
    monkeypatch.setattr(type(reader.site), "recorded", lambda _: woken.append(events(reader.app)))
    if format:
        reader.post("/exports/file", format=format)
    else:
        reader.get("/access")

    assert woken[-1] == events(reader.app)


def test_the_bundle_is_evidence(reader, tmp_path):
    """
    What the desk hands out is what the verifier accepts.
    """
    path = tmp_path / "b.zip"
    reader.post("/exports/file", format="jsonl", **ONLY)
    path.write_bytes(reader.post("/exports/file", format="bundle").data)
    report = verify.Report("en")
    verify.check(verify.command().parse_intermixed_args([str(path)]), report)

    assert report.wrong == 0


def test_an_export_is_recorded_before_its_first_byte(reader, monkeypatch):
    """
    If it cannot be recorded, nothing leaves (AU-03).
    """

    def fail(*_):
        raise LogUnavailable

    monkeypatch.setattr(file, "record", fail)
    answer = reader.post("/exports/file", format="jsonl")

    assert answer.status_code == 503
    assert b"receipt" not in answer.data


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"format": ""}, ""),
        ({"format": "pdf"}, "pdf"),
        ({"format": "x" * 10_000}, "xxx…"),
        ({"format": "csv", "since": "25.11.2026"}, "25.11.2026"),
        ({"format": "csv", "until": "2026-02-30"}, "2026-02-30"),
        ({"format": "csv", "since": "2026-11-02", "until": "2026-11-01"}, "2026-11-02"),
        ({"format": "csv", "kind": "<b>"}, "&lt;b&gt;"),
        ({"format": "csv", "notice": "AG" * 32}, "AGAG"),
        ({"format": "csv", "service": "\x00'\";--"}, "--"),
        ({"format": "csv", "service": "x" * 10_000}, "xxx…"),
        ({"format": ["csv", "jsonl"]}, ""),
        ({"format": "bundle", "kind": "grant"}, "Hinweis|notice"),
    ],
)
def test_what_cannot_be_read_is_said(onlooker, language, fields, shown):
    """
    A mistake gets a message in plain words, and nothing is taken along.
    """
    before = len(events(onlooker.app))
    page = onlooker.get("/exports", lang=language, **fields)
    answer = onlooker.post(f"/exports/file?lang={language}", **fields)

    assert (page.status_code, answer.status_code) == (400, 400)
    assert 'role="alert"' in page.text
    assert any(part in page.text for part in shown.split("|"))
    assert any(part in answer.text for part in shown.split("|"))
    assert len(events(onlooker.app)) == before


def test_a_package_that_is_missing_is_named(reader, monkeypatch):
    """
    The auditor can tell the operator what to install.
    """
    monkeypatch.setitem(__import__("sys").modules, "xlsxwriter", None)
    page = reader.get("/exports", format="xlsx")

    assert page.status_code == 400
    assert "pip install &#39;consentry[xlsx]&#39;" in page.text


def test_only_so_many_at_once(reader):
    """
    Downloads leave connections and threads to visitors; who comes too early is told.
    """
    held = [reader.client.post(
        "/consent/audit/exports/file", data={"format": "csv"}, buffered=False,
        base_url="https://kreisverband.example", headers={"Sec-Fetch-Site": "same-origin"},
    ) for _ in range(prepared.SLOTS)]  # fmt: skip
    busy = reader.post("/exports/file", format="csv")
    for answer in held:
        answer.close()
    then = reader.post("/exports/file", format="csv")

    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "60")
    assert then.status_code == 200


def test_a_form_of_another_site_takes_nothing(reader):
    """
    Nobody can make an auditor's browser record an export.
    """
    answer = reader.client.post(
        "/consent/audit/exports/file",
        data={"format": "csv"},
        base_url="https://kreisverband.example",
        headers={"Sec-Fetch-Site": "cross-site"},
    )

    assert answer.status_code == 404
    assert not [event for event in events(reader.app) if event["event"] == "export"]


def test_the_summary_is_one_page_to_print(reader):
    """
    Counts, period, root, key, and how to check: all that belongs into a file of paper.
    """
    page = reader.get("/exports/summary", since="2026-01-01")
    (log,) = reader.site.store.logs()

    assert page.status_code == 200
    for text in (log.vkey, log.checkpoint.split("\n")[2], "verify.py", log.origin):
        assert text.replace("+", "&#43;") in page.text or text in page.text
    assert page.text.count('<td role="cell" class="is-number"') >= 5


def test_a_summary_says_of_when_it_is(reader):
    """
    What was printed tells when it was counted, and that this may be more than was sealed by then.
    """
    now = f"{datetime.now(UTC):%d.%m.%Y}"
    page = reader.get("/exports/summary").text

    assert re.search(rf"<dt>Stand</dt><dd>{now}, \d\d:\d\d:\d\d UTC</dd>", page)
    assert "noch auf die Versiegelung wartet" in page


def test_a_summary_counts_each_event_once(reader):
    """
    Every event of the period is in its counts, decisions and others, however it is counted.
    """
    reader.site.sealer.seal()
    Counter(reader.site.store).catch_up()
    stored = [json.loads(body) for body in reader.site.store.events()]
    kinds = [event.get("kind", event["event"]) for event in stored]

    page = reader.get("/exports/summary", lang="en").text

    rows = re.findall(r'rowheader">([^<]*)</th><td[^>]*>(\d+)<', page)
    assert sum(int(count) for _, count in rows) == len(kinds) + 1  # this look-up
    assert dict(rows)["Consent"] == str(kinds.count("grant"))


def test_a_summary_counts_the_days_of_its_period_alone(make_app, clock):
    """
    What was recorded before and after is not in it; of days on which nothing was it says so.
    """
    app = make_app(CONSENT_AUDITOR=lambda: "Dr. Prüfer")
    clock.forward(days=-40)
    Reader(app, decisions=4)
    clock.forward(days=40)
    reader, stored = Reader(app, decisions=2), events(app)
    day = stored[0]["recorded_at"][:10]
    of_day = [event for event in stored if event["recorded_at"].startswith(day)]

    def counted(day):
        page = reader.get("/exports/summary", since=day, until=day, lang="en").text
        rows = re.findall(r'rowheader">([^<]*)</th><td[^>]*>(\d+)<', page)
        return dict(rows)["Consent"], sum(int(count) for _, count in rows)

    assert counted(day) == ("2", len(of_day))
    assert counted("2020-01-01") == ("0", 0)


def test_a_summary_counts_what_was_erased(make_app, clock):
    """
    What was erased later is counted, as the page says, on days of which nothing is left, too.
    """
    app = make_app(CONSENT_AUDITOR=lambda: "Dr. Prüfer")
    clock.forward(days=-40)
    Reader(app, decisions=2)
    clock.forward(days=1)
    Visitor(app).decide("accept")
    gone = events(app)[-1]
    clock.forward(days=39)
    reader = Reader(app)
    reader.site.sealer.seal()
    Counter(reader.site.store).catch_up()
    Eraser(reader.site.sealer, "Müller").erase_receipt(gone["receipt"], "art-17")

    day = gone["recorded_at"][:10]
    for asked, consents in (({"since": day, "until": day}, "1"), ({"until": day}, "2"), ({}, "2")):
        page = reader.get("/exports/summary", **asked, lang="en").text
        rows = dict(re.findall(r'rowheader">([^<]*)</th><td[^>]*>(\d+)<', page))
        assert rows["Consent"] == consents, asked


def test_a_summary_walks_through_no_events(reader):
    """
    The page takes as long in a log of millions: it reads sums, and the ends of the period.
    """
    Counter(reader.site.store).catch_up()
    reader.get("/exports/summary")
    Counter(reader.site.store).catch_up()

    seen = []
    hook.listen(
        reader.site.store._engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_: seen.append(statement),
    )
    reader.get("/exports/summary")

    reads = [one for one in seen if "FROM consent_event" in one and "LIMIT" not in one]
    assert seen
    assert [one for one in reads if "leaf_index =" not in one] == []


def test_a_summary_of_no_period_is_refused(reader):
    """
    A day that is none is said.
    """
    page = reader.get("/exports/summary", since="tomorrow")

    assert page.status_code == 400
    assert "tomorrow" in page.text


@pytest.mark.parametrize(
    ("spoken", "asked"),
    [
        ("de", {"language": "Deutsch", "service": "Matomo"}),
        ("de", {"language": "german", "service": "matomo"}),
        ("en", {"language": "DE", "service": "MATOMO"}),
        ("de", {"language": " Deutsch ", "service": "youtube"}),
        ("en", {"language": "German", "service": "YouTube"}),
    ],
)
def test_a_language_and_a_service_are_found_by_their_names(reader, spoken, asked):
    """
    Who enters a language or a service as the desk itself calls it is not told that there is no
    record of it.
    """
    right = reader.get("/exports", format="csv", language="de", service="matomo").text
    count = re.search(r"[1-9]\d* Ereignisse", right)[0].partition(" ")[0]
    page = reader.get("/exports", format="csv", lang=spoken, **asked)

    assert page.status_code == 200
    assert f">{count} e" in page.text.lower()


def test_a_language_that_nobody_speaks_has_no_records(reader):
    """
    A tag that no policy had is looked for as it is.
    """
    assert "0 Ereignisse" in reader.get("/exports", format="csv", language="tlh").text


def test_what_was_found_can_be_taken_along(reader):
    """
    The search leads on to an export of the same selection, which has as many events.
    """
    page = reader.get("/find", kind="refusal", language="de", service="matomo", answer="refused")
    (address,) = re.findall(r'href="/consent/audit(/exports\?[^"]+)"', page.text)
    asked = dict(parse_qsl(unescape(address).partition("?")[2]))
    counted = reader.get("/exports", **asked)
    answer = reader.post("/exports/file", **asked)

    assert asked == {
        "format": "csv", "kind": "refusal", "language": "de", "service": "matomo",
        "answer": "refused",
    }  # fmt: skip
    assert "3 Ereignisse" in counted.text
    assert rows_of("csv", answer.data) == 3
