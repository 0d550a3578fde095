"""What a cookie means from one day to the next."""

from __future__ import annotations

import pytest

from consent.choice import cookie
from consent.web import case, standing
from consent.web.cookies import choice_name, choice_texts
from tests.conftest import Visitor

NAME = choice_name(True)


def stands(app, header, today, *, secure=True):
    """What a ``Cookie`` header means on a day, for a view of the site."""
    cases = app.extensions["consentry"].cases
    return cases[header, secure, "index", today, None, False].standing


def test_a_decision_that_ends_at_midnight_ends_there(app, visitor, monkeypatch):
    """
    A page that is asked for just before midnight, while the first one of the next day is, does not
    let a decision count for a day longer (RP-02).
    """
    visitor.decide("accept")
    site, cookies = app.extensions["consentry"], [visitor.cookie()]
    read = site.seal.read_choice
    last = read(cookies).day + site.config.policy.lifetime - 1

    def at_midnight(texts):
        if texts == cookies:
            stands(app, f"{NAME}=of somebody else", last + 1)
        return read(texts)

    monkeypatch.setattr(site.seal, "read_choice", at_midnight)

    header = f"{NAME}={cookies[0]}"
    assert stands(app, header, last).permits("matomo")
    assert not stands(app, header, last + 1).permits("matomo")
    assert stands(app, header, last).permits("matomo")


def test_a_decision_is_read_once_whatever_else_comes(app, visitor, monkeypatch):
    """
    The signature of a cookie is checked when its text comes for the first time that day, and one
    that counts over HTTPS, alone or beside others, is none over plain HTTP (SE-02, SE-14). No
    cookie of somebody else's is kept for that, nor junk, which would fill the memory.
    """
    visitor.decide("accept")
    site, text, read = app.extensions["consentry"], visitor.cookie(), []
    today = site.seal.read_choice([text]).day
    once = site.seal.read_choice
    monkeypatch.setattr(site.seal, "read_choice", lambda texts: read.append(texts) or once(texts))
    site.cases.clear()
    site.cases._standings._known = 0, {}

    for header in (f"{NAME}={text}", f"a=b; {NAME}={text}", f" {NAME}={text} ", f"{NAME}={text}"):
        assert stands(app, header, today).permits("matomo")
        assert not stands(app, header, today, secure=False).permits("matomo")
    for _ in range(2):
        assert not stands(app, f"{NAME}={text}x", today).permits("matomo")
    assert read == [[text], [f"{text}x"], [f"{text}x"]]
    assert list(site.cases._standings._known[1]) == [(text, False)]
    assert [way[:2] for way in site.cases] == [(f"{NAME}={text}", True), ("", False)]


@pytest.mark.parametrize("header", ["{0}", "a=b; {0}"], ids=["alone", "beside others"])
def test_memory_does_not_grow_with_what_is_decided(app, monkeypatch, header):
    """
    Whoever decides in every way that there is, day by day, fills no memory: what has no room in it
    is worked out each time and holds all the same.
    """
    for remembering in (case, cookie, standing):
        monkeypatch.setattr(remembering, "MEMORY", 1)
    site = app.extensions["consentry"]
    visitors = [Visitor(app), Visitor(app)]
    for visitor, service in zip(visitors, ("matomo", "youtube"), strict=True):
        visitor.decide("save", service)
    texts = [visitor.cookie() for visitor in visitors]
    today = site.seal.read_choice(texts[:1]).day

    for text, service in zip(texts * 2, ("matomo", "youtube") * 2, strict=True):
        found = stands(app, header.format(f"{NAME}={text}"), today)
        assert found.granted == {service}
        assert site.seal.write_choice(found.choice) == text
        assert found.choice in site.seal._written
    remembered = site.seal._written, site.cases, site.cases._standings._known[1]
    assert [len(one) for one in remembered] == [1, 1, 1]


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (f"a=b; {NAME}=x; {NAME}=y", ["x", "y"]),
        (f"a=b {NAME}=x", []),
        (f"a=b {NAME}=x; {NAME}=y", ["y"]),
        (f"{NAME}=x ", ["x"]),
    ],
)
def test_only_what_bears_our_name_is_a_choice(header, found):
    """
    All cookies of our name are read, and none that has it in its value, as a neighbour may set one.
    """
    assert choice_texts(header, secure=True) == found
