"""Taking back what a failed call made, newest first.

Nothing is ever lost: what a failed call made is deleted, or named in its error with its id.
"""

from __future__ import annotations

from functools import partial

from alicloud_cpi import interrupt, log
from alicloud_cpi.errors import CpiError, CpiFailure, Interrupted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self


class Undo:
    """What a call has made so far; left by an exception, it takes all of that back."""

    def __init__(self) -> None:
        self._steps: list[tuple[str, Callable[[], None]]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        failure: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        if failure is not None and self._steps:
            self._take_back(failure)

    def make(self, kind: str, create: Callable[[], str], take_back: Callable[[str], None]) -> str:
        """Make something and remember how to take it back; returns its id.

        A signal that comes while it is being made waits until its id is known; where that takes
        too long, the message says that there may be one.
        """
        with interrupt.held():
            try:
                made = create()
            except Interrupted as stopped:
                if stopped.in_doubt:
                    stopped.add(f"The {kind} may have been made all the same")
                raise
            self.push(f"{kind} '{made}'", partial(take_back, made))
        return made

    def push(self, what: str, take_back: Callable[[], None]) -> None:
        """Remember one more thing to take back."""
        self._steps.append((what, take_back))

    def forget(self) -> None:
        """Drop the newest step: what it would take back is gone already."""
        self._steps.pop()

    def _take_back(self, failure: BaseException) -> None:
        # The call has failed: a signal could only keep it from taking back what it made.
        interrupt.ignore()
        done: list[str] = []
        left: list[str] = []
        for what, take_back in reversed(self._steps):
            try:
                take_back()
            except Exception as error:  # noqa: BLE001 - the first failure is the one to tell
                log.exception("could not take back %s", what)
                left.append(f"{what} ({getattr(error, 'message', type(error).__name__)})")
            else:
                done.append(what)
        if isinstance(failure, (CpiFailure, Interrupted)):
            _tell(failure, done, left)
        elif left:
            told = CpiError(f"Internal error of the CPI: {type(failure).__name__}")
            _tell(told, done, left)
            raise told from failure


def _tell(failure: CpiFailure | Interrupted, done: list[str], left: list[str]) -> None:
    if done:
        failure.add(f"Cleaned up: {', '.join(done)}")
    if left:
        failure.add(f"LEFT BEHIND, delete by hand: {', '.join(left)}")
        if isinstance(failure, CpiFailure):
            failure.ok_to_retry = False
