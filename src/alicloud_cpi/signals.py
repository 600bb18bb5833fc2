"""Signals and time limits end a call, except while a create request is in flight; no core dumps.

The first SIGTERM, SIGINT or SIGHUP, or the end of the call's time limit, raises ``Interrupted``, so
that what the call created is deleted on the way out. While a create request is in flight
(``deferred``) that waits for the response, for at most ``PATIENCE`` seconds.
"""

from __future__ import annotations

import resource
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from alicloud_cpi.errors import CleanUpTimeout, Interrupted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

# Seconds. Process supervisors send SIGKILL 15 to 20 s after SIGTERM, and the clean-up needs time.
PATIENCE = 8

# Seconds for deleting one resource of a failed call.
CLEAN_UP_TIMEOUT = 900


class _State:
    """Signal handling is a property of the process, and so is this state."""

    handling = False
    ignoring = False
    deferrals = 0
    pending: str | None = None


def handle() -> None:
    """Turn the first SIGTERM, SIGINT or SIGHUP into ``Interrupted``; ignore later ones."""
    _State.handling, _State.ignoring = True, False
    for number in _SIGNALS:
        # A call that was started with nohup stays deaf to SIGHUP.
        if signal.getsignal(number) is not signal.SIG_IGN or number is not signal.SIGHUP:
            signal.signal(number, _interrupt)


def limit_time(seconds: int) -> None:
    """End the call as a signal would, when so many seconds have passed."""
    if _State.handling:

        def stop(_number: int, _frame: FrameType | None) -> None:
            _stop(f"its time limit of {seconds} s")

        signal.signal(signal.SIGALRM, stop)
        signal.alarm(seconds)


def ignore() -> None:
    """Ignore signals and the time limit: the work is done, or the clean-up is running."""
    if _State.handling:
        # At once: a signal may come before the last of them is ignored.
        _State.ignoring = True
        signal.alarm(0)
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)


@contextmanager
def limit_clean_up() -> Iterator[None]:
    """Limit the time of this block, which deletes one resource.

    :raises CleanUpTimeout: in the block
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise CleanUpTimeout(CLEAN_UP_TIMEOUT)

    if not _State.handling:
        yield
        return
    signal.signal(signal.SIGALRM, stop)
    signal.alarm(CLEAN_UP_TIMEOUT)
    try:
        yield
    finally:
        signal.alarm(0)


@contextmanager
def deferred() -> Iterator[None]:
    """Defer a signal to the end of this block, for at most ``PATIENCE`` seconds.

    :raises Interrupted: at the end of the block, also when the block failed; within it, with
        ``effect_unknown``, after ``PATIENCE`` seconds
    """
    _State.deferrals += 1
    try:
        yield
    finally:
        _State.deferrals -= 1
        if not _State.deferrals:
            _raise_pending()


@contextmanager
def allowed() -> Iterator[None]:
    """Let a signal interrupt this block although it is inside ``deferred``.

    For pauses between attempts, when it is certain that nothing was created.
    """
    # Python runs signal handlers in the main thread only, so the deferrals belong to it.
    is_main = threading.current_thread() is threading.main_thread()
    suspended = _State.deferrals if is_main else 0
    _State.deferrals -= suspended
    try:
        if suspended:
            _raise_pending()
        yield
    finally:
        _State.deferrals += suspended


def forbid_core_dumps() -> None:
    """Forbid core dumps: the memory of a call holds keys and passwords.

    A limit of 1 byte, not 0: Linux pipes the dump to a crash reporter named in ``core_pattern``
    whatever the limit, except for a limit of 1 (core(5)).
    """
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    # The soft limit is the one that the kernel goes by.
    limit = min(1, hard) if hard != resource.RLIM_INFINITY else 1
    resource.setrlimit(resource.RLIMIT_CORE, (limit, hard))


def _raise_pending() -> None:
    if _State.pending:
        name, _State.pending = _State.pending, None
        signal.alarm(0)
        raise Interrupted(name)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    _stop(signal.Signals(number).name)


def _stop(name: str) -> None:
    if _State.ignoring:
        return
    ignore()
    if not _State.deferrals:
        raise Interrupted(name)
    _State.pending = name
    signal.signal(signal.SIGALRM, _on_alarm)
    signal.alarm(PATIENCE)


def _on_alarm(_number: int, _frame: FrameType | None) -> None:
    """Stop waiting for the response: nobody knows then whether something was created."""
    if _State.pending:
        name, _State.pending = _State.pending, None
        raise Interrupted(name, effect_unknown=True)
