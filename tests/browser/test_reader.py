"""What somebody hears who does not see: the banner and the settings, read out by Orca."""

from __future__ import annotations

import pytest

from consent.policy.wording import texts
from tests.browser.reader import reading
from tests.browser.screen import hidden_screen, require

GERMAN = texts("de")

pytestmark = [pytest.mark.browser, pytest.mark.thorough]


@pytest.fixture
def reader(site, tmp_path):
    """Orca over Firefox, at the start of a page that asks."""
    programs = ("orca", "xdotool", "openbox", "dbus-run-session", "Xvfb", "firefox-esr")
    packages = "orca xdotool openbox at-spi2-core dbus-daemon libglib2.0-bin xvfb firefox-esr"
    require("ORCA", *programs, packages=packages)
    with hidden_screen() as screen, reading(site.url, tmp_path / "home", screen) as reader:
        reader.hear("Finished loading Start")
        yield reader


def test_it_is_told_what_is_asked_and_what_was_done(site, reader):
    """
    The heading of the banner and both buttons are told in this order; the settings by their name,
    what they say, and the name and state of a box; Escape leads back. What was saved is told once
    (AX-30, AX-31).
    """
    title, buttons = GERMAN["banner.title"], (GERMAN["button.reject"], GERMAN["button.accept"])
    reader.hear(f"{title} heading level 2")
    for button in buttons:
        reader.press("Tab")
        reader.hear(f"{button} push button")
    reader.press("Tab")
    reader.hear(f"{GERMAN['button.choose']} link")
    reader.press("Return")
    whole = reader.hear(f"{GERMAN['settings.title']} {GERMAN['settings.now_undecided']}")
    reader.press("Tab")
    reader.hear(f"{GERMAN['button.close']} push button")
    reader.press("Tab")
    reader.hear("Matomo erlauben check box not checked")
    reader.press("Escape")
    reader.hear(f"{GERMAN['button.choose']} link")
    for button in reversed(buttons):
        reader.press("shift+Tab")
        reader.hear(f"{button} push button")
    reader.press("Return")
    saved = reader.hear(GERMAN["status.refused"])
    reader.press("Tab")
    reader.hear("Start ")

    assert GERMAN["settings.intro"] in whole
    assert reader.said.count(saved) == 1
    assert [event["kind"] for event in site.events()] == ["refusal"]
