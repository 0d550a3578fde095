"""What the settings say about each service, and what they store."""

import re
from html import unescape
from itertools import chain, combinations

import pytest

from consent.policy.wording import Say, texts
from tests.conftest import POLICY, Visitor, events
from tests.web.reading import words

GERMAN = texts("de")

#: A site whose five services differ in everything that is told about a service.
SERVICES = (
    POLICY
    + """
[services.vimeo]

[services.openstreetmap]

[services.karte]
name = "Karte & Weg"
provider = "Karten AG"
address = "Weg 1, Zürich"
country = "CH"
safeguard = "adequacy"
purposes = ["media", "statistics"]
practices = ["profiling", "account"]
hosts = ["karten.example"]
embed = "map"
items = [
  { name = "k", kind = "cookie", duration = "2 weeks", content = "Ort" },
  { name = "s", kind = "local-storage", duration = "persistent", content = "Maß" },
]
"""
)

IDS = ("matomo", "youtube", "vimeo", "openstreetmap", "karte")

EVERY_CHOICE = list(chain.from_iterable(combinations(IDS, n) for n in range(len(IDS) + 1)))


@pytest.fixture
def app(make_app, policy_file):
    policy_file.write_text(SERVICES, encoding="utf-8")
    return make_app(language=lambda: "de", CONSENT_RATE_LIMIT=None)


@pytest.fixture
def described(app, visitor):
    """What the settings say about one service, and the service."""

    def described(id):
        page = visitor.get("/consent/settings").text
        part = page.partition(f'name="service" value="{id}"')[2].partition("</details>")[0]
        policy = app.extensions["consentry"].config.policy
        return words(part), policy.service(id)

    return described


def test_easy_to_read_german_has_one_sentence_to_a_line(make_app, policy_file):
    """
    Wherever texts meet in the settings of easy-to-read German, a new sentence has a line of its
    own (LA-05).
    """
    policy = SERVICES.replace('["de", "en"]', '["de-simple"]').replace(" e. V.", "")
    policy_file.write_text(policy, encoding="utf-8")

    page = unescape(Visitor(make_app()).get("/consent/settings").text)
    lines = re.sub(r"<[^>]+>", "\n", page).split("\n")
    assert [line for line in lines if re.search(r"[.?!] [A-ZÄÖÜ]", line)] == []


@pytest.mark.parametrize("id", IDS)
class TestOneService:
    def test_who_stores_and_reads(self, described, id):
        """
        Each service names its provider with address and country (SL-03).
        """
        text, service = described(id)

        assert f"{GERMAN['settings.provider']} {service.provider}" in text
        assert (service.address or "") in text

    def test_which_entries_hold_what_and_for_how_long(self, described, id):
        """
        Each entry of a service is there with name, content, kind and period (SL-03).
        """
        text, service = described(id)

        for item in service.items:
            rest = rf"– \S[^(]*\({re.escape(GERMAN[f'item.{item.kind}'])}, [^)]+\)"
            assert re.search(rf"{re.escape(item.name)} {rest}", text), item.name
        assert service.items or GERMAN["settings.stored_none"] in text

    def test_for_which_purposes_and_on_what_basis(self, described, id):
        """
        Each service states all its purposes and that it rests on consent (SL-03, SL-05).
        """
        text, service = described(id)
        titles = ", ".join(GERMAN[f"purposes.{purpose}.title"] for purpose in service.purposes)

        assert f"{GERMAN['settings.purposes']} {titles}" in text
        assert f"{GERMAN['settings.basis']} {GERMAN['settings.optional_basis']}" in text

    def test_whether_it_profiles_or_joins_with_accounts(self, described, id):
        """
        Each service tells exactly what it does beyond its purposes: profiles, following over
        devices, joining with accounts (SL-12).
        """
        text, service = described(id)
        told = {key for key in ("profiling", "cross-device", "account")
                if GERMAN[f"practices.{key}"] in text}  # fmt: skip

        assert told == set(service.practices)
        assert (GERMAN["settings.practices"] in text) == bool(told)

    def test_whether_data_leaves_the_eea_and_why_it_may(self, described, id):
        """
        Each service states the countries outside the EEA with the ground, or that there are
        none (SL-04).
        """
        text, service = described(id)
        names = {"US": "Vereinigte Staaten", "GB": "Vereinigtes Königreich", "CH": "Schweiz"}
        abroad = ", ".join(names[code] for code in service.third_countries)
        told = (
            Say(GERMAN, "de")(
                "settings.transfer",
                countries=abroad,
                ground=GERMAN[f"safeguard.{service.safeguard}"],
            )
            if abroad
            else GERMAN["settings.none_abroad"]
        )

        assert told in text


