"""Waiting for the cloud: one schedule, one deadline in real time per wait.

The schedule (``gap``) grows with the time already waited, so that a short wait ends soon after its
state is reached and a long one asks seldom: at most 12 requests in the first ten seconds. The
answer is at most 0.9 s late, half of that on average; after eleven seconds at most 8 % of the wait.
"""

from __future__ import annotations

from alicloud_cpi import log
from alicloud_cpi.cloud.wire import retry
from alicloud_cpi.cloud.wire.failures import ApiError
from alicloud_cpi.errors import CloudError, CpiFailure, Interrupted
from alicloud_cpi.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from alicloud_cpi.clock import Clock

    T = TypeVar("T")

FIRST_GAP = 0.3
_USUAL_GAP = 0.9
_LONGEST_GAP = 20.0
_GROWTH_AT_FIRST = 0.5
_GROWTH = 0.08


class Budget(Record):
    """How long one wait may take, in seconds of real time."""

    timeout: float


class WaitTimeout(CloudError):
    """The state that was waited for did not come in time."""


def gap(waited: float) -> float:
    """Seconds until the next poll, after having waited this many seconds."""
    usual = min(_USUAL_GAP, FIRST_GAP + _GROWTH_AT_FIRST * waited)
    return min(_LONGEST_GAP, max(usual, _GROWTH * waited))


def wait_for(
    what: str,
    read: Callable[[], T],
    until: Callable[[T], bool],
    *,
    state: Callable[[T], str],
    budget: Budget,
    clock: Clock,
) -> T:
    """Read again and again until the outcome is as wanted, and return it.

    ``until`` may raise to end the wait at once, when the state can no longer come. A read that
    fails in a passing way does not end the wait; a throttled one makes it ask less often.

    :param what: completes "waiting for ...", with the resource's id
    :raises WaitTimeout: not within the budget; the message tells the last state seen
    """
    wait = _Wait(what, budget, clock)
    try:
        found = wait.poll(read, until, state)
    except (CpiFailure, Interrupted):
        log.info("waited %s in vain for %s, last state: %s", wait.took, what, wait.seen)
        raise
    log.info("waited %s for %s", wait.took, what)
    return found


class _Wait:
    """One wait under way: since when, until when at most, and what it has seen."""

    def __init__(self, what: str, budget: Budget, clock: Clock) -> None:
        self._what = what
        self._clock = clock
        self._start = clock.now()
        self._deadline = self._start + budget.timeout
        self._reads = 0
        self.seen = "nothing yet"

    @property
    def took(self) -> str:
        """How long it has taken so far, and how many reads."""
        return f"{self._clock.now() - self._start:.1f} s ({self._reads} reads)"

    def poll(
        self, read: Callable[[], T], until: Callable[[T], bool], state: Callable[[T], str]
    ) -> T:
        """Read until the outcome is as wanted, and return it."""
        slower = 1.0
        while True:
            self._pause(slower)
            try:
                with retry.at_most_until(self._deadline):
                    found = read()
            except ApiError as failure:
                if not failure.passing:
                    raise
                slower = 2.0 if failure.throttled else 1.0
            else:
                self.seen, slower = state(found), 1.0
                if until(found):
                    return found
            if self._clock.now() >= self._deadline:
                raise WaitTimeout(
                    f"Gave up waiting for {self._what} after "
                    f"{self._clock.now() - self._start:.0f} s; last state: {self.seen}"
                )

    def _pause(self, slower: float) -> None:
        now = self._clock.now()
        wanted = slower * gap(now - self._start)
        self._clock.sleep(max(0.0, min(wanted, self._deadline - now)))
        self._reads += 1
