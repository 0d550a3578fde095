"""A screen for windows that nobody sees."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def hidden_screen() -> Iterator[str]:
    """Start a screen; give the name under which windows find it."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1400x1000x24"]
    with subprocess.Popen(
        [*command, "-nolisten", "tcp"], pass_fds=[writing], stderr=subprocess.DEVNULL
    ) as server:
        os.close(writing)
        with os.fdopen(reading) as answer:
            yield f":{answer.readline().strip()}"
        server.terminate()


def require(what: str, *programs: str, packages: str) -> None:
    """Skip the test if one of *programs* is missing; where nothing may be skipped, fail."""
    if any(shutil.which(program) is None for program in programs):
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say(f"NO {what}: nothing of what it does was tested; apt install {packages}")
