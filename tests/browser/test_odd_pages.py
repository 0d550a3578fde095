"""Pages that are made in another way than most: what a visitor is promised holds there, too."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


def test_a_base_that_leads_elsewhere(site, third, visitor):
    """
    Where the addresses of a page begin at another host, decisions and settings are this site's all
    the same, and the other host is told of none.
    """
    ran = '{% gate "matomo" %}<script>ran = ["here"]</script>{% endgate %}'
    site.page(f'<base href="{third.url("")}">{ran}')
    visitor.go()
    visitor.decide("accept")
    visitor.wait_until_ran("here")
    visitor.open_settings()
    with visitor.page.expect_event("load"):
        visitor.dialog.locator("button[value=withdraw]").click()

    assert visitor.ran() == []
    assert visitor.arrived() == []
    assert [event["kind"] for event in site.events()] == ["grant", "withdrawal"]
