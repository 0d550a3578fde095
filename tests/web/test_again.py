"""Whom a changed policy asks again, about what, and what becomes of the other decisions."""

import json
import re
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from consent.day import DAY
from consent.errors import LogError, LogUnavailable
from consent.log.database import tables
from consent.policy.notice import hash_start
from consent.policy.wording import Say, texts
from consent.web import notices, visit
from tests.conftest import POLICY, Visitor, events

VIMEO = "\n[services.vimeo]\n"


def asked_about(visitor: Visitor) -> list[str] | None:
    """Return the services that the first layer speaks of; None if there is no first layer."""
    text = visitor.get().text
    if 'id="consent"' not in text:
        return None
    return re.findall(r'name="about" value="([^"]+)"', text)


def edited(old: str, new: str) -> str:
    assert old in POLICY
    return POLICY.replace(old, new)


MATOMO, YOUTUBE = "[services.matomo]", "[services.youtube]"

#: What changed, the policy then, and which services are asked about again.
MATERIAL = {
    "a new service": (POLICY + VIMEO, ["vimeo"]),
    "a new service of another purpose": (POLICY + VIMEO + 'purpose = "social"\n', ["vimeo"]),
    "another recipient": (edited(YOUTUBE, f'{YOUTUBE}\nprovider = "Other Ltd"'), ["youtube"]),
    "another country": (
        edited(MATOMO, f'{MATOMO}\ncountry = "CH"\nsafeguard = "adequacy"'),
        ["matomo"],
    ),
    "a further country": (edited(YOUTUBE, f'{YOUTUBE}\ntransfers = ["US", "IN"]'), ["youtube"]),
    "another ground for a transfer": (
        edited(YOUTUBE, f'{YOUTUBE}\nsafeguard = "scc"'),
        ["youtube"],
    ),
    "another purpose": (edited(YOUTUBE, f'{YOUTUBE}\npurpose = "tracking"'), ["youtube"]),
    "a further purpose": (
        edited(YOUTUBE, f'{YOUTUBE}\npurposes = ["media", "tracking"]'),
        ["youtube"],
    ),
    "profiling": (edited(YOUTUBE, f'{YOUTUBE}\npractices = ["profiling"]'), ["youtube"]),
    "a longer duration": (
        edited(
            MATOMO,
            f"{MATOMO}\nitems = [{{ name = '_pk_id.*', kind = 'cookie', duration = '24 months', "
            "content = 'browser-id' }]",
        ),
        ["matomo"],
    ),
}
IMMATERIAL = {
    "nothing": POLICY,
    "a service less": edited(f"{YOUTUBE}\n", ""),
    "a corrected name of the recipient": edited(
        YOUTUBE, f'{YOUTUBE}\nprovider = "Google Ireland, Limited"'
    ),
    "another name of the service": edited(YOUTUBE, f'{YOUTUBE}\nname = "YouTube-Videos"'),
    "another address": edited(YOUTUBE, f'{YOUTUBE}\naddress = "Dublin"'),
    "other words": POLICY + '\n[texts.de]\n"banner.free" = "Alles bleibt lesbar."\n',
    "another language": edited('languages = ["de", "en"]', 'languages = ["de", "en", "fr"]'),
    "another controller's address": edited('email = "', 'address = "Hauptstraße 1", email = "'),
    "another placement": edited("languages =", 'placement = "corner"\nlanguages ='),
    "a film in sign language": edited('imprint = "', 'sign_language = "/film", imprint = "'),
    "a word on parents": edited("languages =", 'parents = "Fragt eure Eltern."\nlanguages ='),
    "a longer lifetime": edited("languages =", "lifetime = 365\nlanguages ="),
    "other signals": edited("languages =", "signals = []\nlanguages ="),
}


