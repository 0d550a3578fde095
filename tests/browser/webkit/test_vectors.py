"""Every way to contact another origin, in WebKitGTK."""

from __future__ import annotations

from collections import Counter
from threading import Event

import pytest
from flask import Response, request

from tests.browser.servers import Site
from tests.browser.test_vectors import CLOSED, PASTED, SEE, gate, raw, stored, supported
from tests.browser.vectors import ALONE, HINTS, ONLY_AT_FIRST, VECTORS, addressed
from tests.browser.webkit.visitor import PATIENCE, until

pytestmark = [pytest.mark.browser, pytest.mark.every_engine]

#: What a page asks for last.
END = "/end"


@pytest.fixture
def gates(third) -> str:
    """Each vector behind a gate of its own."""
    return "".join(gate(markup) for markup in addressed(VECTORS | ALONE, third))


class Fault:
    """What becomes of our own script."""

    def __init__(self) -> None:
        self.kind = ""
        self.met = 0
        self._end = Event()

    def answer(self) -> Response | None:
        """Answer in the place of the site, if it is the script that is asked for."""
        if request.path == END:
            self._end.set()
        if not request.path.endswith("/consent.js"):
            return None
        self.met += 1
        if self.kind == "late":
            self._end.wait(PATIENCE)
            return None
        body, status = {"missing": ("", 404), "throwing": ("throw 1", 200)}[self.kind]
        return Response(body, status, {"Cache-Control": "no-store"}, content_type="text/javascript")


def test_every_way_reaches_the_other_origin_without_a_gate(site, third, visitor, engine):
    """
    Each vector contacts the other origin where no gate is, but for those that are named as
    unknown to the engine.
    """
    site.page(raw("".join(addressed(VECTORS, third))))
    visitor.go()
    third.wait_for(supported(engine))

    assert set(third.arrived) == supported(engine)
    assert len(supported(engine)) >= 80


def test_so_does_what_leads_the_page_away(site, third, visitor):
    """
    The same of what takes the whole page along, one at a time.
    """
    arrived = {}
    for name, markup in zip(ALONE, addressed(ALONE, third), strict=True):
        third.forget()
        site.page(raw(markup))
        visitor.go()
        third.wait_for({"base/below" if name == "base" else name})
        arrived[name] = third.arrived

    assert arrived == {name: ["base/below" if name == "base" else name] for name in ALONE}


def test_nothing_does_without_javascript(tmp_path, site, third, gates, plain_visitor, another):
    """
    Where JavaScript is off, no gate lets anything out, not even what is for browsers without it,
    which without a gate loads at once; nor on a page that is the same for everybody (GA-01, GA-02,
    PS-02).
    """
    site.page(gates)
    plain_visitor.go()
    arrived = plain_visitor.arrived()
    for_all = Site(tmp_path, CONSENT_STATIC_PAGES=True)
    with another(for_all, plain_visitor) as there:
        for_all.page(gates)
        there.go()
        arrived += there.arrived()
    site.page(raw("".join(addressed({"noscript": VECTORS["noscript"]}, third))))
    plain_visitor.go()

    assert arrived == []
    assert plain_visitor.arrived() == ["noscript"]


def test_nothing_reaches_the_other_origin_before_a_decision(site, gates, visitor):
    """
    Of a page with every vector behind gates the other origin sees no request, nor after a
    refusal, on this page and the next (GA-01, GA-02, PS-02).
    """
    site.page(gates)
    visitor.go()
    arrived = visitor.arrived()
    visitor.decide("reject")
    visitor.go()

    assert arrived == visitor.arrived() == []


def test_nothing_does_whatever_becomes_of_our_script(tmp_path, gates, another):
    """
    Nor if our script is missing, fails, comes late, may not be loaded or may not run, nor on a
    page that is the same for everybody (GA-02).
    """
    fault, arrived = Fault(), {}
    broken = Site(tmp_path)
    broken.app.before_request(fault.answer)
    with another(broken) as visitor:
        broken.page(f'{gates}<img alt="" src="{END}">')
        for fault.kind in ("missing", "throwing", "late"):
            visitor.go()
            arrived[fault.kind] = visitor.arrived()
        broken.break_off("/consent.js")
        visitor.go()
        arrived["blocked"] = visitor.arrived()
        broken.headers(Content_Security_Policy="script-src 'none'")
        visitor.go()
        arrived["forbidden"] = visitor.arrived()
    (tmp_path / "all").mkdir()
    for_all = Site(tmp_path / "all", CONSENT_STATIC_PAGES=True)
    with another(for_all) as visitor:
        for_all.page(gates)
        visitor.go()
        arrived["for all"] = visitor.arrived()

    assert not any(arrived.values()), arrived
    assert fault.met == 3


def test_what_editors_paste_reaches_nobody(site, reports, visitor):
    """
    Of stored HTML with embeds of sixty providers nothing even tries to leave, although it would
    without the gate.
    """
    site.headers(Content_Security_Policy=f"{CLOSED}; report-uri /bericht")
    site.page(stored(PASTED))
    site.page(raw(PASTED), "/raw")
    visitor.go()
    visitor.ask("void document.body.append(Object.assign(new Audio('http://x.example/x')))")
    reports.wait_for("media-src")

    gated = list(reports.seen)
    visitor.go("/raw")
    until(lambda: len(reports.seen) > 40, reports.seen)

    assert gated == ["media-src"]


def test_what_is_granted_does_what_it_does_without_a_gate(site, third, visitor, engine):
    """
    Each vector contacts its origin after a grant, once. Hints and what only works while a page is
    built come with the next page.
    """
    site.page("".join(gate(markup) for markup in addressed(VECTORS, third)))
    for name in ("script", "script-async", "script-defer", "module"):
        third.script(name)  # one that is missing is asked for again
    visitor.go()
    visitor.decide("accept")
    visitor.ask(f"({SEE})()")
    known = supported(engine)
    expected = known - HINTS - ONLY_AT_FIRST
    third.wait_for(expected)
    here = Counter(third.arrived)
    third.forget()
    visitor.go()
    third.wait_for(known - expected)

    assert here == Counter(expected)
    # Of the others some may still be there from the page before.
    assert known - expected <= set(third.arrived) <= known
