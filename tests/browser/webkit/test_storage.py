"""What is written to the device and read from it, in WebKitGTK."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.test_storage import READS, WRITES, tracked

pytestmark = [pytest.mark.browser, pytest.mark.every_engine]


def test_nothing_is_written_or_read_without_a_grant(site, third, visitor):
    """
    Whoever looks around, opens the settings, refuses and goes on has been asked for no mark of the
    device, and no script has written; after a grant a tracker is seen at both (PS-01, PS-03,
    PS-04).
    """
    for path in ("/", "/andere"):
        site.page(f"<script>{WRITES + READS}</script>{tracked(third)}", path)
    done = {}
    visitor.go()
    visitor.open_settings()
    visitor.press(Keys.ESCAPE)
    visitor.until("!document.querySelector('dialog')")
    done["undecided"] = visitor.ask("[written, asked]")
    visitor.decide("reject")
    done["refused"] = visitor.ask("[written, asked]")
    visitor.go("/andere")
    visitor.arrived()
    done["after"] = visitor.ask("[written, asked]")
    visitor.click("[data-consent-placeholder=youtube] button[value=allow]")
    visitor.until("document.querySelector('iframe')")
    done["film"] = visitor.ask("[written, asked]")
    visitor.open_settings()
    visitor.click("dialog input[value=matomo]")
    visitor.click("dialog button[value=save]")
    visitor.wait_until_ran("tracker")
    written, asked = visitor.ask("[written, asked]")

    assert done == {when: [[], []] for when in done}
    assert {"setItem", "cookie", "open"} <= set(written)
    assert {"HTMLCanvasElement.getContext", "Navigator.plugins", "Screen.width"} <= set(asked)
