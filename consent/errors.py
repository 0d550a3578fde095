"""
Every error that is raised on purpose, and how messages are worded.

    ConsentError
    |-- SetupError         the site is set up wrongly: stops the start
    |   |-- ConfigError    a ``CONSENT_*`` key, ``SECRET_KEY`` or a template of the site
    |   `-- PolicyError    the policy file; carries all its problems at once
    |-- LogError           the evidence log
    |   `-- LogUnavailable it cannot be written or read just now
    `-- CheckError         a running site cannot be looked at

A message names the place, what was found and what was wanted, so that somebody who
has only the server's log can act on it. No message ever contains a visitor's data.
"""

from __future__ import annotations

from dataclasses import dataclass


class ConsentError(Exception):
    """Base of all errors of this package. Never raised itself."""


class SetupError(ConsentError):
    """The site is set up wrongly. Raised at the start, never during a visit."""


class ConfigError(SetupError):
    """A configuration key or a template of the site cannot be used as it is."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file of the site."""

    path: str  #: where in the file, such as ``services.matomo.host``; "" for the file itself
    found: str  #: what stands there, or "nothing"
    wanted: str  #: what may stand there
    hint: str | None = None  #: what most likely mends it; None if nothing is likely

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        hint = f"\n    hint: {self.hint}" if self.hint else ""
        return f"{where}found {self.found}, wanted {self.wanted}{hint}"


class PolicyError(SetupError):
    """The policy file has mistakes; all of them are in ``problems``."""

    def __init__(self, file: str, problems: tuple[Problem, ...]) -> None:
        self.file = file  #: the policy file, as it was named
        self.problems = problems  #: at least one, in the order of the file
        super().__init__(listed(file, problems))


def noun(number: int, one: str, many: str | None = None) -> str:
    """Return the word for so many: *one*, else *many*, which is *one* with an s if not given."""
    return one if number == 1 else many or f"{one}s"


def one_line(text: str, longest: int) -> str:
    """Return *text* as it may stand in a log: in one line of at most *longest* characters."""
    text = text.encode(errors="replace").decode()
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:longest]


def listed(file: str, problems: tuple[Problem, ...]) -> str:
    """Return the message about all the *problems* of a *file*."""
    first = f"{file}: {len(problems)} {noun(len(problems), 'mistake')}"
    return "\n".join([first, *(f"  {problem}" for problem in problems)])


class LogError(ConsentError):
    """The evidence log refuses what was asked of it."""


class LogUnavailable(LogError):
    """The log cannot be written or read just now, so nothing may be granted."""


class CheckError(ConsentError):
    """A running site cannot be looked at: nothing is said about whether it is fair."""
