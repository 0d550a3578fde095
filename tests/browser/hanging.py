"""A browser that answers no more is ended, so that it costs one test its time and no run."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

import psutil

from tests.browser.engines import Engine

#: Seconds. A multiple of what the longest test of a browser takes.
LIMIT = 120

#: Seconds until the next try. What a test does in the end may wait for the dead browser, too.
AGAIN = 2

#: How the names of the programs begin; their own processes end with them.
BROWSERS = ("chrom", "google-chrome", "headless_shell", "firefox", "WebKit", "MiniBrowser")


class Watch:
    """
    Looks after the browsers that this process has started.

    Nobody else does. Playwright waits for ever for an answer of a Firefox that has gone, and an
    exception from the handler of a signal ends its loop, so that every later test waits as well.
    """

    def __init__(self) -> None:
        self.ended: set[str] = set()  #: names of programs that were ended in the last test
        self._loop: asyncio.AbstractEventLoop | None = None
        self._own: set[asyncio.Task[object]] = set()
        self._engines: Collection[Engine] = ()

    def look_after(self, loop: asyncio.AbstractEventLoop, engines: Collection[Engine]) -> None:
        """Know the *engines*, and the *loop* that waits for them, where no test waits now."""
        self._loop, self._engines = loop, engines
        self._own = asyncio.all_tasks(loop)

    @contextmanager
    def within(self, seconds: float = LIMIT) -> Iterator[None]:
        """
        Let what is done here wait no longer than *seconds* for a browser.

        Then all browsers are ended, and whoever waits for one gets CancelledError.
        """
        self.ended.clear()
        done = Event()
        thread = Thread(target=self._watch, args=(seconds, done))
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
            if self.ended:
                for engine in self._engines:
                    engine.forget()

    def _watch(self, seconds: float, done: Event) -> None:
        while not done.wait(seconds):
            self._end()
            if self._loop:
                self._loop.call_soon_threadsafe(self._wait_no_longer, done)
            seconds = AGAIN

    def _end(self) -> None:
        for process in psutil.Process().children(recursive=True):
            with suppress(psutil.NoSuchProcess):  # it has just ended by itself
                name = process.name()
                if name.startswith(BROWSERS):
                    process.kill()
                    self.ended.add(name)

    def _wait_no_longer(self, done: Event) -> None:
        # The loop stands still in a test that waits for WebKit, and hears of this in the next one.
        if not done.is_set():
            for task in asyncio.all_tasks(self._loop) - self._own:
                task.cancel()


#: The one of this process.
WATCH = Watch()
