"""The invented past of the demo: believable, sealed, and nobody else's."""

from __future__ import annotations

import os
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from flask.cli import ScriptInfo

from consent.audit.figures import figures
from consent.audit.inspection import inspect
from consent.audit.period import Period
from consent.cli import cli
from examples.association import create_app
from tests.conftest import Visitor, events

EVENTS = 1_000_000 if os.environ.get("CONSENTRY_LONG") else 600


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """The demo after the command, and what the command said."""
    config = {"TESTING": True, "CONSENT_AUDITOR": lambda: "Müller"}
    demo = create_app({"DATA": tmp_path_factory.mktemp("demo"), **config})
    started = time.process_time()
    result = fill(demo, "--events", str(EVENTS))
    print(f"invented {EVENTS:,} events in {time.process_time() - started:.0f} s of CPU")
    return demo, result


def fill(app, *words):
    runner = app.test_cli_runner()
    return runner.invoke(cli, ["demo-data", *words], obj=ScriptInfo(create_app=lambda: app))


@pytest.mark.slow
def test_the_past_is_sealed_and_counted(filled):
    """
    As many events as were asked for are there, everything that a check of everything looks at
    holds, and the figures have them.
    """
    demo, result = filled
    site = demo.extensions["consentry"]
    found = inspect(site.sealer)
    today = datetime.now(UTC).date()
    period = Period(today - timedelta(days=365), today)

    assert result.exit_code == 0, result.output
    assert found.findings == ()
    assert found.leaves == EVENTS + len(site.store.logs())
    assert not site.store.is_waiting()
    assert figures(site.store, period).total == EVENTS


@pytest.mark.slow
@pytest.mark.skipif(EVENTS > 10_000, reason="reads everything at once")
def test_the_past_is_believable(filled):
    """
    It has all kinds and places, three languages, several notices whose documents are there,
    twelve months, and every change and withdrawal follows a grant of its receipt.
    """
    demo, _ = filled
    store = demo.extensions["consentry"].store
    decided = [event for event in events(demo) if event["event"] == "decision"]

    assert set(Counter(e["kind"] for e in decided)) == {
        "grant", "refusal", "change", "withdrawal", "once",
    }  # fmt: skip
    assert {e["layer"] for e in decided} == {"banner", "settings", "placeholder"}
    assert {e["language"] for e in decided} == {"de", "en", "pl"}
    notices = {e["notice"] for e in decided}
    assert len(notices) >= 6
    assert all(store.document(notice) for notice in notices)
    assert len({e["recorded_at"][:7] for e in decided}) >= 12
    assert max(e["recorded_at"] for e in decided) < datetime.now(UTC).isoformat()
    newest = {}
    for event in decided:
        if event["kind"] in ("change", "withdrawal"):
            before = newest[event["receipt"]]
            assert event["previous"] == before["id"]
            assert before["kind"] in ("grant", "change")
        if event["receipt"]:
            newest[event["receipt"]] = event


@pytest.mark.slow
def test_the_overview_of_a_whole_year_has_them_all(filled):
    """
    The first page of the desk counts every one of them, and says that the log is unbroken.
    """
    client, address = desk_of(filled[0])
    page = client.get(address)

    assert f"{EVENTS:,} decisions" in page.text
    assert "The log is unbroken." in page.text


@pytest.mark.slow
@pytest.mark.thorough
def test_the_overview_of_a_whole_year_is_quick(filled):
    """
    It takes less than 300 ms of CPU in a log of a million.
    """
    client, address = desk_of(filled[0])
    times = []
    for _ in range(5):
        start = time.process_time()
        client.get(address)
        times.append(time.process_time() - start)

    print(f"the overview of {EVENTS:,} events took {min(times) * 1000:.0f} ms of CPU")
    assert min(times) < 0.3


def desk_of(demo):
    """Return an auditor's browser, and the address of the overview of a year."""
    client = demo.test_client()
    client.post("/consent/audit/enter", headers={"Sec-Fetch-Site": "same-origin"})
    since = datetime.now(UTC).date() - timedelta(days=365)
    return client, f"/consent/audit/overview?lang=en&period=own&since={since}"


@pytest.mark.slow
def test_a_past_comes_before_everything_else(filled):
    """
    A demo that has recorded something is left alone, unless that may be thrown away.
    """
    demo, _ = filled
    refused = fill(demo, "--events", "100")
    again = create_app({"DATA": demo.instance_path, "TESTING": True})
    anew = fill(again, "--events", "100", "--anew")

    assert refused.exit_code == 1
    assert "--anew" in refused.output
    assert anew.exit_code == 0, anew.output
    assert again.extensions["consentry"].store.count() <= 103


def test_nobody_invents_evidence_of_another_site(filled, app):
    """
    The command refuses any log that is not the demo's, with --anew too, and leaves it as it is.
    """
    Visitor(app).decide("accept")
    before = events(app)

    for words in ((), ("--anew",)):
        result = fill(app, "--events", "100", *words)
        assert result.exit_code == 1
        assert "this is not the demo" in result.output
    assert events(app) == before
