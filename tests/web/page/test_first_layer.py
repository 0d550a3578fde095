"""What stands on the first layer, and what does not."""

import re

import pytest

from consent.policy.wording import Say, texts
from tests.conftest import POLICY, Visitor
from tests.web.reading import words

OWN = """
[services.{id}]
name = "{name}"
provider = "{provider}"
country = "{country}"
purpose = "statistics"
hosts = ["{id}.example"]
items = []
{more}
"""


def service(id, name, provider, country="DE", more=""):
    return OWN.format(id=id, name=name, provider=provider, country=country, more=more)


def banner(page):
    """The markup of the banner in *page*."""
    return page[page.index('<section id="consent"') :].partition("</section>")[0]


@pytest.fixture
def asked(make_app, policy_file):
    """The text of the banner under a policy with these services."""

    def asked(*services, language="de"):
        policy_file.write_text(POLICY.partition("[services")[0] + "".join(services), "utf-8")
        return words(banner(Visitor(make_app(language=lambda: language)).get().text))

    return asked


@pytest.mark.parametrize(
    ("country", "more", "told"),
    [
        ("DE", "", None),
        ("NO", "", None),
        ("CH", 'safeguard = "adequacy"', "Schweiz"),
        ("IE", 'transfers = ["US"]\nsafeguard = "scc"', "Vereinigte Staaten"),
        ("CH", 'transfers = ["US"]\nsafeguard = "scc"', "Schweiz, Vereinigte Staaten"),
    ],
    ids=["Germany", "EEA", "third country", "passed on", "both"],
)
def test_countries_outside_the_eea_are_named(asked, country, more, told):
    """
    If and only if data leaves the EU and the EEA, the first layer says so and names the
    countries (FL-13).
    """
    text = asked(service("zahl", "Zahl", "Zahl GmbH", country, more))

    said = re.search(r"Länder außerhalb der EU: ([^.]*)\.", text)
    assert (said and said.group(1)) == told


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("providers", [["A"], ["A", "B"], ["A", "A", "B", "C"]])
def test_recipients_are_counted_once_each(asked, language, providers):
    """
    The number of others who receive data is that of the providers, whichever number of
    services they have; the site itself is not counted (FL-12).
    """
    own = service("own", "Eigenes", "Kreisverband Musterland e. V.")
    others = [service(f"s{n}", f"S{n}", f"{name} GmbH") for n, name in enumerate(providers)]

    text = asked(own, *others, language=language)

    say = Say(texts(language), language)
    assert say("banner.recipients", count=len(set(providers))) in text


def test_every_purpose_and_no_other_is_named(asked):
    """
    The first layer lists the purposes of the site's services with the services for each, and
    says what is missing without each (FL-10, FL-17).
    """
    both = 'purposes = ["statistics", "tracking"]'
    text = asked(
        service("zahl", "Zahl", "Zahl GmbH").replace('purpose = "statistics"', both),
        "[services.vimeo]\n",
    )

    german = texts("de")
    for purpose, named in (("statistics", "Zahl"), ("tracking", "Zahl"), ("media", "Vimeo")):
        assert re.search(rf"{german[f'purposes.{purpose}.title']} ?: {named} \(", text)
        assert german[f"purposes.{purpose}.without"] in text


def test_nothing_stands_there_that_is_not_about_the_decision(visitor):
    """
    Taken away what is said about purposes, services, storage, recipients, countries, rights
    and controller, buttons and links, nothing is left in the banner (FL-20).
    """
    german = texts("de")
    say = Say(german, "de")
    left = words(banner(visitor.get().text))
    parts = [
        german["banner.title"],
        german["banner.intro"],
        german["banner.storage"],
        say("banner.recipients", count=1),
        say("banner.abroad", countries="Vereinigte Staaten"),
        german["banner.free"],
        say("banner.withdraw", settings=german["link.settings"]),
        say("banner.controller", controller="Kreisverband Musterland e. V."),
        *(german[f"purposes.{id}.{key}"] for id in ("statistics", "media")
          for key in ("title", "without")),
        "Matomo (Deutschland)", "YouTube (Irland)",
        *(german[f"button.{key}"] for key in ("reject", "accept", "choose")),
        *(german[f"link.{key}"] for key in ("providers", "privacy", "imprint")),
    ]  # fmt: skip
    for part in sorted(parts, key=len, reverse=True):
        assert part in left
        left = left.replace(part, "", 1)

    assert set(left) <= set(" :,")


