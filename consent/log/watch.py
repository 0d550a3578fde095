"""
The watch: a thread that seals soon after something was recorded.

It begins with the first decision that a process records, or with the first page where there is a
log already, and sleeps while nothing comes. Nobody waits for it, and what it cannot do is told once
and tried again. A process that ends seals first what it has recorded: the next one may not record
anything for days. Between two sealings the thread keeps nothing of its app, so that a process that
makes many of them, as tests do, has none of those that it has dropped.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
import weakref
from collections.abc import Callable

from consent.errors import LogError
from consent.log import threads

#: Seconds from a decision to its sealing, so that decisions of the same second share one.
PAUSE = 1.0

#: Seconds until a sealing that failed is tried again.
PATIENCE = 30.0

_watches: weakref.WeakSet[Watch] = weakref.WeakSet()


class Watch:
    """
    Calls *seal* in the background; *tell* gets what keeps it from sealing.

    A process that ends calls *last* instead, if that is given: who ends it does not wait for long.
    """

    def __init__(
        self,
        seal: Callable[[], object],
        tell: Callable[[LogError], None],
        last: Callable[[], object] | None = None,
    ) -> None:
        self._seal = seal
        self._last = last or seal
        self._tell = tell
        self._begin()
        _watches.add(self)

    def _begin(self) -> None:
        self._process = os.getpid()
        self._waking = threading.Event()
        self._is_sealing = False
        self._owes = False  # whether this process has recorded anything
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_alone = False  # whether no thread could be started, and that was told

    def wake(self) -> None:
        """Say that something was recorded and waits to be sealed; return at once."""
        self.look()
        self._owes = True

    def look(self) -> None:
        """
        Let the thread look whether something waits; return at once.

        A process that ends, as one does after each request under CGI, leaves that to others.
        """
        if self._process != os.getpid():
            # Threads stay in the parent, and not every server that forks says so to Python.
            self._begin()
        self._waking.set()
        if self._thread is None or not self._thread.is_alive():
            with self._starting:
                if self._thread is None or not self._thread.is_alive():
                    self._start()

    def _start(self) -> None:
        """Start the thread; where the system has none to spare, visitors decide all the same."""
        # A daemon: a server that ends does not wait for it, and a seal that is cut off leaves
        # nothing behind.
        arguments = weakref.ref(self), self._waking
        thread = threading.Thread(target=_run, args=arguments, name="consent", daemon=True)
        try:
            threads.start(thread)
        except LogError as error:
            if not self._is_alone:
                self._is_alone = True
                self._tell(LogError(f'{error}, or set CONSENT_SEAL = "command"'))
            return
        self._thread, self._is_alone = thread, False
        weakref.finalize(self, self._waking.set).atexit = False

    @property
    def is_busy(self) -> bool:
        """Whether the thread of this process is sealing, or about to."""
        return self._process == os.getpid() and (self._waking.is_set() or self._is_sealing)

    def finish(self) -> None:
        """Seal what waits; the thread may be cut off at any time now."""
        if self._owes and self.is_busy:
            seal_or_tell(self._last, self._tell, "")

    def turn(self, told: str) -> str:
        """Seal in a moment; return what keeps it from sealing, *told* unless it was told before."""
        time.sleep(PAUSE)
        self._is_sealing = True
        self._waking.clear()
        told = seal_or_tell(self._seal, self._tell, told)
        self._is_sealing = False
        return told


def _run(owner: weakref.ref[Watch], waking: threading.Event) -> None:
    """Let *owner* have a turn whenever it is woken, until nobody has it any more."""
    told = ""
    while True:
        waking.wait(PATIENCE if told else None)
        watch = owner()
        if watch is None:
            return
        told = watch.turn(told)
        del watch


def seal_or_tell(seal: Callable[[], object], tell: Callable[[LogError], None], told: str) -> str:
    """Call *seal*; return what keeps it from sealing, *told* unless it was told before."""
    try:
        seal()
    except LogError as error:
        if str(error) != told:
            tell(error)
        return str(error)
    return ""


@atexit.register
def _finish() -> None:
    for watch in list(_watches):
        watch.finish()
