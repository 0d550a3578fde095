"""``flask consent check --style``: style sheets that favour one button, seen in a browser."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest

from consent.check import browser as browsers
from consent.check.style import THEMES, inspect
from consent.errors import CheckError

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.chromium("the command drives a Chromium"),
]

ACCEPT, REJECT = "#consent [value=accept]", "#consent [value=reject]"
BOTH = "#consent [name=decision]"
WIDE, NARROW = (1280, 720), (320, 568)

PAGE = (Path(__file__).parents[2] / "docs/theming.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"(?ms)^```css\n(.*?)^```$", PAGE)

#: One style sheet that does all of this at once: what each does, and what is to be found.
AT_REST = {
    f"{ACCEPT} {{ padding: 2em }}": "padding-top: reject ",
    "#consent .cst-actions { grid-template-columns: 1fr 2fr }": "width: reject",
    f"{ACCEPT} {{ align-self: start }}": "align-self: reject auto, accept",
    f"{ACCEPT} {{ background: green }}": (
        "background-color: reject rgb(0, 0, 0), accept rgb(0, 128, 0)"
    ),
    f"{ACCEPT} {{ font-weight: 900 }}": "font-weight: reject 600, accept 900",
    f"{REJECT} {{ font-family: serif }}": "font-family: reject serif",
    f"{REJECT} {{ font-size: 10px }}": "font-size: reject 10px",
    f"{REJECT} {{ opacity: .5 }}": "opacity: reject 0.5, accept 1",
    f"{REJECT} {{ filter: blur(1px) }}": "filter: reject blur(1px)",
    f"{REJECT} {{ transform: scale(.9) }}": "transform: reject matrix(",
    f'{ACCEPT}::before {{ content: "→" }}': '::before content: reject None, accept "→"',
    f"@keyframes p {{ to {{ scale: 2 }} }} {ACCEPT} {{ animation: p 1s infinite }}": (
        "animation-name: reject none, accept p"
    ),
}

#: In which state what is to be found.
TOUCHED = {
    "hover": (
        f"{ACCEPT}:hover {{ background: green }}",
        "background-color: reject rgb(0, 0, 0), accept rgb(0, 128, 0)",
    ),
    "focus": (f"{REJECT}:focus {{ letter-spacing: 1px }}", "letter-spacing: rej"),
    "pressed": (f"{ACCEPT}:active {{ color: red }}", "color: reject"),
}

UNFAIR = {
    "like a link": (
        f"{REJECT} {{ background: none; border: 0; color: inherit }}",
        "border-top-width: reject 0px, accept 2px",
        "normal",
    ),
    "gone": (f"{REJECT} {{ display: none }}", "the reject button is not shown", "normal"),
    "invisible": (f"{REJECT} {{ opacity: 0 }}", "the reject button is not shown", "normal"),
    "the other fades": (
        "#consent .cst-actions:has([value=accept]:hover) [value=reject] { opacity: .3 }",
        "while the other is touched, opacity: reject 0.3, accept 1",
        "hover",
    ),
    "slow to change": (
        f"{BOTH} {{ transition: all 9s }} {ACCEPT}:hover {{ background: green }}",
        "background-color: reject rgb(0, 0, 0), accept rgb(0, 128, 0)",
        "hover",
    ),
}

HARD_TO_USE = {
    "pale text": (f"{BOTH} {{ color: #555 }}", "button has a contrast of "),
    "pale filling": (
        f"{BOTH} {{ -webkit-text-fill-color: #333 }}",
        "the text of the reject button has a contrast of 1.6, wanted 4.5",
    ),
    "pale banner": ("#consent p { color: #aaa }", " has a contrast of 2.3, wanted 4.5"),
    "faded banner": ("#consent .cst-text { opacity: .4 }", "a contrast of 2."),
    "no shape": (
        f"{BOTH} {{ background: #eee; border-color: #ddd; color: #000 }}",
        "the accept button stands out from what is around it with a contrast of 1.",
    ),
    "a gradient": (
        f"{BOTH} {{ background-image: linear-gradient(red, blue) }}",
        "the reject button stands on a picture or gradient",
    ),
    "no focus": (
        f"{BOTH}:focus-visible {{ outline: none }}",
        "the focus on reject has a contrast of 1.0, wanted 3",
    ),
    "pale focus": (
        f"{BOTH}:focus-visible {{ outline-color: #ccc }}",
        "the focus on accept has a contrast of 1.6, wanted 3",
    ),
    "small": (
        "#consent .cst-actions { grid: auto / 1fr } "
        f"{BOTH} {{ min-height: 0; padding: 0; border: 0; font-size: 10px; line-height: 1 }}",
        "px large, wanted 24 x 24",
    ),
    "out of view": ("#consent { max-height: none; bottom: -200px }", "button is outside the wind"),
    "taken along": (
        "body { transform: translateZ(0) } main { padding-bottom: 100vh }",
        "the reject button is outside the window, wanted it in view at once",
    ),
    "covered": (
        "body::after { content: ''; position: fixed; inset: 0; z-index: 99999 }",
        "button is covered by something",
    ),
    "everywhere": (
        "#consent { min-height: 100vh; align-content: end }",
        "0% of the window are left free, wanted 10% at least",
    ),
    "see-through": (
        "#consent { background: rgb(255 255 255 / 0.5) }",
        "the background lets 50% of the page through",
    ),
}


#: Those that stand for the others: each is found in a way of its own.
EACH_WAY = {"like a link", "gone", "slow to change"} | {"pale text", "no focus", "small", "covered"}


def varied(cases):
    """Leave those cases to a thorough run that are found in the same way as another one."""
    return [
        pytest.param(*case, id=name, marks=() if name in EACH_WAY else pytest.mark.thorough)
        for name, case in cases.items()
    ]


@pytest.fixture
def style(site, browser):
    """Give the site a style sheet and look at it; returns the lines of the report."""

    def style(css, themes=("light",), windows=(WIDE,)):
        site.page(f"<style>{css}</style>")
        return inspect(browser, site.url, ["de"], themes, windows)

    return style


def test_our_own_style_is_fair_everywhere(style):
    """
    As delivered, both buttons are alike in light, dark and forced colours, narrow and wide,
    in every state, and everything can be read and pressed (FL-02, AX-06, AX-09).
    """
    report = style("", THEMES, (NARROW, WIDE))

    assert report.lines() == []
    assert report.places == 60


def test_our_own_style_is_fair_in_every_placement(placed, browser):
    """
    As a card and as a dialog the first layer is as fair as the bar (FL-02, AX-06, AX-09).
    """
    report = inspect(browser, placed[0].url, ["de"], ["dark"])

    assert report.lines() == []
    assert report.places == 20


@pytest.mark.parametrize(
    "css", [EXAMPLES[0], *(pytest.param(css, marks=pytest.mark.thorough) for css in EXAMPLES[1:])]
)
def test_the_examples_of_the_documentation_are_fair(style, css):
    """
    Whoever copies a theme from docs/theming.md has equal and readable buttons, light and dark
    (FL-02, AX-06, AX-09).
    """
    report = style(css, ("light", "dark"))

    assert report.lines() == []
    assert report.places


#: The colours that popular style sheets give to kinds of elements, made for white pages.
FOR_WHITE = """
h1, h2, legend { color: #333 } p, li, dd { color: #444 } strong, dt { color: #222 }
label, summary { color: #0a0a0a } code { background: #f9f2f4; color: #c7254e }
a { color: #00c } a:hover, a:focus { color: #23527c }
fieldset, details { background: #fff }
"""


def test_a_site_made_for_white_pages_can_be_read_in_the_dark(style):
    """
    What a site says about headings, labels and links in general, as Bootstrap, Foundation and
    UIkit do, does not leave dark letters on our dark ground (AX-06).
    """
    report = style(FOR_WHITE, ["dark"], (NARROW, WIDE))

    assert report.lines() == []


def seen(lines, finding, state):
    """Whether a line says that about the first layer in that state."""
    return any(f"first layer: {finding}" in line and f"px, {state}" in line for line in lines)


def test_whatever_favours_a_button_is_named(style):
    """
    Each property that makes one of the buttons look different is named, with both values
    (FL-02).
    """
    lines = style(" ".join(AT_REST)).lines()

    assert [css for css, finding in AT_REST.items() if not seen(lines, finding, "normal")] == []


def test_what_favours_a_button_only_when_touched_is_named(style):
    """
    So is what shows under the pointer, in focus or while pressed, with the state (FL-02).
    """
    lines = style(" ".join(css for css, _ in TOUCHED.values())).lines()

    missed = [state for state, (_, found) in TOUCHED.items() if not seen(lines, found, state)]
    assert missed == []


@pytest.mark.parametrize(("css", "finding", "state"), varied(UNFAIR))
def test_a_style_that_favours_a_button_is_found(style, css, finding, state):
    """
    A button that is no button any more, is not there or hides what it does is told (FL-02).
    """
    assert seen(style(css).lines(), finding, state)


@pytest.mark.parametrize(("css", "finding"), varied(HARD_TO_USE))
def test_a_style_that_makes_the_banner_hard_to_use_is_found(style, css, finding):
    """
    Buttons that are equally hard to read, to see or to hit are no choice either (AX-06, AX-09).
    """
    lines = style(css).lines()

    assert [line for line in lines if line.startswith("first layer: ") and finding in line]


@pytest.mark.parametrize(
    ("css", "theme"),
    [
        (f"@media (prefers-color-scheme: dark) {{ {REJECT} {{ display: none }} }}", "dark"),
        (
            f"@media (forced-colors: active) {{ {ACCEPT} {{ border-width: 5px }} }}",
            "forced colours",
        ),
        (f"@media (max-width: 400px) {{ {REJECT} {{ font-weight: 400 }} }}", "320 px"),
    ],
    ids=["dark", "forced colours", "narrow"],
)
def test_what_is_unfair_in_one_theme_or_width_only_is_found(style, css, theme):
    """
    A style that is fair on the maker's own screen may be unfair on somebody else's (FL-02).
    """
    themes = ("light", theme) if theme in THEMES else ("light",)
    lines = style(css, themes, (WIDE,) if theme in THEMES else (NARROW, WIDE)).lines()

    assert lines
    assert all(theme in line for line in lines)


@pytest.mark.parametrize(
    ("script", "finding"),
    [
        ("document.querySelector('#consent [value=reject]').remove()", "no reject button, wanted"),
        (
            "document.querySelector('#consent [value=accept]').append(document.createElement('b'))",
            "the buttons hold different elements",
        ),
        ("addEventListener('resize', () => consent.remove())", "found no layer, wanted one that"),
    ],
    ids=["button taken away", "icon added", "layer taken away"],
)
def test_what_a_script_of_the_site_does_is_seen(site, browser, script, finding):
    """
    The check looks at what visitors see, not at what the server sent (FL-02).
    """
    site.page(f"<script>{script}</script>")

    lines = inspect(browser, site.url, ["de"], ["light"], [NARROW]).lines()

    assert any(line.startswith(f"first layer: {finding}") for line in lines)


@pytest.mark.parametrize(
    "ring",
    [
        pytest.param("box-shadow: 0 0 0 3px #000", id="shadow"),
        pytest.param("border-color: #00f", id="border", marks=pytest.mark.thorough),
        pytest.param("outline: 2px solid #06c", id="another colour", marks=pytest.mark.thorough),
    ],
)
def test_the_focus_may_be_shown_otherwise(style, ring):
    """
    A ring of shadow, border or outline is one, as long as it stands out (AX-09).
    """
    lines = style(f"{BOTH}:focus {{ outline: none; {ring} }}").lines()

    assert lines == []


def test_settings_that_do_not_open_are_told(site, browser, monkeypatch):
    """
    A site whose settings nobody can reach is not called fair.
    """
    monkeypatch.setattr("consent.check.style.PATIENCE", 3_000)
    stop = "e.preventDefault(), e.stopImmediatePropagation()"
    site.page(f"<script>addEventListener('click', (e) => ({stop}), true)</script>")

    with pytest.raises(CheckError, match="the settings do not open"):
        inspect(browser, site.url, ["de"], ["light"], [WIDE])


def test_the_settings_are_looked_at_too(style):
    """
    What favours a button in the settings only is found there (FL-02).
    """
    lines = style("[data-consent-layer=settings] [value=reject] { color: gray }").lines()

    assert lines
    assert all(line.startswith("settings: ") for line in lines)


def test_looking_decides_nothing(style, site):
    """
    The check presses no button: the log of the site stays as it was.
    """
    style("")

    assert site.events() == []


def test_a_language_that_the_page_does_not_speak_is_named(site, browser):
    """
    What was not looked at is said and not taken for fair.
    """
    report = inspect(browser, site.url, ["de", "en"], ["light"], [WIDE])

    assert (report.languages, report.missing) == ({"de"}, ["en"])


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("http://127.0.0.1:9/", "wanted a page of the running site; hint: start it with flask run"),
        ("/consent/receipt", "no first layer"),
    ],
    ids=["nothing runs there", "no banner"],
)
def test_a_page_without_a_first_layer_is_told(site, browser, monkeypatch, path, message):
    """
    Where nothing can be looked at, nothing is called fair.
    """
    monkeypatch.setattr("consent.check.style.PATIENCE", 3_000)
    url = path if path.startswith("http") else site.url + path

    with pytest.raises(CheckError, match=message):
        inspect(browser, url, ["de"], ["light"], [WIDE])


def test_the_command_says_fair(site, monkeypatch):
    """
    The command ends with 0 and says how much it looked at.
    """
    monkeypatch.setattr(
        "consent.commands.check.inspect", partial(inspect, themes=["light"], windows=[WIDE])
    )

    answer = site.run("check", "--style", site.url)

    assert answer.exit_code == 0, answer.output
    assert "fair: the buttons are alike in all 10 states" in answer.output
    assert "not looked at: en, since the page answers in another language" in answer.output


def test_the_command_ends_with_an_error_for_an_unfair_style(site, monkeypatch):
    """
    The command ends with 1 and one line for each finding, where it shows first and how often.
    """
    site.page(f"<style>{ACCEPT} {{ font-weight: 900 }}</style>")
    monkeypatch.setattr(
        "consent.commands.check.inspect", partial(inspect, themes=["light"], windows=[WIDE])
    )

    answer = site.run("check", "--style", site.url)

    assert answer.exit_code == 1
    found = [line for line in answer.output.splitlines() if "font-weight" in line]
    assert found == [
        "first layer: font-weight: reject 600, accept 900 (de, light, 1280 px, normal; and 3 more)",
        *found[1:],
    ]


def test_without_the_extra_the_command_says_what_to_install(site, monkeypatch):
    """
    A missing package is told with the command that installs it.
    """
    monkeypatch.setitem(__import__("sys").modules, "playwright.sync_api", None)

    answer = site.run("check", "--style", site.url)

    assert answer.exit_code == 1
    assert "hint: pip install 'consentry[check]'" in answer.output


def test_without_a_browser_the_command_says_what_to_install(site, monkeypatch):
    """
    A missing browser is told with the commands that install one.
    """
    monkeypatch.setattr(browsers.shutil, "which", lambda _: "/nowhere/chromium")

    answer = site.run("check", "--style", site.url)

    assert answer.exit_code == 1
    assert "no Chromium found" in answer.output
    assert "hint: apt install chromium" in answer.output
