"""A few threads that do one kind of work, and stop together."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from alicloud_cpi import interrupt

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from types import TracebackType
    from typing import Self

    from alicloud_cpi.clock import Clock

# How soon a thread that waits notices that all is over, in seconds.
_STEP = 0.5


class Stopped(Exception):
    """All is over, because something else failed: do not go on."""


class Workers:
    """Threads, and the clock for the work in them to wait on.

    Left by a failure or a signal, it returns once no thread works any more; what the first piece
    of work failed of is what it is left by.
    """

    def __init__(self, threads: int, clock: Clock) -> None:
        self._clock = clock
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="worker")
        self._free = threading.Semaphore(threads)
        self._over = threading.Event()
        self._failure: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        if error is not None:
            self._over.set()
        with interrupt.held():
            self._pool.shutdown(wait=True, cancel_futures=True)
        if isinstance(error, Stopped):
            self._raise_failure()

    def do(self, work: Callable[[], None]) -> None:
        """Hand a piece of work to a thread, once one is free.

        :raises Exception: that of an earlier piece of work
        """
        self._free.acquire()
        self._raise_failure()
        self._pool.submit(work).add_done_callback(self._done)

    def finish(self) -> None:
        """Return when all work is done.

        :raises Exception: that of a piece of work
        """
        self._pool.shutdown(wait=True)
        self._raise_failure()

    def check(self) -> None:
        """Return while there is still something to do.

        :raises Stopped: all is over
        """
        if self._over.is_set():
            raise Stopped

    def now(self) -> float:
        """Tell the clock's time."""
        return self._clock.now()

    def wall(self) -> float:
        """Tell the calendar's time."""
        return self._clock.wall()

    def sleep(self, seconds: float) -> None:
        """Let time pass, unless all is over meanwhile.

        :raises Stopped: all is over
        """
        while seconds > 0:
            self.check()
            self._clock.sleep(min(seconds, _STEP))
            seconds -= _STEP
        self.check()

    def _done(self, future: Future[None]) -> None:
        error = None if future.cancelled() else future.exception()
        if error is not None and self._failure is None:
            self._failure = error
            self._over.set()
        self._free.release()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure
