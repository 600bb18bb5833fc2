"""Time, given to whoever waits, so that a test can move it."""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Clock(Protocol):
        """Seconds that only go forward, and a way to let some of them pass."""

        def now(self) -> float:
            """Seconds since some fixed moment."""

        def wall(self) -> float:
            """Seconds since 1970, to compare with times that the cloud tells."""

        def sleep(self, seconds: float) -> None:
            """Return after this many seconds."""


class SystemClock:
    """The machine's own monotonic time."""

    def now(self) -> float:
        """Seconds of the monotonic clock."""
        return time.monotonic()

    def wall(self) -> float:
        """Seconds of the machine's calendar clock."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Sleep in real time."""
        time.sleep(seconds)
