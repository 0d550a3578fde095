"""A film in sign language about the decision: who is led to it, and who pays for it."""

import re
from urllib.parse import quote

import pytest

from consent import ConfigError
from consent.web.assets import TEMPLATES
from tests.conftest import POLICY, Visitor

PATH = "/gebärdensprache/film"
FILM = POLICY.replace('imprint = "', f'sign_language = "{PATH}?teil=1#film", imprint = "')
LINK = f'\n<div class="cst-links"><a href="{PATH}?teil=1#film">Film in Gebärdensprache</a></div>'


@pytest.fixture
def site(make_app, policy_file):
    """Start the site with a policy, and pages that it links to; its visitor is German."""

    def start(policy: str = FILM, **config) -> Visitor:
        policy_file.write_text(policy, encoding="utf-8")
        app = make_app(language=lambda: "de", **config)
        for path in (PATH, f"{PATH}/2", "/impressum", "/datenschutz"):
            app.add_url_rule(path, path, app.view_functions["home"])
        return Visitor(app)

    return start


def shown(visitor: Visitor) -> list[str]:
    """Return the banner and the settings, without what names their version."""
    page, settings = visitor.get().text, visitor.get("/consent/settings").text
    banner = page.partition('<section id="consent"')[2].partition("</section>")[0]
    form = settings.partition("<main>")[2].partition("</main>")[0]
    return [re.sub(r'value="[0-9a-f]{64}"', "", markup) for markup in (banner, form)]


def test_first_layer_and_settings_lead_to_it(site):
    """
    Both have a link to the film before anything that has to be read, named in the language of
    the page (LA-06).
    """
    for markup in shown(site()):
        assert markup.count(LINK) == 1
        assert markup.index(LINK) < markup.index("<p>")


def test_a_site_without_it_pays_nothing(site):
    """
    Without the film neither layer is one byte longer: the link is all that comes with it (LA-06).
    """
    assert [markup.replace(LINK, "") for markup in shown(site())] == shown(site(POLICY))


@pytest.mark.parametrize("config", [{}, {"CONSENT_STATIC_PAGES": True}], ids=["usual", "static"])
def test_nobody_is_asked_where_it_is_shown(site, config):
    """
    On the page of the film nothing lies over it, whatever its query says; on all others, those
    below it included, the question stands (LA-06).
    """
    visitor = site(**config)

    for path, asked in ((PATH, 0), (f"{PATH}?teil=2", 0), (f"{PATH}/2", 1), ("/", 1)):
        assert visitor.get(path).text.count('id="consent"') == asked


@pytest.mark.parametrize(
    ("path", "placement"), [(PATH, "bar"), ("/impressum", "modal"), ("/datenschutz", "modal")]
)
def test_what_was_granted_starts_there_too(site, path, placement):
    """
    Where pages are the same for everybody, one that asks nobody tells the script all the same what
    it needs to start what was granted, and to offer the withdrawal; and what the script asks for it
    is told without a question (WD-02, LA-06, FL-15).
    """
    visitor = site(f'placement = "{placement}"\n{FILM}', CONSENT_STATIC_PAGES=True)
    held = re.findall("<template data-consent-held.*?</template>", visitor.get(path).text)
    states = [
        visitor.get("/consent/state", query_string={"next": quote(page)}).text
        for page in (path, f"{path}/2", "/")
    ]

    assert [re.sub('"[^"]*"', "", template) for template in held] == [
        "<template data-consent-held= data-signals= data-state=></template>"
    ]
    assert ['id="consent"' in state for state in states] == [False, True, True]


@pytest.mark.parametrize(
    ("host", "asked"),
    [("kreisverband.example", 0), ("www.kreisverband.example", 1), ("kreisverb℀nd.example", 1)],
    ids=["this", "another", "none"],
)
def test_the_whole_address_may_be_written(site, host, asked):
    """
    A film's page may be named as a browser copies its address; a page of that path on another host
    is none (LA-06).
    """
    visitor = site(FILM.replace(PATH, f"https://{host}{quote(PATH)}"))

    assert visitor.get(PATH).text.count('id="consent"') == asked


def test_below_a_path_of_its_own_the_site_finds_it_too(site):
    """
    Where the site is mounted below a path, the film's address has that path in it (LA-06).
    """
    visitor = site(FILM.replace(PATH, f"/verein{PATH}"))
    page = visitor.get(PATH, environ_overrides={"SCRIPT_NAME": "/verein"}).text

    assert 'id="consent"' not in page
    assert 'id="consent"' in visitor.get(PATH).text


@pytest.mark.parametrize(("placement", "asked"), [("modal", 0), ("bar", 1), ("corner", 1)])
@pytest.mark.parametrize("config", [{}, {"CONSENT_STATIC_PAGES": True}], ids=["usual", "static"])
def test_a_dialog_is_not_over_what_can_be_read_without_deciding(site, placement, asked, config):
    """
    Nobody is asked by a dialog on the pages of privacy policy and imprint; what leaves them
    readable asks there, too (FL-15).
    """
    visitor = site(f'placement = "{placement}"\n{FILM}', **config)

    for path in ("/impressum", "/datenschutz"):
        assert visitor.get(path).text.count('id="consent"') == asked


@pytest.mark.parametrize(("linked", "opened"), [("/wir", "/wir/"), ("/wir/", "/wir")])
def test_a_page_is_the_same_with_a_slash_at_its_end(site, linked, opened):
    """
    No dialog lies over the imprint where its link has no slash at its end and Flask leads on to the
    address with one, or the other way round (FL-15).
    """
    visitor = site(f'placement = "modal"\n{FILM}'.replace('"/impressum"', f'"{linked}"'))
    home = visitor.app.view_functions["home"]
    visitor.app.add_url_rule("/wir/", "wir", home, strict_slashes=False)
    page = visitor.get(opened)

    assert page.status_code == 200
    assert 'id="consent"' not in page.text


@pytest.mark.parametrize("link", ["sign_language", "imprint", "privacy"])
def test_the_home_page_asks_all_the_same(site, link):
    """
    A site may have all of it on one page: it asks there even by a dialog, as it would nowhere
    else (LA-06, FL-15).
    """
    links = {"sign_language": PATH, "imprint": "/impressum", "privacy": "/datenschutz"}
    policy = FILM.replace(f'{link} = "{links[link]}', f'{link} = "/')
    page = site(f'placement = "modal"\n{policy}').get().text

    assert page.count('id="consent"') == 1


@pytest.mark.parametrize("layer", ["banner", "settings"])
def test_a_layer_of_the_site_leads_to_it_too(make_app, policy_file, override, layer):
    """
    A banner of the site's own without the link stops the start, and so do settings (LA-06).
    """
    policy_file.write_text(FILM, encoding="utf-8")
    ours = (TEMPLATES / f"{layer}.html").read_text(encoding="utf-8")
    override(layer, ours.replace("{{ notice.links.sign_language }}", "#"))

    with pytest.raises(ConfigError, match="link sign_language: found none that is shown"):
        make_app()
