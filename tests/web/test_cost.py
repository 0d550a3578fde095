"""What a page view costs the server, counted rather than timed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import consent
from tests.conftest import Visitor

PACKAGE = str(Path(consent.__file__).parent)

#: Calls of functions of this package. Behind a request that other code has pushed out of the
#: processor's memory, each costs several times what it costs in a loop.
MOST = 34


def calls(act) -> int:
    """How many functions of the package *act* runs."""
    count = 0

    def notice(frame, event, _):
        nonlocal count
        count += event == "call" and frame.f_code.co_filename.startswith(PACKAGE)

    sys.setprofile(notice)
    try:
        act()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("control", [None, "accept", "reject"])
def test_a_page_view_works_out_nothing_that_another_one_did(make_app, control):
    """
    What follows from the policy, the language and the decision alone is looked up: banner, head,
    two gates and link take few steps.
    """
    visitor = Visitor(make_app(language=lambda: "de"))
    if control:
        visitor.decide(control)
    first = calls(visitor.get)

    assert calls(visitor.get) <= MOST
    assert first >= calls(visitor.get) > 0
