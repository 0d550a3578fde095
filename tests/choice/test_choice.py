"""What a choice means today."""

import pytest

from consent.choice.choice import Choice, lives, stand

TODAY = 20_782
OFFERED = {"matomo": "m1", "youtube": "y1"}


def standing(choice, *, shown=OFFERED, offered=OFFERED, today=TODAY, **more):
    return stand(choice, today=today, lifetime=180, offered=offered, shown=shown, **more)


def test_without_a_choice_everything_is_undecided_and_off():
    """
    Whoever has not decided has granted nothing (GA-01).
    """
    found = standing(None)

    assert found.undecided == {"matomo", "youtube"}
    assert not found.permits("matomo")


def test_what_is_not_granted_is_refused():
    """
    A choice names what is granted; the rest of what was offered then is refused.
    """
    found = standing(Choice("n", TODAY, frozenset({"matomo"})))

    assert (found.granted, found.refused, found.undecided) == ({"matomo"}, {"youtube"}, set())


def test_a_service_left_open_stays_undecided():
    """
    Granting one service from its placeholder says nothing about the others (GA-04).
    """
    found = standing(Choice("n", TODAY, frozenset({"youtube"}), frozenset({"matomo"})))

    assert (found.granted, found.refused, found.undecided) == ({"youtube"}, set(), {"matomo"})


@pytest.mark.parametrize("signal", [False, True])
@pytest.mark.parametrize("granted", [set(), {"matomo"}, {"matomo", "youtube"}])
@pytest.mark.parametrize("undecided", [set(), {"youtube"}])
def test_every_service_is_in_exactly_one_set(granted, undecided, signal):
    """
    Whatever was decided, with a signal or without, a service is granted, refused or undecided;
    what a signal has stopped is undecided.
    """
    choice = Choice("n", TODAY, frozenset(granted - undecided), frozenset(undecided))

    found = standing(choice, signal=signal)

    assert sorted([*found.granted, *found.refused, *found.undecided]) == ["matomo", "youtube"]
    assert found.paused <= found.undecided


def test_an_unknown_notice_counts_for_nothing():
    """
    If nobody knows what was on screen, nothing was granted (RP-10).
    """
    assert standing(Choice("n", TODAY, frozenset({"matomo"})), shown=None).granted == set()


def test_a_new_service_is_off_and_the_others_stay():
    """
    A service added later is off for everybody until asked, and other grants stay (RP-05).
    """
    found = standing(
        Choice("n", TODAY, frozenset({"matomo"})), shown={"matomo": "m1"}, offered=OFFERED
    )

    assert (found.granted, found.undecided) == ({"matomo"}, {"youtube"})


def test_changed_terms_ask_again_about_that_service_only():
    """
    A material change of one service asks about that service and leaves the rest (RP-04).
    """
    choice = Choice("n", TODAY, frozenset({"matomo", "youtube"}))

    found = standing(choice, offered={"matomo": "m1", "youtube": "y2"})

    assert (found.granted, found.undecided) == ({"matomo"}, {"youtube"})


def test_a_removed_service_is_granted_no_more():
    """
    What the site no longer declares is not granted, and nobody is asked because of it (RP-04).
    """
    choice = Choice("n", TODAY, frozenset({"matomo", "youtube"}))

    found = standing(choice, offered={"matomo": "m1"})

    assert (found.granted, found.undecided) == ({"matomo"}, set())


@pytest.mark.parametrize("signal", [False, True])
@pytest.mark.parametrize(
    ("granted", "offered", "services"),
    [
        ({"matomo", "youtube"}, {"matomo": "m1"}, {"youtube"}),
        ({"matomo", "youtube"}, {}, {"matomo", "youtube"}),
        ({"matomo", "youtube"}, {"matomo": "m2", "youtube": "y1"}, {"matomo"}),
        ({"matomo"}, {"matomo": "m1"}, set()),
        ({"matomo", "youtube", "nobody"}, OFFERED, set()),
    ],
    ids=["removed", "all removed", "another one", "refused", "none"],
)
def test_what_is_left_of_a_grant_that_is_void_is_told(granted, offered, services, signal):
    """
    What a service that was granted may have left is known where it is gone, or is not the one that
    was granted; not of one that was refused, nor of one that is still there (WD-05).
    """
    left = {id: frozenset({("cookie", id), ("cookie", "both")}) for id in OFFERED}
    choice = Choice("n", TODAY, frozenset(granted))

    found = standing(choice, offered=offered, left=left, signal=signal)

    assert {name for _, name in found.former} == services | ({"both"} if services else set())
    assert standing(choice, offered=offered, left=left, today=TODAY + 180).former == set()


@pytest.mark.parametrize(
    ("age", "valid"),
    [(0, True), (179, True), (180, False), (-1, True), (-2, False)],
    ids=["today", "last day", "day after", "tomorrow, another server's clock", "future"],
)
def test_a_choice_lives_for_its_days(age, valid):
    """
    A decision, either way, holds for the configured days and not one longer (RP-01, RP-03).
    """
    choice = Choice("n", TODAY - age, frozenset({"matomo"}))

    assert lives(choice, TODAY, 180) is valid
    assert standing(choice).permits("matomo") is valid


def test_an_unknown_service_is_never_permitted():
    """
    A service that nobody declared is off, whatever a choice says (GA-01).
    """
    assert not standing(Choice("n", TODAY, frozenset({"other"}))).permits("other")


@pytest.mark.parametrize(("told", "days"), [(90, 90), (180, 180), (365, 180)])
def test_a_choice_lives_no_longer_than_its_visitor_was_told(told, days):
    """
    A site that keeps decisions for longer now keeps those from before as long as was said then; one
    that keeps them for less, no longer than it says now (RP-09).
    """
    choice = Choice("n", TODAY, frozenset({"matomo"}))

    last = standing(choice, promised=told, today=TODAY + days - 1)
    assert last.permits("matomo")
    assert last.since + 180 == TODAY + days
    assert not standing(choice, promised=told, today=TODAY + days).permits("matomo")


def test_a_signal_changes_nothing_about_how_long_a_choice_lives():
    """
    Whoever has granted something in spite of a signal is asked again when they were told, also if
    they grant more meanwhile (RP-09).
    """
    choice = Choice("n", TODAY, frozenset({"matomo"}), despite_signal=True)

    last = standing(choice, promised=90, today=TODAY + 89, signal=True)
    assert last.permits("matomo")
    assert last.since + 180 == TODAY + 90
    assert not standing(choice, promised=90, today=TODAY + 90, signal=True).permits("matomo")
