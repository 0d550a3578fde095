"""A site's own layers: those that ask unfairly stop the start."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from consent import ConfigError
from consent.web.assets import TEMPLATES
from tests.conftest import POLICY, Visitor

REJECT = '<button class="cst-button" name="decision" value="reject">'
START, END = '<{{ "dialog open" if', '</{{ "dialog" if modal else "section" }}>'
ACCEPT = '<button class="cst-button" name="decision" value="accept">'
SAVE = '<button class="cst-button" name="decision" value="save">'
BOX = '<input type="checkbox" name="service"'

#: What is changed in our banner, and what is said about it.
UNFAIR_BANNERS = {
    "no reject": (
        f'{REJECT}{{{{ say("button.reject" ~ these) }}}}</button>',
        "",
        "de, button reject: found none, wanted exactly one",
    ),
    "no accept": (ACCEPT, "<button>", "button accept: found none, wanted exactly one"),
    "accept twice": (REJECT, f"{ACCEPT}Ja</button>{REJECT}", "button accept: found 2, wanted"),
    "settings instead": ('value="reject"', 'value="settings"', "button settings: found 1"),
    "saves on the first layer": (REJECT, f"{SAVE}Speichern</button>{REJECT}", "button save"),
    "one more class": (
        ACCEPT,
        ACCEPT.replace("cst-button", "cst-button primary"),
        r"buttons: found class 'cst-button' for reject, 'cst-button primary' for accept, "
        r"wanted the same for both\n +hint: a difference belongs to neither",
    ),
    "another class": (REJECT, REJECT.replace("cst-button", "link"), "found class 'link' for rej"),
    "an id to style by": (ACCEPT, ACCEPT.replace("name=", 'id="yes" name='), "found id None for"),
    "a data attribute": (REJECT, REJECT.replace("name=", "data-weak name="), "found data-weak ''"),
    "another element": (
        REJECT,
        '<input type="submit" class="cst-button" name="decision" value="reject"><button>',
        "button reject: found <input type=.*, wanted a button that sends the form",
    ),
    "a link": (REJECT, '<a class="cst-button" name="decision" value="reject">', "found <a class="),
    "a button that does nothing": (
        REJECT,
        REJECT.replace("<button", '<button type="button"'),
        "wanted a button that sends the form",
    ),
    "another place": (ACCEPT, f"<div>{ACCEPT}", "buttons: found different parents"),
    "an icon in one": (ACCEPT, f"{ACCEPT}<b></b>", "buttons: found different elements inside"),
    "hidden": (REJECT, REJECT.replace("name=", "hidden name="), "button reject: found hidden"),
    "both hidden": ('<div class="cst-actions">', "<div hidden>", "button accept: found hidden at"),
    "unreachable": ('<div class="cst-actions">', "<div inert>", "button reject: found inert at"),
    "silent": ('<div class="cst-actions">', '<div aria-hidden="true">', "found aria-hidden at"),
    "folded": ('<div class="cst-actions">', "<details>", "button reject: found closed <details>"),
    "disabled": (REJECT, REJECT.replace("name=", "disabled name="), "the attribute disabled"),
    "no tab stop": (REJECT, REJECT.replace("name=", 'tabindex="-1" name='), "attribute tabindex"),
    "elsewhere": (REJECT, REJECT.replace("name=", 'formaction="/x" name='), "attribute formaction"),
    "preferred": (ACCEPT, ACCEPT.replace("name=", "autofocus name="), "layer: found autofocus at"),
    "inline style": (REJECT, REJECT.replace("name=", 'style="x" name='), "layer: found style= at"),
    "inline script": (REJECT, REJECT.replace("name=", 'onclick="x" name='), "found onclick= at"),
    "style element": (END, "<style>b{}</style>" + END, "layer: found <style>"),
    "script": (END, '<script src="/x.js"></script>' + END, "found <script src="),
    "sizes from elsewhere": (END, '<img src="/a" srcset="//x.example/a 2x">' + END, "found <img"),
    "no slashes": (END, '<img src="https:x.example/a">' + END, "layer: found <img src="),
    "drawing from elsewhere": (
        END,
        '<svg><image href="//x.example/a"/></svg>' + END,
        "layer: found <image href=",
    ),
    "leads away": (END, '<meta http-equiv="refresh" content="9">' + END, "layer: found <meta"),
    "another base": (END, '<base href="/elsewhere/">' + END, "layer: found <base"),
    "pale words": ('{{ say("banner.storage") }}', '<font color="white">', "layer: found <font"),
    "crossed out": ('{{ say("banner.storage") }}', "<s>{{ say('banner.storage') }}</s>", "<s>"),
    "all shut": ('<div class="cst-actions">', "<fieldset disabled>", "found <fieldset disabled"),
    "pressed with a text": (
        '<div class="cst-actions">',
        '<label><div class="cst-actions">',
        "button accept: found a label, wanted a button that is pressed by itself",
    ),
    "pressed from afar": (
        ACCEPT,
        f'<label for="yes">Mehr</label>{ACCEPT.replace("name=", "id=yes name=")}',
        "button accept: found a label",
    ),
    "read out otherwise": (
        'name="decision"',
        'aria-label="Ja" name="decision"',
        "button reject: found the attribute aria-label",
    ),
    "sends nothing": (
        'name="decision"',
        'command="close" name="decision"',
        "button reject: found the attribute command",
    ),
    "words for no picture": (
        '{{ say("banner.storage") }}',
        '<canvas>{{ say("banner.storage") }}</canvas>',
        "no word on storage",
    ),
    "words in a comment": (
        '{{ say("banner.storage") }}',
        '<!--!>{{ say("banner.storage") }}-->',
        "no word on storage",
    ),
    "words of a drawing": (
        '{{ say("banner.storage") }}',
        '<svg><desc>{{ say("banner.storage") }}</desc></svg>',
        "no word on storage",
    ),
    "silent in capitals": ('<div class="cst-actions">', '<div aria-hidden="TRUE">', "aria-hidden"),
    "picture from elsewhere": (END, '<img src="//x.example/a">' + END, "<img src="),
    "outside the form": (
        END,
        f"{ACCEPT}Ja</button>{END}",
        "a button outside the form",
    ),
    "a label that says nothing": (
        '{{ say("button.accept" ~ these) }}',
        "OK",
        "button accept: .*lab",
    ),
    "another that says nothing": (
        '{{ say("button.reject" ~ these) }}',
        "Einstellungen",
        "button reject: found the label",
    ),
    "no label": ('{{ say("button.reject" ~ these) }}', "", "button reject: found the label ''"),
    "the same label": (
        '{{ say("button.reject" ~ these) }}',
        '{{ say("button.accept" ~ these) }}',
        "button accept: found the label 'Alle akzeptieren', wanted a label of its own",
    ),
    "no notice": ('name="notice"', 'name="note"', "field notice: found nothing"),
    "another notice": (
        "{{ notice_hash }}",
        "0" * 64,
        "field notice: found 0+, wanted {{ notice_hash }}",
    ),
    "no layer": (
        '<input type="hidden" name="layer" value="banner">',
        "",
        "field layer: found nothing",
    ),
    "another layer": (
        'value="banner"',
        'value="settings"',
        "field layer: found settings, wanted banner",
    ),
    "no way back": ("{{ next }}", "/", "field next: found /, wanted {{ next }}"),
    "about everything": ('name="about"', 'name="of"', "field about: found nothing, wanted matomo"),
    "a service on the sly": (
        '<input type="hidden" name="layer"',
        '<input type="hidden" name="service" value="matomo"><input type="hidden" name="layer"',
        'form: found <input type="hidden" name="service" value="matomo">',
    ),
    "a ticked box": (
        '<div class="cst-actions">',
        '<label><input type="checkbox" name="service" value="matomo" checked></label>'
        '<div class="cst-actions">',
        "form: found <input type=.*, wanted no field that is not part of the decision",
    ),
    "a newsletter": ("</form>", '<input name="email"></form>', 'found <input name="email">'),
    "a second form": (END, "<form></form>" + END, "form: found 2 forms"),
    "no form": ('<form method="post"', "<div", "form: found no forms"),
    "by GET": ('method="post"', 'method="get"', "form: found method 'get'"),
    "to somebody else": ("{{ choice_url }}", "https://x.example/", "form: found action 'https:"),
    "not for the script": (" data-consent-form", "", "wanted data-consent-form"),
    "no word on failures": (
        ' data-error="{{ say("error.network") }}"',
        "",
        "wanted data-consent-form, and data-error",
    ),
    "no root": ('data-consent-layer="banner"', "", "root: found no elements"),
    "another id": ('id="consent"', 'id="cookies"', "root: found id 'cookies'"),
    "no language": ('lang="{{ notice.language }}"', "", "root: found lang 'nothing'"),
    "no heading": ('id="consent-title"', "", "root: found no name, wanted aria-labelledby"),
    "an overlay": (START, f'<div class="overlay"></div>{START}', "beside the root"),
    "never shown": (' id="consent"', ' id="consent" hidden', "root: found hidden"),
    "no settings": (" data-consent-open", "", "link settings: found none that is shown"),
    "no privacy policy": ("{{ notice.links.privacy }}", "/", "link privacy: found none"),
    "no imprint": ("{{ notice.links.imprint }}", "/", "link imprint: found none"),
    "an empty imprint": ('{{ say("link.imprint") }}', "", "link imprint: found none"),
    "hidden links": ('<div class="cst-links">', "<div hidden>", "link imprint: found none that is"),
    "no purposes": ("{{ purpose.title }}", "", "text: found no purpose, wanted .Besuche zählen"),
    "no services": ("{{ service.name }}", "", 'text: found no service, wanted "Matomo"'),
    "no countries": ('countries=abroad | join(", ")', 'countries="…"', "no third country"),
    "no controller": ("controller=notice.controller.name", 'controller=""', "no controller, want"),
    "no recipients": ("count=others | length", "count=0", "no number of recipients"),
    "nothing on storage": ('{{ say("banner.storage") }}', "", "no word on storage"),
    "nothing on withdrawal": (
        '{{ say("banner.withdraw", settings=say("link.settings")) }}',
        "",
        "no word on withdrawal.*\n +hint: words are changed in the policy file",
    ),
    "nothing on parents": (
        "{{ notice.parents | urlize }}",
        "",
        'no word on parents, wanted "Fragt eure',
    ),
    "hidden facts": ('<div class="cst-text">', '<div class="cst-text" hidden>', "no controller"),
    "folded facts": ('<div class="cst-text">', "<details>", "text: found no purpose"),
    "praise": (
        '{{ say("banner.intro") }}',
        "Für ein optimales Nutzungserlebnis!",
        'text: found the phrase "optimales"',
    ),
    "cannot be rendered": ('{{ say("banner.intro") }}', '{{ say("x") }}', "found KeyError: 'x'"),
    "of one visitor": (
        '{{ say("banner.intro") }}',
        "{{ current_user.name }}",
        "'current_user' is undefined, wanted .*\n +hint: .*context processor adds is never there",
    ),
    "not a template": (
        '{{ say("banner.intro") }}',
        "{% if %}",
        r"found in line \d+: Expected an expression, .*, wanted a template as Jinja has them$",
    ),
}

UNFAIR_SETTINGS = {
    "all ticked": (
        '{{ " checked" if service.id in granted }}',
        " checked",
        "service matomo: found a ticked box, wanted none ticked that was not granted",
    ),
    "never ticked": ('{{ " checked" if service.id in granted }}', "", "found an empty box"),
    "on the sly": ('type="checkbox"', 'type="hidden"', "wanted a checkbox that is shown"),
    "fixed": (BOX, f"{BOX} disabled", "wanted a checkbox that is shown and can be changed"),
    "one for all": ('value="{{ service.id }}"', 'value="all"', "service matomo: found no boxes"),
    "no reject": (
        f'{REJECT}{{{{ say("button.reject") }}}}</button>',
        "",
        "button reject: found none",
    ),
    "accept stands out": (ACCEPT, ACCEPT.replace("cst-button", "cst-button big"), "found class"),
    "no withdrawal": ('value="withdraw"', 'value="reject"', "button withdraw: found none"),
    "cannot be closed": ('formmethod="dialog"', "", "button close: found none or several"),
    "no heading": ('id="consent-settings"', "", "heading: found none"),
    "no provider": ("service.provider", '""', "text: found no provider"),
    "no durations": ("{{ item.duration }}", "", "text: found no duration"),
    "no complaint": ('{{ say("settings.complaint") }}', "", "found no right to complain"),
    "no basis": ('{{ say("settings.optional_basis") }}', "", "found no legal basis"),
    "no label": ("<label{% if", "<p{% if", "service matomo: found a box without a label"),
    "no ground": ('ground=say("safeguard." ~ service.safeguard)', 'ground=""', "no ground of a tr"),
    "no practices": ('say("practices." ~ practice)', '""', "text: found no practice"),
    "no contents": ("{{ item.content }}", "", "text: found no content"),
    "nothing essential": (
        "{{ items(notice.essential) }}",
        "",
        'no stored item, wanted "consent-receipt"',
    ),
    "no other basis": ('{{ say("settings.essential_basis") }}', "", "legal basis of what is ess"),
    "nothing on withdrawal": ('{{ say("settings.intro") }}', "", "found no word on withdrawal"),
    "no lifetime": ("say.days(notice.lifetime)", '""', "word on how long it holds"),
    "nothing on the record": ('{{ say("settings.record") }}', "", "found no word on the record"),
    "no retention": ("duration=notice.retention", 'duration=""', "word on how long it is kept"),
    "nothing on signals": ('signals=notice.signals | join(", ")', 'signals=""', "word on signals"),
    "nothing on parents": (
        "{{ notice.parents | urlize }}",
        "",
        'no word on parents, wanted "Fragt eure',
    ),
    "limits in a shut dialog": (
        '{{ say("settings.limits") }}',
        '<dialog>{{ say("settings.limits") }}</dialog>',
        "word on what cannot be deleted",
    ),
    "no limits": ('{{ say("settings.limits") }}', "", "word on what cannot be deleted"),
}

UNFAIR_PLACEHOLDERS = {
    "no single time": ('value="once"', 'value="allow"', "button once: found none"),
    "accepts everything": ('value="allow"', 'value="accept"', "button accept: found 1, wanted"),
    "another service": (
        'value="{{ service.id }}"',
        'value="matomo"',
        "field service: found matomo, wanted youtube",
    ),
    "no settings": ("{{ settings_url }}", "/", "link settings: found none"),
    "no provider": ("provider=service.provider", 'provider=""', "text: found no provider"),
    "no country": ("country=service.country_name", 'country=""', "text: found no country"),
    "no third country": (
        'countries=abroad | join(", ")',
        'countries="…"',
        'text: found no third country, wanted "Vereinigte Staaten"',
    ),
    "nothing on parents": (
        "{{ notice.parents | urlize }}",
        "",
        'no word on parents, wanted "Fragt eure',
    ),
    "no purpose": ("service.purpose_titles", "()", "text: found no purpose"),
}

UNFAIR_LINKS = {
    "unmarked": (" data-consent-open", "", "link settings: found none"),
    "no withdrawal": ('value="withdraw"', 'value="reject"', "button withdraw: found none"),
}

UNFAIR = [
    *(("banner", *case) for case in UNFAIR_BANNERS.values()),
    *(("settings", *case) for case in UNFAIR_SETTINGS.values()),
    *(("placeholder", *case) for case in UNFAIR_PLACEHOLDERS.values()),
    *(("link", *case) for case in UNFAIR_LINKS.values()),
]
NAMES = [*UNFAIR_BANNERS, *UNFAIR_SETTINGS, *UNFAIR_PLACEHOLDERS, *UNFAIR_LINKS]


def ours(name):
    return (TEMPLATES / f"{name}.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "old", "new", "message"), UNFAIR, ids=NAMES)
def test_an_unfair_layer_stops_the_start(make_app, policy_file, override, name, old, new, message):
    """
    A site's own layer that makes the buttons unequal or leaves out what must be said is not
    shown to anybody: the start ends with the file, what was found and what was wanted (FL-02,
    FL-25, SL-03, SL-04, SL-05, SL-12, SL-13, GA-03, WD-11).
    """
    assert old in ours(name)
    policy = POLICY.replace('"de", "en"', '"de"') + 'practices = ["account"]\n'
    policy_file.write_text(f'parents = "Fragt eure Eltern."\n{policy}', encoding="utf-8")
    file = override(name, ours(name).replace(old, new))

    with pytest.raises(ConfigError, match=message) as caught:
        make_app()

    assert str(caught.value).startswith(f"{file}: ")


#: A second service of one purpose, for which the settings have a box for both.
TWO = "\n[services.vimeo]\n"


@pytest.mark.parametrize("more", ["", TWO], ids=["one service", "two services"])
@pytest.mark.parametrize("name", ["banner", "settings", "placeholder", "link"])
def test_our_own_layers_are_held_to_the_same(make_app, policy_file, override, name, more):
    """
    What a site may not leave out is in our own templates, in every language and for purposes of
    one service and of two (SL-03, SL-04, SL-05, SL-07, SL-13, SG-07, WD-11, GA-03).
    """
    from consent.policy.wording import languages

    every = ", ".join(f'"{language}"' for language in languages())
    policy_file.write_text(POLICY.replace('"de", "en"', every) + more, encoding="utf-8")
    override(name, ours(name))

    assert make_app()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (' id="consent"', ' id="consent" data-theme="x"'),
        ('class="cst-button"', 'class="button is-large"'),
        ('<h2 id="consent-title"', '<img src="/logo.svg" alt=""><h2 id="consent-title"'),
        ("<li>", "<li>• "),
        ('<div class="cst-actions">', '<div class="row"><div class="cst-actions">'),
    ],
    ids=["attribute", "other class on both", "logo", "text", "container around both"],
)
def test_a_fair_layer_of_the_site_is_shown(make_app, override, old, new):
    """
    A site may look as it likes, as long as both buttons do.
    """
    override("banner", ours("banner").replace(old, new))

    assert new in Visitor(make_app()).get().text


def test_a_box_for_a_purpose_that_is_ticked_or_sent_stops_the_start(
    make_app, policy_file, override
):
    """
    The box for all services of a purpose is never ticked beforehand and sends nothing (FL-09).
    """
    policy_file.write_text(POLICY + TWO, encoding="utf-8")
    for more in (" checked", ' name="service" value="youtube"'):
        box = f"data-consent-all{more}"
        override("settings", ours("settings").replace("data-consent-all", box))

        with pytest.raises(ConfigError, match="settings"):
            make_app()


def test_every_language_is_tried(make_app, override):
    """
    A layer that is unfair in one language only is found, too.
    """
    override("banner", ours("banner").replace(
        ACCEPT, ACCEPT.replace("cst-button", "cst-button{{ ' x' if notice.language == 'en' }}")
    ))  # fmt: skip

    with pytest.raises(ConfigError, match="1 mistake\n  en, buttons") as caught:
        make_app()

    assert "de, " not in str(caught.value)


def test_all_mistakes_are_named_at_once(make_app, override):
    """
    Whoever mends a template sees everything that is wrong with it in one go.
    """
    override("banner", "<p>Wir verwenden Cookies.</p>")

    with pytest.raises(ConfigError) as caught:
        make_app()

    for place in ("root", "form", "button reject", "button accept", "link imprint", "controller"):
        assert place in str(caught.value)


def test_extending_ours_keeps_it_fair(make_app, override):
    """
    A site that extends our template and adds a line passes without more work.
    """
    override(
        "banner",
        '{% extends "consentry/banner.html" %}'
        "{% block intro %}<p>Ihr Obst- und Gartenbauverband</p>{{ super() }}{% endblock %}",
    )

    assert "<p>Ihr Obst- und Gartenbauverband</p>" in Visitor(make_app()).get().text


def test_without_optional_services_nothing_is_asked_for(make_app, override, policy_file):
    """
    A site that asks nothing is not held to how it would ask.
    """
    policy_file.write_text(POLICY.partition("[services")[0], encoding="utf-8")
    override("banner", "")

    assert make_app()


def test_while_somebody_works_on_it_the_page_shows_what_is_wrong(make_app, override, monkeypatch):
    """
    In debug mode the start goes on and the page itself names the mistakes until they are mended;
    what is changed then is there with the next page.
    """
    monkeypatch.setenv("FLASK_DEBUG", "1")
    override("banner", "<p>Wir verwenden Cookies.</p>")
    visitor = Visitor(make_app())
    with pytest.raises(ConfigError, match="button reject: found none"):
        visitor.get()

    file = override("banner", ours("banner"))
    os.utime(file, (1, 1))

    assert visitor.get().status_code == 200

    override("banner", ours("banner").replace("<h2", "<h2 title=neu"))

    assert "<h2 title=neu" in visitor.get().text


def test_the_check_command_names_it_too(make_app, override, monkeypatch):
    """
    Whoever runs the check on a site in debug mode is told as well.
    """
    from tests.test_cli import run_on

    monkeypatch.setenv("FLASK_DEBUG", "1")
    file = override("banner", ours("banner").replace(REJECT, "<button>"))

    result = run_on(make_app, "check")

    assert result.exit_code == 1
    assert f"problem: {file}: " in result.output
    assert "button reject: found none" in result.output


def test_a_site_starts_with_what_it_needs(policy_file):
    """
    The memory for the parser is taken only where a site replaces a layer, that for Flask's tools
    for tests and the debugger that comes with them never.
    """
    program = (
        "import sys; from flask import Flask; from consent import Consent\n"
        f"app = Flask('x', root_path={str(policy_file.parent)!r}, "
        f"instance_path={str(policy_file.parent)!r})\n"
        f"app.config.update(SECRET_KEY='{'0123456789abcdef' * 2}', CONSENT_POLICY='consent.toml')\n"
        "Consent(app)\n"
        "print(sys.modules.keys() & {'justhtml', 'flask.testing', 'click.testing', 'pdb'})"
    )

    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert (answer.stdout, answer.stderr) == ("set()\n", "")
