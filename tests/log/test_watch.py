"""Sealing goes on in the background, and nobody waits for it."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import threading
import weakref
from unittest.mock import Mock

import pytest

from consent.errors import LogError
from consent.log import watch
from consent.log.watch import Watch

#: Seconds after which a test gives up; nothing takes that long.
LONG = 60

#: Seconds from a decision to its sealing, where no test shortens them.
PAUSE = watch.PAUSE


class Work:
    """What is done in the background: counts, and fails as told."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.done = threading.Semaphore(0)
        self.told: list[str] = []

    def seal(self) -> None:
        try:
            if self.failures:
                raise self.failures.pop(0)
        finally:
            self.done.release()

    def tell(self, error: LogError) -> None:
        self.told.append(str(error))

    def was_done(self) -> bool:
        return self.done.acquire(timeout=LONG)


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(watch, "PAUSE", 0)


def test_a_decision_is_sealed_soon():
    """
    Each time that something was recorded it is sealed, by one thread that ends with the process.
    """
    work = Work()
    watching = Watch(work.seal, work.tell)
    watching.wake()
    assert work.was_done()
    thread = watching._thread

    for _ in range(3):
        watching.wake()
        assert work.was_done()
    assert watching._thread is thread
    assert thread.daemon


def test_a_decision_waits_for_one_second_at_most(monkeypatch):
    """
    However many keep coming, also while others are sealed, one pause of a second at most stands
    between a decision and its sealing: in normal running nothing is left unsealed for two.
    """
    steps, work, more = [], Work(), iter(range(3))

    def seal() -> None:
        steps.append("sealed")
        if next(more, None) is not None:
            watching.wake()
        work.seal()

    watching = Watch(seal, work.tell)
    monkeypatch.setattr(watch, "PAUSE", PAUSE)
    monkeypatch.setattr(watch, "time", Mock(sleep=steps.append))
    watching.wake()

    assert all(work.was_done() for _ in range(4))
    assert steps == [PAUSE, "sealed"] * 4
    assert PAUSE <= 1


def test_nothing_runs_before_something_is_recorded():
    """
    A process that only shows pages, or a command, has no thread for it.
    """
    assert Watch(Work().seal, Work().tell)._thread is None


def test_a_site_whose_database_is_about_to_go_can_be_waited_for():
    """
    From a decision until it is sealed the watch is busy, and then no more: who takes the database
    away afterwards, as a measurement does, is not told of decisions that are not sealed.
    """
    seen = []
    watching = Watch(lambda: seen.append(watching.is_busy), Work().tell)
    before = watching.is_busy
    watching.wake()
    asked = watching.is_busy
    while watching.is_busy:
        pass

    assert (before, asked or bool(seen), seen) == (False, True, [True])


def test_trouble_is_told_once_and_tried_again(monkeypatch):
    """
    What keeps the log from being sealed is told to the operator, not again for every decision,
    and it is tried again without another decision.
    """
    monkeypatch.setattr(watch, "PATIENCE", 0)
    work = Work(LogError("no key"), LogError("no key"), LogError("other"))
    watching = Watch(work.seal, work.tell)
    watching.wake()

    assert all(work.was_done() for _ in range(4))
    assert work.told == ["no key", "other"]


def test_trouble_that_was_over_is_told_anew():
    """
    If the same trouble comes back later, the operator learns it.
    """
    work = Work(LogError("no key"))
    watching = Watch(work.seal, work.tell)
    for failures in ([], [LogError("no key")], []):
        watching.wake()
        assert work.was_done()
        work.failures += failures
    watching.wake()

    assert work.was_done()
    assert work.told == ["no key", "no key"]


