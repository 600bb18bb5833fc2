"""Changes of a disk's category and performance level (ModifyDiskSpec).

They take up to half an hour, and the disk looks as before until they are done: only the task
tells that one is under way (API reference, semantics section 5).
"""

from __future__ import annotations

from functools import partial

from alicloud_cpi import log
from alicloud_cpi.cloud.lookup import records
from alicloud_cpi.cloud.wait import Budget, wait_for
from alicloud_cpi.cloud.wire import codes
from alicloud_cpi.cloud.wire.failures import ApiError
from alicloud_cpi.errors import NotSupported
from alicloud_cpi.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.cloud.disks import Disk
    from alicloud_cpi.cloud.wire.api import Api

SPEC_CHANGED = Budget(timeout=1800)

_ACTION = "ModifyDiskSpec"
_UNDER_WAY = "Processing"


class Spec(Record):
    """What a disk is sold as; ``performance_level`` is empty where any will do."""

    category: str
    performance_level: str

    def fits(self, disk: Disk) -> bool:
        """Whether the disk is like this."""
        return disk.category == self.category and self.performance_level in (
            "",
            disk.performance_level,
        )


class SpecChanges:
    """Changes of disks' specs, asked for and waited for."""

    def __init__(self, ecs: Api, clock: Clock, find_in: Callable[[str, str], Disk | None]) -> None:
        self._ecs = ecs
        self._clock = clock
        self._find_in = find_in

    def outwait(self, region: str, disk_id: str) -> bool:
        """Wait for a change that an earlier call began to end; return whether there was one.

        :raises WaitTimeout: it goes on
        """
        if not self._under_way(region, disk_id):
            return False
        wait_for(
            f"the spec change of disk '{disk_id}' to end",
            lambda: self._under_way(region, disk_id),
            lambda tasks: not tasks,
            state=lambda tasks: f"task {tasks[0]} {_UNDER_WAY}" if tasks else "ended",
            budget=SPEC_CHANGED,
            clock=self._clock,
        )
        return True

    def in_turn(
        self, region: str, disk_id: str, request: Callable[[], dict[str, Any]]
    ) -> dict[str, Any]:
        """Send a request, and once more if it was refused because the disk's spec is changing.

        Such a change outlasts the repeats of a refused request.
        """
        try:
            return request()
        except ApiError as failure:
            if failure.code not in codes.BUSY or not self.outwait(region, disk_id):
                raise
        return request()

    def ask(self, disk: Disk, wanted: Spec) -> str:
        """Ask for a change and return its task; empty where that is not known.

        :raises ApiError: the cloud refused, as between categories that do not turn into each other
        """
        begun: list[str] = []

        def has_begun() -> bool:
            # One that is over by now shows in the repeat: then there is no change to make.
            begun[:] = self._under_way(disk.region, disk.id)
            return bool(begun)

        level = wanted.performance_level
        request = partial(
            self._ecs.call,
            _ACTION,
            disk.region,
            DiskId=disk.id,
            DiskCategory=wanted.category if wanted.category != disk.category else None,
            PerformanceLevel=level or None,
            done=("NoChangeInDiskCategoryAndPerformanceLevel",),
            unless=has_begun,
        )
        answer = self.in_turn(disk.region, disk.id, request)
        return str(answer.get("TaskId") or next(iter(begun), ""))

    def wait_done(self, disk: Disk, wanted: Spec, task_id: str) -> None:
        """Return once the task is over and the disk shows its new category and level.

        :raises NotSupported: the task failed; the disk is as it was
        """

        def read() -> tuple[str, Disk | None]:
            status = self._status(disk, task_id) if task_id else ""
            found = None if status == _UNDER_WAY else self._find_in(disk.region, disk.id)
            return status, found

        def done(seen: tuple[str, Disk | None]) -> bool:
            status, found = seen
            if status == "Failed":
                raise NotSupported(
                    f"Disk '{disk.id}' could not be made {wanted.category}: task {task_id} failed"
                )
            return found is not None and wanted.fits(found)

        wait_for(
            f"disk '{disk.id}' to be {' '.join(wanted).rstrip()}",
            read,
            done,
            state=_told,
            budget=SPEC_CHANGED,
            clock=self._clock,
        )

    def _under_way(self, region: str, disk_id: str) -> list[str]:
        tasks = self._tasks(
            region, TaskAction=_ACTION, ResourceIds=[disk_id], TaskStatus=_UNDER_WAY
        )
        return [task["TaskId"] for task in tasks]

    def _status(self, disk: Disk, task_id: str) -> str:
        tasks = self._tasks(disk.region, TaskIds=task_id)
        return str(tasks[0].get("TaskStatus", "")) if tasks else ""

    def _tasks(self, region: str, **filters: Any) -> list[dict[str, Any]]:
        """Return tasks; none where the account may not see them: then the disk alone tells."""
        try:
            answer = self._ecs.call("DescribeTasks", region, **filters)
        except ApiError as failure:
            if failure.passing:
                raise
            log.warning("tasks cannot be seen: %s", failure.message)
            return []
        return records(answer, ("TaskSet", "Task"))


def _told(seen: tuple[str, Disk | None]) -> str:
    status, found = seen
    if found is None:
        return f"task {status}" if status else "not listed"
    return f"{found.category} {found.performance_level}".rstrip()
