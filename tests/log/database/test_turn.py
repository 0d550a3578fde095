"""Writers to one file go one after the other, and a dead one holds up nobody."""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path

import pytest

from consent.log.database import turn
from consent.log.database.turn import Turns
from tests.log.processes import started

#: Take the turn, say so, and keep it until the end of the input.
HOLD = """
import sys
from consent.log.database.turn import Turns

with Turns(sys.argv[1]).take(5):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def file(tmp_path) -> str:
    return str(tmp_path / "consent.db")


def is_free(file: str) -> bool:
    with Path(file + ".lock").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def test_a_turn_is_held_and_given_back(file):
    """
    While one process writes, the others wait in a queue; afterwards the next one may.
    """
    with Turns(file).take(5):
        assert not is_free(file)

    assert is_free(file)


def test_a_failed_writer_gives_its_turn_back(file):
    """
    A write that fails does not stop the next one.
    """
    turns = Turns(file)
    with pytest.raises(KeyError), turns.take(5):
        raise KeyError

    with turns.take(5):
        pass
    assert is_free(file)


def test_a_killed_process_gives_its_turn_back(file):
    """
    A process that dies while it writes does not stop the others.
    """
    with started("-c", HOLD, file) as [holder]:
        assert holder.hear() == "held"
        assert not is_free(file)
        holder.kill()

        with Turns(file).take(5):
            pass


def test_a_thread_does_not_wait_for_ever(file):
    """
    When nothing can be written for seconds, a visitor is told instead of left waiting.
    """
    turns = Turns(file)
    with turns.take(5), pytest.raises(TimeoutError, match="no turn"), turns.take(0.01):
        pass


def test_a_turn_that_another_thread_held_during_a_fork_is_free_in_the_child(file, monkeypatch):
    """
    A forked worker can write, whatever its parent was doing at that moment.
    """
    turns = Turns(file)
    turns._inside.acquire()
    monkeypatch.setattr(os, "getpid", lambda: turns._process + 1)

    with turns.take(0.01):
        pass


def test_a_child_that_was_forked_in_a_turn_does_not_keep_it(file, monkeypatch):
    """
    A worker that was forked while its parent wrote has the file of turns open as well; the turn
    ends with what the parent did all the same.
    """
    opened, inherited = turn.opened, []

    def shared(*about):
        descriptor = opened(*about)
        inherited.append(os.dup(descriptor))
        return descriptor

    monkeypatch.setattr(turn, "opened", shared)
    with Turns(file).take(1):
        pass

    with Path(f"{file}.lock").open() as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(inherited[0])


def test_threads_write_one_at_a_time(file):
    """
    Threads of one process take turns like processes do.
    """
    turns, inside, seen = Turns(file), [], []

    def write():
        for _ in range(50):
            with turns.take(5):
                inside.append(None)
                seen.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == [1] * 200


def test_without_locks_of_the_system_threads_still_take_turns(file, monkeypatch):
    """
    Where the system has no such locks, the order among processes is up to SQLite.
    """
    monkeypatch.setattr(turn, "_system", None)

    with Turns(file).take(5):
        assert not Path(file + ".lock").exists()
