"""The page of samples: what an auditor enters, and what comes of it."""

from __future__ import annotations

import json

import pytest

from consent.audit.sample import MOST
from tests.conftest import Visitor, events
from tests.web.desk.reader import Reader


@pytest.fixture
def reader(make_app) -> Reader:
    return Reader(make_app(CONSENT_AUDITOR=lambda: "Dr. Prüfer"), decisions=6)


def test_a_sample_is_drawn_and_recorded(reader):
    """
    The events are shown with what they follow from, and who drew them is in the log.
    """
    page = reader.get("/sample", nonce="  7391 <b>", number="3")
    *_, newest = events(reader.app)

    assert page.status_code == 200
    assert page.text.count('"event":"decision"') + page.text.count("&#34;event&#34;") >= 3
    assert "7391 &lt;b&gt;" in page.text
    assert (newest["event"], newest["what"], newest["by"]) == ("access", "sample", "Dr. Prüfer")
    assert newest["about"].startswith("3 7391 <b> ")


def test_the_file_holds_the_same(reader):
    """
    The first line says what was drawn from, each other one an event with its proof; a log that has
    grown since is drawn from as it was. That the file was taken is in the log as the page is.
    """
    at = reader.state()
    for _ in range(12):
        Visitor(reader.app).decide("accept")
    reader.site.sealer.seal()
    page = reader.get("/sample", nonce="n", number="4", at=at)
    answer = reader.get("/sample/sample.jsonl", nonce="n", number="4", at=at)
    head, *lines = [json.loads(line) for line in answer.data.splitlines()]

    noted = [(event["what"], event["about"]) for event in events(reader.app)[-2:]]
    assert noted == [("sample", f"4 n {at}")] * 2
    assert answer.headers["Content-Disposition"] == "attachment; filename=consent-sample.jsonl"
    assert (head["format"], head["nonce"], head["number"]) == ("consent-sample/1", "n", 4)
    assert f"{head['logs'][0]['size']}" == at.partition("@")[2]
    assert len(lines) == 4
    for line in lines:
        assert json.loads(line["event"])["id"] in page.text
        assert line["index"] < head["logs"][0]["size"]
        assert line["proof"].startswith("c2sp.org/tlog-proof@v1\n")


def test_the_form_draws_nothing(reader):
    """
    Opening the page shows the form, and nothing is recorded as drawn.
    """
    before = len(events(reader.app))
    page = reader.get("/sample")

    assert page.status_code == 200
    assert 'name="nonce"' in page.text
    assert len(events(reader.app)) == before


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"nonce": ""}, "200"),
        ({"nonce": "x" * 201}, "200"),
        ({"nonce": "a\x00b"}, "200"),
        ({"nonce": "a\u2028b"}, "200"),
        ({"nonce": "x", "number": "0"}, "0"),
        ({"nonce": "x", "number": str(MOST + 1)}, str(MOST)),
        ({"nonce": "x", "number": "-1"}, "-1"),
        ({"nonce": "x", "number": "1e3"}, "1e3"),
        ({"nonce": "x", "number": "٣"}, "٣"),
        ({"nonce": "x", "number": "9" * 10_000}, "999…"),
        ({"nonce": "x", "at": "2031@5"}, "2031@5"),
        ({"nonce": "x", "at": "<script>"}, "&lt;script&gt;"),
        ({"nonce": "x", "at": "\n" * 5000 + "y"}, "y"),
        ({"nonce": ["a", "b"]}, ""),
        ({"nonce": "x", "number": ["1", "2"]}, ""),
    ],
)
def test_what_cannot_be_read_is_said(onlooker, language, fields, shown):
    """
    A mistake gets a message on the page, and nothing is drawn or recorded.
    """
    before = len(events(onlooker.app))
    page = onlooker.get("/sample", lang=language, **fields)
    saved = onlooker.get("/sample/sample.jsonl", lang=language, **fields)

    assert (page.status_code, saved.status_code) == (400, 400)
    assert 'role="alert"' in page.text
    assert shown in page.text
    assert len(events(onlooker.app)) == before


def test_nothing_sealed_is_said(make_app):
    """
    A log that has not begun gives no sample and no error.
    """
    reader = Reader(make_app(CONSENT_AUDITOR=lambda: "Dr. Prüfer"))
    page = reader.get("/sample", nonce="x")

    assert page.status_code == 400
    assert "versiegelt" in page.text
