"""Pages of a site that wants nothing of a service in them before it is granted."""

import pytest

from tests.conftest import Visitor
from tests.web.page.test_gating import render

ABSENT = 'ungranted = "absent"\n'

FILM = '<iframe src="https://www.youtube-nocookie.com/embed/x"></iframe>'
PAGE = (
    "{{ consent.head() }}"
    f'<main>{{% gate "youtube" %}}{FILM}{{% endgate %}}{{{{ html | gated }}}}</main>'
)
STORED = f'<p>a</p>{FILM}<img src="https://i.ytimg.com/x.jpg" alt="Film"><p>b</p>'

PREFETCH = {"Sec-Purpose": "prefetch;prerender"}


@pytest.fixture
def site(make_app, policy_file):
    """Return how to make a site; keyword arguments are configuration."""

    def site(**config):
        text = policy_file.read_text(encoding="utf-8").removeprefix(ABSENT)
        policy_file.write_text(ABSENT + text, encoding="utf-8")
        return make_app(language=lambda: "de", **config)

    return site


def shown(app, cookie=None):
    """Return what a page has in its middle."""
    page = render(app, PAGE, cookie, html=STORED)
    return page.partition("<main>")[2].partition("</main>")[0]


@pytest.mark.parametrize("decision", [None, "reject"])
def test_nothing_of_it_is_there(site, decision):
    """
    Neither a template nor a placeholder nor an address is in the page, and the rest is as it was;
    the provider is not even named in what loads nothing (GA-02).
    """
    app = site()
    visitor = Visitor(app)
    if decision:
        visitor.decide(decision)

    assert shown(app, visitor.cookie() if decision else None) == "<p>a</p><p>b</p>"


def test_once_granted_it_comes_with_the_page(site):
    """
    The markup is in the next page, which the script is told to load, as after a grant that widens
    a policy.
    """
    app = site()
    visitor = Visitor(app)
    page = visitor.get().text
    answer = visitor.decide("accept", json=True)
    middle = shown(app, visitor.cookie())

    assert " data-consent-reload" in page
    assert answer.json["reload"]
    assert middle.count("<iframe") == 2
    assert "i.ytimg.com" in middle


def test_what_speaks_to_a_provider_is_absent_as_well(site, policy_file):
    """
    Scripts that tell a provider of a decision come with the grant, too.
    """
    text = policy_file.read_text(encoding="utf-8")
    policy_file.write_text(f'{text}\n[services.microsoft-clarity]\npurpose = "tracking"\n', "utf-8")
    app = site()
    visitor = Visitor(app)
    before = visitor.get().text
    visitor.decide("accept")

    assert "clarity" not in before.partition("</head>")[0]
    assert "tell-clarity.js" in visitor.get().text


@pytest.mark.parametrize("headers", [{}, PREFETCH], ids=["static", "prefetched"])
def test_pages_for_everybody_keep_the_templates(site, headers):
    """
    A page that shows nobody's choice has no other way to open what was granted (GA-07, GA-12).
    """
    app = site(CONSENT_STATIC_PAGES=not headers)
    page = app.test_client().get("/", base_url="https://kreisverband.example", headers=headers).text

    assert '<template data-consent="matomo">' in page
