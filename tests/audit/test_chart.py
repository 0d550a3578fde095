"""Where the bars of a picture are."""

from __future__ import annotations

import pytest

from consent.audit.chart import HEIGHT, LABELS, ROWS, TOP, columns, rows


def test_columns_are_stacked_from_the_ground():
    """
    Each piece stands on the one below it, as high as its share of the highest line.
    """
    drawn = columns([{"a": 3, "b": 1}, {}, {"b": 2}], ("a", "b"))
    low, high, other = drawn.rects

    assert [line.value for line in drawn.lines] == [0, 2, 4]
    assert (low.kind, low.y, low.height) == ("a", TOP + HEIGHT / 4, HEIGHT * 3 / 4)
    assert (high.kind, high.y, high.height) == ("b", TOP, HEIGHT / 4)
    assert other.y + other.height == low.y + low.height == TOP + HEIGHT
    assert low.x == high.x < other.x < 100 - other.width
    assert drawn.most == 4


@pytest.mark.parametrize(
    ("most", "line"),
    [(0, 1), (1, 1), (3, 4), (7, 8), (9, 10), (11, 12), (1161, 1200), (999, 1000), (10**7, 10**7)],
)  # fmt: skip
def test_the_highest_line_is_a_round_number(most, line):
    """
    It is just above the highest column, however many there are.
    """
    assert columns([{"a": most}], ("a",)).lines[-1].value == line


@pytest.mark.parametrize("count", [0, 1, 2, 3, 31, 366])
def test_labels_fit_a_phone(count):
    """
    There are never more than a few, the first at the start and the last at the end.
    """
    labels = columns([{"a": 1}] * count, ("a",)).labels

    assert len(labels) == min(count, LABELS)
    assert [label.column for label in labels] == sorted({label.column for label in labels})
    if count > 1:
        assert (labels[0].column, labels[-1].column) == (0, count - 1)
        assert (labels[0].anchor, labels[-1].anchor) == ("start", "end")


def test_lying_bars_are_as_long_as_their_share():
    """
    The longest takes all the room; what has no room in the picture is counted.
    """
    values = {f"v{n}": {"a": 100 - n, "b": n} if n < 2 else {"a": 1} for n in range(ROWS + 3)}
    drawn = rows(values, ("a", "b"))

    assert len(drawn.rows) == ROWS
    assert drawn.left_out == 3
    assert [(rect.kind, rect.x, rect.width) for rect in drawn.rows[1].rects] == [
        ("a", 0, 99),
        ("b", 99, 1),
    ]
    assert drawn.rows[2].rects[0].width == 1
    assert [row.total for row in drawn.rows[:3]] == [100, 100, 1]
    assert all(rect.y + rect.height < drawn.height for row in drawn.rows for rect in row.rects)
    assert rows({}, ("a",)).rows == ()
