"""The way to the settings that every page has in its footer."""

import re
from pathlib import Path

from flask import render_template_string

from tests.conftest import Visitor, events

TEMPLATES = Path(__file__).parents[3] / "templates" / "consent"

#: The button as it waits for the first grant.
OFFER = re.compile('<template data-consent="\\*">(.*?)</template>', re.DOTALL)


def whole_footer(visitor) -> str:
    return re.search("<footer>(.*)</footer>", visitor.get().text, re.DOTALL).group(1)


def footer(visitor) -> str:
    """Return what is shown of the footer."""
    return OFFER.sub("", whole_footer(visitor))


def test_before_a_consent_it_is_a_link(visitor):
    """
    Who has nothing to withdraw is offered nothing to withdraw.
    """
    before = footer(visitor)
    visitor.decide("reject")

    assert "data-consent-open" in before
    assert "withdraw" not in before
    assert "withdraw" not in footer(visitor)


def test_the_button_that_waits_is_the_one_that_is_there_later(visitor):
    """
    What a grant on the page starts in the footer is what the next page has there, with the same
    page to return to; that one has nothing waiting any more (WD-02).
    """
    link, offer = footer(visitor).strip(), OFFER.search(whole_footer(visitor)).group(1)
    visitor.decide("accept")

    assert " ".join(whole_footer(visitor).split()) == " ".join(f"{link} {offer}".split())


def test_nothing_waits_beside_a_version_of_the_sites_own_that_has_another_order(make_app, override):
    """
    Where the site puts the button before the link, a grant brings no second link; the next page
    has both.
    """
    link, button = (TEMPLATES / "link.html").read_text(encoding="utf-8").split("\n", 1)
    override("link", f"{button}\n{link}")
    visitor = Visitor(make_app())
    before = whole_footer(visitor)
    visitor.decide("accept")

    assert "data-consent-open" in before
    assert "<template" not in before
    assert re.search("withdraw.*data-consent-open", whole_footer(visitor), re.DOTALL)


def test_while_something_is_granted_one_press_withdraws(app, visitor):
    """
    Beside the link stands a button that withdraws everything at once, from any page and
    without a further question (WD-02, WD-03).
    """
    visitor.decide("allow", "youtube", layer="placeholder")
    form = footer(visitor)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    visitor.decide(fields.pop("decision"), **fields)

    assert "Einwilligung widerrufen" in form
    assert [event["layer"] for event in events(app)] == ["placeholder", "link"]
    assert events(app)[-1]["kind"] == "withdrawal"
    assert "withdraw" not in footer(visitor)


def test_while_a_signal_has_paused_all_of_it_one_press_withdraws_too(visitor):
    """
    What rests because of a browser's signal would go on where none is sent, so that it can be
    withdrawn meanwhile (WD-02).
    """
    visitor.decide("accept")
    paused = visitor.get(headers={"Sec-GPC": "1"}).text
    link = paused.partition("data-consent-open>Datenschutz-Einstellungen")[2]

    assert '<template data-consent="matomo">' in paused
    assert "Einwilligung widerrufen" in link
    assert "<template" not in link.partition("Einwilligung widerrufen")[0]


def test_in_a_sentence_it_is_the_link_alone(app, visitor):
    """
    In running text a site asks for the link without the button.
    """
    sentence = "{{ consent.settings_link(button=False) }}"
    app.add_url_rule("/text", "text", lambda: render_template_string(sentence))
    visitor.decide("accept")

    assert re.fullmatch(r"<a [^>]*data-consent-open>[^<]+</a>", visitor.get("/text").text)


def test_an_error_of_the_site_does_not_take_it_away(app, visitor):
    """
    The page that a site shows when something breaks has the way to the settings, and the way to
    withdraw, like any other (WD-01, WD-02).
    """
    page = "<footer>{{ consent.settings_link() }}</footer>"
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.add_url_rule("/broken", "broken", lambda: 1 / 0)
    for status in (404, 500):
        app.register_error_handler(status, lambda e: (render_template_string(page), e.code))
    visitor.decide("accept")

    for path, status in (("/missing", 404), ("/broken", 500)):
        answer = visitor.get(path)
        assert answer.status_code == status
        link = r'<a href="/consent/settings[^"]*" lang="de" data-consent-open>'
        assert re.search(link, answer.text)
        assert 'value="withdraw"' in answer.text


def test_our_own_pages_have_it_too(visitor):
    """
    Settings, receipt and errors of ours lead to the settings as well (WD-01).
    """
    for path in ("/consent/receipt", "/consent/notice/x", "/consent/settings"):
        assert re.search(r'<footer.*href="/consent/settings', visitor.get(path).text, re.DOTALL), (
            path
        )
