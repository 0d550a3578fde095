"""docs/theming.md says what a site can change, all of it and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from consent.web.assets import TEMPLATES
from tests.conftest import Visitor

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/theming.md").read_text(encoding="utf-8")
#: What a site can change; the auditor's desk looks the same everywhere.
STYLES = {
    path.name: path.read_text(encoding="utf-8")
    for path in sorted(ROOT.glob("static/css/*.css"))
    if path.name != "desk.css"
}
EXAMPLES = re.findall(r"(?ms)^```html\+jinja\n(.*?)^```$", PAGE)


def test_the_documented_properties_are_those_in_use():
    """
    Every custom property that a style sheet reads has a default and a row in the table.
    """
    documented = re.findall(r"(?m)^\| `(--cst-\w+(?:-\w+)*)`", PAGE)
    used = {name for css in STYLES.values() for name in re.findall(r"var\((--[\w-]+)", css)}
    set_here = set(re.findall(r"(?m)^\s*(--[\w-]+):", STYLES["consent.css"]))

    assert len(documented) == len(set(documented))
    assert set(documented) == used == set_here


def test_the_documented_defaults_are_those_of_the_style_sheet():
    """
    A default that is written as a value is the value.
    """
    rows = re.findall(r"(?m)^\| `(--[\w-]+)` \|.*\| `([^`|]+)` \|$", PAGE)

    assert len(rows) >= 7
    for name, default in rows:
        assert f"{name}: {default};" in STYLES["consent.css"]


def test_the_site_has_the_last_word():
    """
    A site's own value on ``:root`` counts wherever its style sheet is loaded: our defaults weigh
    less, in a way that browsers of any age know.
    """
    before = STYLES["consent.css"].split("--cst-scheme")[0]

    assert before.strip() == "html {"


def test_the_documented_blocks_are_those_of_the_templates():
    """
    Every block of a template is in the table, and no other.
    """
    rows = re.findall(r"(?m)^\| `(\w+)\.html`[^|]*\| (.*) \|$", PAGE)

    assert rows
    for name, cell in rows:
        source = (TEMPLATES / f"{name}.html").read_text(encoding="utf-8")
        blocks = set(re.findall(r"{%-? block (\w+)", source)) - {"content"}
        assert blocks == set(re.findall(r"`(\w+)`", cell)) - {"content"}, name


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_of_a_template_starts_and_is_shown(make_app, tmp_path, example):
    """
    Whoever copies an example has a site that starts and a banner that shows it.
    """
    file = tmp_path / "templates/consent/banner.html"
    file.parent.mkdir(parents=True)
    file.write_text(example, encoding="utf-8")

    assert "/static/logo.svg" in Visitor(make_app()).get().text
