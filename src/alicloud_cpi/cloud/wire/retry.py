"""When to repeat a request that failed, and for how long.

By error code and by what a repeat could do, never by message text:

- A refusal (throttled, busy) had no effect: repeat.
- An unreachable endpoint had no effect: repeat.
- The cloud's own trouble, or a lost answer, leaves the effect open. A read or a request with a
  ClientToken is repeated; any other first looks whether the effect happened (``unless``).

tenacity is loaded only once a request has failed: that costs 30 ms, more than most requests.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar

from alicloud_cpi import interrupt, log
from alicloud_cpi.cloud.wire import codes
from alicloud_cpi.cloud.wire.failures import UNREACHABLE, ApiError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from tenacity import RetryCallState

    from alicloud_cpi.clock import Clock

# Seconds from the first failure. Throttling windows are minutes: a quota spent early in one
# refuses everything until the next (API reference, semantics section 2).
THROTTLED = 300.0
ADDRESS_IN_USE = 300.0
TROUBLE = 120.0
# A nonce or a time stamp that came too late is renewed at once; a clock that is wrong stays wrong.
STALE = 10.0

# After a lost answer, how long a refusal may only mean that the effect does not show yet.
_EFFECT_SHOWS = 10.0

_FIRST_BACKOFF = 0.5
_LONGEST_BACKOFF = 20.0

# A refusal spends a request, too. Fifty processes that are let through five times a second have
# to wait ten seconds each: pauses that begin short would only be spent on more refusals.
_FIRST_THROTTLED = 4.0
_LONGEST_THROTTLED = 13.0

_operation_deadline: ContextVar[float | None] = ContextVar("operation_deadline", default=None)


@contextmanager
def at_most_until(deadline: float) -> Iterator[None]:
    """Let no repeat in this block outlast the operation's own deadline."""
    outer = _operation_deadline.get()
    token = _operation_deadline.set(deadline if outer is None else min(outer, deadline))
    try:
        yield
    finally:
        _operation_deadline.reset(token)


def can_be_mended(
    failure: ApiError, *, repeatable: bool, unless: Callable[[], bool] | None
) -> bool:
    """Whether this failed request may be sent again (after a look, where its effect is open).

    :param repeatable: it only reads, or carries a ClientToken
    :param unless: tells whether the request's effect is there already
    """
    if failure.effect_unknown and not repeatable and unless is None:
        return False
    return failure.passing


def harmless_twice() -> bool:
    """For ``unless``: what sets a value may be sent again without a look."""
    return False


class Repetition:
    """One failed request on its way to an answer, a final failure or its deadline."""

    def __init__(
        self,
        send: Callable[[int], dict[str, Any]],
        failure: ApiError,
        *,
        repeatable: bool,
        unless: Callable[[], bool] | None,
        clock: Clock,
    ) -> None:
        self._send = send
        self._failure = failure
        self._repeatable = repeatable
        self._unless = unless
        self._clock = clock
        self._start = clock.now()
        self._attempts = 1
        # Once an answer was lost, every later refusal may be the echo of a first success.
        self._effect_unknown = failure.effect_unknown

    def until_answered(self) -> dict[str, Any]:
        """Return the answer; empty where the effect was found to be there already.

        :raises ApiError: the last failure
        """
        import tenacity

        jitter = tenacity.wait_random_exponential(_FIRST_BACKOFF, _LONGEST_BACKOFF)
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(self._is_worth_it),
            wait=lambda state: self._pause(jitter(state)),
            stop=self._is_too_late,
            sleep=self._sleep,
            reraise=True,
        )
        answer: dict[str, Any] = retrying(self._next)
        return answer

    def _next(self) -> dict[str, Any]:
        """Report the failure that is known already, then try again each time it is called."""
        if self._attempts == 1:
            self._attempts += 1
            raise self._failure
        if self._effect_unknown and self._unless is not None and self._unless():
            log.info("%s had its effect: not repeated", self._failure.action)
            return {}
        attempt, self._attempts = self._attempts, self._attempts + 1
        try:
            return self._send(attempt)
        except ApiError as failure:
            self._failure = failure
            self._effect_unknown |= failure.effect_unknown
            raise

    def _is_worth_it(self, error: BaseException) -> bool:
        if not isinstance(error, ApiError):
            return False
        echo = self._effect_unknown and self._unless not in (None, harmless_twice)
        return can_be_mended(error, repeatable=self._repeatable, unless=self._unless) or (
            echo and self._clock.now() < self._start + _EFFECT_SHOWS
        )

    def _deadline(self) -> float:
        own = self._start + max(patience(self._failure), _EFFECT_SHOWS)
        operation = _operation_deadline.get()
        return own if operation is None else min(own, operation)

    def _sleep(self, seconds: float) -> None:
        """Pause; a signal waits for nothing where nothing can have been made so far."""
        if self._effect_unknown:
            self._clock.sleep(seconds)
            return
        with interrupt.let_through():
            self._clock.sleep(seconds)

    def _pause(self, jitter: float) -> float:
        if self._failure.throttled:
            jitter = self._throttled_pause()
        wanted = max(jitter, self._failure.retry_after)
        return max(0.0, min(wanted, self._deadline() - self._clock.now()))

    def _throttled_pause(self) -> float:
        """Return half to one and a half times a pause that doubles with each attempt."""
        import random

        whole = min(_LONGEST_THROTTLED, _FIRST_THROTTLED * 2.0 ** (self._attempts - 2))
        return whole * random.uniform(0.5, 1.5)  # noqa: S311 - spreads load, guards nothing

    def _is_too_late(self, _state: RetryCallState) -> bool:
        return self._clock.now() >= self._deadline()


def patience(failure: ApiError) -> float:
    """Seconds for which a failure of this kind is worth repeating."""
    if failure.throttled or failure.code in codes.LOCKED:
        return THROTTLED
    if failure.code in codes.ADDRESS_IN_USE:
        return ADDRESS_IN_USE
    if failure.code in codes.STALE_SIGNATURE:
        return STALE
    return TROUBLE if failure.passing or failure.code == UNREACHABLE else 0.0
