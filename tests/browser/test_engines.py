"""The engines themselves: what a test wishes of a browser is what it gets, or it is told."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("wish", "feature"),
    [
        ({"color_scheme": "light"}, "prefers-color-scheme: light"),
        ({"color_scheme": "dark"}, "prefers-color-scheme: dark"),
        ({"forced_colors": "active"}, "forced-colors: active"),
        ({"reduced_motion": "reduce"}, "prefers-reduced-motion: reduce"),
        ({"viewport": {"width": 320, "height": 256}}, "width: 320px) and (height: 256px"),
    ],
    ids=["light", "dark", "forced colours", "reduced motion", "small"],
)
def test_somebody_comes_with_the_settings_that_are_wished(make_visitor, wish, feature):
    """
    A test in dark, in forced colours or in a small window is one: the page sees it.
    """
    visitor = make_visitor(**wish)
    visitor.go()

    assert visitor.page.evaluate("feature => matchMedia(`(${feature})`).matches", feature)


def test_without_javascript_no_script_runs(site, third, make_visitor):
    """
    Neither a script of the page nor ours runs for somebody without JavaScript.
    """
    video = f'{{% gate "youtube" %}}<iframe src="{third.frame("film")}"></iframe>{{% endgate %}}'
    site.page(f"<script>document.title = 'it runs'</script>{video}")
    seen = []
    for javascript in (True, False):
        visitor = make_visitor(java_script_enabled=javascript)
        visitor.go()
        once = visitor.placeholder("youtube").locator("button[value=once]")
        seen.append((visitor.page.title(), once.is_visible()))

    assert seen == [("it runs", True), ("Start", False)]


def test_what_firefox_would_drop_is_refused(engines):
    """
    No test believes in a setting that does not reach the browser.
    """
    with pytest.raises(ValueError, match="has_touch"):
        engines["firefox"].new_context(has_touch=True)
