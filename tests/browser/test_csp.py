"""A policy that grows with what is granted, in browsers that enforce it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.servers import LAST, POLICY, Site, ThirdParties
from tests.browser.test_vectors import SEE, raw
from tests.browser.vectors import ALONE, PARTS, addressed
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

#: A policy that lets everything run that stands in the page, so that what it does is tried. With
#: data: for workers, WebKit would run some that no policy holds for.
LENIENT = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; worker-src 'self' blob:; "
    "form-action 'self'; base-uri 'self'"
)

#: What only a policy without 'unsafe-inline' stops: what it says is fetched by no directive.
INLINE_ONLY = frozenset({"speculation"})

BASE = "default-src 'self'; script-src 'self' 'nonce-{nonce}'"

#: What leads a page away no directive is about: with each policy, what of it does so.
LED_AWAY = {LENIENT: {"refresh", "location"}, BASE: {"refresh"}}


#: What a page that forgot its gates asks of others, once it may.
FORGOTTEN = {"count.js", "pixel", "film", "style", "fetched", "beacon"}


def forgetful(folder: Path, third: ThirdParties) -> Site:
    """A site that forgot its gates; what it loads is a service that visitors can grant."""
    host = third.origin.partition("//")[2]
    site = Site(
        folder,
        POLICY.replace('host = "localhost"', f'host = "localhost"\nhosts = ["{host}"]'),
        CONSENT_CSP=BASE,
    )
    third.frame("film")
    site.page(
        f'<script src="{third.script("count.js")}"></script>'
        f'<img src="{third.url("pixel")}" alt=""><iframe src="{third.url("film")}"></iframe>'
        f'<link rel="stylesheet" href="{third.url("style")}">'
        f'<video src="{third.url("video")}"></video>'
        f'<script nonce="{{{{ nonce }}}}">fetch("{third.url("fetched")}").catch(() => {{}});'
        f'navigator.sendBeacon("{third.url("beacon")}");</script>'
        '{% gate "youtube" %}<iframe title="Film" src="/film"></iframe>{% endgate %}'
    )
    return site


@pytest.fixture
def strict(tmp_path, third):
    """A site that forgot its gates."""
    site = forgetful(tmp_path, third)
    with site.running():
        yield site


@pytest.fixture
def stranger(make_visitor, strict, third):
    """Somebody who comes to the strict site and has not decided."""
    return Visitor(make_visitor().context, strict, third)


@pytest.mark.every_engine
@pytest.mark.parametrize(
    ("part", "policy"),
    [("scripts", LENIENT), ("markup", LENIENT), ("markup", BASE)],
    ids=["scripts", "markup", "markup of a strict site"],
)
def test_no_way_to_another_origin_is_open_before_a_grant(
    tmp_path, third, make_visitor, part, policy
):
    """
    Of a page with every vector and no gate at all, the other origin sees no request: the policy
    that visitors get before a grant names it nowhere (GA-05).
    """
    left_out = INLINE_ONLY if policy == LENIENT else frozenset()
    vectors = {name: text for name, text in PARTS[part].items() if name not in left_out}
    site = Site(tmp_path, CONSENT_CSP=policy)
    site.page(raw("".join(addressed(vectors, third))))
    with site.running():
        visitor = Visitor(make_visitor().context, site, third)
        visitor.go()
        visitor.page.evaluate(SEE)
        visitor.until("violations.length >= 20")
        visitor.page.goto(third.url(LAST))

    assert third.arrived == []


@pytest.mark.every_engine
@pytest.mark.parametrize("policy", LED_AWAY, ids=["lenient", "strict"])
def test_what_leads_the_whole_page_away_is_all_that_a_policy_cannot_stop(
    tmp_path, third, make_visitor, policy
):
    """
    A form that sends itself and a <base> reach nobody before a grant either. A <meta> that goes
    elsewhere does, and a script that does if the site lets it run, as the docs say.
    """
    site = Site(tmp_path, CONSENT_CSP=policy)
    with site.running():
        for name, markup in zip(ALONE, addressed(ALONE, third), strict=True):
            site.page(raw(markup), f"/{name}")
            visitor = Visitor(make_visitor().context, site, third)
            visitor.go(f"/{name}", wait_until="commit")
            if name in LED_AWAY[policy]:
                visitor.page.wait_for_url(third.url(name))
            else:
                visitor.until("violations.length")

    assert set(third.arrived) == LED_AWAY[policy]


def test_before_a_grant_the_browser_refuses_what_slipped_past_every_gate(stranger, third):
    """
    A page whose author forgot the gates contacts nobody before a grant, nor after a refusal, for
    which it stays as it is (GA-05).
    """
    stranger.go(wait_until="networkidle")
    arrived = []
    stranger.page.on("framenavigated", lambda frame: arrived.append(frame.url))
    stranger.decide("reject")
    expect(stranger.page.get_by_role("status")).not_to_be_empty()
    assert arrived == []
    stranger.go(wait_until="networkidle")

    assert third.arrived == []
    assert len(stranger.page.evaluate("violations")) >= 6


def test_after_a_grant_the_page_is_loaded_anew_and_what_was_granted_works(stranger, third):
    """
    A page cannot widen the policy that it came with, so the next one starts what is granted;
    the answer is told there. A withdrawal closes it again (GA-05, WD-04, AX-16).
    """
    stranger.go()
    with stranger.page.expect_event("load"):
        stranger.button("accept").click()
    stranger.wait_until_ran("count.js")
    expect(stranger.page.frame_locator("iframe").first.locator("p")).to_have_text("film")
    expect(stranger.page.get_by_role("status")).not_to_be_empty()
    stranger.page.wait_for_load_state("networkidle")
    granted = set(third.arrived)
    stranger.withdraw()
    third.forget()
    stranger.go(wait_until="networkidle")

    assert granted >= FORGOTTEN
    assert third.arrived == []


@pytest.mark.every_engine
def test_what_is_absent_before_a_grant_comes_with_the_page_after_it(tmp_path, third, make_visitor):
    """
    Where the policy wants nothing of a service in a page before its grant, the page loads itself
    anew after it, and again without the service after the withdrawal (GA-02, WD-04).
    """
    site = Site(tmp_path, 'ungranted = "absent"\n' + POLICY)
    third.frame("film")
    film = f'<iframe title="Film" src="{third.url("film")}"></iframe>'
    site.page(f'{{% gate "youtube" %}}{film}{{% endgate %}}')
    with site.running():
        visitor = Visitor(make_visitor().context, site, third)
        visitor.go()
        before = visitor.page.content()
        with visitor.page.expect_event("load"):
            visitor.button("accept").click()
        expect(visitor.page.frame_locator("iframe").locator("p")).to_have_text("film")
        visitor.withdraw()
        expect(visitor.page.locator("iframe")).to_have_count(0)
        after = visitor.page.content()

    for page in (before, after):
        assert third.origin not in page
        assert 'data-consent="youtube"' not in page


def test_once_is_not_offered_where_it_could_not_be_kept(stranger):
    """
    What is allowed for this page alone would be refused by its policy, so only "always" is
    there.
    """
    stranger.go()

    expect(stranger.placeholder("youtube").locator("button[value=allow]")).to_be_visible()
    expect(stranger.placeholder("youtube").locator("button[value=once]")).to_be_hidden()
