"""A film in sign language about the decision, as a deaf visitor gets to see it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.servers import POLICY, Site
from tests.browser.visitor import Visitor, follow

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

PATH = "/gebaerdensprache"
LINKED = POLICY.replace('imprint = "', f'sign_language = "{PATH}", imprint = "')


@pytest.fixture(params=["bar", "modal", "static"])
def site(request, third, tmp_path):
    """A site whose film in sign language is at a provider's."""
    is_static = request.param == "static"
    placement = "corner" if is_static else request.param
    site = Site(tmp_path, f'placement = "{placement}"\n{LINKED}', CONSENT_STATIC_PAGES=is_static)
    frame = f'<iframe title="Film" width="280" height="158" src="{third.frame("film")}"></iframe>'
    site.page(f'{{% gate "youtube" %}}{frame}{{% endgate %}}', PATH)
    with site.running():
        yield site


def film_of(visitor: Visitor):
    """The film, once it is there."""
    return visitor.page.frame_locator("iframe").locator("p")


def test_it_can_be_watched_before_deciding(site, visitor):
    """
    By keyboard and on a narrow screen the film is one link away; it waits for a consent as any
    embed does, plays after one for this time, and nothing is decided by that (LA-06, GA-03).
    """
    visitor.page.set_viewport_size({"width": 320, "height": 568})
    visitor.go()
    link = visitor.banner.get_by_role("link", name="Film in Gebärdensprache")
    expect(link).to_be_in_viewport(ratio=1)
    for _ in range(3):  # what can be scrolled is a stop, too
        visitor.page.keyboard.press("Tab")
        if link.evaluate("link => link === document.activeElement"):
            break
    expect(link).to_be_focused()
    with visitor.page.expect_event("load"):
        visitor.page.keyboard.press("Enter")
    expect(visitor.banner).to_have_count(0)
    before = visitor.arrived()
    visitor.placeholder("youtube").locator("button[value=once]").click()
    expect(film_of(visitor)).to_have_text("film")

    assert before == []
    assert visitor.cookie() is None
    visitor.go()
    expect(visitor.banner).to_be_visible()


@pytest.mark.parametrize("site", ["bar"], indirect=True)
def test_without_scripts_too(site, plain_visitor):
    """
    Without JavaScript the link leads there as well, and one press shows the film (LA-06, FL-24).
    """
    plain_visitor.go()
    follow(plain_visitor.banner.get_by_role("link", name="Film in Gebärdensprache"))
    before = plain_visitor.arrived()
    follow(plain_visitor.placeholder("youtube").locator("button[value=allow]"))

    assert before == []
    assert plain_visitor.page.url == site.url + PATH
    expect(film_of(plain_visitor)).to_have_text("film")


@pytest.mark.parametrize("site", ["static"], indirect=True)
def test_who_has_allowed_it_need_not_do_so_again(site, visitor):
    """
    On a site whose pages are the same for everybody the film plays as soon as its page is opened,
    for whoever has allowed it, and taking that back is one press away (LA-06, WD-02).
    """
    visitor.go()
    visitor.decide("accept")
    visitor.go(PATH)

    expect(film_of(visitor)).to_have_text("film")
    expect(visitor.page.locator("footer button[value=withdraw]")).to_be_visible()
