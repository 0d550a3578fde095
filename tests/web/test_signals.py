"""Pages, routes and records when a browser asks not to be followed."""

import re

import pytest

from consent.web.assets import ROOT
from tests.conftest import Visitor, events

GPC, DNT = {"Sec-GPC": "1"}, {"DNT": "1"}
INERT = '<template data-consent="matomo">'


@pytest.fixture(params=[GPC, DNT], ids=["gpc", "dnt"])
def signal(request):
    """A header by which the browser asks not to be followed."""
    return request.param


def test_nothing_is_asked_and_nothing_is_on(visitor, signal):
    """
    Under a signal no banner comes up, everything optional is off, and the way to the settings
    is there (SG-02, SG-05).
    """
    page = visitor.get(headers=signal).text

    assert 'id="consent"' not in page
    assert INERT in page
    assert "data-consent-open" in page


def test_the_settings_say_why(visitor, signal):
    """
    The settings name the signal that is in force, and explain how signals are treated (SG-07).
    """
    text = visitor.get("/consent/settings", headers=signal).text
    name = "Global Privacy Control" if signal is GPC else "Do Not Track"

    assert re.search(f"Ihr Browser sendet das Signal {name}", text)
    signals = "Global Privacy Control (GPC), Do Not Track (DNT)"
    assert f"Signale des Browsers: {signals}. Sendet Ihr Browser eines, fragen wir nicht" in text


def test_the_settings_say_what_a_later_signal_paused(visitor, signal):
    """
    Whose services rest since the browser sends a signal reads so in the settings, too, and not that
    nothing is asked: the banner asks (SG-03, SG-07).
    """
    visitor.decide("accept")
    text = visitor.get("/consent/settings", headers=signal).text
    name = "Global Privacy Control (GPC)" if signal is GPC else "Do Not Track (DNT)"

    assert f"Ihr Browser sendet jetzt das Signal {name}:" in text
    assert "Deshalb ruhen diese Dienste: Matomo, YouTube." in text
    assert "Deshalb fragen wir nicht" not in text


def test_an_explicit_choice_wins(app, visitor, signal):
    """
    What a visitor allows while sending the signal is on, on later pages too (SG-03).
    """
    visitor.decide("save", "youtube", headers=signal)
    page = visitor.get(headers=signal).text

    assert '<template data-consent="youtube">' not in page
    assert INERT in page
    assert 'id="consent"' not in page
    assert events(app)[0]["granted"] == ["youtube"]


def test_a_later_signal_pauses_and_says_so(visitor, signal):
    """
    If the signal comes after the consent, the services rest, the visitor is told and asked
    about them (SG-03).
    """
    visitor.decide("accept")
    page = visitor.get(headers=signal).text

    assert INERT in page
    assert "Deshalb ruhen diese Dienste: Matomo, YouTube." in page
    assert re.findall(r'name="about" value="(\w+)"', page) == ["matomo", "youtube"]


@pytest.mark.parametrize(
    ("answer", "kind", "inert"), [("accept", "grant", False), ("reject", "withdrawal", True)]
)
def test_the_conflict_is_settled_by_one_answer(app, visitor, signal, answer, kind, inert):
    """
    The answer to the conflict counts from then on, under the receipt of the consent, and
    nobody is asked again (SG-03, WD-07).
    """
    visitor.decide("accept")
    visitor.decide(answer, about=["matomo", "youtube"], headers=signal)
    page = visitor.get(headers=signal).text
    first, last = events(app)

    assert last["kind"] == kind
    assert last["receipt"] == first["receipt"]
    assert 'id="consent"' not in page
    assert (INERT in page) is inert


def test_a_signal_that_goes_leaves_the_consent(visitor, signal):
    """
    Services that only rested run again when the signal is gone.
    """
    visitor.decide("accept")
    visitor.get(headers=signal)

    assert INERT not in visitor.get().text


def test_nothing_about_signals_is_recorded(app, visitor, signal, caplog):
    """
    Neither a page view nor a refusal under a signal leaves a trace of it: the log has no word
    of it, nor has the server's, and the cookie is that of everybody who refuses (SG-06, PS-06).
    """
    caplog.set_level(0)
    other = Visitor(app)
    visitor.get(headers=signal)
    visitor.decide("reject", headers=signal)
    other.decide("reject")

    assert visitor.cookie() == other.cookie()
    assert not re.search("gpc|dnt|signal", str(events(app)) + caplog.text, re.IGNORECASE)


@pytest.mark.parametrize("value", ["0", "true", "", "1;"])
def test_other_values_are_no_signal(visitor, value):
    """
    A header with any other value changes nothing (SG-01).
    """
    assert 'id="consent"' in visitor.get(headers={"Sec-GPC": value}).text


def test_pages_vary_on_the_signals(visitor):
    """
    A cache is told that pages depend on the signals (GA-07).
    """
    assert {"Cookie", "Sec-GPC", "DNT"} <= set(visitor.get().vary)


def test_the_support_resource(visitor):
    """
    The site states at the well-known address that it honours Global Privacy Control (SG-04).
    """
    answer = visitor.get("/.well-known/gpc.json")

    assert answer.mimetype == "application/json"
    assert answer.json["gpc"] is True
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", answer.json["lastUpdate"])


def test_a_site_that_honours_no_signal_does_not_claim_to(policy_file, make_app):
    """
    Without honoured signals nothing is said about them, not even that they are ignored, and they
    change nothing (SG-04, SG-05).
    """
    text = policy_file.read_text(encoding="utf-8")
    policy_file.write_text(text.replace("languages", "signals = []\nlanguages"), encoding="utf-8")
    visitor = Visitor(make_app(language=lambda: "de"))

    assert visitor.get("/.well-known/gpc.json").status_code == 404
    settings = visitor.get("/consent/settings", headers=GPC).text
    assert "Signale des Browsers" not in settings
    assert not re.search("Do Not Track|DNT|Global Privacy|GPC|ignor", settings)
    assert 'id="consent"' in visitor.get(headers=GPC).text
    assert "Sec-GPC" not in visitor.get().vary


def test_no_interface_of_the_advertising_trade(visitor):
    """
    Neither pages nor any script of ours carry a TCF or GPP interface or write its strings (SG-12).
    """
    scripts = sorted((ROOT / "static" / "js").rglob("*.js"))
    shown = [visitor.get(path).text for path in ("/", "/consent/settings", "/consent/state")]
    known = "tcfapi|__cmp|__gpp|usprivacy|uspapi|euconsent|addtl_consent|tcString"

    assert len(scripts) > 10
    for text in (*shown, *(file.read_text(encoding="utf-8") for file in scripts)):
        assert not re.search(known, text, re.IGNORECASE)
