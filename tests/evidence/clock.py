"""A clock for the whole site, which a test sets."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime

import pytest

from consent.commands import erase as commands
from consent.web.desk import overview


class Clock:
    """What time it is for the site, its commands and its desk, in milliseconds since 1970 UTC."""

    def __init__(self, patch: pytest.MonkeyPatch, now: datetime) -> None:
        self.ms = int(now.timestamp() * 1000)
        patch.setattr(time, "time_ns", lambda: self.ms * 1_000_000)
        patch.setattr(time, "time", lambda: self.ms / 1000)
        for module in (commands, overview):
            patch.setattr(module, "datetime", self._calendar())

    def pass_by(self, seconds: float) -> None:
        """Let time pass; backwards, as NTP does, with less than nothing."""
        self.ms += round(seconds * 1000)

    def jump(self, month: int, day: int) -> None:
        """Go on to the last seconds before that day, of this year or the next."""
        year = self.today.year
        while datetime(year, month, day, tzinfo=UTC).timestamp() * 1000 <= self.ms:
            year += 1
        self.ms = int(datetime(year, month, day, tzinfo=UTC).timestamp() * 1000) - 2_000

    @property
    def today(self) -> date:
        return datetime.fromtimestamp(self.ms // 1000, UTC).date()

    def _calendar(self) -> type[datetime]:
        clock = self

        class Calendar(datetime):
            @classmethod
            def now(cls, tz=None):
                return datetime.fromtimestamp(clock.ms / 1000, tz)

        return Calendar
