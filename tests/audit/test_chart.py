"""Where the bars of a picture are."""

from __future__ import annotations

import pytest

from consent.audit.chart import HEIGHT, LABELS, ROW, ROWS, TOP, columns, rows


def test_columns_are_stacked_from_the_ground():
    """
    Each piece stands on the one below it, as high as its share of the highest line, and each
    column in the middle of its room.
    """
    drawn = columns([{"a": 3, "b": 1}, {}, {"b": 2}], ("a", "b"))
    low, high, other = drawn.rects

    assert [(line.value, line.y) for line in drawn.lines] == [
        (0, TOP + HEIGHT), (2, TOP + HEIGHT / 2), (4, TOP),
    ]  # fmt: skip
    assert (low.kind, low.y, low.height) == ("a", TOP + HEIGHT / 4, HEIGHT * 3 / 4)
    assert (high.kind, high.y, high.height) == ("b", TOP, HEIGHT / 4)
    assert other.y + other.height == low.y + low.height == TOP + HEIGHT
    assert low.x == high.x
    assert [piece.x + piece.width / 2 for piece in (low, other)] == pytest.approx(
        [100 / 6, 100 * 5 / 6]
    )
    assert drawn.most == 4


@pytest.mark.parametrize(
    ("most", "line"),
    [(0, 1), (1, 1), (2, 2), (3, 4), (5, 6), (7, 8), (9, 10), (11, 12), (1161, 1200), (999, 1000),
     (10**7, 10**7)],
)  # fmt: skip
def test_the_highest_line_is_a_round_number(most, line):
    """
    It is just above the highest column, however many there are.
    """
    assert columns([{"a": most}], ("a",)).lines[-1].value == line


def test_a_column_is_never_low_in_its_picture():
    """
    The highest one takes three quarters of the room and more, and the line half-way up has a whole
    number or is left out.
    """
    for most in range(11, 3_000, 7):
        drawn = columns([{"a": most}], ("a",))
        low, *halves, high = (line.value for line in drawn.lines)

        assert low == 0
        assert most <= high < most * 4 / 3
        assert halves == [high / 2]
    assert [line.value for line in columns([{"a": 1}], ("a",)).lines] == [0, 1]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 31, 366])
def test_labels_fit_a_phone(count):
    """
    There are never more than a few, each under its column, the first from where that begins and
    the last to where it ends.
    """
    drawn = columns([{"a": 1}] * count, ("a",))
    labels = drawn.labels

    assert len(labels) == min(count, LABELS)
    assert [label.column for label in labels] == sorted({label.column for label in labels})
    if count == 1:
        assert labels[0].x == 50
    if count > 1:
        assert (labels[0].column, labels[-1].column) == (0, count - 1)
        assert (labels[0].anchor, labels[-1].anchor) == ("start", "end")
    part = {"start": 0, "middle": 0.5, "end": 1}
    for label in labels:
        above = drawn.rects[label.column]
        assert label.x == pytest.approx(above.x + part[label.anchor] * above.width)


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
    for place, row in enumerate(drawn.rows):
        for rect in row.rects:
            assert place * ROW < row.y < rect.y < rect.y + rect.height < (place + 1) * ROW
    assert (rows({}, ("a",)).rows, rows({"v": {}}, ("a",)).left_out) == ((), 0)
