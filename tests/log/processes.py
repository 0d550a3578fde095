"""Processes of a site, as a test starts and kills them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Process:
    """A Python program that is talked to line by line."""

    def __init__(self, *words: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *map(str, words)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def hear(self) -> str:
        """Return the next line that it says; "" when it has ended."""
        return self.process.stdout.readline().rstrip("\n")

    def say(self, line: str = "") -> None:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        """End it as a power cut would, without a chance to finish anything."""
        self.process.kill()
        self.process.wait()

    def end(self) -> int:
        """Let it finish, and return its exit code."""
        self.process.stdin.close()
        self.process.stdout.read()
        return self.process.wait()


@contextmanager
def started(*words: object, times: int = 1) -> Iterator[list[Process]]:
    """Start a program some *times*; none is left when the block ends."""
    with ExitStack() as ends:
        processes = []
        for _ in range(times):
            process = Process(*words)
            ends.enter_context(process.process)
            ends.callback(process.kill)
            processes.append(process)
        yield processes


@contextmanager
def writers(url: str, count: int, processes: int = 1, times: int = 1) -> Iterator[list[Process]]:
    """
    Start programs that write *count* events in each of their *processes*.

    They wait for a line to begin.
    """
    words = ("-m", "tests.log.writer", url, count, processes)
    with started(*words, times=times) as programs:
        for program in programs:
            assert program.hear() == "ready"
        yield programs
