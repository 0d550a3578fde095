"""What a withdrawal does on the server."""

import json
import re
from html import unescape

import pytest
from flask import render_template_string

from consent import decided
from consent.policy.wording import texts
from tests.conftest import POLICY, Visitor, events

GERMAN = texts("de")
SITE = {"domain": "kreisverband.example"}


@pytest.fixture
def granted(visitor):
    """Somebody who has agreed, is signed in, and was counted."""
    visitor.decide("accept")
    visitor.client.set_cookie("login", "secret", **SITE)
    visitor.client.set_cookie("_pk_id.1.abcd", "x", **SITE)
    return visitor


@pytest.mark.parametrize("control", ["withdraw", "reject", "save"])
def test_only_what_the_service_stored_is_expired(granted, control):
    """
    Each way to withdraw expires the service's cookies one by one and never clears the site's
    data as a whole, so nobody is signed out (WD-05, WD-10).
    """
    response = granted.decide(control)

    assert "Clear-Site-Data" not in response.headers
    assert granted.cookie("_pk_id.1.abcd") is None
    assert granted.cookie("login") == "secret"


def test_no_question_is_asked(granted, app):
    """
    A form with the one button is all it takes: no reason, no account, no second page (WD-03).
    """
    page = granted.get("/consent/settings").text
    fields = re.findall(r'<(?:input|select|textarea)[^>]*name="(\w+)"', page)
    response = granted.decide("withdraw", layer="settings", page="/plain")

    assert set(fields) == {"notice", "layer", "next", "service"}
    assert (response.status_code, response.location) == (303, "/plain")
    assert events(app)[-1]["kind"] == "withdrawal"
    assert "data-consent=" in granted.get().text


def test_the_site_is_told_what_is_off(granted, app):
    """
    Server code that hands data on hears of a withdrawal and can stop (WD-06).
    """
    heard = []
    with decided.connected_to(lambda sender, **news: heard.append(news), sender=app):
        granted.decide("save", "youtube")
        granted.decide("withdraw")

    off = [news["before"] - news["granted"] for news in heard]
    assert off == [{"matomo"}, {"youtube"}]


def test_one_service_of_several_can_be_taken_back(granted, app):
    """
    Taking back one service leaves the other granted, on the page and in the record (WD-08).
    """
    granted.decide("save", "youtube", layer="settings")
    page = granted.get().text

    assert 'data-consent="matomo"' in page
    assert 'data-consent="youtube"' not in page
    assert events(app)[-1]["granted"] == ["youtube"]


@pytest.mark.parametrize("decision", ["reject", "accept"])
def test_the_button_is_there_exactly_while_something_is_granted(visitor, decision):
    """
    One press in the settings withdraws everything while there is something to withdraw
    (WD-02).
    """
    visitor.decide(decision)

    shown = GERMAN["button.withdraw"] in visitor.get("/consent/settings").text
    assert shown == (decision == "accept")


def test_pages_of_our_own_lead_to_the_settings(app, granted):
    """
    Receipt, notice, answers and errors of ours have the way to the settings, too (WD-01).
    """
    notice = granted.notice()
    stranger = Visitor(app)
    pages = {
        "receipt": granted.get("/consent/receipt"),
        "no receipt": stranger.get("/consent/receipt"),
        "notice": granted.get(f"/consent/notice/{notice}"),
        "not found": granted.get("/consent/notice/x"),
        "refused": granted.decide("nonsense"),
        "elsewhere": granted.decide("accept", headers={"Sec-Fetch-Site": "cross-site"}),
    }
    link = re.compile(rf'<a href="/consent/settings[^"]*">{GERMAN["link.settings"]}</a>')

    assert [name for name, answer in pages.items() if not link.search(answer.text)] == []


def test_an_old_cookie_does_not_revive_a_withdrawn_receipt(app, granted):
    """
    Somebody who sends the cookies of before the withdrawal again adds nothing to the record
    that was withdrawn: a consent made with them is a new one, with a number of its own (WD-12).
    """
    old = [
        (granted.client.get_cookie(name, "kreisverband.example", path), path)
        for name, path in (("__Host-consent", "/"), ("__Secure-consent-receipt", "/consent"))
    ]
    granted.decide("withdraw")
    for cookie, path in old:
        granted.client.set_cookie(cookie.key, cookie.value, path=path, **SITE)
    granted.decide("save", "matomo")
    first, withdrawal, again = events(app)

    assert withdrawal["receipt"] == first["receipt"] != again["receipt"]
    assert again["receipt"] is not None
    assert again["previous"] is None


@pytest.mark.parametrize("receipt", ["", "x.y.z"], ids=["lost", "altered"])
def test_a_consent_without_its_number_is_taken_back_as_well(granted, app, receipt):
    """
    Who has lost the cookie with the number, or brings one that is none, withdraws as anybody does.
    """
    granted.client.set_cookie("__Secure-consent-receipt", receipt, path="/consent", **SITE)
    answer = granted.decide("withdraw")

    assert answer.status_code == 303
    assert (events(app)[-1]["kind"], events(app)[-1]["receipt"]) == ("withdrawal", None)
    assert '<template data-consent="matomo">' in granted.get().text


@pytest.fixture
def storing(policy_file, make_app):
    """An app with a service that keeps something beside cookies, and a visitor of it."""
    text = policy_file.read_text(encoding="utf-8")
    policy_file.write_text(text + "\n[services.etracker]\n", encoding="utf-8")
    return Visitor(make_app(language=lambda: "de"))


def swept(page: str) -> set[tuple[str, str]]:
    """Kind and name of what a page has its visitor's browser delete."""
    found = re.search(
        r'<script type="module" src="[^"]*/forget\.js\?v=[^>]*leftovers="([^"]*)"', page
    )
    return {(kind, name) for kind, name, *_ in json.loads(unescape(found[1]))} if found else set()


