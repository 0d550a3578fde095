"""What colour somebody sees: mixing and contrast, against figures worked out by hand."""

import pytest

from consent.check.colour import CLEAR, WHITE, Coat, Colour, contrast, seen

BLACK, RED = Colour(0, 0, 0), Colour(255, 0, 0)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        (BLACK, WHITE, 21.0),
        (WHITE, WHITE, 1.0),
        (Colour(118, 118, 118), WHITE, 4.54),
        (Colour(119, 119, 119), WHITE, 4.48),
        (RED, WHITE, 4.0),
        (Colour(10, 10, 10), WHITE, 19.80),
    ],
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    """
    Contrast is counted as WCAG 2 defines it, whichever colour comes first.
    """
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)
    assert contrast(other, one) == contrast(one, other)


@pytest.mark.parametrize(
    ("coats", "mark", "result"),
    [
        ([Coat(WHITE)], BLACK, BLACK),
        ([Coat(WHITE)], BLACK.faded(0.5), Colour(127.5, 127.5, 127.5)),
        ([Coat(WHITE), Coat(CLEAR)], CLEAR, WHITE),
        ([Coat(WHITE), Coat(RED, 0.5)], CLEAR, Colour(255, 127.5, 127.5)),
        ([Coat(WHITE), Coat(BLACK, 0.5)], WHITE, WHITE),
        ([Coat(CLEAR)], CLEAR, CLEAR),
    ],
    ids=["plain", "half", "nothing", "faded", "text fades with its background", "empty"],
)
def test_what_is_seen_is_painted_from_the_inside_out(coats, mark, result):
    """
    Opacity fades an element together with everything inside it.
    """
    assert seen(coats, mark) == pytest.approx(result)
