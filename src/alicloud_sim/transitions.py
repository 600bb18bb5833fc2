"""Changes that take time: a record stays in a transitional status until its job is done.

A job is done when its time has come AND a read has shown the record under way since the
job began, so that every wait of a client really waits. Nobody has to look for ever: the
second condition lapses a grace after the due time (pace key "grace", world clock). A new
record's absence from lists ("<kind>.listed") follows the same rule: one list misses it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from .clock import Clock

Key = tuple[str, str]
"""Kind and id of a record."""
MOST_CHANGES = 10_000


@dataclass
class Job:
    """One change under way; times on the world clock."""

    key: str
    record: Key
    watched: frozenset[Key]
    began: float
    due: float
    grace: float
    done: Callable[[], None]
    seen: float | None = None

    def effective(self, now: float) -> float | None:
        """Tell when the change took effect, or None while it is under way."""
        moment = lapse = self.due + self.grace
        if self.seen is not None:
            moment = min(max(self.due, self.seen), lapse)
        return moment if moment <= now else None

    def told(self, ended: float | None) -> dict[str, Any]:
        """Dump it; `ended` is when it took effect, None while it is under way."""
        return {
            "key": self.key,
            "record": list(self.record),
            "began": self.began,
            "due": self.due,
            "ended": ended,
        }


class Jobs:
    """All changes under way."""

    def __init__(self, clock: Clock) -> None:
        """Follow a clock."""
        self._clock = clock
        self._jobs: list[Job] = []
        self._ended: deque[dict[str, Any]] = deque(maxlen=MOST_CHANGES)

    def add(self, job: Job) -> None:
        """Begin a change."""
        self._jobs.append(job)

    def of(self, record: Key) -> list[Job]:
        """List the changes of a record under way."""
        return [job for job in self._jobs if job.record == record]

    def all(self) -> list[Job]:
        """List all changes under way, in the order they began."""
        return list(self._jobs)

    def changes(self) -> list[dict[str, Any]]:
        """List the changes that ended, in this order, then those under way."""
        return [*self._ended, *(job.told(None) for job in self._jobs)]

    def cancel(self, record: Key, key: str | None = None) -> None:
        """Drop a record's changes, all or those of one pace key, without effect."""
        self._jobs = [j for j in self._jobs if j.record != record or key not in (None, j.key)]

    def observe(self, record: Key, as_of: float) -> None:
        """Note that a read showed the record as it was at a time."""
        for job in self._jobs:
            if job.seen is None and record in job.watched and job.began <= as_of:
                job.seen = self._clock.now()

    def run_due(self) -> bool:
        """Complete what is due, earliest first, at the time it took effect."""
        ran = False
        while True:
            now = self._clock.now()
            ready = [(m, j) for j in self._jobs if (m := j.effective(now)) is not None]
            if not ready:
                return ran
            moment, job = min(ready, key=lambda pair: pair[0])
            self._jobs.remove(job)
            self._ended.append(job.told(moment))
            self._clock.act_at(moment)
            try:
                job.done()
            finally:
                self._clock.act_at(None)
            ran = True
