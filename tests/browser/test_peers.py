"""
Where others break: what other banners were seen to do wrong, and the tests of ours for each.

The rows are those of a comparison of eleven banners in a browser, three scripts and an inline one
behind consent; each stands with the outcome that is right.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent

ROWS = {
    "after accepting, scripts run in the order of the page": (
        "test_activation.TestOrder.test_scripts_download_together_and_run_in_the_order_of_the_page",
    ),
    "on the next visit they are asked for side by side, not one after the other": (
        "test_activation.TestOrder.test_the_next_page_asks_for_each_once",
        "test_static_pages.test_what_was_granted_starts_side_by_side_and_in_order",
    ),
    "several scripts in one template keep their order": (
        "test_activation.TestOrder.test_scripts_download_together_and_run_in_the_order_of_the_page",
    ),
    "a module, from an address or inline, runs as one": (
        "test_activation.TestFaithfulness.test_a_module_stays_a_module",
    ),
    "attributes and document.currentScript are kept": (
        "test_activation.TestFaithfulness.test_attributes_are_kept",
    ),
    "after a 404 the rest runs": (
        "test_activation.TestTrouble.test_a_script_that_is_missing_stops_no_other",
        "test_activation.TestTrouble.test_a_script_that_throws_stops_no_other",
    ),
    "a script that never answers does not stop the rest for good": (
        "test_activation.TestTrouble.test_a_script_that_never_answers_is_waited_for_only_so_long",
        "test_activation.TestTrouble.test_an_async_script_is_not_waited_for",
    ),
    "document.write of an inline script does not wipe the page": (
        "test_activation.TestTrouble.test_an_inline_script_cannot_wipe_the_page",
    ),
    "srcset and picture are held and then loaded": (
        "test_activation.TestPictures.test_every_size_of_a_picture_comes_after_consent",
        "test_vectors.TestAfterAccepting.test_what_is_granted_does_what_it_does_without_a_gate",
    ),
    "a frame is unloaded when it is withdrawn": (
        "test_activation.TestEnds.test_a_frame_is_unloaded",
    ),
    "a tag that comes by innerHTML before consent waits for it": (
        "test_together.TestPartsThatComeLater.test_they_wait_for_the_decision",
    ),
    "a tag that comes by innerHTML after consent runs": (
        "test_together.TestPartsThatComeLater.test_they_start_where_it_was_granted",
    ),
    "with another body swapped in, banner, gates and settings go on working": (
        "test_together.TestSwappedBodies.test_banner_gate_and_link_go_on_working",
        "test_together.TestSwappedBodies.test_a_kept_body_is_brought_up_to_date",
    ),
    "what a tracker writes while it is withdrawn is not there after a reload": (
        "test_activation.TestEnds.test_a_cookie_written_while_the_page_ends_does_not_stay",
        "test_leftovers.test_a_withdrawal_leaves_nothing",
    ),
    "a cookie for a path below and a key of local storage are deleted": (
        "test_leftovers.test_what_comes_back_goes_with_the_next_page",
    ),
    "accepting in one tab takes the banner out of the other": (
        "test_together.TestTabs.test_a_consent_starts_the_other_tab",
    ),
    "refusing in one tab stops the trackers of the other": (
        "test_together.TestTabs.test_a_refusal_reaches_the_other_tab",
        "test_together.TestTabs.test_a_withdrawal_stops_the_other_tab",
    ),
    "Back to a page from before the decision neither asks nor leaves anything off": (
        "test_together.TestBack.test_the_page_before_shows_what_was_decided_since",
        "test_together.TestBack.test_nothing_comes_back_after_a_withdrawal",
    ),
}


def names_of(module: str) -> set[str]:
    """The names of the tests of a module here, with their class."""
    body = ast.parse((FOLDER / f"{module}.py").read_text("utf-8")).body
    return {
        f"{module}.{of}{function.name}"
        for node in body
        for of, functions in (
            [(f"{node.name}.", node.body)] if isinstance(node, ast.ClassDef) else [("", [node])]
        )
        for function in functions
        if isinstance(function, ast.FunctionDef)
    }


@pytest.mark.parametrize("row", ROWS)
def test_there_is_a_test_for_each(row):
    """
    What others get wrong is tried with ours, under the names that stand here.
    """
    for name in ROWS[row]:
        assert name in names_of(name.partition(".")[0])
