"""Waits for a state of the cloud: one schedule, one deadline in real time per wait.

The first look comes at once. The next ones follow after a fixed part of the time waited so far, so
that a short wait ends soon after its state is reached and a long one asks seldom.
"""

from __future__ import annotations

import logging
import operator
from collections.abc import Callable
from typing import Any, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, retry_if_not_result
from tenacity.stop import stop_base
from tenacity.wait import wait_base

from alicloud_cpi.aliyun import retry
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.clock import Clock
from alicloud_cpi.errors import CloudError, CpiFailure, Interrupted

T = TypeVar("T")

logger = logging.getLogger(__name__)

# Seconds: half a second and 15 % of the time waited so far, at most ten.
_FIRST_INTERVAL = 0.5
_PART_OF_TIME_WAITED = 0.15
_MAX_INTERVAL = 10.0


class WaitTimeout(CloudError):
    """The state was not reached in time."""


def poll_interval(waited: float) -> float:
    """Return the seconds until the next look, after waiting this many seconds."""
    return min(_MAX_INTERVAL, _FIRST_INTERVAL + _PART_OF_TIME_WAITED * waited)


def status_of(found: Any) -> str:
    """Describe a resource, or that there is none, by its status."""
    return found.status if found else "not listed"


def wait_for(
    what: str,
    read: Callable[[], T],
    until: Callable[[T], bool],
    *,
    timeout: float,
    clock: Clock,
    state: Callable[[T], str] = status_of,
    read_before: bool = False,
) -> T:
    """Call ``read`` again and again until its result is as wanted, and return it.

    ``until`` may raise to end the wait at once, when the state can no longer be reached. A
    retryable error of ``read`` does not end the wait; after throttling the next look comes later.

    :param what: completes "waiting for ...", with the resource's id
    :param state: describes a result, for the log and the error
    :param timeout: seconds
    :param read_before: the state was read just now, so that the first look comes after a pause
    :raises WaitTimeout: not reached in time; the message has the last state
    """
    wait = _Wait(what, timeout, clock)
    if read_before:
        clock.sleep(min(timeout, poll_interval(0)))
    try:
        result: T = wait.policy(until)(wait.look, read, state)
    except (CpiFailure, Interrupted):
        logger.info(
            "stopped waiting for %s after %s, last state: %s",
            what,
            wait,
            wait.last_state or "unknown",
        )
        raise
    logger.info("waited %s for %s", wait, what)
    return result


def wait_until_gone(what: str, find: Callable[[], object], *, timeout: float, clock: Clock) -> None:
    """Return when ``find`` finds nothing any more.

    :raises WaitTimeout: the resource is still there
    """
    is_gone = operator.not_
    wait_for(f"{what} to be deleted", find, is_gone, timeout=timeout, clock=clock)


class _Wait:
    """One wait: when it started and ends, and what it saw last."""

    def __init__(self, what: str, timeout: float, clock: Clock) -> None:
        self._what = what
        self._clock = clock
        self._started = clock.now()
        self.deadline = self._started + timeout
        self.looks = 0
        self.last_state = ""

    def policy(self, until: Callable[[Any], bool]) -> Retrying:
        """Return the policy by which ``look`` is repeated."""
        return Retrying(
            retry=retry_if_not_result(until) | retry_if_exception(_is_retryable),
            wait=_wait_interval(self),
            stop=_stop_at_deadline(self),
            sleep=self._clock.sleep,
            retry_error_callback=self._time_out,
        )

    def look(self, read: Callable[[], T], state: Callable[[T], str]) -> T:
        """Read once; a state that has changed is logged, so that a long wait shows progress."""
        self.looks += 1
        with retry.deadline(self.deadline):
            result = read()
        described = state(result)
        if self.last_state not in ("", described):
            logger.info("waiting %s for %s: %s", self, self._what, described)
        self.last_state = described
        return result

    @property
    def waited(self) -> float:
        """Seconds since the wait started."""
        return self._clock.now() - self._started

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return self.deadline - self._clock.now()

    def _time_out(self, _retry_state: RetryCallState) -> None:
        raise WaitTimeout(
            f"Gave up waiting for {self._what} after {self.waited:.0f} s; "
            f"last state: {self.last_state or 'unknown'}"
        )

    def __str__(self) -> str:
        return f"{self.waited:.1f} s ({self.looks} reads)"


class _wait_interval(wait_base):  # noqa: N801 - named as tenacity names its policies
    """Wait by the schedule, twice as long after throttling, at most until the deadline."""

    def __init__(self, wait: _Wait) -> None:
        self._wait = wait

    def __call__(self, retry_state: RetryCallState) -> float:
        interval = poll_interval(self._wait.waited)
        error = retry_state.outcome.exception() if retry_state.outcome else None
        if isinstance(error, ApiError) and error.is_throttling:
            interval *= 2
        return max(0.0, min(interval, self._wait.left))


class _stop_at_deadline(stop_base):  # noqa: N801 - named as tenacity names its policies
    """Stop when the wait has taken its time."""

    def __init__(self, wait: _Wait) -> None:
        self._wait = wait

    def __call__(self, retry_state: RetryCallState) -> bool:
        del retry_state
        return self._wait.left <= 0


def _is_retryable(error: BaseException) -> bool:
    return isinstance(error, ApiError) and error.is_retryable
