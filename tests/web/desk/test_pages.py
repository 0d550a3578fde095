"""Where the pages of the desk are, and what shows them."""

from consent.web.desk.pages import VIEWS
from consent.web.desk.routes import FORMS, PAGES


def test_each_page_has_an_address_and_each_address_a_page():
    """
    The pages are loaded when the first is opened, so nothing else tells before that one is missing.
    """
    assert set(VIEWS) == {*PAGES, *FORMS, "look_up"}


def test_who_opens_the_answer_of_a_form_is_led_to_its_page():
    """
    The address of an answer leads to a page that there is, with the same parts in it.
    """
    for path, page in FORMS.values():
        assert path.startswith(PAGES[page] + "/")
