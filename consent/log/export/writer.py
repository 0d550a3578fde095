"""What every format has in common: a writer that takes events, a few at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import BinaryIO

from consent.errors import LogError


class ExtraMissingError(LogError):
    """A format needs a package that is not installed; *extra* of ours brings it."""

    def __init__(self, extra: str) -> None:
        super().__init__(f"{extra}: a package is missing\n    hint: {command(extra)}")
        self.extra = extra


def command(extra: str) -> str:
    """Return what installs what *extra* brings."""
    return f"pip install 'consentry[{extra}]'"


class Writer(ABC):
    """Writes events to the file that it was made with."""

    unreadable = 0  #: events that a view marks as such, since somebody altered them

    @abstractmethod
    def add(self, events: list[bytes]) -> None:
        """Write *events*."""

    def close(self) -> None:  # noqa: B027 - most formats end with their last event
        """Write what comes after the last event."""

    def drop(self) -> None:  # noqa: B027 - most formats keep nothing beside the file
        """Leave nothing behind of what will not be finished."""


class Lines(Writer):
    """JSON Lines: the bytes of the events, with a line feed after each."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target

    def add(self, events: list[bytes]) -> None:
        self._target.write(b"\n".join(events) + b"\n")
