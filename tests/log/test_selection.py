"""What is wanted of the log is found in the bytes of its events, and nothing else is."""

from __future__ import annotations

import json
from datetime import date
from itertools import product

import pytest

from consent.log import event
from consent.log.export.selection import ANSWERS, DECISIONS, Selection, SelectionError, day
from tests.each import each
from tests.log.samples import DAY, MS, NOW, SITE, SOFTWARE, make, refuse

OTHER = "cd" * 32

#: Texts that look like fields, lists and sorts.
HOSTILE = ('"kind":"grant"', '["vimeo"', ',"vimeo",', '"event":"decision"', '\\"kind\\":\\"grant')


def exported(by: str, **only: str):
    return event.export(
        now_ns=NOW + DAY, site=SITE, by=by, format="csv", since=None, until=None,
        rows=0, software=SOFTWARE, only=only,
    )  # fmt: skip


EVENTS = (
    make(),
    make(now_ns=NOW + MS, notice=OTHER, granted=["a", "matomo", "z"], refused=[]),
    make(now_ns=NOW + 2 * MS, kind="change", granted=["matomo-2"], refused=["x-matomo"]),
    make(now_ns=NOW + 3 * MS, kind="once", granted=["youtube"], undecided=["matomo"]),
    make(now_ns=NOW + 4 * MS, purposes={"matomo": "granted", "kind": "granted", "vimeo": "refused"},
         granted=["b"], control="vimeo", layer='x["vimeo"'),
    refuse(now_ns=NOW + 5 * MS, refused=["vimeo"]),
    *(exported(text, kind="grant", service="vimeo", notice=OTHER) for text in HOSTILE),
    exported("matomo"),
    exported("Anna", language="de"),
)  # fmt: skip


def wanted(body: bytes, selection: Selection) -> bool:
    """Tell by reading the event whether it is one of *selection*, days aside."""
    line = json.loads(body)
    kinds = (None, line["event"], line.get("kind"))
    answers = (selection.answer,) if selection.answer else ANSWERS
    services = [service for answer in answers for service in line.get(answer, ())]
    return (
        selection.kind in kinds
        and selection.notice in (None, line.get("notice"))
        and selection.language in (None, line.get("language"))
        and (selection.service is None or selection.service in services)
    )


class TestSelection:
    """On SQLite; the class below runs all of it on PostgreSQL."""

    @pytest.fixture
    def told(self, store):
        for one in EVENTS:
            store.append(one)
        return store

    def test_the_database_finds_what_reading_each_event_finds(self, told):
        """
        Each kind, notice and service is found, also among texts that look like another (AU-01).
        """
        tried = 0
        answered = [(None, None), *product(("matomo", "youtube", "vimeo", "b"), (None, *ANSWERS))]
        for kind in (None, "decision", *DECISIONS, "export", "log"):
            for notice in (None, OTHER, "00" * 32):
                for service, answer in answered:
                    selection = Selection(
                        kind=kind, notice=notice, service=service, answer=answer,
                        language="de" if notice is None and (service or not kind) else None,
                    )  # fmt: skip
                    with told.snapshot(only=selection.condition()) as now:
                        found = list(now.events())
                        count = now.count()
                    expected = [one.body for one in EVENTS if wanted(one.body, selection)]

                    assert sorted(found) == sorted(expected), selection
                    assert count == len(expected)
                    tried += bool(expected)
        assert tried > 20

    def test_decisions_alone_can_be_had(self, told):
        """
        A format that knows decisions only is given no other event.
        """
        with told.snapshot(only=Selection().condition(decisions=True)) as now:
            assert {json.loads(body)["event"] for body in now.events()} == {"decision"}
            assert now.count() == 6

    def test_days_and_a_kind_go_together(self, told):
        """
        A selection of days and something else is both of it.
        """
        selection = Selection(date(2026, 11, 25), date(2026, 11, 25), kind="export")
        with told.snapshot(*selection.period, selection.condition()) as now:
            assert now.count() == 0


class TestSelectionOnPostgreSQL(TestSelection):
    """The same promises on PostgreSQL."""

    @pytest.fixture
    def url(self, postgresql: str) -> str:
        return postgresql


@each(
    "field, value",
    [
        *(("kind", value) for value in ("", "granted", "Grant", "grant'", "x" * 10_000, "\u2028")),
        *(("notice", value) for value in ("", "ab", "AB" * 32, "ab" * 33, "٣" * 64, "x" * 10_000)),
        *(("language", value) for value in ("", "d", "de_DE", '"', "ä", "de-" * 9, "x" * 10_000)),
        *(("answer", value) for value in ("", "once", "Granted", "x" * 10_000)),
        *(("service", value) for value in ("", "Matomo", '"', "a b", "ä", "x" * 33, "x" * 10_000)),
    ],
)
def test_what_no_event_can_be_is_refused(field, value):
    """
    A mistake is told with the field, what was found and what was wanted, in few words.
    """
    with pytest.raises(SelectionError) as caught:
        Selection(**{field: value})
    assert caught.value.field == field
    assert str(caught.value).startswith(f"{field}: found ")
    assert len(str(caught.value)) < 250


def test_an_answer_is_about_a_service():
    """
    What was answered is asked for together with the service that it is about.
    """
    with pytest.raises(SelectionError, match="answer: found refused, wanted a service as well"):
        Selection(answer="refused")


def test_a_period_that_ends_before_it_begins_is_refused():
    """
    Two days in the wrong order are a mistake and not an empty file.
    """
    with pytest.raises(SelectionError, match="since: found 2026-11-26, wanted a day up to 2026-11"):
        Selection(date(2026, 11, 26), date(2026, 11, 25))


@each(
    "text",
    [
        *("", "2026", "2026-1-1", "20261125", "2026-W48-1", "2026-02-30", "0000-01-01"),
        *(" 2026-11-25", "2026-11-25\n", "2026-11-25T00:00", "٢٠٢٦-١١-٢٥", "9" * 10_000),
    ],
)
def test_a_day_has_one_spelling(text):
    """
    What is not a day as 2026-11-25 is refused, never guessed at.
    """
    with pytest.raises(ValueError):  # noqa: PT011 - it is told by who asked
        day(text)
