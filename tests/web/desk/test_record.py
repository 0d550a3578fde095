"""Finding and showing records and notices on the auditor's desk."""

from __future__ import annotations

import gc
import io
import json
import re
import time
from datetime import date
from hashlib import sha256
from uuid import UUID

import pytest
from sqlalchemy import text

from consent.audit import given, search, shots
from consent.audit.counter import Counter
from consent.audit.shots import Shot
from consent.errors import LogUnavailable
from consent.log.erase import Eraser
from consent.log.event import timestamp
from consent.web.assets import load
from consent.web.desk.invite import invite, revoke
from tests.conftest import POLICY, Visitor, events
from tests.each import each
from tests.plans import statements

BASE = "https://kreisverband.example"
OWN = {"Sec-Fetch-Site": "same-origin"}


#: A line that was altered, as SQLite says it.
OTHER = "CAST(replace(CAST(body AS TEXT), 'reject', 'accept') AS BLOB)"


class Desk:
    """Somebody at the desk."""

    def __init__(self, app) -> None:
        self.app = app
        self.client = app.test_client()
        self.post("/enter")

    def get(self, path: str, **more):
        """Open a page of the desk."""
        return self.client.get(f"/consent/audit{path}", base_url=BASE, **more)

    def post(self, path: str, **more):
        """Send a form of the desk."""
        return self.client.post(f"/consent/audit{path}", base_url=BASE, headers=OWN, **more)

    def look_up(self, text: str):
        """Look a receipt or an id up."""
        return self.post("/find", data={"receipt": text})

    def compare(self, body: bytes):
        """Send a receipt file."""
        return self.post("/find", data={"file": (io.BytesIO(body), "consent-receipt.json")})


@pytest.fixture
def app(make_app):
    """The small site, whose own login knows an auditor."""
    return make_app(language=lambda: "de", CONSENT_AUDITOR=lambda: "Anna Prüfer")


@pytest.fixture
def site(app):
    """What belongs to the site; its log has a receipt with three decisions, and a refusal."""
    visitor = Visitor(app)
    visitor.decide("accept")
    visitor.receipt = visitor.get("/consent/receipt?format=json").data
    visitor.decide("save", "matomo")
    visitor.decide("withdraw")
    Visitor(app).decide("reject")
    site = app.extensions["consentry"]
    site.kept = visitor.receipt
    site.sealer.seal()
    return site


@pytest.fixture
def desk(site, app):
    """Somebody who is signed in at the desk of that site."""
    return Desk(app)


def decisions(app) -> list[dict]:
    return [event for event in events(app) if event["event"] == "decision"]


def badges(page) -> list[str]:
    """Return what the page says in its marks, in their order."""
    return [m.strip() for m in re.findall(r'class="desk-badge[^>]*>([^<]*)<', page.text)]


def test_a_receipt_is_found_however_it_is_written(desk, app, site):
    """
    Small letters, spaces and hyphens do no harm, and the receipt is in no address and in no note,
    but that one was looked for (AU-03, AU-06).
    """
    receipt = decisions(app)[0]["receipt"]
    spelled = f" {receipt[:10].lower()}-{receipt[10:20]}\u00a0{receipt[20:]}."

    answer = desk.look_up(spelled)

    assert events(app)[-1]["about"] == "receipt"  # and not only once it is opened
    last = decisions(app)[2]["id"]
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"/consent/audit/record/{last}",
    )
    page = desk.get(f"/record/{last}")
    assert receipt in page.text
    notes = [event for event in events(app) if event["event"] == "access"]
    assert notes[-1]["about"] == f"record {site.sealer.store.logs()[0].origin} 3"
    assert receipt not in json.dumps(notes)


def test_no_note_keeps_the_id_of_a_record_that_is_erased(desk, app, site):
    """
    Whatever an auditor looked at, its id, which holds the time, is nowhere once it is erased, as
    the page that looks for it says; the note names its place (AU-09).
    """
    first, *_ = ids = [event["id"] for event in decisions(app)[:3]]
    desk.get(f"/record/{first}")
    desk.post(f"/record/{first}/check")
    desk.get(f"/record/{first}/proof.json")
    desk.get(f"/find?before={first}")
    desk.compare(site.kept)
    Eraser(site.sealer, "Vorstand").erase_receipt(decisions(app)[0]["receipt"], "art-17")
    assert "ist auch seine Kennung weg" in desk.get(f"/record/{first}").text
    kept = b"".join(site.store.events()).decode()

    assert not [id for id in ids if id[15:] in kept]
    assert kept.count(f'"about":"record {site.store.logs()[0].origin} 1"') == 2


NOTED = {
    "/record/{id}": ("look-up", "record {log} 3"),
    "/record/{id}/proof.json": ("export", "proof {log} 3"),
    "/place/{year}/3": ("look-up", "place {log} 3"),
    "/notices": ("look-up", "notices"),
    "/notices/{hash}": ("look-up", "notice {hash}"),
    "/notices/{hash}/notice.json": ("export", "notice {hash}"),
    "/notices/compare?old={hash}&new={hash}": ("look-up", "notices {hash} {hash}"),
    "/find?kind=grant&language=de": ("look-up", "find kind=grant language=de"),
    "/exports?format=csv&kind=grant": ("look-up", "exports csv .. kind=grant"),
    "/exports?format=bundle&since=2026-01-01": ("look-up", "exports bundle 2026-01-01.."),
    "/exports?format=jsonl&until=2026-01-31": ("look-up", "exports jsonl ..2026-01-31"),
    "/exports/summary?since=2026-01-01": ("look-up", "summary 2026-01-01.."),
    "receipt file": ("look-up", "receipt file {log} 1"),
}


@pytest.mark.parametrize("page", NOTED)
def test_whatever_shows_something_of_the_log_is_noted(desk, app, site, page):
    """
    Nothing of the log is seen or taken along unnoticed, and what it was is said (AU-03).
    """
    event, origin = decisions(app)[2], site.store.logs()[0].origin
    about = {"id": event["id"], "log": origin, "year": origin[-4:], "hash": event["notice"]}
    answer = desk.compare(site.kept) if page == "receipt file" else desk.get(page.format(**about))
    last = events(app)[-1]

    assert answer.status_code == 200
    assert (last["what"], last["about"]) == tuple(text.format(**about) for text in NOTED[page])


