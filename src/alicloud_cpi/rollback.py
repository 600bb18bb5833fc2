"""Deletes what a failed call created, newest first.

Nothing is lost: what a failed call created is deleted, or named in its error with its id.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from alicloud_cpi import signals
from alicloud_cpi.errors import CleanUpTimeout, CpiError, CpiFailure, Interrupted

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

logger = logging.getLogger(__name__)


class InUseElsewhere(Exception):
    """What a failed call got is another call's, too, and stays."""


class Rollback:
    """What a call has created so far. Leaving the block with an exception deletes all of it."""

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
            self._delete_all(failure)

    def create(self, kind: str, create: Callable[[], str], delete: Callable[[str], None]) -> str:
        """Create a resource, remember how to delete it, and return its id.

        A signal is deferred until the id is known. If the response takes too long, the error says
        that the resource may exist.
        """
        with signals.defer_signals():
            try:
                resource_id = create()
            except Interrupted as interrupted:
                if interrupted.effect_unknown:
                    interrupted.append(f"The {kind} may have been created")
                raise
            self.push(f"{kind} '{resource_id}'", partial(delete, resource_id))
        return resource_id

    def push(self, what: str, delete: Callable[[], None]) -> None:
        """Remember one more thing to delete."""
        self._steps.append((what, delete))

    def dismiss(self) -> None:
        """Drop the newest step: what it would delete is gone already."""
        self._steps.pop()

    def keep_all(self) -> list[str]:
        """Forget all steps, and return what they would have deleted, newest first."""
        kept = [what for what, _ in reversed(self._steps)]
        self._steps.clear()
        return kept

    def _delete_all(self, failure: BaseException) -> None:
        signals.ignore()
        deleted: list[str] = []
        left: list[str] = []
        shared: list[str] = []
        for what, delete in reversed(self._steps):
            try:
                with signals.limit_clean_up():
                    delete()
            except InUseElsewhere as in_use:
                logger.warning("%s is not deleted: %s", what, in_use)
                shared.append(f"{what} ({in_use})")
            except (Exception, CleanUpTimeout) as error:
                logger.exception("could not delete %s", what)
                left.append(f"{what} ({getattr(error, 'message', type(error).__name__)})")
            else:
                deleted.append(what)
        if isinstance(failure, (CpiFailure, Interrupted)):
            _append_outcome(failure, deleted, left, shared)
        elif left or shared:
            reported = CpiError(f"Internal error of the CPI: {type(failure).__name__}")
            _append_outcome(reported, deleted, left, shared)
            raise reported from failure


def _append_outcome(
    failure: CpiFailure | Interrupted, deleted: list[str], left: list[str], shared: list[str]
) -> None:
    if deleted:
        failure.append(f"Cleaned up: {', '.join(deleted)}")
    if shared:
        failure.append(f"Not deleted: {', '.join(shared)}")
    if left:
        failure.append(f"LEFT BEHIND, delete by hand: {', '.join(left)}")
        if isinstance(failure, CpiFailure):
            failure.ok_to_retry = False
