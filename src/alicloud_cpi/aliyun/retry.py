"""When a failed request is sent again, and until when: tenacity policies.

By error code and by what a second request could do, never by message text:

- A refusal (throttled, busy) and an unreachable endpoint had no effect: send again.
- After a failure of the cloud or a lost response the effect is unknown. A read-only request, one
  with a ClientToken and an idempotent one are sent again; any other only after
  ``already_applied`` has looked whether the effect is there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential,
    wait_random_exponential,
)
from tenacity.stop import stop_base
from tenacity.wait import wait_base

from alicloud_cpi import signals
from alicloud_cpi.aliyun import errors
from alicloud_cpi.aliyun.client_token import ClientTokens
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.clock import Clock

logger = logging.getLogger(__name__)

# Pauses in seconds. Full jitter, doubling:
BACKOFF = wait_random_exponential(multiplier=0.5, max=20)
# A refusal for throttling uses up quota, too. Fifty processes that are served five requests a
# second wait ten seconds each, so the pauses start long: 50 to 150 % of 4, 8, 13 s.
THROTTLED_BACKOFF = wait_exponential(multiplier=2, max=6.5) + wait_random_exponential(
    multiplier=4, max=13
)

# Seconds from the first failure. Throttling windows are minutes: a quota that is spent early in one
# refuses everything until the next (semantics.md section 2).
THROTTLED_TIMEOUT = 300.0
BUSY_TIMEOUT = 300.0
FAILURE_TIMEOUT = 120.0
# A nonce or time stamp is renewed at once; a wrong clock stays wrong.
STALE_SIGNATURE_TIMEOUT = 10.0

# Seconds after a lost response in which an error may mean that the effect does not show yet.
_EFFECT_SHOWS_WITHIN = 10.0

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def deadline(until: float) -> Iterator[None]:
    """End all retries in this block at a time of the clock."""
    outer = _deadline.get()
    token = _deadline.set(until if outer is None else min(outer, until))
    try:
        yield
    finally:
        _deadline.reset(token)


class Attempts:
    """The attempts of one request, and what is known of its effect."""

    def __init__(
        self,
        clock: Clock,
        *,
        repeatable: bool,
        already_applied: Callable[[], bool] | None = None,
        refused_if_applied: Collection[str] = (),
        tokens: ClientTokens | None = None,
    ) -> None:
        """Describe a request.

        :param repeatable: a second request is harmless: read-only, with a ClientToken, idempotent
        :param already_applied: tells whether the effect of a lost request is there
        :param refused_if_applied: codes that the cloud also answers where the effect is there
        """
        self._clock = clock
        self._repeatable = repeatable
        self._already_applied = already_applied
        self._refused_if_applied = refused_if_applied
        self._tokens = tokens
        self._count = 0
        # Refusals that the effect, reached by another call, may explain.
        self._explainable = 0
        self._first_failure: float | None = None
        self._effect_unknown = False
        self._effect_possible = False

    def start(self) -> int:
        """Start the next attempt and return its number."""
        self._count += 1
        return self._count

    def record(self, error: ApiError) -> None:
        """Learn from a failed attempt."""
        if self._first_failure is None:
            self._first_failure = self._clock.now()
        # After a lost response, a later error may mean that the first request succeeded; with a
        # ClientToken it cannot: the cloud answers the same token as before.
        self._effect_unknown = error.effect_unknown or (
            self._effect_unknown and self._tokens is None
        )
        explainable = error.code in self._refused_if_applied
        self._explainable += explainable
        self._effect_possible = self._effect_unknown or explainable
        if self._tokens is not None and error.spends_token and not self._may_suit_another(error):
            self._tokens.advance()

    @property
    def effect_unknown(self) -> bool:
        """Whether one of the attempts may have had its effect."""
        return self._effect_unknown

    def is_applied(self) -> bool:
        """Look whether the effect is there, where that is possible and can be told."""
        if not self._effect_possible or self._already_applied is None:
            return False
        return self._already_applied()

    # The conditions of ``policy``

    def had_no_effect(self, error: BaseException) -> bool:
        """Whether the request had no effect and can succeed later."""
        if not isinstance(error, ApiError):
            return False
        if error.code in errors.TOKEN_SPENT:
            tokens = self._tokens
            return tokens is not None and not tokens.shared and not tokens.exhausted
        return error.is_retryable and not error.effect_unknown

    def may_be_repeated(self, error: BaseException) -> bool:
        """Whether a request of unknown effect may be sent again."""
        can_repeat = self._repeatable or self._already_applied is not None
        return isinstance(error, ApiError) and error.effect_unknown and can_repeat

    def looks_at_once(self, error: BaseException) -> bool:
        """Whether ``is_applied`` can explain this first refusal, without a pause."""
        return (
            isinstance(error, ApiError)
            and error.code in self._refused_if_applied
            and self._explainable == 1
        )

    def may_mean_applied(self, error: BaseException) -> bool:
        """Whether an error may come from the effect of an earlier, lost request."""
        return (
            isinstance(error, ApiError)
            and self._effect_unknown
            and self._already_applied is not None
            and self._elapsed() < _EFFECT_SHOWS_WITHIN
        )

    def remaining(self, error: BaseException | None) -> float:
        """Return the seconds for which retries go on after this error."""
        left = max(retry_timeout(error), _EFFECT_SHOWS_WITHIN) - self._elapsed()
        until = _deadline.get()
        return left if until is None else min(left, until - self._clock.now())

    def sleep(self, seconds: float) -> None:
        """Pause. A signal interrupts the pause when nothing can have been created."""
        with nullcontext() if self._effect_possible else signals.allowed():
            self._clock.sleep(seconds)

    def _may_suit_another(self, error: ApiError) -> bool:
        """Whether the token was used by another request of the same sender."""
        shared = self._tokens is not None and self._tokens.shared
        return shared and error.code in errors.PARAMETER_MISMATCH

    def _elapsed(self) -> float:
        return 0.0 if self._first_failure is None else self._clock.now() - self._first_failure


def policy(attempts: Attempts) -> Retrying:
    """Return the retry policy for one request."""
    return Retrying(
        retry=(
            retry_if_exception(attempts.had_no_effect)
            | retry_if_exception(attempts.may_be_repeated)
            | retry_if_exception(attempts.may_mean_applied)
            | retry_if_exception(attempts.looks_at_once)
        ),
        wait=_wait_by_error(attempts),
        stop=_stop_by_error(attempts),
        sleep=attempts.sleep,
        reraise=True,
    )


def limited_policy(error: type[Exception], attempts: int, clock: Clock) -> Retrying:
    """Return a policy that repeats after this error, a few times."""
    return Retrying(
        retry=retry_if_exception_type(error),
        wait=wait_exponential(multiplier=1),
        stop=stop_after_attempt(attempts),
        sleep=clock.sleep,
        reraise=True,
    )


def retry_timeout(error: BaseException | None) -> float:
    """Return for how many seconds a failure of this kind is retried."""
    if not isinstance(error, ApiError):
        return 0.0
    if error.is_throttling:
        return THROTTLED_TIMEOUT
    if error.code in errors.STALE_SIGNATURE:
        return STALE_SIGNATURE_TIMEOUT
    if error.is_refusal or error.code in errors.TOKEN_SPENT:
        return BUSY_TIMEOUT
    return FAILURE_TIMEOUT if error.is_retryable or error.code == errors.UNREACHABLE else 0.0


class _wait_by_error(wait_base):  # noqa: N801 - named as tenacity names its policies
    """Wait by the kind of the error, at least as long as the cloud asks, at most until the end."""

    def __init__(self, attempts: Attempts) -> None:
        self._attempts = attempts

    def __call__(self, retry_state: RetryCallState) -> float:
        error = _error_of(retry_state)
        if not isinstance(error, ApiError) or error.code in errors.TOKEN_SPENT:
            return 0.0
        if self._attempts.looks_at_once(error):
            return 0.0
        backoff = THROTTLED_BACKOFF if error.is_throttling else BACKOFF
        wanted = max(backoff(retry_state), error.retry_after)
        return max(0.0, min(wanted, self._attempts.remaining(error)))


class _stop_by_error(stop_base):  # noqa: N801 - named as tenacity names its policies
    """Stop when the time for an error of this kind is over."""

    def __init__(self, attempts: Attempts) -> None:
        self._attempts = attempts

    def __call__(self, retry_state: RetryCallState) -> bool:
        return self._attempts.remaining(_error_of(retry_state)) <= 0


def _error_of(retry_state: RetryCallState) -> BaseException | None:
    return retry_state.outcome.exception() if retry_state.outcome else None