@pytest.mark.parametrize("kept", [(), ("youtube",), ("etracker",)], ids=str)
@pytest.mark.parametrize("signal", [None, "1"], ids=["granted", "paused"])
def test_storage_to_be_cleared_is_named(storing, kept, signal):
    """
    The answer to a withdrawal names what the browser side has to delete beside cookies: what
    the services taken back keep on this site, even if a signal had paused them, not what an
    embedded one keeps on its own (WD-05, WD-08).
    """
    storing.decide("accept")
    headers = {"Sec-GPC": signal} if signal else {}
    answer = storing.decide("save", *kept, json=True, headers=headers)
    named = [(kind, name) for kind, name, *_ in answer.json["leftovers"]]

    assert ("session-storage", "htmx-history-cache") in named
    assert (("local-storage", "_et_coid") in named) is ("etracker" not in kept)
    assert not [name for _, name in named if name.startswith("yt")]


def test_pages_that_were_kept_are_named_with_every_withdrawal(granted):
    """
    Pages that htmx has kept for the Back button hold what was granted when they were left, so
    they go whatever the services store themselves (WD-04).
    """
    named = granted.decide("withdraw", json=True).json["leftovers"]

    assert named == [[kind, "htmx-history-cache"] for kind in ("session-storage", "local-storage")]


@pytest.mark.parametrize("decision", ["reject", "accept"])
def test_an_answer_that_takes_nothing_back_names_nothing(storing, decision):
    """
    Whoever refuses from the start had nothing to lose, and downloads nothing for it.
    """
    assert storing.decide(decision, json=True).json["leftovers"] == []


@pytest.mark.parametrize("for_all", [False, True], ids=["for each", "for all"])
def test_what_is_for_this_time_only_is_named_where_nothing_is_decided(
    policy_file, make_app, for_all
):
    """
    What a service keeps here that may run on this page only is named with the answer, as no later
    page looks for it before a decision; on pages for everybody so are cookies. Where something is
    decided, the next page sees to it (WD-05).
    """
    policy_file.write_text(f"{POLICY}\n[services.wistia]\n[services.stripe]\n", encoding="utf-8")
    visitor = Visitor(make_app(language=lambda: "de", CONSENT_STATIC_PAGES=for_all))
    film = visitor.decide("once", "wistia", json=True).json["leftovers"]
    payment = visitor.decide("once", "stripe", json=True).json["leftovers"]
    visitor.decide("reject")
    after = visitor.decide("once", "wistia", json=True).json["leftovers"]

    assert film == [["local-storage", "wistia"], ["local-storage", "wistia-video-progress-*"]]
    assert (["cookie", "__stripe_mid"] in payment) is for_all
    assert after == []


@pytest.mark.parametrize("decision", ["reject", "withdraw"])
def test_each_page_after_it_sweeps_again(storing, decision):
    """
    As long as the service is off, every page deletes what it may have written since; a second
    grant ends that (WD-05).
    """
    before = swept(storing.get().text)
    storing.decide("accept")
    granted = swept(storing.get().text)
    storing.decide(decision)
    after = [swept(storing.get().text) for _ in range(2)]
    storing.decide("accept")

    assert before == granted == swept(storing.get().text) == set()
    assert ("local-storage", "_et_coid") in after[0]
    assert after[0] == after[1]


def test_what_sweeps_carries_the_nonce_of_the_page(storing):
    """
    Where a site's policy lets only scripts with its nonce run, what deletes has it, too (WD-05).
    """
    page = "{{ consent.head('abc') }}"
    storing.app.view_functions["home"] = lambda: render_template_string(page)
    storing.decide("accept")
    storing.decide("withdraw")

    assert re.search(r'<script [^>]*forget\.js\S* nonce="abc" data-', storing.get().text)


def test_a_service_that_a_signal_has_paused_loses_nothing(storing):
    """
    What a signal has stopped may be taken up again, so its storage stays like its cookies, whoever
    has refused before (SG-03).
    """
    other = Visitor(storing.app)
    other.decide("reject")
    storing.decide("accept")

    assert swept(other.get(headers={"Sec-GPC": "1"}).text)
    assert swept(storing.get(headers={"Sec-GPC": "1"}).text) == set()


def test_a_site_without_such_services_has_nothing_for_it(granted):
    """
    Where services keep cookies only, which the server deletes, no page has a word about it.
    """
    granted.decide("withdraw")

    assert "leftovers" not in granted.get().text


def test_a_page_for_everybody_says_whose_everything_is(policy_file, make_app):
    """
    Such a page names what each service and the site itself keep, cookies included; the
    browser side knows who is granted.
    """
    text = policy_file.read_text(encoding="utf-8")
    policy_file.write_text(text + "\n[services.etracker]\n", encoding="utf-8")
    page = Visitor(make_app(language=lambda: "de", CONSENT_STATIC_PAGES=True)).get().text
    table = json.loads(unescape(re.search(r'data-consent-leftovers="([^"]*)"', page)[1]))

    assert ["matomo", "cookie", "_pk_id.*"] in table
    assert ["etracker", "local-storage", "_et_coid"] in table
    assert ["", "cookie", "__Host-consent"] in table
    assert swept(page) == set()


def test_a_page_for_everybody_says_nothing_of_services_that_keep_nothing(policy_file, make_app):
    """
    Where no service keeps anything on this site, such a page has no word about it either.
    """
    before = POLICY.partition("[services.youtube]")[0]
    policy_file.write_text(f"{before}items = []\n", encoding="utf-8")
    page = Visitor(make_app(CONSENT_STATIC_PAGES=True)).get().text

    assert 'data-consent="matomo"' in page
    assert "leftovers" not in page