class TestMaterialChanges:
    @pytest.mark.parametrize(("policy", "asked"), MATERIAL.values(), ids=MATERIAL)
    @pytest.mark.parametrize("decision", ["accept", "reject"])
    def test_they_ask_about_the_service_alone(self, site_with, decision, policy, asked):
        """
        A change of purpose, service, recipient, country, ground, duration or practice asks
        again, about that service only, and it stays off until then (RP-04, RP-05).
        """
        visitor = site_with(POLICY)
        visitor.decide(decision)
        now = site_with(policy, visitor)

        assert asked_about(now) == asked
        page = now.get().text
        kept = {"matomo", "youtube"} - set(asked)
        for service in kept:
            assert (f'<template data-consent="{service}">' in page) == (decision == "reject")
        for service in set(asked) & {"matomo", "youtube"}:
            assert f'<template data-consent="{service}">' in page

    def test_the_banner_names_what_is_new(self, site_with):
        """
        Asking again tells what is new, names only that and what is missing without it, says that
        the rest stays, and leads where the first question led (RP-06).
        """
        visitor = site_with(POLICY)
        visitor.decide("accept")
        now = site_with(POLICY + VIMEO, visitor)
        text = now.get().text

        assert "Neu seit Ihrer letzten Wahl: Vimeo." in text
        assert "Matomo (" not in text
        told = [texts("de")[f"purposes.{id}.without"] in text for id in ("media", "statistics")]
        assert told == [True, False]
        assert ">Diese ablehnen<" in text
        assert ">Diese akzeptieren<" in text
        banner = re.search(r'id="consent".*?<main', text, re.DOTALL)[0]
        assert 'action="/consent/choice"' in banner
        assert f'name="notice" value="{now.notice()}"' in banner
        assert {*re.findall('href="(.*?)"', banner)} == {
            "/consent/settings?lang=de", "/datenschutz", "/impressum",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("changed", "left"), [("a new service", "Vimeo"), ("another recipient", "YouTube")]
    )
    def test_the_settings_do_not_say_that_nothing_was_decided(self, site_with, changed, left):
        """
        Whoever refused reads in the settings what there is no decision about yet, not that there is
        none at all (RP-06).
        """
        visitor = site_with(POLICY)
        undecided = texts("de")["settings.now_undecided"]
        assert undecided in visitor.get("/consent/settings").text
        visitor.decide("reject")
        page = site_with(MATERIAL[changed][0], visitor).get("/consent/settings").text

        assert undecided not in page
        assert Say(texts("de"), "de")("settings.now_open", services=left) in page

    def test_each_is_asked_about_what_is_new_to_them(self, site_with):
        """
        Two who decided under different versions are asked about different services (RP-05).
        """
        first, second = site_with(POLICY), site_with(POLICY + VIMEO)
        first.decide("accept")
        second.decide("accept")
        now = site_with(POLICY + VIMEO + "\n[services.spotify]\n", first)
        other = Visitor(now.app)
        other.client._cookies = second.client._cookies

        assert asked_about(now) == ["spotify", "vimeo"]
        assert asked_about(other) == ["spotify"]

    def test_each_is_asked_in_a_banner_of_their_own(self, policy_file, make_app):
        """
        The language, the site's place on its host and the signal that has paused something are
        those of whoever is asked, whoever was asked before (RP-06, SG-03, LA-01).
        """
        old = Visitor(make_app())
        old.decide("accept")
        policy_file.write_text(POLICY + VIMEO, encoding="utf-8")
        app = make_app()

        def asked(mount="", **headers):
            visitor = Visitor(app, f"https://kreisverband.example{mount}")
            visitor.client._cookies = old.client._cookies
            text = visitor.get(headers={"Accept-Language": "de", **headers}).text
            return re.search(r'id="consent".*?<main', text, re.DOTALL)[0]

        assert "Neu seit Ihrer letzten Wahl" in asked()
        assert "Neu seit Ihrer letzten Wahl" not in asked(**{"Accept-Language": "en"})
        assert 'action="/verein/consent/choice"' in asked("/verein")
        assert "Global Privacy Control" in asked(**{"Sec-GPC": "1"})
        assert "Do Not Track" in asked(DNT="1")

    def test_nothing_new_is_ticked(self, site_with):
        """
        The settings then have a tick at what was allowed before and none at what is new (RP-06).
        """
        visitor = site_with(POLICY)
        visitor.decide("accept")
        page = site_with(POLICY + VIMEO, visitor).get("/consent/settings").text
        boxes = dict(re.findall(r'name="service" value="([a-z]+)"( checked)?>', page))

        assert boxes == {"matomo": " checked", "youtube": " checked", "vimeo": ""}

    def test_the_settings_name_it_too(self, site_with):
        """
        Who has allowed something and looks into the settings before answering reads there what is
        new beside that (RP-06, SL-11).
        """
        visitor = site_with(POLICY)
        visitor.decide("accept")
        now = site_with(POLICY + VIMEO, visitor)
        now.app.jinja_env.trim_blocks = True  # as a site may have it
        page = now.get("/consent/settings").text
        state = "Derzeit erlaubt: Matomo, YouTube\nNeu seit Ihrer letzten Wahl: Vimeo."
        rest = " Ihre übrigen Entscheidungen bleiben, wie sie sind."

        assert f"<p><strong>{state}{rest}</strong></p>" in page

    @pytest.mark.parametrize(
        ("before", "answer", "granted", "kind"),
        [
            ("accept", "accept", ["matomo", "vimeo", "youtube"], "change"),
            ("accept", "reject", ["matomo", "youtube"], "change"),
            ("reject", "accept", ["vimeo"], "grant"),
            ("reject", "reject", [], "refusal"),
        ],
    )
    def test_the_other_decisions_stay(self, site_with, before, answer, granted, kind):
        """
        Whatever is answered about the new service, the rest is as it was, the record says so,
        and nobody is asked twice (RP-05, AX-28).
        """
        visitor = site_with(POLICY)
        visitor.decide(before)
        now = site_with(POLICY + VIMEO, visitor)
        now.decide(answer, about=["vimeo"])

        event = events(now.app)[-1]
        assert (event["kind"], event["granted"], event["undecided"]) == (kind, granted, [])
        assert asked_about(now) is None

    @pytest.mark.parametrize(
        ("before", "asked", "lasts"),
        [
            (("reject",), POLICY + VIMEO, 180),
            (("save", "youtube"), MATERIAL["another recipient"][0], 180),
            (("accept",), POLICY + VIMEO, 30),
        ],
        ids=["refused", "taken back", "kept the rest"],
    )
    def test_a_refusal_of_everything_lasts_from_its_own_day(
        self, site_with, monkeypatch, before, asked, lasts
    ):
        """
        Who refuses what is new, and has allowed nothing else, is left in peace for the whole time
        from that day on (RP-01), with the same cookie as everybody who refuses then (PS-06). Where
        something stays allowed, that ends when it would have ended (RP-09).
        """
        visitor = site_with(POLICY)
        visitor.decide(*before)
        visitor, now = site_with(asked, visitor), time.time()
        about = asked_about(visitor)
        monkeypatch.setattr(visit.time, "time", lambda: now + 150 * DAY)
        visitor.decide("reject", about=about)
        other = Visitor(visitor.app)
        other.decide("reject")

        assert (visitor.cookie() == other.cookie()) is (lasts == 180)
        for days, asks in ((lasts - 1, False), (lasts, True)):
            monkeypatch.setattr(visit.time, "time", lambda days=days: now + (150 + days) * DAY)
            assert (asked_about(visitor) is not None) is asks

    @pytest.mark.parametrize("answer", ["accept", "reject"])
    def test_a_longer_lifetime_prolongs_nothing_that_was_allowed_before(
        self, site_with, monkeypatch, answer
    ):
        """
        Who allowed something for half a year, and answers about a new service when the site has
        come to keep decisions for a year, is asked again after that half year: record and cookies
        end with the day that was told (RP-09, EV-02).
        """
        visitor, now = site_with(POLICY), time.time()
        visitor.decide("accept")
        longer = site_with("lifetime = 365\n" + POLICY + VIMEO, visitor)
        monkeypatch.setattr(visit.time, "time", lambda: now + 100 * DAY)
        done = longer.decide(answer, about=asked_about(longer))

        first, second = events(longer.app)
        assert second["valid_until"] == first["valid_until"]
        assert f"Max-Age={80 * DAY};" in done.headers["Set-Cookie"]
        for days, asks in ((179, False), (180, True)):
            monkeypatch.setattr(visit.time, "time", lambda days=days: now + days * DAY)
            assert (asked_about(longer) is not None) is asks

    def test_a_receipt_tells_the_day_on_which_a_shorter_time_ends(self, site_with, monkeypatch):
        """
        Who allowed something for half a year reads in the receipt until when it holds since the
        site keeps decisions for a month: the last day on which it is not asked again (RP-09,
        EV-10). The record itself stays as it was told.
        """
        visitor, now = site_with(POLICY), time.time()
        visitor.decide("accept")
        shorter = site_with("lifetime = 30\n" + POLICY, visitor)
        last = date.fromisoformat(events(visitor.app)[0]["valid_until"]) - timedelta(days=150)

        receipt = shorter.get("/consent/receipt")
        assert f'<time datetime="{last}">' in receipt.text
        for days, asks in ((29, False), (30, True)):
            monkeypatch.setattr(visit.time, "time", lambda days=days: now + days * DAY)
            assert (asked_about(shorter) is not None) is asks
        assert last == datetime.fromtimestamp(now, UTC).date() + timedelta(days=29)

    @pytest.mark.parametrize(
        ("field", "value"),
        [("notice", "x"), ("notice", "ab" * 32), ("valid_until", "0001-01-02")],
        ids=["no hash", "of no notice", "the first days"],
    )
    def test_a_receipt_that_was_altered_is_shown_as_it_lies_there(self, site_with, field, value):
        """
        Whoever altered what a record says of its notice or its end takes no page from its visitor
        (EV-10).
        """
        visitor = site_with(POLICY)
        visitor.decide("accept")
        shorter = site_with("lifetime = 30\n" + POLICY, visitor)
        body = json.dumps(events(visitor.app)[0] | {field: value}).encode()
        store = shorter.app.extensions["consentry"].store
        change = update(tables.event).values(body=body)
        store.transact(lambda connection: connection.execute(change))

        assert shorter.get("/consent/receipt").status_code == 200

    def test_what_was_refused_is_not_asked_because_of_a_placeholder(self, site_with):
        """
        Who has refused, and allows one of the new services at its placeholder, is asked about
        the other new one alone (RP-01, RP-05, RP-06).
        """
        visitor = site_with(POLICY)
        visitor.decide("reject")
        now = site_with(POLICY + VIMEO + "\n[services.spotify]\n", visitor)
        now.decide("allow", "vimeo", layer="placeholder")

        assert asked_about(now) == ["spotify"]
        assert "Neu seit Ihrer letzten Wahl: Spotify." in now.get().text

    @pytest.mark.parametrize("about", [["youtube"], []])
    def test_a_refusal_ends_the_old_consent_on_record(self, site_with, about):
        """
        Who agreed to old terms and refuses the new ones has taken the consent back: the record
        says so under the receipt of the grant, and the browser keeps no receipt (WD-07).
        """
        before = site_with(POLICY)
        before.decide("save", "youtube")
        visitor = site_with(MATERIAL["another recipient"][0], before)
        visitor.decide("reject", about=about)

        grant, last = events(visitor.app)
        assert (last["kind"], last["previous"]) == ("withdrawal", grant["id"])
        assert last["receipt"] == grant["receipt"]
        assert visitor.cookie("__Secure-consent-receipt", path="/consent") is None

    def test_a_foreign_service_cannot_be_asked_about(self, site_with):
        """
        A form about a service that nobody offers is refused as a whole (SE-09).
        """
        visitor = site_with(POLICY)

        assert visitor.decide("accept", about=["tracker"]).status_code == 400
        assert events(visitor.app) == []

    def test_a_refusal_from_before_a_change_is_about_what_is_still_there(self, site_with):
        """
        Who refuses on a page that is older, or of another process, refuses what it asked about as
        far as it is offered, keeps the rest, and is never told to have sent nonsense, whatever is
        ticked there.
        """
        visitor = site_with(POLICY)
        visitor.decide("accept")
        asked = site_with(POLICY + VIMEO + "\n[services.spotify]\n", visitor)
        both = ["spotify", "vimeo"]
        page = {"notice": asked.notice(), "about": both, "service": both}
        gone, fewer = site_with(POLICY, visitor), site_with(POLICY + VIMEO, visitor)

        assert gone.decide("reject", **page).status_code == 409
        assert asked_about(gone) is None
        assert fewer.decide("reject", **page).status_code == 303
        assert asked_about(fewer) is None
        assert events(fewer.app)[-1]["granted"] == ["matomo", "youtube"]
        assert events(fewer.app)[-1]["refused"] == ["vimeo"]


