"""Pages that are made in another way than most: what a visitor is promised holds there, too."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_base_that_leads_elsewhere(site, third, visitor):
    """
    Where the addresses of a page begin at another host, decisions and settings are this site's all
    the same, and the other host is told of none.
    """
    ran = '{% gate "matomo" %}<script>ran = ["here"]</script>{% endgate %}'
    site.page(f'<base href="{third.url("")}">{ran}')
    visitor.go()
    visitor.decide("accept")
    visitor.wait_until_ran("here")
    visitor.open_settings()
    with visitor.page.expect_event("load"):
        visitor.dialog.locator("button[value=withdraw]").click()

    assert visitor.ran() == []
    assert visitor.arrived() == []
    assert [event["kind"] for event in site.events()] == ["grant", "withdrawal"]


#: What waits on a page that is the same for everybody, as somebody may write it into any page.
HELD = '<{0} data-consent-held="x" data-signals="" data-state="{1}"></{0}>'

#: What somebody would like to be told of a visitor who refused.
CLAIM = """<div data-consent-state="matomo youtube">
<template data-consent=""><script>(window.ran ||= []).push("theirs")</script></template></div>"""


@pytest.mark.parametrize("place", ["another host", "another page", "a script"])
def test_names_of_ours_in_a_text(site, third, visitor, place):
    """
    A text of somebody whom a site lets write no scripts, but attributes that begin with ``data-``,
    runs no script by names of ours, grants nothing, and contacts nobody.
    """
    script = third.script("theirs")
    visitor.go()
    visitor.decide("reject")
    site.page(CLAIM, "/andere")
    there = "@" + third.frame("claim", CLAIM).partition("//")[2]
    texts = {
        "another host": HELD.format("p", there) + HELD.format("template", there),
        "another page": HELD.format("template", "/andere"),
        "a script": HELD.format("template", "/consent/state?lang=de")
        + "<template data-consent-leftovers='[[&quot;x&quot;,&quot;cookie&quot;,&quot;y&quot;]]'"
        f' data-script="{script}"></template>',
    }
    site.page('{% gate "matomo" %}<script>ran = ["here"]</script>{% endgate %}' + texts[place])
    visitor.go()
    expect(visitor.page.locator("template[data-signals]")).to_have_count(0)

    assert visitor.arrived() == []
    assert visitor.ran() == []


def test_what_a_text_claims_of_the_cookie_counts_for_nothing(site, visitor):
    """
    Our script is told what was decided by its own tag alone: a text that says so in the same words
    keeps nobody from what a page offers, and does not load it anew, again and again.
    """
    visitor.go()
    visitor.decide("reject")
    film = '{% gate "youtube" %}<iframe title="Film" src="/film"></iframe>{% endgate %}'
    site.page(f'<p data-consent-told="1.x.20261125.matomo" data-consent-reload>Theirs</p>{film}')
    visitor.go()

    expect(visitor.placeholder("youtube").locator("button[value=once]")).to_be_visible()
    visitor.page.evaluate("window.stays = true")
    visitor.page.evaluate("dispatchEvent(new Event('visibilitychange'))")
    assert visitor.page.evaluate("window.stays")


#: What passes for our settings, in a file perhaps that somebody may put onto the site.
SETTINGS = """<form data-consent-layer="settings"><button formmethod="dialog" hidden></button>
<template data-consent=""><script>(window.ran ||= []).push("theirs")</script></template></form>"""


def test_a_link_in_a_text_opens_the_settings_of_the_site(site, third, visitor):
    """
    A link that somebody wrote as one to the settings opens these alone; nothing of another file of
    the site, which a browser may only have been meant to save, gets into the page by it.
    """
    site.page(SETTINGS, "/andere")
    site.page('<a href="/andere" data-consent-open>Theirs</a>')
    visitor.go()
    visitor.page.get_by_text("Theirs").click()

    expect(visitor.dialog.locator("[name=service]")).to_have_count(3)
    assert visitor.ran() == []
