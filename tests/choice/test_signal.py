"""Signals by which a browser asks not to be followed."""

import pytest

from consent.choice.choice import Choice, stand
from consent.choice.decide import decide
from consent.choice.signal import is_sent, sent

TODAY = 20_782
OFFERED = {"matomo": "m1", "youtube": "y1"}
ALL = frozenset(OFFERED)
NONE = frozenset()


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("1", True),
        (" 1", True),
        ("1, 1", True),
        ("0,1", True),
        ("0", False),
        ("true", False),
        ("11", False),
        ("1t", False),
        ("\\1", False),
        ("1;x", False),
        ("", False),
        ("one", False),
        ("\u0661", False),
        (None, False),
    ],
)
def test_only_the_value_one_is_a_signal(value, found):
    """
    A signal is there when a field of its name has exactly the value 1, in one field or in one
    of several; anything else is ignored (SG-01).
    """
    assert is_sent(value) is found


@pytest.mark.parametrize(
    ("headers", "honoured", "found"),
    [
        ({"Sec-GPC": "1", "DNT": "1"}, ("gpc", "dnt"), "gpc"),
        ({"DNT": "1"}, ("gpc", "dnt"), "dnt"),
        ({"DNT": "1"}, ("gpc",), None),
        ({"Sec-GPC": "1"}, (), None),
        ({"Sec-GPC": "0", "DNT": "0"}, ("gpc", "dnt"), None),
    ],
)
def test_only_honoured_signals_count(headers, honoured, found):
    """
    Do Not Track counts like Global Privacy Control, and a site that honours neither says so in
    its policy file (SG-05).
    """
    assert sent(headers.get, honoured) == found


GRANTED = Choice("n", TODAY, ALL)
DESPITE = Choice("n", TODAY, ALL, despite_signal=True)
REFUSED = Choice("n", TODAY)
PARTLY = Choice("n", TODAY, frozenset({"youtube"}), frozenset({"matomo"}))


@pytest.mark.parametrize(
    ("choice", "signal", "granted", "paused", "asks"),
    [
        (None, False, NONE, NONE, ALL),
        (None, True, NONE, NONE, NONE),
        (REFUSED, False, NONE, NONE, NONE),
        (REFUSED, True, NONE, NONE, NONE),
        (GRANTED, False, ALL, NONE, NONE),
        (GRANTED, True, NONE, ALL, ALL),
        (DESPITE, False, ALL, NONE, NONE),
        (DESPITE, True, ALL, NONE, NONE),
        (PARTLY, False, {"youtube"}, NONE, {"matomo"}),
        (PARTLY, True, NONE, {"youtube"}, {"youtube"}),
    ],
)
def test_what_holds_under_a_signal(choice, signal, granted, paused, asks):
    """
    Under a signal nothing is on and nothing is asked; what was allowed in spite of it counts;
    what was allowed before it came rests, and that is asked (SG-02, SG-03).
    """
    found = stand(choice, today=TODAY, lifetime=180, offered=OFFERED, shown=OFFERED, signal=signal)

    assert (found.granted, found.paused, found.asks) == (granted, paused, asks)


def press(control, *services, choice=None, signal=False, about=()):
    standing = stand(
        choice, today=TODAY, lifetime=180, offered=OFFERED, shown=OFFERED, signal=signal
    )
    return decide(
        control,
        services,
        standing=standing,
        notice="n",
        offered=ALL,
        today=TODAY,
        about=about,
        signal=signal,
    )


@pytest.mark.parametrize(
    ("control", "services"), [("accept", ()), ("save", ("matomo",)), ("allow", ("matomo",))]
)
def test_a_grant_remembers_the_signal(control, services):
    """
    What a visitor allows while sending a signal is marked, so that it goes on to count (SG-03).
    """
    assert press(control, *services, signal=True).choice.despite_signal
    assert not press(control, *services).choice.despite_signal


@pytest.mark.parametrize("control", ["reject", "withdraw", "save"])
def test_a_refusal_says_nothing_about_signals(control):
    """
    Those who refuse hold the same cookie, whatever their browsers send (PS-06, SG-06).
    """
    assert press(control, signal=True).choice == press(control).choice


def test_refusing_what_is_paused_is_a_withdrawal():
    """
    Giving up paused services withdraws the consent that the log has (WD-07).
    """
    made = press("reject", choice=GRANTED, signal=True, about=ALL)

    assert (made.kind, made.granted, made.before) == ("withdrawal", NONE, ALL)


def test_allowing_what_is_paused_needs_evidence():
    """
    Starting paused services again is a grant of its own, recorded before anything runs (EV-01).
    """
    made = press("accept", choice=GRANTED, signal=True, about=ALL)

    assert made.grants_more
    assert made.granted == ALL
    assert made.choice.despite_signal
