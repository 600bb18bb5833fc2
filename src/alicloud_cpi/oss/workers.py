"""A few threads that do one kind of work, and stop together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from alicloud_cpi import signals
from alicloud_cpi.clock import Clock

# Seconds after which a thread that sleeps notices that it has to stop.
_STEP = 0.5


class Stopped(Exception):
    """Raised in a worker after another worker failed."""


class Workers:
    """Threads, and the clock on which their work sleeps.

    Leaving the block with an exception returns when all threads have stopped, with the exception of
    the first worker that failed.
    """

    def __init__(self, threads: int, clock: Clock) -> None:
        self._clock = clock
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="worker")
        self._free = threading.Semaphore(threads)
        self._stop = threading.Event()
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
            self._stop.set()
        with signals.deferred():
            self._pool.shutdown(wait=True, cancel_futures=True)
        if isinstance(error, Stopped):
            self._raise_failure()

    def submit(self, work: Callable[[], None]) -> None:
        """Give work to a thread, once one is free.

        :raises Exception: that of earlier work
        """
        self._free.acquire()
        self._raise_failure()
        self._pool.submit(work).add_done_callback(self._finished)

    def finish(self) -> None:
        """Return when all work is done.

        :raises Exception: that of a piece of work
        """
        self._pool.shutdown(wait=True)
        self._raise_failure()

    def check(self) -> None:
        """Return unless the work has to stop.

        :raises Stopped: another worker failed
        """
        if self._stop.is_set():
            raise Stopped

    def now(self) -> float:
        """Return the clock's monotonic seconds."""
        return self._clock.now()

    def wall(self) -> float:
        """Return the clock's seconds since 1970."""
        return self._clock.wall()

    def sleep(self, seconds: float) -> None:
        """Sleep, unless the work has to stop meanwhile.

        :raises Stopped: another worker failed
        """
        while seconds > 0:
            self.check()
            self._clock.sleep(min(seconds, _STEP))
            seconds -= _STEP
        self.check()

    def _finished(self, future: Future[None]) -> None:
        error = None if future.cancelled() else future.exception()
        if error is not None and self._failure is None:
            self._failure = error
            self._stop.set()
        self._free.release()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure
