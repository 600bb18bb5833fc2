"""Time, passed in wherever something waits, so that a test can move it."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """A source of time."""

    def now(self) -> float:
        """Return monotonic seconds."""

    def wall(self) -> float:
        """Return seconds since 1970, to compare with times that the cloud states."""

    def sleep(self, seconds: float) -> None:
        """Return after this many seconds."""


class SystemClock:
    """The machine's clocks."""

    def now(self) -> float:
        """Return monotonic seconds."""
        return time.monotonic()

    def wall(self) -> float:
        """Return seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Sleep in real time."""
        time.sleep(seconds)
