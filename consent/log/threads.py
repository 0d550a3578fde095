"""Threads, of which the system may have none to spare."""

from __future__ import annotations

import threading

from consent.errors import LogUnavailable

_HINT = (
    "let the user of the site have more processes, by which threads count (ulimit -u, TasksMax of"
    " systemd, the pids of a container)"
)


def start(thread: threading.Thread) -> None:
    """Start *thread*. Raises LogUnavailable if that cannot be done just now."""
    try:
        thread.start()
    except RuntimeError as error:
        raise LogUnavailable(f"{error}\n    hint: {_HINT}") from None
