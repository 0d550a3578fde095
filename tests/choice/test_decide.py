"""From the button that was pressed to what it means."""

import pytest

from consent.choice.choice import Choice, Standing
from consent.choice.decide import by_purpose, decide

TODAY = 20_782
ALL = frozenset({"matomo", "osm", "youtube"})
NONE = frozenset()


def press(control, *services, granted=NONE, undecided=None, day=TODAY):
    if undecided is None:
        undecided = NONE if granted else ALL
    refused = ALL - granted - undecided
    choice = Choice("old", day, granted, undecided) if undecided != ALL else None
    standing = Standing(granted, refused, undecided, choice)
    return decide(control, services, standing=standing, notice="new", offered=ALL, today=TODAY)


@pytest.mark.parametrize(
    ("before", "control", "services", "kind", "granted"),
    [
        (NONE, "accept", (), "grant", ALL),
        (NONE, "reject", (), "refusal", NONE),
        (NONE, "save", ("osm",), "grant", {"osm"}),
        (NONE, "save", (), "refusal", NONE),
        (NONE, "withdraw", (), "refusal", NONE),
        (NONE, "allow", ("youtube",), "grant", {"youtube"}),
        (ALL, "accept", (), "grant", ALL),
        (ALL, "withdraw", (), "withdrawal", NONE),
        (ALL, "reject", (), "withdrawal", NONE),
        (ALL, "save", (), "withdrawal", NONE),
        (ALL, "save", ("osm",), "change", {"osm"}),
        (frozenset({"osm"}), "allow", ("youtube",), "change", {"osm", "youtube"}),
        (frozenset({"osm"}), "accept", (), "change", ALL),
    ],
)
def test_kind_and_services_are_derived(before, control, services, kind, granted):
    """
    The kind of a decision follows from what held before and what holds after, and from
    nothing that the browser claims (EV-02).
    """
    made = press(control, *services, granted=before)

    assert (made.kind, made.granted) == (kind, granted)


@pytest.mark.parametrize("control", ["reject", "save", "withdraw"])
def test_who_refuses_what_is_asked_anew_takes_the_old_consent_back(control):
    """
    A consent whose terms have all changed runs nothing any more, but stands in the log: a refusal
    ends it there, too (WD-07).
    """
    standing = Standing(NONE, NONE, ALL, Choice("old", TODAY - 9, ALL))
    made = decide(control, (), standing=standing, notice="new", offered=ALL, today=TODAY)

    assert (made.kind, made.choice.granted) == ("withdrawal", NONE)
    assert not made.withdraws  # there is nothing that could stop


def test_everything_offered_is_accounted_for():
    """
    A decision says yes or no to every service offered (EV-02, SL-06).
    """
    made = press("save", "osm")

    assert made.refused == ALL - {"osm"}
    assert made.choice.undecided == NONE


def test_one_placeholder_leaves_the_other_services_alone():
    """
    "Always" on one placeholder grants that service only; the others stay undecided (GA-04).
    """
    made = press("allow", "youtube")

    assert made.choice.undecided == {"matomo", "osm"}
    assert made.refused == NONE


def test_one_placeholder_does_not_prolong_the_others():
    """
    Granting one service later does not extend what was decided earlier (RP-09).
    """
    made = press("allow", "youtube", granted=frozenset({"osm"}), day=TODAY - 100)

    assert made.choice.day == TODAY - 100


def test_the_first_placeholder_counts_from_today():
    """
    Who has decided nothing before grants from the day on which they do; who refuses everything is
    left in peace from that day on, whatever they decided earlier (RP-01, RP-09).
    """
    assert press("allow", "youtube").choice.day == TODAY
    assert press_about("reject", granted=NONE).choice.day == TODAY


def test_what_runs_is_what_was_granted():
    """
    After a decision that stays nothing of an earlier one runs any more (GA-01).
    """
    assert press("save", "osm", granted=frozenset({"youtube"})).allowed == {"osm"}


def test_once_changes_no_standing_choice():
    """
    "Only this time" grants one service for one page view and leaves the choice as it was.
    """
    made = press("once", "youtube", granted=frozenset({"osm"}))

    assert (made.kind, made.control, made.granted) == ("once", "once", {"youtube"})
    assert made.choice.granted == {"osm"}
    assert made.allowed == {"osm", "youtube"}
    assert made.grants_more
    assert not made.withdraws


@pytest.mark.parametrize(
    ("before", "after", "more", "less"),
    [
        (NONE, ("osm",), True, False),
        ({"osm"}, (), False, True),
        ({"osm"}, ("youtube",), True, True),
        ({"osm"}, ("osm",), False, False),
    ],
)
def test_more_and_less_are_told_apart(before, after, more, less):
    """
    What adds a service needs evidence first; what takes one away never waits (EV-01).
    """
    made = press("save", *after, granted=frozenset(before))

    assert (made.grants_more, made.withdraws) == (more, less)


def test_purposes_follow_from_their_services():
    """
    The record says for every purpose what was decided (EV-02).
    """
    found = by_purpose(
        {"media": ("osm", "youtube"), "statistics": ("matomo",), "other": ("x",), "more": ("y",)},
        granted={"osm", "y"},
        refused={"youtube", "matomo"},
    )

    assert found == {
        "media": "partial",
        "statistics": "refused",
        "other": "undecided",
        "more": "granted",
    }


def test_a_purpose_may_have_all_the_services_there_are():
    """
    Where nothing but the services of one purpose was granted, or refused, its answer is no other.
    """
    media = {"media": ("osm", "youtube")}

    assert by_purpose(media, media["media"], ()) == {"media": "granted"}
    assert by_purpose(media, (), media["media"]) == {"media": "refused"}


class TestAskedAgain:
    """Someone decided before and is asked about one new service only."""

    HELD = frozenset({"osm"})

    def press(self, control, granted=HELD):
        return press_about(control, granted=granted)

    def test_accepting_adds_it(self):
        """
        The new service is granted, the others stay as they were, refused ones too (RP-05).
        """
        made = self.press("accept")

        assert made.granted == {"osm", "matomo"}
        assert made.refused == {"youtube"}
        assert made.kind == "change"

    def test_rejecting_takes_nothing_away(self):
        """
        Refusing what is new withdraws nothing (RP-05).
        """
        made = self.press("reject")

        assert made.granted == {"osm"}
        assert made.refused == {"matomo", "youtube"}
        assert (made.kind, made.withdraws) == ("change", False)

    def test_rejecting_what_another_tab_granted_takes_it_away(self):
        """
        Whoever refuses a service in a banner that was left open has refused it, although it was
        granted in another tab meanwhile; the others stay (WD-04).
        """
        made = press_about("reject", granted=self.HELD | {"matomo"})

        assert made.granted == {"osm"}
        assert made.refused == {"matomo", "youtube"}

    def test_after_a_refusal_of_everything(self):
        """
        Somebody who had refused everything and refuses what is new has refused, nothing more.
        """
        assert self.press("reject", NONE).kind == "refusal"
        assert self.press("accept", NONE).granted == {"matomo"}

    def test_the_other_decisions_are_not_prolonged(self):
        """
        An answer about what is new does not extend what was decided before (RP-09).
        """
        assert self.press("accept").choice.day == TODAY - 100
        assert self.press("reject").choice.day == TODAY - 100


def press_about(control, granted):
    refused = frozenset({"osm", "youtube"}) - granted
    about = frozenset({"matomo"})
    standing = Standing(granted, refused, about - granted, Choice("old", TODAY - 100, granted))
    return decide(
        control, (), standing=standing, notice="new", offered=ALL, today=TODAY, about=about
    )
