"""The world's clock: real time plus an offset; it can be moved and frozen.

Seconds since 1970 as float. Times in answers are UTC, in the two forms of the API.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """Time of the world; the time of signatures is apart, see Simulator.set_clock."""

    def __init__(self) -> None:
        """Start at real time."""
        self._offset = 0.0
        self._frozen: float | None = None
        self._acting: float | None = None

    @property
    def frozen(self) -> bool:
        """Whether only advance() moves the clock."""
        return self._frozen is not None

    def now(self) -> float:
        """Tell the time; inside a transition that is due, the time it took effect."""
        if self._acting is not None:
            return self._acting
        return time.time() + self._offset if self._frozen is None else self._frozen

    def act_at(self, moment: float | None) -> None:
        """Pretend another time while a transition that fell due earlier takes effect."""
        self._acting = moment

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        if self._frozen is None:
            self._offset += seconds
        else:
            self._frozen += seconds

    def freeze(self) -> None:
        """Stop the clock where it is."""
        self._frozen = self.now()

    def resume(self) -> None:
        """Let a frozen clock run on from where it stands."""
        if self._frozen is not None:
            self._offset = self._frozen - time.time()
            self._frozen = None


def iso_seconds(moment: float) -> str:
    """Write a time as disks, snapshots, images and interfaces have it: 2021-06-07T06:08:54Z."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_minutes(moment: float) -> str:
    """Write a time as instances have it: 2017-12-10T04:04Z."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%MZ")
