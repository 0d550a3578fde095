"""A visitor's whole life at random, beside a small model of what was confirmed."""

from __future__ import annotations

from random import Random

import pytest

from tests.browser.servers import served
from tests.browser.walk.places import Front
from tests.browser.walk.steps import Steps

pytestmark = [pytest.mark.browser, pytest.mark.every_engine]


@pytest.mark.parametrize(
    ("seed", "steps"),
    [(1, 20), *(pytest.param(seed, 80, marks=pytest.mark.thorough) for seed in range(2, 14))],
)
def test_every_step_leads_where_it_should(browser, third, tmp_path, seed, steps):
    """
    Whatever a visitor does, in two tabs, with and without scripts, while answers fail and the site
    changes: what is not granted reaches nobody and leaves nothing, what is granted loads once, the
    banner is there if there is something to ask, page, cookies and log agree, and who presses a
    button is told what came of it (GA-01, EV-01, EV-07, WD-04, WD-05, RP-05, AX-19, AX-27).
    """
    front = Front()
    with served(front) as port:
        context = browser.new_context(locale="de-DE")
        walker = Steps(context, third, tmp_path, front, f"http://127.0.0.1:{port}")
        try:
            walker.walk(Random(seed), steps)
        except AssertionError as wrong:
            steps = "\n".join(walker.trace)
            raise AssertionError(f"seed {seed}:\n{steps}\n{walker.note}\n{wrong}") from wrong
        finally:
            walker.close()