@pytest.mark.parametrize("language", ["de", "en"])
def test_who_searches_is_told_that_refusals_do_not_stay(desk, app, site, language):
    """
    A day on which a refusal was made that ran out since looks like one without; the page says
    that it may, and where refusals are still counted (AU-05).
    """
    Eraser(site.sealer, "cron").erase([UUID(decisions(app)[-1]["id"]).bytes], "retention")
    page = desk.get(f"/find?kind=refusal&lang={language}").text

    told = {
        "de": "auch Ablehnungen werden gelöscht, sobald sie abgelaufen sind. Die Übersicht zählt",
        "en": "refusals are erased as well, as soon as they have run out. The overview still",
    }
    assert "/record/" not in page
    assert told[language] in page


def test_the_list_goes_on_in_both_directions(desk, app):
    """
    A page has what comes before an event, or after it, with what was granted.
    """
    first, second, *_ = ids = [event["id"] for event in decisions(app)]

    def rows(query):
        table = desk.get(f"/find?{query}").text.partition("<tbody")[2]
        return re.findall(r"/record/([0-9a-f-]{36})", table), table

    assert rows("")[0] == ids[::-1]
    assert rows(f"after={first}")[0] == ids[:0:-1]
    found, table = rows(f"before={second}")
    assert (found, "Matomo, YouTube" in table) == ([first], True)
    assert (rows(f"before={'0' * 32}")[0], rows(f"after={'f' * 32}")[0]) == ([], [])


def test_an_event_is_found_by_its_id(desk, app):
    """
    The id of an event leads to it, with or without hyphens, as it is copied out of a page, a table,
    a program or a letter.
    """
    id = decisions(app)[3]["id"]
    broken = id.replace("-", "\N{NON-BREAKING HYPHEN}\n", 1)

    for spelled in (
        *(id.upper().replace("-", ""), f" {{{id}}}\n", f"urn:uuid:{id}", f'"{id}"'),
        *(f"{id}.", f"„{id}“,", f"({id})", broken),
    ):
        assert desk.look_up(spelled).headers["Location"].endswith(id), spelled


def test_nothing_is_found_under_a_receipt_that_nobody_has(desk, app):
    """
    An unknown receipt is answered on the page, and the look-up is noted without it.
    """
    answer = desk.look_up("A" * 26)

    assert answer.status_code == 200
    assert "nichts im Protokoll" in answer.text
    assert events(app)[-1]["about"] == "receipt, none found"


def test_that_an_unknown_record_was_asked_for_is_noted(desk, app):
    """
    Who tries ids of records that are not there stands in the log as well.
    """
    assert desk.get(f"/record/{'0' * 32}").status_code == 404
    assert events(app)[-1]["about"] == "record, none found"


def test_what_was_asked_for_stays_in_the_form_and_in_the_export(desk):
    """
    The form shows what was asked for, at first decisions, and can be emptied; the link to the
    export asks for the same.
    """
    for query, chosen, is_narrowed in (
        ("", "decision", False),
        ("?kind=refusal&since=2020-01-01", "refusal", True),
    ):
        page = desk.get(f"/find{query}").text
        [export] = re.findall(r'href="/consent/audit/exports\?([^"]+)"', page)

        assert chosen in re.findall(r'<option value="([^"]*)" selected', page)
        assert ("Neu beginnen" in page) == is_narrowed
        assert f"kind={chosen}" in export
        assert "format=csv" in export
        assert ("since=2020-01-01" in export) == is_narrowed


def test_pages_of_what_was_found_lead_to_each_other(desk, app, monkeypatch):
    """
    Older and newer events are reached by links, there and back, and what was asked for stays.
    """
    monkeypatch.setattr(search, "SIZE", 2)
    asked = "?kind=decision&language=de"

    def page(query: str, way: str):
        text = desk.get(f"/find{query}").text
        links = re.findall(rf'href="/consent/audit/find([^"]+)" rel="{way}"', text)
        ids = re.findall(r'href="/consent/audit/record/([^"]+)"', text)
        return ids, [link.replace("&amp;", "&") for link in links]

    first, [older] = page(asked, "next")
    second, nothing = page(older, "next")
    _, [newer] = page(older, "prev")

    assert first + second == [event["id"] for event in reversed(decisions(app))]
    assert nothing == page(asked, "prev")[1] == []
    assert page(newer, "prev") == (first, [])
    assert all("kind=decision&language=de" in link for link in (older, newer))


@pytest.mark.parametrize("way", ["prev", "next"])
def test_a_search_that_was_cut_goes_on_in_its_direction(desk, app, monkeypatch, way):
    """
    Where not all was looked at, the link that goes on with it says so, and no other.
    """
    monkeypatch.setattr(search, "LOOKS", 1)
    monkeypatch.setattr(search, "PIECES", 1)
    ids = [event["id"] for event in decisions(app)]
    end = f"after={ids[0]}" if way == "prev" else f"before={ids[-1]}"
    text = desk.get(f"/find?kind=once&{end}").text
    said = dict(re.findall(r'rel="(prev|next)">([^<]+)<', text))

    assert [one for one, words in said.items() if words == "Weiter suchen"] == [way]


#: Fields that are shown as they are.
VERBATIM = ("receipt", "previous", "valid_until", "notice", "id")


def test_a_record_says_everything_in_words_and_raw(desk, app):
    """
    Every field of a decision is there in words, with the names of services, purposes and places,
    and the line itself as it is stored.
    """
    event = decisions(app)[1]
    page = desk.get(f"/record/{event['id']}?lang=de").text
    body = json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    words = ["Änderung", "Matomo", "YouTube", "Besuche zählen", "erste Ebene", "Deutsch"]
    for word in (*words, "„Auswahl speichern“", *map(event.get, VERBATIM)):
        assert word in page
    assert body.replace('"', "&#34;") in page
    assert "record." not in re.sub(r"<[^>]+>", "", page)


def test_each_page_says_when_something_was_recorded(app, clock):
    """
    The time is that of the event, with the zone, on whichever page it is met.
    """
    clock.forward(days=-40)
    Visitor(app).decide("accept")
    app.extensions["consentry"].sealer.seal()
    clock.forward(days=40)
    desk, (event,) = Desk(app), decisions(app)

    def told(at):
        return f"{at[8:10]}.{at[5:7]}.{at[:4]}, {at[11:19]} UTC"

    pages = ("/find", f"/record/{event['id']}", "/sample?nonce=1", "/exports/summary", "/notices")
    for page in pages:
        assert told(event["recorded_at"]) in desk.get(page).text, page
    signed_in = next(event for event in events(app) if event["event"] == "access")
    assert told(signed_in["recorded_at"]) in desk.get("/access").text