def test_a_system_that_has_no_thread_to_spare_keeps_nobody_from_deciding(monkeypatch):
    """
    Where a limit of processes is reached, that is told once with what helps, and tried again with
    each decision; what was recorded is sealed when the process ends.
    """
    work = Work()
    watching = Watch(work.seal, work.tell)
    with monkeypatch.context() as limit:
        full = Mock(side_effect=RuntimeError("can't start new thread"))
        limit.setattr(threading.Thread, "start", full)
        watching.wake()
        watching.wake()
        watching.finish()

    assert work.was_done()
    [told] = work.told
    assert "can't start new thread" in told
    assert 'CONSENT_SEAL = "command"' in told
    watching.wake()
    assert work.was_done()
    assert watching._thread


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_died_is_replaced():
    """
    An error that nobody thought of does not end the sealing for good.
    """
    work = Work(ZeroDivisionError())
    watching = Watch(work.seal, work.tell)
    watching.wake()
    assert work.was_done()
    watching._thread.join(LONG)
    watching.wake()

    assert work.was_done()


@pytest.mark.parametrize("trouble", [[], ["no key"]], ids=["sealed", "in trouble"])
def test_a_site_that_is_dropped_takes_its_thread_along(trouble):
    """
    Tests that make hundreds of apps are left with no threads, nor with the apps and their files.
    """
    work = Work(*map(LogError, trouble))
    watching = Watch(work.seal, work.tell)
    watching.wake()
    assert work.was_done()
    thread, gone = watching._thread, weakref.ref(watching)
    del watching
    thread.join(LONG)

    assert not thread.is_alive()
    assert gone() is None


@pytest.mark.parametrize("fork", [os.fork, ctypes.PyDLL(None).fork], ids=["Python", "C"])
def test_a_forked_process_has_a_thread_of_its_own(fork):
    """
    A server that forks its workers after the first decision seals in each of them, also if it
    does not tell Python, as uWSGI.
    """
    work = Work()
    watching = Watch(work.seal, work.tell)
    watching.wake()
    assert work.was_done()
    child = fork()
    if not child:
        watching.wake()
        os._exit(not work.was_done())

    assert os.waitpid(child, 0)[1] == 0


ENDING = """
import threading
from consent.log import watch

begun, cut_off = threading.Event(), {cut_off}
watch.PAUSE = 0 if cut_off else 60

def seal():
    begun.set()
    if threading.current_thread() is threading.main_thread():
        print("sealed")
    else:
        threading.Event().wait()

watching = watch.Watch(seal, print)
if {recorded}:
    watching.wake()
    assert not cut_off or begun.wait({long})
"""


@pytest.mark.parametrize(
    ("recorded", "cut_off", "said"),
    [(True, False, "sealed\n"), (True, True, "sealed\n"), (False, False, "")],
    ids=["before it began", "halfway", "nothing recorded"],
)
def test_a_process_that_ends_seals_first_what_it_recorded(recorded, cut_off, said):
    """
    A site that is started anew right after a decision does not leave it unsealed until somebody
    decides again (EV-08).
    """
    program = ENDING.format(recorded=recorded, cut_off=cut_off, long=LONG)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=LONG, check=True
    )

    assert done.stdout == said


def test_what_is_sealed_already_is_left_alone_at_the_end():
    """
    Ending a process asks nothing of the database where nothing waits, or where it was only to look
    for what others left, and tells trouble once more.
    """
    work = Work(LogError("no key"))
    watching = Watch(work.seal, work.tell)
    watching.finish()
    assert not work.done.acquire(blocking=False)

    watching._waking.set()
    watching.finish()
    assert work.told == []

    watching._owes = True
    watching.finish()
    assert work.told == ["no key"]


def test_a_process_that_ends_does_what_is_short():
    """
    Whoever ends a process waits for the sealing, and not for all that is done after it.
    """
    work, last = Work(), Work()
    watching = Watch(work.seal, work.tell, last.seal)
    watching._waking.set()
    watching._owes = True
    watching.finish()

    assert last.done.acquire(blocking=False)
    assert not work.done.acquire(blocking=False)