@pytest.mark.parametrize(
    ("more", "boxes"), [('purpose = "media"', 1), ('purposes = ["media", "social"]', 0)]
)
def test_a_box_for_a_whole_purpose_is_for_two_that_serve_nothing_else(
    make_app, policy_file, more, boxes
):
    """
    Where only one service serves a purpose and no other, its own box is all there is (GA-16).
    """
    policy_file.write_text(f"{POLICY}\n[services.vimeo]\n{more}\n", encoding="utf-8")
    page = Visitor(make_app(language=lambda: "de")).get("/consent/settings").text

    assert page.count("data-consent-all") == boxes


def test_a_service_for_two_purposes_is_led_to_from_the_second(make_app, policy_file):
    """
    It has one box, and where its other purpose is explained a link to that.
    """
    more = '[services.vimeo]\npurposes = ["media", "social"]\n'
    policy_file.write_text(f"{POLICY}\n{more}", encoding="utf-8")
    page = Visitor(make_app()).get("/consent/settings").text
    linked = re.findall(r'<p><a href="#(.*?)">Vimeo</a></p>', page)

    assert len(linked) == 1
    box = f'<label id="{linked[0]}" data-consent-purpose="media social"><input type="checkbox"'
    assert page.count(f'{box} name="service" value="vimeo">') == 1


def test_consent_can_be_taken_back_is_said_where_it_is_given(visitor):
    """
    The settings say that the choice can be changed at any time and how long it holds (SL-03).
    """
    text = words(visitor.get("/consent/settings").text)

    assert "Ihre Wahl können Sie jederzeit ändern." in text
    assert "Ihre Wahl gilt 180 Tage" in text


def test_what_is_essential_states_reason_and_basis(visitor):
    """
    The site's own entries are listed with what they are for and why they need no consent
    (SL-05, SL-07).
    """
    part = visitor.get("/consent/settings").text.partition(GERMAN["settings.essential"])[2]
    text = words(part.partition("<h2>")[0])

    assert GERMAN["settings.essential_basis"] in text
    assert f"__Host-consent – {GERMAN['essential.choice']}" in text
    assert f"__Secure-consent-receipt – {GERMAN['essential.receipt']}" in text
    assert "<input" not in part.partition("<h2>")[0]


@pytest.mark.parametrize("chosen", EVERY_CHOICE, ids=lambda chosen: "+".join(chosen) or "nothing")
def test_what_is_displayed_is_what_is_stored(app, visitor, chosen):
    """
    Whatever is ticked, saving grants exactly that and refuses the rest, and opened again the
    boxes show it (SL-02, SL-06, SL-11).
    """
    visitor.decide("save", *chosen, layer="settings")
    page = visitor.get("/consent/settings").text
    ticked = re.findall(r'value="([a-z]+)" checked', page)

    [event] = events(app)
    assert set(event["granted"]) == set(ticked) == set(chosen)
    assert set(event["refused"]) == set(IDS) - set(chosen)


def test_a_purpose_has_the_same_words_everywhere(app, visitor):
    """
    Banner, settings, table and the stored notice call a purpose by one name and describe it
    in one way (SL-14).
    """
    banner = words(visitor.get().text.partition("</section>")[0])
    settings = words(visitor.get("/consent/settings").text)
    stored = visitor.get(f"/consent/notice/{visitor.notice()}?format=json").text
    with app.test_request_context("/", base_url=visitor.base_url):
        table = words(app.jinja_env.from_string("{{ consent.table() }}").render())

    for purpose in ("statistics", "media"):
        title = GERMAN[f"purposes.{purpose}.title"]
        assert all(title in text for text in (banner, settings, table, stored))
        assert GERMAN[f"purposes.{purpose}.description"] in settings
        assert GERMAN[f"purposes.{purpose}.description"] in stored


def test_officer_and_authority_are_one_click_from_the_banner(make_app, policy_file):
    """
    The settings, one click from the banner, name the data protection officer with a way to
    write to, and the right to complain (SL-15).
    """
    policy_file.write_text(
        POLICY.replace('controller = { name', 'controller = { dpo = "dsb@amt.example", name'),
        encoding="utf-8",
    )  # fmt: skip
    visitor = Visitor(make_app(language=lambda: "de"))
    link = re.search(r'href="([^"]*)" data-consent-open', visitor.get().text).group(1)

    page = visitor.get(unescape(link)).text

    assert '<a href="mailto:dsb@amt.example">' in page
    assert GERMAN["settings.complaint"] in page
