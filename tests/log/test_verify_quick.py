"""The verifier reads events that are alike once in full; what it passes over is as good."""

from __future__ import annotations

import pytest

from consent.log import verify
from tests.log.samples import MS, NOW, SITE, make, refuse

LATER = (NOW // MS + 3_600_000) * MS  #: another hour than NOW
PREVIOUS = "01a210d3-1abb-7000-8a35-caa3d047fcf6"
LINES = {
    "with a receipt": make().body,
    "with all that an event can have": make(now_ns=LATER, previous=PREVIOUS, kind="change").body,
    "without a receipt": refuse(now_ns=NOW + 1500 * MS).body,
}

#: What takes the place of a byte: its neighbour, what ends a text, digits, a letter, nothing seen.
OTHERS = b'"09fF\xff'


def found(known: list[bytes], lines: list[bytes]) -> set[str]:
    """Return what is wrong with *lines* to who read those that are *known* before."""
    report = verify.Report("en")
    events = verify.Events(SITE, NOW // MS + 9_000_000, report)
    for number, some in enumerate(filter(None, [known, lines])):
        events.look(some, 1 + 1000 * number, list(some), 1000 * number)
    return {finding.key for finding in report.findings}


@pytest.mark.parametrize("name", LINES)
def test_what_is_passed_over_would_have_been_found_as_good(name):
    """
    Whichever byte of an event is altered, it is judged as if no other like it had been read before,
    alone and among others (EV-08).
    """
    line, known = LINES[name], list(LINES.values())
    verdicts = set()
    for at, byte in enumerate(line):
        for other in {byte ^ 1, OTHERS[at % len(OTHERS)]} - {byte}:
            altered = line[:at] + bytes([other]) + line[at + 1 :]
            is_wrong = bool(found([], [altered]))
            verdicts.add(is_wrong)

            assert bool(found(known, [altered])) == is_wrong, (at, altered)
            assert bool(found(known, [*known, altered, *known])) == is_wrong, (at, altered)
    assert verdicts == {False, True}  # a letter of a receipt may be another one


@pytest.mark.parametrize(
    ("moment", "is_right"),
    [
        ("00:00.000Z", True), ("59:59.999Z", True), ("07:08.090Z", True),
        ("60:00.000Z", False), ("00:60.000Z", False), ("0:000.000Z", False), ("00:00:000Z", False),
        ("00.00.000Z", False), ("00:00.000z", False), ("00:00.00Z0", False), (":0000.000Z", False),
        ("00:0\N{MIDDLE DOT}.00Z", False), ("-1:00.000Z", False), (" 0:00.000Z", False),
    ],
)  # fmt: skip
def test_what_follows_the_hour_is_read_as_the_whole_time_is(moment, is_right):
    """
    Minutes, seconds and thousandths that are read together are what they are one by one.
    """
    text = moment.encode()[:10]
    whole = verify.milliseconds("1970-01-01T00:" + moment)
    together = verify.within_hour([b"00:00.000Z", text, b"12:34.567Z"])

    assert (whole is not None) == is_right
    assert together == ([0, whole, 754_567] if is_right else None)
