"""What the desk's pages are made of, as a validator of HTML reads it."""

from __future__ import annotations

import pytest
from justhtml import JustHTML

from benchmarks.desk import PAGES, record_in
from tests.web.desk.reader import Reader

#: What HTML gives to fields of these types alone.
TEXT_ONLY = "maxlength", "minlength", "pattern", "placeholder", "size"
TEXT = "text", "search", "url", "tel", "email", "password"


@pytest.fixture
def pages(make_app):
    """A page of each kind, at a site where some visitors decided."""
    reader = Reader(make_app(CONSENT_AUDITOR=lambda: "Müller", language=lambda: "de"), 4)
    asked = [*PAGES.values(), ("/find", {}), (record_in(reader.site), {"day": "2026-11-25"})]
    year = reader.site.store.logs()[-1].origin.rpartition("/")[2]
    asked.append((f"/place/{year}/1", {}))
    answers = [(path, reader.get(path, **fields)) for path, fields in asked]
    assert {page.status_code for _, page in answers} == {200}
    return [(path, JustHTML(page.text, sanitize=False)) for path, page in answers]


def test_fields_have_the_attributes_of_their_type(pages):
    """
    A field for a day has none of what belongs to a field for text, so a validator finds no error.
    """
    types = set()
    for path, page in pages:
        for field in page.query("input"):
            types.add(kind := field.attrs.get("type", "text"))
            assert kind in TEXT or not field.attrs.keys() & {*TEXT_ONLY}, (path, field.attrs)

    assert types > {"date", "text"}


def test_every_table_and_section_says_what_it_is(pages):
    """
    Who hears a page is told of each table and each section what is in it: by a caption, a heading,
    or a name that is there (AX-31).
    """
    tables = 0
    for path, page in pages:
        for part in page.query("table, section"):
            assert named(page, part), (path, part.attrs)
            tables += part.name == "table"

    assert tables > 9


def named(page, part):
    """Whether *part* has a name, or is alone in a region that has one."""
    if by := part.attrs.get("aria-labelledby"):
        return any(one.to_text().strip() for one in page.query(f"[id={by}]"))
    inside = "caption" if part.name == "table" else "h2, h3"
    around = part.parent.attrs
    return bool(
        part.attrs.get("aria-label")
        or part.query(inside)
        or (around.get("role") == "region" and around.get("aria-label"))
    )