def test_no_button_closes_it_without_an_answer(visitor):
    """
    The banner has no X: reject and accept are its only buttons (FL-08).
    """
    labels = [words(tag) for tag in re.findall(r"<button.*?</button>", banner(visitor.get().text))]

    assert labels == [texts("de")["button.reject"], texts("de")["button.accept"]]


def test_words_and_languages_are_marked(make_app):
    """
    Banner, placeholder and settings say which language they speak and in which direction it
    is read, also where the page speaks another (AX-23).
    """
    visitor = Visitor(make_app(language=lambda: "en"))
    page, settings = visitor.get().text, visitor.get("/consent/settings?lang=en").text

    for markup in (
        re.search(r'<section id="consent"[^>]*>', page).group(),
        re.search(r"<div[^>]*data-consent-placeholder[^>]*>", page).group(),
        re.search(r'<form[^>]*data-consent-layer="settings"[^>]*>', settings).group(),
        re.search(r"<html[^>]*>", settings).group(),
    ):
        assert 'lang="en"' in markup
        assert 'dir="ltr"' in markup


def test_privacy_policy_comes_before_imprint_everywhere(visitor):
    """
    Where help and contacts are linked, they are linked in the same order (AX-26).
    """
    notice = f"/consent/notice/{visitor.notice()}"
    shown = {"/": banner(visitor.get().text)}
    for path in ("/consent/settings", "/consent/receipt", notice):
        shown[path] = visitor.get(path).text.rpartition("</main>")[2]

    for path, markup in shown.items():
        links = re.findall(r'<a href="(/datenschutz|/impressum)">', markup)
        assert links == ["/datenschutz", "/impressum"], path


@pytest.mark.parametrize(
    ("policy", "names"),
    [
        (POLICY, []),
        (f'placement = "corner"\n{POLICY}', ["corner"]),
        (f'placement = "modal"\n{POLICY}', ["modal"]),
        (POLICY.replace('"de", "en"', '"de", "de-simple"'), ["simple"]),
    ],
    ids=["usual", "corner", "modal", "simple"],
)
def test_a_page_asks_for_no_style_that_it_has_no_use_for(make_app, policy_file, policy, names):
    """
    One style sheet is for every page, and those of a placement and of easy-to-read language are for
    sites that have these.
    """
    policy_file.write_text(policy, encoding="utf-8")
    page = Visitor(make_app(language=lambda: "de")).get().text

    assert re.findall(r'href="/consent/static/css/(\w+)\.css', page) == ["consent", *names]


def test_nobody_is_asked_on_our_own_pages(visitor, override):
    """
    Where a site puts what all of its pages have round ours, too, the settings and the receipt can
    be read without a first layer over them.
    """
    frame = "{% block header %}[own]{{ consent.banner() }}{% endblock %}"
    override("page", '{% extends "consentry/page.html" %}' + frame)

    for path in ("settings", "receipt"):
        page = visitor.get(f"/consent/{path}").text
        assert "[own]" in page
        assert 'data-consent-layer="banner"' not in page
    assert 'data-consent-layer="banner"' in visitor.get().text


@pytest.mark.parametrize("language", ["de", "en"])
def test_links_and_headings_explain_themselves(language):
    """
    Read alone, a link or heading says where it leads or what follows (AX-17).
    """
    empty = r"hier|klick\w*|mehr|weiter|details?|infos?|here|click.*|more|next|read more|link"
    found = {
        key: text
        for key, text in texts(language).items()
        if key.startswith("link.") or key.endswith(("title", ".direct", ".more", ".legend"))
    }

    assert found
    assert [key for key, text in found.items() if re.fullmatch(empty, text.lower())] == []
    assert [key for key, text in found.items() if len(text) < 5] == []


@pytest.mark.parametrize("trim", [False, True], ids=["plain", "trimmed"])
def test_sentences_stand_apart_however_the_site_sets_its_templates(make_app, trim):
    """
    A site may let Jinja drop white space round its tags; no two sentences run together then.
    """
    app = make_app(language=lambda: "de")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = trim
    visitor = Visitor(app)
    visitor.decide("accept")
    pages = [
        Visitor(app).get().text,
        *(visitor.get(f"/consent/{p}").text for p in ("settings", "receipt")),
    ]

    for page in pages:
        words = re.sub(r"<[^>]+>", "|", page)
        assert not re.search(r"[a-zäöü)“][.:!?][A-ZÄÖÜ]", words)
