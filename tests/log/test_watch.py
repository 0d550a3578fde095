"""Sealing goes on in the background, and nobody waits for it."""

from __future__ import annotations

import os
import threading

import pytest

from consent.errors import LogError
from consent.log import watch
from consent.log.watch import Watch

#: Seconds after which a test gives up; nothing takes that long.
LONG = 60


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


def test_nothing_runs_before_something_is_recorded():
    """
    A process that only shows pages, or a command, has no thread for it.
    """
    assert Watch(Work().seal, Work().tell)._thread is None


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


def test_a_forked_process_has_a_thread_of_its_own():
    """
    A server that forks its workers after the first decision seals in each of them.
    """
    work = Work()
    watching = Watch(work.seal, work.tell)
    watching.wake()
    assert work.was_done()
    child = os.fork()
    if not child:
        watching.wake()
        os._exit(not work.was_done())

    assert os.waitpid(child, 0)[1] == 0