def test_a_record_of_the_log_itself_is_explained(desk, app, site):
    """
    Erasures, refusals and what the log says about itself have pages in words, too, in both
    languages.
    """
    Eraser(site.sealer, "DSB").erase_receipt(decisions(app)[0]["receipt"], "art-17")
    for event in events(app):
        german = desk.get(f"/record/{event['id']}?lang=de")
        english = desk.get(f"/record/{event['id']}?lang=en")
        assert (german.status_code, english.status_code) == (200, 200)
    erasure = next(event for event in events(app) if event["event"] == "erasure")
    text = desk.get(f"/record/{erasure['id']}?lang=en").text

    assert "3 records were erased" in text
    assert "on request of the person" in text


def test_check_now_computes_every_step(desk, app):
    """
    The proof is computed anew, step by step, up to the signature.
    """
    id = decisions(app)[3]["id"]

    page = desk.post(f"/record/{id}/check")

    assert "Der Nachweis hält." in page.text
    assert badges(page)[:6] == ["stimmt"] * 6


def test_what_a_form_is_answered_with_can_be_had_in_the_other_language(desk, app):
    """
    The address of such an answer can be opened anew, as the switch of the language does, and leads
    to what it is about.
    """
    id, prepared = decisions(app)[3]["id"], "A" * 22
    [switch] = re.findall(r'href="(\?[^"]*)" hreflang="en"', desk.post(f"/record/{id}/check").text)

    for form, page in (
        (f"/record/{id}/check", f"/record/{id}"),
        ("/exports/file", "/exports"),
        (f"/exports/prepared/{prepared}/file", f"/exports/prepared/{prepared}"),
        ("/overview/check", "/overview"),
    ):
        answer = desk.get(form + switch)
        assert (answer.status_code, answer.location) == (303, f"/consent/audit{page}?lang=en")


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (f"UPDATE consent_event SET body = {OTHER}", 1),
        ("UPDATE consent_event SET body = x'ff7b'", 1),
        ("UPDATE consent_event SET salt = zeroblob(32)", 1),
        ("UPDATE consent_event SET salt = 'salt'", 1),
        ("UPDATE consent_event SET salt = NULL", 1),
        ("UPDATE consent_checkpoint SET note = replace(note, 'consent/2', 'consent/2')||' '", 1),
        ("UPDATE consent_event SET id = randomblob(16) WHERE 0", 0),
    ],
    ids=["line", "no line", "salt", "no bytes", "no salt", "checkpoint", "nothing"],
)
def test_check_now_finds_what_was_changed(desk, app, site, change, wrong):
    """
    A line, a salt or a checkpoint that was changed in the database makes the check fail.
    """
    id = decisions(app)[3]["id"]
    site.store.transact(lambda connection: connection.execute(text(change)))

    page = desk.post(f"/record/{id}/check")

    assert ("Der Nachweis hält nicht." in page.text) is bool(wrong)


def test_the_proof_is_the_file_that_visitors_get(desk, app, site, tmp_path, run_verify):
    """
    What an auditor downloads for one record, a refusal too, is proven by verify.py alone, and has
    the name of a file.
    """
    vkey = site.store.logs()[0].vkey
    for event in decisions(app):
        proof = desk.get(f"/record/{event['id']}/proof.json")
        assert run_verify(proof.data, vkey) == 0
        told = proof.headers["Content-Disposition"]
        assert told == "attachment; filename=consent-receipt.json"
    unnamed = {**json.loads(desk.get(f"/record/{decisions(app)[0]['id']}/proof.json").data)}
    assert run_verify(json.dumps({**unnamed, "receipt": None}).encode(), vkey) == 1


@pytest.fixture
def run_verify(tmp_path):
    """Check a receipt file as an auditor does, and return how that ended."""
    from consent.log import verify

    def run(body: bytes, vkey: str) -> int:
        file = tmp_path / "consent-receipt.json"
        file.write_bytes(body)
        return verify.main([str(file), "--vkey", vkey, "--lang", "en"])

    return run


def test_the_history_of_a_receipt_is_told_from_each_of_its_records(desk, app):
    """
    Grant, change and withdrawal stand in their order, and each leads to the others.
    """
    ids = [event["id"] for event in decisions(app)[:3]]
    page = desk.get(f"/record/{ids[1]}").text
    chain = page[page.index('class="record-chain"') :]

    assert re.findall(r"record/([0-9a-f-]{36})", chain)[:2] == [ids[0], ids[2]]
    assert "kein Verlauf" in desk.get(f"/record/{decisions(app)[3]['id']}").text


def test_what_held_on_a_day_is_answered(desk, app):
    """
    The record page says for any day whether the receipt was good for anything (AU-05).
    """
    id = decisions(app)[0]["id"]
    today = time.strftime("%Y-%m-%d", time.gmtime())

    assert "war noch nichts entschieden" in desk.get(f"/record/{id}?day=2020-01-01").text
    page = desk.get(f"/record/{id}?day={today}").text
    assert "Alles war widerrufen" in page
    assert "Nein: Am Ende dieses Tages" in page


@pytest.mark.parametrize(("language", "pattern"), [("de", "%d.%m.%Y"), ("en", "%-d %b %Y")])
def test_the_end_of_a_consent_is_written_as_other_days_are(desk, app, language, pattern):
    """
    What held until when is told in the way of the page's language, as every other day on it is.
    """
    Visitor(app).decide("accept")
    event = decisions(app)[-1]
    day = event["recorded_at"][:10]
    page = desk.get(f"/record/{event['id']}?day={day}&lang={language}").text
    told = re.sub("[\u00a0\u202f]", " ", page[page.index('id="valid"') :])

    end = date.fromisoformat(event["valid_until"]).strftime(pattern).replace("Sep ", "Sept ")
    assert end in told