class TestOtherChanges:
    @pytest.mark.parametrize("policy", IMMATERIAL.values(), ids=IMMATERIAL)
    @pytest.mark.parametrize("decision", ["accept", "reject"])
    def test_they_ask_nobody(self, site_with, decision, policy):
        """
        Removing a service, a corrected word, another language or a film in sign language asks
        nobody again (RP-04, LA-06).
        """
        visitor = site_with(POLICY)
        visitor.decide(decision)

        assert asked_about(site_with(policy, visitor)) is None

    def test_a_service_that_comes_back_unchanged_asks_nobody(self, site_with):
        """
        A service that was away for a while and returns as it was is still decided.
        """
        visitor = site_with(POLICY)
        visitor.decide("accept")
        site_with(edited(f"{YOUTUBE}\n", ""), visitor)

        assert asked_about(site_with(POLICY, visitor)) is None

    def test_one_placeholder_leaves_the_question_open(self, visitor):
        """
        Who allowed one video only is still asked about everything, in the first words (GA-04).
        """
        visitor.decide("allow", "youtube", layer="placeholder")

        assert asked_about(visitor) == []


class TestKeysAndVersions:
    def test_another_site_asks_for_itself(self, app, make_app, policy_file, visitor):
        """
        A consent counts on the site that asked for it and on no other, also where two share a
        host and a key (EV-14, RP-10).
        """
        visitor.decide("accept")
        policy_file.write_text(edited("musterland.example", "neuland.example"), encoding="utf-8")
        other = Visitor(make_app(language=lambda: "de"))
        other.client._cookies = visitor.client._cookies

        assert asked_about(visitor) is None
        assert asked_about(other) == []
        assert '<template data-consent="matomo">' in other.get().text
        assert other.get("/consent/receipt?format=json").json["records"] == []

    def test_a_retired_key_still_counts(self, make_app, policy_file):
        """
        Changing the site's secret key asks nobody while the old one is kept as a fallback.
        """
        visitor = Visitor(make_app(language=lambda: "de"))
        visitor.decide("reject")
        key = visitor.app.config["SECRET_KEY"]
        now = Visitor(
            make_app(
                language=lambda: "de", SECRET_KEY="f" * 8 + key[:24], SECRET_KEY_FALLBACKS=[key]
            )
        )
        now.client._cookies = visitor.client._cookies

        assert asked_about(now) is None

    def test_a_lost_key_asks_everybody(self, make_app):
        """
        When the key is lost, nothing can be trusted and everybody is asked (RP-10).
        """
        visitor = Visitor(make_app(language=lambda: "de"))
        visitor.decide("accept")
        now = Visitor(make_app(language=lambda: "de", SECRET_KEY="another-key-of-32-characters-ab"))
        now.client._cookies = visitor.client._cookies

        assert asked_about(now) == []
        assert '<template data-consent="matomo">' in now.get().text

    def test_a_key_that_is_not_the_same_everywhere_is_told(self, make_app, caplog):
        """
        Where each process has a key of its own visitors are asked for ever; the server's log says
        once that this is the reason, and nothing of the cookie.
        """
        visitor = Visitor(make_app(language=lambda: "de"))
        visitor.decide("accept")
        other = Visitor(
            make_app(language=lambda: "de", SECRET_KEY="another-key-of-32-characters-ab")
        )
        other.get()
        assert caplog.records == []

        for _ in range(3):
            at(other, visitor).get()
        [told] = caplog.messages
        assert "SECRET_KEY: a decision about today's notice came back" in told
        assert visitor.cookie().split(".")[1] not in told

    @pytest.mark.parametrize("junk", ["x", "1.x.y", "1." + "A" * 22 + ".20261126..sig", ""])
    def test_what_is_no_decision_about_this_site_is_not(self, visitor, caplog, junk):
        """
        Junk, and the cookie of another site on the same host, are no news for the operator.
        """
        visitor.get()
        visitor.client.set_cookie("__Host-consent", junk, domain="kreisverband.example")

        assert asked_about(visitor) == []
        assert caplog.records == []

    def test_a_cookie_of_a_later_version_asks(self, app, visitor):
        """
        A cookie in a format that this version does not know means: ask (RP-10).
        """
        visitor.decide("reject")
        later = "2" + visitor.cookie()[1:]
        visitor.client.set_cookie("__Host-consent", later, domain="kreisverband.example")

        assert asked_about(visitor) == []


