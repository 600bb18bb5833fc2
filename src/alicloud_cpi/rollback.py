"""Deletes what a failed call created, newest first.

What a failed call created is deleted, or named in its error with its id, also what is kept by
design.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
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
    """Another call has the resource, too, so it is not deleted."""


class Rollback:
    """What a call has created so far. Leaving the block with an exception deletes all of it."""

    def __init__(self) -> None:
        self._steps: list[tuple[str, Callable[[], None]]] = []
        # By id.
        self._kept: dict[str, str] = {}
        self._kept_for_debugging: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        failure: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        if failure is not None and (self._steps or self._kept or self._kept_for_debugging):
            self._delete_all(failure)

    def create(self, kind: str, create: Callable[[], str], delete: Callable[[str], None]) -> str:
        """Create a resource, remember how to delete it, and return its id.

        A signal is deferred until the id is known. If the response takes too long, the error says
        that the resource may exist.
        """
        with signals.deferred():
            resource_id = _created(kind, create)
            self.push(f"{kind} '{resource_id}'", partial(delete, resource_id))
        return resource_id

    def create_kept(self, kind: str, create: Callable[[], str], region: str) -> str:
        """Create a resource that later calls use, also if this one fails, and return its id."""
        with signals.deferred():
            resource_id = _created(kind, create)
            self.keep(resource_id, f"{kind} '{resource_id}' in region {region}")
        return resource_id

    def keep(self, resource_id: str, what: str) -> None:
        """Remember a resource that stays for later calls, described anew if it is known already."""
        self._kept[resource_id] = what

    def forget_kept(self, resource_id: str) -> None:
        """Drop a resource that does not stay."""
        self._kept.pop(resource_id, None)

    def push(self, what: str, delete: Callable[[], None]) -> None:
        """Remember one more thing to delete."""
        self._steps.append((what, delete))

    def dismiss(self) -> None:
        """Drop the newest step: what it would delete is gone already."""
        self._steps.pop()

    def keep_for_debugging(self) -> None:
        """Delete nothing of what was created so far."""
        self._kept_for_debugging = [what for what, _ in reversed(self._steps)]
        self._steps.clear()

    def _delete_all(self, failure: BaseException) -> None:
        signals.ignore()
        outcome = _Outcome(list(self._kept.values()), self._kept_for_debugging)
        for what, delete in reversed(self._steps):
            try:
                with signals.limit_clean_up():
                    delete()
            except InUseElsewhere as in_use:
                logger.warning("%s is not deleted: %s", what, in_use)
                outcome.shared.append(f"{what} ({in_use})")
            except (Exception, CleanUpTimeout) as error:
                logger.exception("could not delete %s", what)
                reason = getattr(error, "message", type(error).__name__)
                outcome.left.append(f"{what} ({reason})")
            else:
                outcome.deleted.append(what)
        if isinstance(failure, (CpiFailure, Interrupted)):
            outcome.append_to(failure)
        elif outcome.remains:
            reported = CpiError(f"Internal error of the CPI: {type(failure).__name__}")
            outcome.append_to(reported)
            raise reported from failure


@dataclass(slots=True)
class _Outcome:
    """What became of what a failed call created."""

    kept: list[str]
    kept_for_debugging: list[str]
    deleted: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    shared: list[str] = field(default_factory=list)

    @property
    def remains(self) -> bool:
        """Whether any resource remains."""
        return bool(self.kept or self.kept_for_debugging or self.left or self.shared)

    def append_to(self, failure: CpiFailure | Interrupted) -> None:
        """Append it to the message of the call's failure."""
        if self.kept_for_debugging:
            kept = ", ".join(self.kept_for_debugging)
            failure.append(f"Kept for debugging, delete by hand: {kept}")
        if self.deleted:
            failure.append(f"Cleaned up: {', '.join(self.deleted)}")
        if self.kept:
            failure.append(f"Kept for the next call: {', '.join(self.kept)}")
        if self.shared:
            failure.append(f"Not deleted: {', '.join(self.shared)}")
        if self.left:
            failure.append(f"LEFT BEHIND, delete by hand: {', '.join(self.left)}")
        if (self.left or self.kept_for_debugging) and isinstance(failure, CpiFailure):
            failure.ok_to_retry = False


def _created(kind: str, create: Callable[[], str]) -> str:
    try:
        return create()
    except Interrupted as interrupted:
        if interrupted.effect_unknown:
            interrupted.append(f"The {kind} may have been created")
        raise