def test_other_facts_end_a_consent_on_their_day_and_not_before(make_app, policy_file, clock):
    """
    Where other material facts come in the course of a day, the page says what had been allowed
    when it began, and what was left at its end (AU-05).
    """
    old = make_app(language=lambda: "de")
    Visitor(old).decide("accept")
    id = decisions(old)[0]["id"]
    clock.forward(days=1)
    policy_file.write_text(POLICY + 'country = "US"\n')  # of YouTube
    new = make_app(language=lambda: "de", CONSENT_AUDITOR=lambda: "Anna Prüfer")
    Visitor(new).decide("reject")
    day = time.strftime("%Y-%m-%d", time.gmtime(clock() // 10**9))

    page = Desk(new).get(f"/record/{id}?day={day}").text
    began, ended = page[page.index("Zu Beginn des Tages") :].split("Am Ende des Tages")[:2]

    assert "Erlaubt war: Matomo, YouTube." in began
    assert "Nicht mehr erlaubt" not in began
    assert "Erlaubt war: Matomo." in ended
    assert "Nicht mehr erlaubt: YouTube." in ended


def test_a_shorter_time_ends_a_consent_as_it_does_at_the_site(
    make_app, policy_file, clock, monkeypatch
):
    """
    Where the site asks again earlier than it had said, a consent no longer counts from then on;
    the desk says so, and why the record has a later day (AU-05).
    """
    monkeypatch.setattr(time, "time", lambda: clock() / 10**9)
    visitor = Visitor(make_app(language=lambda: "de"))
    visitor.decide("accept")
    clock.forward(days=40)
    policy_file.write_text("lifetime = 30\n" + POLICY)
    new = make_app(language=lambda: "de", CONSENT_AUDITOR=lambda: "Anna Prüfer")
    id = decisions(new)[0]["id"]
    before = time.strftime("%Y-%m-%d", time.gmtime(clock() // 10**9))
    Visitor(new).decide("reject")
    clock.forward(days=1)
    after = time.strftime("%Y-%m-%d", time.gmtime(clock() // 10**9))
    again = Visitor(new)
    again.client._cookies = visitor.client._cookies
    desk = Desk(new)
    pages = [desk.get(f"/record/{id}?day={day}").text for day in (before, after)]

    assert 'id="consent"' in again.get("/").text  # is asked again
    assert "Zu Beginn des Tages</h4>\n<p>Erlaubt war: Matomo, YouTube." in pages[0]
    assert "Nein: Am Ende dieses Tages galt keine Einwilligung." in pages[1]
    assert "Die Einwilligung war abgelaufen" in pages[1]
    assert "seither gilt auf der Website eine kürzere Dauer" in pages[1]


def test_older_decisions_than_are_shown_are_told_of(app, monkeypatch):
    """
    The history of a receipt says that there is more of it where there is, and does not call all
    what is not all (AU-05).
    """
    for module in ("consent.audit.record", "consent.log.store"):
        monkeypatch.setattr(f"{module}.NEWEST", 2)
    visitor = Visitor(app)
    visitor.decide("accept")
    visitor.decide("save", "matomo")
    desk, told = Desk(app), "Gezeigt werden die neuesten 2. Es gibt auch ältere."

    assert told not in desk.get(f"/record/{decisions(app)[0]['id']}").text
    visitor.decide("accept")
    page = desk.get(f"/record/{decisions(app)[0]['id']}").text
    assert told in page
    assert "Alle Entscheidungen unter derselben" not in page


def test_facts_that_were_taken_back_end_no_consent(make_app, policy_file, clock):
    """
    Where a site went back to the facts that were shown before, what had been allowed under them
    counts again, as it does for the site, which asks nobody anew (AU-05).
    """
    at_home, abroad = POLICY, POLICY + 'country = "US"\n'  # YouTube
    for policy, decision in ((at_home, "accept"), (abroad, "reject"), (at_home, "reject")):
        policy_file.write_text(policy)
        app = make_app(language=lambda: "de", CONSENT_AUDITOR=lambda: "Anna Prüfer")
        Visitor(app).decide(decision)
        clock.forward(days=1)
    id = next(one["id"] for one in decisions(app) if one["kind"] == "grant")
    days = [time.strftime("%Y-%m-%d", time.gmtime(clock() // 10**9 - n * 86_400)) for n in (2, 0)]
    meanwhile, again = (
        Desk(app).get(f"/record/{id}?day={day}").text.partition('id="valid"')[2] for day in days
    )

    assert "Nicht mehr erlaubt: YouTube." in meanwhile
    assert "Erlaubt war: Matomo, YouTube." in again
    assert "Nicht mehr erlaubt" not in again


def test_what_held_is_told_however_often_somebody_decided_since(app, clock, monkeypatch):
    """
    Nobody makes it seem as if nothing had been allowed, by more decisions than are shown (AU-05).
    """
    monkeypatch.setattr("consent.audit.record.NEWEST", 2)
    visitor = Visitor(app)
    visitor.decide("accept")
    first = clock() // 10**9
    clock.forward(days=1)
    visitor.decide("save", "matomo")
    visitor.decide("withdraw")
    desk, id = Desk(app), decisions(app)[0]["id"]

    def answer(seconds):
        day = time.strftime("%Y-%m-%d", time.gmtime(seconds))
        return desk.get(f"/record/{id}?day={day}").text.partition('id="valid"')[2]

    assert "war noch nichts entschieden" in answer(first - 86_400)
    assert "war noch nichts entschieden" in answer(-5 * 86_400)
    assert "Erlaubt war: Matomo, YouTube." in answer(first).partition("Am Ende des Tages")[2]
    began, ended = answer(first + 86_400).split("Am Ende des Tages")
    assert "Erlaubt war: Matomo, YouTube." in began
    assert "Alles war widerrufen" in ended


def test_a_receipt_file_is_held_against_the_log(desk, app, site):
    """
    A file of a visitor is compared line by line; once its records were erased, it still proves
    what they said, as where their place is gone, which does not pass for erased.
    """
    site.sealer.seal()
    visitor = Visitor(app)
    visitor.decide("accept")
    site.sealer.seal()
    kept = visitor.get("/consent/receipt?format=json").data
    receipt = json.loads(kept)["receipt"]

    assert badges(desk.compare(kept)) == ["stimmt"]
    assert "Steht Zeichen für Zeichen im Protokoll." in desk.compare(kept).text
    altered = json.loads(kept)
    altered["records"][0]["event"] = altered["records"][0]["event"].replace("accept", "reject")
    page = desk.compare(json.dumps(altered).encode())
    assert badges(page) == ["stimmt nicht"]
    assert "steht unter dieser Kennung etwas anderes" in page.text
    page = desk.compare(json.dumps(json.loads(kept) | {"receipt": "A" * 26}).encode())
    assert badges(page) == ["stimmt nicht"]
    assert "trägt aber nicht die Belegnummer der Datei" in page.text
    Eraser(site.sealer, "DSB").erase_receipt(receipt, "art-17")
    page = desk.compare(kept)
    assert "wurde aber dort versiegelt" in page.text
    forged = desk.compare(json.dumps(altered).encode())
    assert badges(forged) == ["stimmt nicht"]
    assert "Der Nachweis in der Datei passt nicht" in forged.text
    altered["records"][0]["proof"] = None
    forged = desk.compare(json.dumps(altered).encode())
    assert "die Datei beweist auch nicht, dass er je dort stand" in forged.text
    place = re.search(r"/place/\d+/\d+", page.text).group()
    assert "Diese Löschung nennt den Platz" in desk.get(place).text
    change = text(f"DELETE FROM consent_leaf WHERE leaf_index = {place.rpartition('/')[2]}")
    site.store.transact(lambda connection: connection.execute(change))
    page = desk.compare(kept)
    assert badges(page) == ["stimmt nicht"]
    assert "nicht mehr da, obwohl keine Löschung ihn entfernt hat" in page.text


def test_the_proof_of_a_refusal_is_held_against_the_log(desk, app, site):
    """
    What the desk hands out for a record that has no receipt number it compares again, also when
    that record was erased since.
    """
    site.sealer.seal()
    refusal = next(event for event in decisions(app) if event["receipt"] is None)
    kept = desk.get(f"/record/{refusal['id']}/proof.json").data
    page = desk.compare(kept)
    Eraser(site.sealer, "DSB").erase([UUID(refusal["id"]).bytes], "art-17")

    assert badges(page) == ["stimmt"]
    assert "Belegnummer:" not in page.text
    assert badges(desk.compare(kept)) == ["stimmt"]
    assert "wurde aber dort versiegelt" in desk.compare(kept).text


def test_the_place_of_a_record_that_vanished_says_so(desk, app, site):
    """
    Where somebody deleted a record, its place leads to no page that is not there, and says that it
    was no erasure (EV-08).
    """
    Visitor(app).decide("accept")
    site.sealer.seal()
    [log] = [one.origin for one in site.store.logs()]
    address = f"/place/{log[-4:]}/1"
    assert "/record/" in desk.get(address).text.partition("<main")[2]

    first = "(SELECT id FROM consent_leaf WHERE leaf_index = 1)"
    change = text(f"DELETE FROM consent_event WHERE id = {first}")
    site.store.transact(lambda connection: connection.execute(change))
    page = desk.get(address).text

    assert "/record/" not in page.partition("<main")[2]
    assert "nicht mehr da, obwohl keine Löschung ihn entfernt hat" in page


def test_the_banner_is_shown_as_it_was_and_inert(desk, app, site):
    """
    The stored markup is shown without scripts and forms, with the style sheets of its version, in
    a sandboxed frame on a phone and at a desk (AU-05, EV-03).
    """
    event = decisions(app)[0]
    page = desk.get(f"/record/{event['id']}").text
    frames = re.findall(r'<iframe sandbox title="[^"]+" src="([^"]+)"', page)

    shown = desk.get(frames[0].replace("&amp;", "&").partition("/audit")[2])
    notice = json.loads(site.store.document(event["notice"]).body)
    style = re.search(r'rel="stylesheet" href="([^"]+)"', shown.text).group(1)

    assert len(frames) == 2
    assert all(frame in desk.get(f"/notices/{event['notice']}").text for frame in frames)
    assert notice["layers"]["banner"] in shown.text
    assert '<html lang="de"' in shown.text
    assert "<script" not in shown.text
    assert shown.headers.getlist("Content-Security-Policy") == [
        "sandbox; default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'self'"
    ]
    assert shown.headers.getlist("X-Frame-Options") == ["SAMEORIGIN"]
    sheets = [load(name).body for name in notice["files"] if name.endswith(".css")]
    assert len(sheets) > 2
    assert all(sheet in desk.client.get(style, base_url=BASE).data for sheet in sheets)


def test_a_notice_that_was_altered_is_not_shown(desk, app, site):
    """
    What no longer has its hash is not passed off as what visitors saw.
    """
    event = decisions(app)[0]
    change = text("UPDATE consent_document SET body = x'7b7d' WHERE media_type LIKE '%json'")
    site.store.transact(lambda connection: connection.execute(change))

    assert "wurde verändert" in desk.get(f"/record/{event['id']}").text
    assert "verändert" in desk.get(f"/notices/{event['notice']}").text


def test_a_notice_that_was_altered_hides_no_other(desk, app, site, make_app, policy_file):
    """
    The list of versions has the altered one, and says so; all others can be seen and compared.
    """
    first = decisions(app)[0]["notice"]
    policy_file.write_text(POLICY + '[texts.de]\n"banner.title" = "Ihre Wahl, bitte"\n')
    Visitor(make_app(language=lambda: "de")).decide("accept")
    second = decisions(app)[-1]["notice"]
    change = f"UPDATE consent_document SET body = x'7b7d' WHERE hash = '{first}'"
    site.store.transact(lambda connection: connection.execute(text(change)))

    listed = desk.get("/notices?lang=de").text
    both = first, second
    told = [listed.partition(f"/notices/{hash}")[2].partition("</tr>")[0] for hash in both]
    assert ["in der Datenbank verändert" in row for row in told] == [True, False]
    assert "Deutsch" in told[1]
    assert desk.get(f"/notices/{second}").status_code == 200


def test_older_versions_are_on_pages_of_their_own(desk, app, make_app, policy_file, monkeypatch):
    """
    However many versions there are, each is on one page of the list, the latest first, and a page
    leads on as long as there are older ones.
    """
    for module in ("audit.versions", "web.desk.notices"):
        monkeypatch.setattr(f"consent.{module}.SIZE", 2)
    for number in range(3):
        policy_file.write_text(f'{POLICY}[texts.de]\n"banner.title" = "Ihre {number}. Wahl"\n')
        Visitor(make_app(language=lambda: "de")).decide("accept")
    used = list(dict.fromkeys(event["notice"] for event in decisions(app)))
    pages, link = [], "/consent/audit/notices"
    while link:
        page = desk.client.get(link, base_url=BASE).text
        pages.append(re.findall(r"/notices/([0-9a-f]{64})", page))
        link = "".join(re.findall(r'href="([^"]+)" rel="next"', page))

    assert pages == [used[:1:-1], used[1::-1]]


def test_a_comparison_names_languages(desk, app, make_app):
    """
    Of versions in two languages the difference tells these by their names, not by tags.
    """
    Visitor(make_app(language=lambda: "en")).decide("accept")
    german, english = decisions(app)[0]["notice"], decisions(app)[-1]["notice"]
    page = desk.get(f"/notices/compare?old={german}&new={english}&lang=en").text

    assert "<del>German</del><ins>English</ins>" in page


def test_a_count_of_a_far_day_holds_nobody_up(desk, app, site):
    """
    Who gives a count another day in the database keeps no page of the notices waiting, and no
    search, however far it is.
    """
    site._seal()
    notice = decisions(app)[0]["notice"]
    copy = "INSERT INTO consent_daily SELECT site, shard, :day, what, value, kind, count "
    copy += "FROM consent_daily WHERE day > 0 AND day < 100000 AND what = 'notice'"
    for day in (-10_000_000, 2_000_000, 10_000_000):
        site.store.transact(lambda c, day=day: c.execute(text(copy), {"day": day}))

    with statements(site.store._engine) as asked:
        for page in ("/notices", f"/notices/{notice}", f"/find?notice={notice}"):
            assert desk.get(page).status_code == 200, page
    assert len(asked) < 100


def test_it_is_said_which_changes_were_material(desk, app, site, make_app, policy_file):
    """
    A new service is a material change; a new text alone is none. The list says of each version
    in which language it was shown, from when and until when, and its own page does (AU-05).
    """
    first = decisions(app)[0]["notice"]
    policy_file.write_text(POLICY + '[texts.de]\n"banner.title" = "Ihre Wahl, bitte"\n')
    Visitor(make_app(language=lambda: "de")).decide("accept")
    policy_file.write_text(POLICY + "[services.vimeo]\n")
    Visitor(make_app(language=lambda: "de")).decide("accept")
    second, third = (event["notice"] for event in decisions(app)[-2:])
    site._seal()  # what is sealed is counted

    words = desk.get(f"/notices/compare?old={first}&new={second}&lang=de").text
    service = desk.get(f"/notices/compare?old={second}&new={third}&lang=de").text
    version = desk.get(f"/notices/{third}?lang=de").text
    listed = desk.get("/notices?lang=de").text

    today = time.strftime("%d.%m.%Y", time.gmtime())
    for hash in (first, second, third):
        row = listed.partition(f"/notices/{hash}")[2].partition("</tr>")[0]
        told = re.findall(r'data-label="([^"]+)">\s*(?:<time[^>]*>)?([^<]*)', row)
        assert dict(told)["Sprache"] == "Deutsch"
        assert dict(told)["Zuerst verwendet"].startswith(today)
        assert dict(told)["Zuletzt"] == today
    assert "Keine wesentliche Änderung" in words
    assert "<del>Datenschutz-Einstellungen</del><ins>Ihre Wahl, bitte</ins>" in words
    assert "Wesentliche Änderungen" in service
    assert "Vimeo: neu" in service
    assert f"old={second}" in version
    assert "<dt>Sprache</dt><dd>Deutsch</dd>" in version
    assert [listed.index(f"/notices/{hash}") for hash in (third, second, first)] == sorted(
        listed.index(f"/notices/{hash}") for hash in (third, second, first)
    )


def test_facts_that_changed_are_named_in_words(desk, app, make_app, policy_file):
    """
    What is compared is called as elsewhere at the desk.
    """
    first = decisions(app)[0]["notice"]
    policy_file.write_text("lifetime = 90\n" + POLICY.replace("dsb@", "post@"))
    Visitor(make_app(language=lambda: "de")).decide("accept")

    page = desk.get(f"/notices/compare?old={first}&new={decisions(app)[-1]['notice']}").text
    named = re.findall(r'role="rowheader">([^<]+)</th>', page)

    assert named == [
        "Verantwortlich: E-Mail-Adresse", "Gültigkeit in Tagen", "Technisch Notwendiges",
    ]  # fmt: skip


def test_the_beginning_of_a_hash_names_a_version(desk, app):
    """
    What a list, a receipt or a sheet of paper has of a hash is enough to find the notice, to
    compare it and to search by it; too little, or of no notice, is told, not guessed.
    """
    hash = decisions(app)[0]["notice"]
    start = f" {hash[:16].upper()}… "
    found = desk.get("/find", query_string={"notice": start}).text

    assert f"<code>{hash}</code>" in desk.get(f"/notices/{hash[:8]}").text
    compared = desk.get("/notices/compare", query_string={"old": start, "new": hash})
    assert compared.status_code == 200
    assert found.count('href="/consent/audit/record/') == len(decisions(app))
    for wrong in (hash[:7], "0" * 16):
        assert desk.get(f"/notices/{wrong}").status_code == 400
        assert "oder die ersten acht" in desk.get(f"/find?notice={wrong}").text


def test_a_version_is_handed_out_as_it_is_stored(desk, app):
    """
    The file that an auditor takes along has the hash that the log names, and who took it is noted
    (AU-03, AU-05).
    """
    hash = decisions(app)[0]["notice"]
    answer = desk.get(f"/notices/{hash}/notice.json")
    last = events(app)[-1]

    assert (sha256(answer.data).hexdigest(), answer.mimetype) == (hash, "application/json")
    assert answer.headers["Content-Disposition"] == f"attachment; filename={hash}.json"
    assert (last["what"], last["about"]) == ("export", f"notice {hash}")


@pytest.mark.parametrize(
    ("layer", "shown"),
    [("banner", "banner"), ("settings", "settings"), ("link", "withdrawal")],
)
def test_the_layer_that_was_used_is_shown(desk, app, layer, shown):
    """
    Beside a record stands the part of the notice that was decided with (AU-05).
    """
    visitor = Visitor(app)
    visitor.decide("accept")
    visitor.decide("withdraw", layer=layer)
    page = desk.get(f"/record/{decisions(app)[-1]['id']}").text
    frames = re.findall(r'<iframe sandbox title="[^"]+" src="([^"]+)"', page)

    assert [frame.partition("layer=")[2].partition("&")[0] for frame in frames] == [shown] * 2


def test_what_was_decided_at_a_placeholder_is_shown_there(desk, app):
    """
    Who allowed a film where it stands saw its placeholder, so that is what the record shows
    (AU-05).
    """
    Visitor(app).decide("allow", "youtube", layer="placeholder")
    page = desk.get(f"/record/{decisions(app)[-1]['id']}").text
    [frame, _] = re.findall(r'<iframe sandbox title="[^"]+" src="([^"]+)"', page)
    shown = desk.get(frame.replace("&amp;", "&").partition("/audit")[2])

    assert shown.status_code == 200
    assert "YouTube immer laden" in shown.text


@pytest.mark.parametrize("decision", ["accept", "reject"])
def test_that_somebody_may_have_seen_less_is_said_of_refusals_too(desk, app, decision):
    """
    Of a refusal, or of what followed one, nobody can tell whether all was asked or what was new;
    so it is said beside each decision in the banner what who had decided before saw (AU-05).
    """
    Visitor(app).decide(decision)
    page = desk.get(f"/record/{decisions(app)[-1]['id']}").text

    assert "sah in der ersten Ebene nur, was seither neu war, und „Diese“ statt „Alle“" in page


@pytest.mark.parametrize(("pressed", "is_there"), [("once", True), ("allow", False)])
def test_the_button_that_was_pressed_is_in_the_picture(desk, app, pressed, is_there):
    """
    The button for one page view is stored hidden, as the script alone brings it in. Beside the
    record of somebody who pressed it it is seen, and the page says why (AU-05).
    """
    Visitor(app).decide(pressed, "youtube", layer="placeholder")
    page = desk.get(f"/record/{decisions(app)[-1]['id']}").text
    [frame, _] = re.findall(r'<iframe sandbox title="[^"]+" src="([^"]+)"', page)
    shown = desk.get(frame.replace("&amp;", "&").partition("/audit")[2]).text
    [button] = re.findall(r'<button[^>]*value="once"[^>]*>', shown)

    assert (" hidden" not in button) == is_there
    assert "blendet erst das Skript der Website ein" in page


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ({"control": "reject"}, "Eine Ablehnung erlaubt nichts, an keinem Tag."),
        (
            {"control": "once", "services": "youtube", "layer": "placeholder"},
            "Er galt nur, bis die Seite verlassen wurde.",
        ),
    ],
)
def test_a_record_without_a_receipt_says_what_it_was_good_for(desk, app, made, said):
    """
    Of a refusal the page says that it allows nothing, of a single page view that it ended with
    the page (AU-05).
    """
    Visitor(app).decide(made.pop("control"), *made.pop("services", "").split(), **made)
    page = desk.get(f"/record/{decisions(app)[-1]['id']}").text

    assert f"Zu diesem Eintrag gehört kein Beleg. {said}" in page


def test_a_day_that_is_none_is_told_beside_the_record(desk, app):
    """
    A slip in the day leaves the record on the page.
    """
    event = decisions(app)[0]
    page = desk.get(f"/record/{event['id']}?day=2026-02-30")

    assert page.status_code == 400
    assert "Erwartet wird ein Tag wie" in page.text
    assert event["receipt"] in page.text


def test_a_database_that_is_away_is_no_altered_notice(desk, app, site, monkeypatch):
    """
    What cannot be read just now is not said to be changed.
    """
    event = decisions(app)[0]

    def away(_):
        raise LogUnavailable("no connection")

    monkeypatch.setattr(site.store, "document", away)
    for path in (f"/record/{event['id']}", f"/notices/{event['notice']}", "/notices"):
        answer = desk.get(path)
        assert (answer.status_code, "verändert" in answer.text) == (503, False)


def test_pictures_of_a_version_are_shown_with_their_date(desk, app, site):
    """
    Screenshots stand on the page of their version and can be downloaded.
    """
    hash = decisions(app)[0]["notice"]
    shots.keep(site.store, Shot(hash, "de", 360, 1_795_578_600_000, 7), b"\x89PNG...")

    page = desk.get(f"/notices/{hash}").text
    source = re.search(r'<img src="([^"]+)"', page).group(1)
    picture = desk.client.get(source, base_url=BASE)

    assert "360 Pixel breit, aufgenommen am 25.11.2026" in page
    assert (picture.data, picture.mimetype) == (b"\x89PNG...", "image/png")


BAD = [
    "/find?since=x", "/find?since=2026-02-30", "/find?until=10000-01-01",
    "/find?since=2026-02-02&until=2026-02-01", "/find?kind=x", "/find?kind=grant&kind=change",
    "/find?notice=zz", f"/find?language={'x' * 10_000}", "/find?service=%00%ff", "/find?before=x",
    f"/find?service={'A' * 26}",
    "/find?answer=granted", "/find?service=x&answer=y", "/find?after=%F0%9F%92%A9",
    "/record/x", f"/record/{'9' * 10_000}", "/record/%E2%80%AE", "/notices/zz", "/notices?before=x",
    "/notices?before=1.x", f"/notices?before={'9' * 99}.{'a' * 64}", "/notices/compare",
    "/notices/compare?old=1&new=2", "/record/x/proof.json", "/notices/x/shown",
]  # fmt: skip


def test_accesses_are_told_in_words(desk, app, site):
    """
    Who erased, exported or was invited, and what of, can be read without knowing the program's
    own words (AU-03).
    """
    made, _ = invite(site, "Dr. Muster, Aufsicht", 7, BASE, "Vorstand")
    revoke(site, made.id, "Vorstand")
    Eraser(site.sealer, "Geschäftsstelle").erase_receipt(decisions(app)[0]["receipt"], "art-17")
    # Read to its end, as an export gives its place back then.
    asked = {"format": "csv", "since": "2020-01-01"}
    desk.post("/exports/file", data=asked, buffered=True)
    page = desk.get("/access").text
    told = [
        re.sub(r"\s", " ", cell) for cell in re.findall(r'data-label="Gegenstand">([^<]*)', page)
    ]

    year, month, day = timestamp(made.works_until)[:10].split("-")
    assert told[1].startswith("CSV ab 01.01.2020: ")
    assert told[2:5] == [
        "auf Verlangen der betroffenen Person (Art. 17 DSGVO): 3 Ereignisse",
        f"Dr. Muster, Aufsicht, Link {made.id}",
        f"Dr. Muster, Aufsicht, Link {made.id}, bis {day}.{month}.{year}",
    ]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "de",
            "Suchen ab 01.11.2026, Art: Ablehnung, Dienst: matomo, Antwort: abgelehnt",
        ),
        ("en", "find from 1 Nov 2026, kind: Refusal, service: matomo, answer: refused"),
    ],
)
def test_what_was_searched_for_is_told_in_words(desk, app, language, told):
    """
    By what somebody narrowed a search or an export is read in the language of the page (AU-03).
    """
    desk.get("/find?since=2026-11-01&kind=refusal&service=matomo&answer=refused")
    page = desk.get(f"/access?lang={language}").text

    assert f">{told}<" in page


@pytest.mark.parametrize(
    ("days", "german", "english"),
    [
        (
            "since=2026-01-01&until=2026-01-31",
            "01.01.2026 bis 31.01.2026",
            "1 Jan 2026 to 31 Jan 2026",
        ),
        ("since=2026-01-01", "ab 01.01.2026", "from 1 Jan 2026"),
        ("until=2026-01-31", "bis 31.01.2026", "until 31 Jan 2026"),
    ],
    ids=["both", "since", "until"],
)
def test_the_days_that_somebody_looked_at_are_written_as_at_the_desk(desk, days, german, english):
    """
    Whoever reads who looked at what reads no day in the spelling of the log (AU-03).
    """
    desk.get(f"/exports/summary?{days}")
    desk.get(f"/exports?format=csv&{days}")

    page = desk.get("/access?lang=de").text
    assert f">Zusammenfassung {german}<" in page
    assert f">Exporte csv {german}<" in page
    assert f">summary {english}<" in desk.get("/access?lang=en").text


def test_bad_input_is_answered_with_words(desk):
    """
    Whatever an address says, the answer is a page of the desk that tells what is wrong.
    """
    for path in BAD:
        answer = desk.get(path)
        assert answer.status_code == 400, path
        assert 'class="desk-problem"' in answer.text, path


def test_a_receipt_is_nothing_that_an_address_may_ask_for(desk, app):
    """
    A receipt that somebody wrote into the field for services, in whatever way, is refused before
    it is noted (AU-06).
    """
    for spelled in ("A" * 26, "a" * 26, "aaaaa-" * 5 + "a", "AAAA AAAAA " * 2 + "A" * 8):
        answer = desk.get("/find", query_string={"service": spelled})
        assert answer.status_code == 400, spelled
        assert "Das sieht wie eine Belegnummer aus" in answer.text, spelled

    assert not any("aaaaa" in str(event).lower() for event in events(app))


GONE = [f"/record/{'0' * 32}", f"/record/{'0' * 32}/proof.json", f"/notices/{'0' * 64}",
        "/place/2026/999", "/place/x/1", "/place/2026/x", "/place/2026/%C2%B2",
        f"/place/2026/{'9' * 40}", f"/notices/{'0' * 64}/de-360.png"]  # fmt: skip


def test_what_is_not_there_is_said(desk, app):
    """
    What never was, or is gone, has a page that says so.
    """
    notice = decisions(app)[0]["notice"]
    here = f"/notices/{notice}"
    compared = f"/notices/compare?old={notice}&new={'0' * 64}"
    for path in (*GONE, f"{here}/shown?layer=x", f"{here}/de-361.png", compared):
        assert desk.get(path).status_code == 404, path


JUNK = {
    "nothing": b"", "brackets": b"[" * 100_000, "bytes": b"\xff\x00" * 99, "text": b"receipt",
    "other": b'{"format":"x"}', "list": b'{"format":[]}',
    "records": b'{"format":"consent-receipt/2","receipt":"' + b"A" * 26 + b'","records":7}',
    "surrogate": b'{"format":"consent-receipt/2","receipt":"' + b"A" * 26
    + b'","records":[{"event":"\\ud800","salt":"","proof":null}]}',
    "no record": b'{"format":"consent-receipt/2","receipt":null,"records":[]}',
    "a number": b'{"format":"consent-receipt/2","receipt":7,"records":[]}',
    "number": b'{"format":"consent-receipt/2","receipt":"a","records":[]}',
    "proof": b'{"format":"consent-receipt/2","receipt":"' + b"A" * 26
    + b'","records":[{"event":"{}","salt":"","proof":5}]}',
    "keys": b"{}",
    "salt": b'{"format":"consent-receipt/2","receipt":"' + b"A" * 26
    + b'","records":[{"event":"{}","salt":"?","proof":null}]}',
    "event": b'{"format":"consent-receipt/2","receipt":"' + b"A" * 26
    + b'","records":[{"event":[],"salt":"","proof":null}]}',
    "format": b'{"format":"consent-receipt/1","receipt":"' + b"A" * 26 + b'","records":[]}',
}  # fmt: skip


def test_a_file_that_is_none_is_refused_with_words(desk):
    """
    Junk in the place of a receipt file is answered on the page.
    """
    # Else what other tests left may be finalized where brackets have used up all of the stack.
    gc.collect()
    for name, body in JUNK.items():
        answer = desk.compare(body)
        said = {"nothing": "Bitte eine Belegnummer", "no record": "enthält keinen Eintrag"}
        assert answer.status_code == 400, name
        assert said.get(name, "Das ist keine Belegdatei") in answer.text, name


def test_of_a_file_with_too_many_records_none_is_compared():
    """
    A file with more records than are looked up is refused: nobody is told that all of it holds who
    was shown a part.
    """
    record = {"event": "{}", "salt": "", "proof": None}

    def file(many):
        text = {"format": "consent-receipt/2", "receipt": "A" * 26, "records": [record] * many}
        return json.dumps(text).encode()

    assert len(given.receipt_file(file(500))[1]) == 500
    with pytest.raises(given.Unreadable, match="large"):
        given.receipt_file(file(501))


def test_a_file_that_is_too_large_is_not_read(desk):
    """
    The size of a file is bounded, by what the request says and by what it brings.
    """
    claim = {"CONTENT_LENGTH": "50000000"}
    answer = desk.post("/find", data={"receipt": "x"}, environ_overrides=claim)

    assert (answer.status_code, "höchstens 1 MB" in answer.text) == (400, True)
    with pytest.raises(given.Unreadable, match="large"):
        given.receipt_file(b" " * 1_000_001)


@each(
    "typed, wrong",
    [
        ("", "nothing"), (" -", "nothing"), ("0" * 26, "digits"), ("0" * 25, "receipt"),
        *((text, "receipt") for text in ("x", "A" * 25, " " * 175 + "A" * 26, "\N{SNOWMAN}" * 26)),
        ("A" * 10_000, "receipt"), ("' OR 1=1", "receipt"), ("_" * 26, "receipt"),
    ],
)  # fmt: skip
def test_what_is_no_receipt_is_told_so(typed, wrong):
    """
    A text that can be no receipt is named as such before anything is looked up, and what is wrong
    with it.
    """
    with pytest.raises(given.Unreadable, match=f"^{wrong}$"):
        given.receipt(typed)


def test_without_a_session_nothing_is_shown(desk, app):
    """
    None of these pages opens for somebody who is not at the desk.
    """
    event = decisions(app)[0]
    stranger = app.test_client()
    app.config["CONSENT_AUDITOR"] = None
    for path in ("/find", f"/record/{event['id']}", f"/record/{event['id']}/proof.json",
                 "/place/2026/0", "/notices", f"/notices/{event['notice']}/shown"):  # fmt: skip
        answer = stranger.get(f"/consent/audit{path}", base_url=BASE)
        assert answer.status_code in (303, 404), path
        assert event["id"] not in answer.text


def test_a_version_says_how_often_people_decided_under_it(desk, app):
    """
    Each decision under a version is counted under its kind, a change that leaves something out
    too.
    """
    store = app.extensions["consentry"].store
    Counter(store).catch_up()
    [notice] = {event["notice"] for event in decisions(app)}

    page = desk.get(f"/notices/{notice}?lang=en").text

    counts = re.findall(r"<dt>([^<]*)</dt><dd>(\d+)</dd>", page)
    assert dict(counts) == {
        "Consent": "1",
        "Change": "1",
        "Refusal": "1",
        "Withdrawal": "1",
        "Consent for one page view": "0",
    }
