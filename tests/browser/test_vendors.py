"""Scripts of services hear what was decided about them."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

#: How the markup of a service without an adapter passes a withdrawal on, with a service that
#: notes what it is told.
COUNTER = """
window.told = { push([call]) { sessionStorage.told = (sessionStorage.told ?? "") + call + " "; } };
told.push(["setConsentGiven"]);
document.addEventListener("consent:change", ({ detail }) => {
  if (!detail.granted.includes("openstreetmap")) told.push(["forgetConsentGiven"]);
});
"""

TOLD = "sessionStorage.told?.trim().split(' ') ?? []"


@pytest.fixture
def counted(site, third, visitor):
    """Somebody on a page whose statistics pass on what they are told, and who agreed."""
    site.page(
        f'{{% gate "openstreetmap" %}}<script src="{third.script("counter", COUNTER)}"></script>'
        "{% endgate %}"
    )
    visitor.go()
    visitor.decide("accept")
    visitor.wait_until_ran("counter")
    return visitor


def test_a_withdrawal_reaches_the_service_before_its_page_ends(counted):
    """
    What runs in the page is told and can tell its vendor, then the page loads without it
    (WD-06).
    """
    counted.withdraw()
    counted.until("document.readyState === 'complete'")

    assert counted.page.evaluate(TOLD) == ["setConsentGiven", "forgetConsentGiven"]
    assert counted.ran() == []


@pytest.mark.chromium("it reads the document, which is the same in every engine")
def test_taking_one_service_back_is_told_to_all(counted):
    """
    A service that stays is not told to forget; one that goes is (WD-06, WD-08).
    """
    counted.open_settings()
    counted.dialog.locator("input[value=youtube]").uncheck()
    with counted.page.expect_event("load"):
        counted.dialog.locator("button[value=save]").click()
    counted.wait_until_ran("counter")
    before = counted.page.evaluate(TOLD)
    counted.open_settings()
    counted.dialog.locator("input[value=openstreetmap]").uncheck()
    with counted.page.expect_event("load"):
        counted.dialog.locator("button[value=save]").click()

    assert before == ["setConsentGiven", "setConsentGiven"]
    assert counted.page.evaluate(TOLD) == [*before, "forgetConsentGiven"]