class TestSeveralProcesses:
    """A site is put into service by and by: some processes show a notice, some the next one."""

    @pytest.fixture
    def old(self, site_with):
        """A process that shows the notice of before, and has met a visitor of the next one."""
        old = site_with(POLICY)
        at(old, self.next(site_with, "eins", "reject")).get()
        return old

    def next(self, site_with, words, decision) -> Visitor:
        """Decide at a process that shows other *words*."""
        visitor = site_with(POLICY + f'\n[texts.de]\n"banner.free" = "Fassung {words}."\n')
        visitor.decide(decision)
        return visitor

    @pytest.mark.parametrize("decision", ["accept", "reject"])
    def test_what_was_decided_at_one_counts_at_the_others_at_once(self, site_with, old, decision):
        """
        A visitor whose pages come from different processes is not asked a second time (RP-01).
        """
        visitor = at(old, self.next(site_with, "zwei", decision))

        assert asked_about(visitor) is None

    def test_a_withdrawal_elsewhere_is_one(self, site_with, old):
        """
        Taken back at another process than it was given, a consent is on record as withdrawn, under
        its receipt (EV-02, EV-07).
        """
        visitor = at(old, self.next(site_with, "zwei", "accept"))
        visitor.decide("withdraw")

        grant, withdrawal = events(old.app)[-2:]
        assert (grant["kind"], withdrawal["kind"]) == ("grant", "withdrawal")
        assert withdrawal["receipt"] == grant["receipt"]
        assert withdrawal["previous"] == grant["id"]

    def test_who_comes_while_somebody_looks_is_not_asked(self, site_with, old, monkeypatch):
        """
        Right after a start many come with cookies of before; none is asked because of the others.
        """
        first, second = (at(old, self.next(site_with, "zwei", "accept")) for _ in "ab")
        store = old.app.extensions["consentry"].store
        find, met = store.find_document, []

        def meanwhile(start):
            if not met:
                met.append(None)
                met.append(asked_about(second))
            return find(start)

        monkeypatch.setattr(store, "find_document", meanwhile)

        assert asked_about(first) is None
        assert met == [None, None]

    @pytest.fixture
    def clock(self, monkeypatch):
        """A clock that stands still until it is moved."""
        now = [1000.0]
        monkeypatch.setattr(notices.time, "monotonic", lambda: now[0])
        return now

    @pytest.fixture
    def looks(self, old, monkeypatch):
        """Each look into the store, which fails as long as something is in the second list."""
        store = old.app.extensions["consentry"].store
        find, looks, trouble = store.find_document, [], []

        def look(start):
            looks.append(start)
            if trouble:
                raise trouble[0]
            return find(start)

        monkeypatch.setattr(store, "find_document", look)
        return looks, trouble

    def test_pages_do_not_wait_for_a_store_that_is_down(self, site_with, old, clock, looks, caplog):
        """
        While the database is down, one page view in half a minute finds that out, and the log tells
        what follows; then it is well.
        """
        visitor = at(old, self.next(site_with, "zwei", "accept"))
        other = at(old, self.next(site_with, "drei", "accept"))
        looks, trouble = looks
        trouble.append(LogUnavailable("down"))
        for _ in range(3):
            assert asked_about(visitor) == asked_about(other) == []
        assert len(looks) == 1
        assert "who decided under it are asked again: down" in caplog.text

        clock[0] += notices.PAUSE
        assert asked_about(visitor) == asked_about(other) == []
        assert len(looks) == 2

        trouble.clear()
        clock[0] += notices.PAUSE
        assert asked_about(visitor) is asked_about(other) is None

    def test_a_decision_looks_all_the_same(self, site_with, old, clock, looks):
        """
        Who takes back a consent just after the database was down takes back that consent (EV-02).
        """
        visitor = at(old, self.next(site_with, "zwei", "accept"))
        looks, trouble = looks
        trouble.append(LogUnavailable("down"))
        visitor.get()
        trouble.clear()
        visitor.decide("reject")

        assert events(old.app)[-1]["kind"] == "withdrawal"

    @pytest.mark.parametrize("trouble", [None, LogError("was changed")], ids=["lost", "changed"])
    def test_one_that_is_not_there_keeps_nobody_else(self, site_with, old, clock, looks, trouble):
        """
        Who decided under a notice that is lost is asked; others who come meanwhile are not.
        """
        looks, troubles = looks
        lost, other = (at(old, self.next(site_with, words, "accept")) for words in ("zwei", "drei"))
        if trouble is None:
            forget(old.app, lost)
        else:
            troubles.append(trouble)
        assert asked_about(lost) == asked_about(lost) == []
        assert len(looks) == 1

        troubles.clear()
        assert asked_about(other) is None
        clock[0] += notices.PAUSE
        asked_about(lost)
        assert len(looks) == 3


def at(old: Visitor, visitor: Visitor) -> Visitor:
    """Let *visitor* come to the process of *old*."""
    here = Visitor(old.app)
    here.client._cookies = visitor.client._cookies
    return here


def forget(app, visitor: Visitor) -> None:
    """Take the notice that *visitor* decided under out of the database."""
    start = hash_start(visitor.cookie().split(".")[1])
    app.extensions["consentry"].store.transact(
        lambda connection: connection.execute(
            tables.document.delete().where(tables.document.c.hash.startswith(start))
        )
    )
