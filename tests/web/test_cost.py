"""What a page view costs the server, counted rather than timed."""

from __future__ import annotations

import gc
import sys
import weakref
from pathlib import Path

import pytest
from flask import request

import consent
from tests.conftest import Visitor

PACKAGE = str(Path(consent.__file__).parent)

#: Calls of functions of this package. Behind a request that other code has pushed out of the
#: processor's memory, each costs several times what it costs in a loop.
MOST = 20


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


@pytest.mark.parametrize("control", [None, "accept", "reject"])
def test_a_request_leaves_memory_with_its_answer(make_app, control):
    """
    What a page was asked for with, such as a text in a form, does not wait for Python's search for
    rings of objects, which may come after thousands of others.
    """
    app, asked = make_app(), []
    app.before_request(lambda: asked.append(weakref.ref(request._get_current_object())))
    visitor = Visitor(app)
    if control:
        visitor.decide(control)
    gc.collect()
    gc.disable()
    try:
        visitor.get()
        left = asked[-1]()
    finally:
        gc.enable()

    assert left is None
