"""An event in words: what an auditor reads of a record."""

from __future__ import annotations

import json
from datetime import date

from consent.audit.reading import Line, Names, lines
from consent.audit.wording import LANGUAGES
from consent.log import event
from tests.each import each
from tests.log.samples import NOW, RECEIPT, SITE, SOFTWARE, make, refuse

NAMES = Names({"matomo": "Matomo", "youtube": "YouTube"}, {"statistics": "Besuche zählen"})
ABOUT = {"now_ns": NOW, "site": SITE, "software": SOFTWARE}

CHANGE = make(
    kind="change",
    granted=["matomo"],
    refused=["youtube", "vimeo"],
    purposes={"statistics": "granted", "media": "refused"},
    layer="settings",
    control="save",
    language="de-simple",
)
TAKEN = event.export(
    **ABOUT, by="Anna", format="csv", since=date(2026, 1, 1), until=None, rows=3,
    only={"kind": "grant"},
)  # fmt: skip

EVENTS = [
    CHANGE,
    refuse(),
    TAKEN,
    event.access(**ABOUT, by="Anna", what="look-up", about="find"),
    event.erasure(**ABOUT, origin="x", indexes="4 9-12", rows=5, ground="art-17", by="Anna"),
    event.key(**ABOUT, key="x", by="Anna"),
    event.log(**ABOUT, origin="x", key="x", reason="year", previous=None, gap=None),
]


def read(one: event.Event, language: str) -> list[Line]:
    return lines(json.loads(one.body), NAMES, language)


def test_a_decision_is_told_field_by_field():
    """
    What was allowed, what refused, and what not asked about stand under their own names, and beside
    the words what the line has (AU-11).
    """
    id, at = str(CHANGE.id), json.loads(CHANGE.body)["recorded_at"]

    assert read(CHANGE, "en") == [
        Line("Kind", "Change", "change"),
        Line("Services allowed", "Matomo", "matomo"),
        Line("Services refused", "vimeo, YouTube", "vimeo, youtube"),
        Line("Not decided", "none"),
        Line("Purpose: media", "refused", "media: refused"),
        Line("Purpose: Besuche zählen", "allowed", "statistics: granted"),
        Line("Button", "“Save selection”", "save"),
        Line("Format", "consent-event/1", is_code=True),
        Line("Id of the record", id, is_code=True),
        Line("Language of the notice", "German, easy-to-read", "de-simple"),
        Line("Where it was decided", "settings", "settings"),
        Line("Version of the notice (hash)", "ab" * 32, is_code=True),
        Line("Earlier record", "none", "null"),
        Line("Receipt number", RECEIPT, is_code=True),
        Line("Recorded (clock of the server)", "25 Nov 2026, 03:50:00 UTC", at),
        Line("Website", SITE, is_code=True),
        Line("Software", SOFTWARE, is_code=True),
        Line("Valid up to and including", "24 May 2027", "2027-05-24"),
    ]


def test_days_and_times_are_written_as_everywhere_at_the_desk():
    """
    A German reads German days, with those of the line beside them; what was altered so that it is
    no day stays as it was found.
    """
    told = read(CHANGE, "de")
    assert Line("Gültig bis einschließlich", "24.05.2027", "2027-05-24") in told
    at = json.loads(CHANGE.body)["recorded_at"]
    assert Line("Aufgezeichnet (Uhr des Servers)", "25.11.2026, 03:50:00 UTC", at) in told
    assert Line("Von", "01.01.2026", "2026-01-01") in read(TAKEN, "de")

    for bad in ("2026-02-30", "20260201", at[:-1], "9999-12-31T23:59:59-01:00", 7, [], at[:10]):
        altered = json.loads(CHANGE.body) | {"recorded_at": bad}
        (line,) = (
            line
            for line in lines(altered, NAMES, "de")
            if line.name == "Aufgezeichnet (Uhr des Servers)"
        )
        assert line == Line(line.name, str(bad), is_code=True)
    for bad in ("2026-02-30", 7):
        altered = json.loads(CHANGE.body) | {"valid_until": bad}
        unchanged = Line("Gültig bis einschließlich", str(bad), is_code=True)
        assert unchanged in lines(altered, NAMES, "de")


def test_what_was_done_with_the_log_is_told_field_by_field():
    """
    Names of people and numbers are told as words are, what is left open as open.
    """
    told = read(TAKEN, "en")

    assert told[0] == Line("Kind", "Export", "export")
    for line in (
        Line("Who", "Anna"),
        Line("Number of records", "3"),
        Line("From", "1 Jan 2026", "2026-01-01"),
        Line("To", "open", "null"),
        Line("Restricted to", '{"kind": "grant"}', is_code=True),
    ):
        assert line in told
    known = json.loads(EVENTS[3].body)
    strange = lines(known | {"about": "", "note": "new"}, NAMES, "en")
    assert Line("About", "–") in strange
    assert Line("note", "new", is_code=True) in strange
    assert Line("About", "find") in read(EVENTS[3], "en")
    assert Line("What", "looked up", "look-up") in strange


@each("made", EVENTS)
def test_each_field_that_we_record_has_a_name(made):
    """
    An auditor meets no key of ours where a name can stand, in neither language.
    """
    fields = json.loads(made.body)
    for language in LANGUAGES:
        told = read(made, language)
        assert not [line.name for line in told if line.name in fields]
        assert len(told) >= len(fields) - 1
