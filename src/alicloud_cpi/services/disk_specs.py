"""Changes of a disk's category and performance level (ModifyDiskSpec).

A change takes minutes to hours. Meanwhile the disk is ``Modifying``, or looks as before and only
the task shows that a change is under way (semantics.md section 5, real-cloud.md).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from aliyunsdkecs.request.v20140526.DescribeTasksRequest import DescribeTasksRequest
from aliyunsdkecs.request.v20140526.ModifyDiskSpecRequest import ModifyDiskSpecRequest

from alicloud_cpi.aliyun import errors
from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.aliyun.response import Fields
from alicloud_cpi.aliyun.waiter import wait_for
from alicloud_cpi.errors import NotSupported
from alicloud_cpi.services.disk import Disk, find_disk

logger = logging.getLogger(__name__)

SPEC_CHANGE_TIMEOUT = 1800.0

_ACTION = "ModifyDiskSpec"
_PROCESSING, _FAILED = "Processing", "Failed"


@dataclass(frozen=True, slots=True)
class DiskSpec:
    """Category and performance level; the level is empty where any will do."""

    category: str
    performance_level: str

    def matches(self, disk: Disk) -> bool:
        """Whether the disk has this category and level."""
        return disk.category == self.category and self.performance_level in (
            "",
            disk.performance_level,
        )

    def __str__(self) -> str:
        return f"{self.category} {self.performance_level}".rstrip()


class DiskSpecs:
    """Requests changes of disks' specs and waits for them."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def wait_for_pending(self, region: str, disk_id: str) -> bool:
        """Wait for a change that an earlier call started; returns whether there was one.

        :raises WaitTimeout: it is not finished in time
        """
        if not self._pending_tasks(region, disk_id):
            return False
        wait_for(
            f"the spec change of disk '{disk_id}' to end",
            lambda: self._pending_tasks(region, disk_id),
            lambda tasks: not tasks,
            state=lambda tasks: f"task {tasks[0]} {_PROCESSING}" if tasks else "ended",
            timeout=SPEC_CHANGE_TIMEOUT,
            clock=self._client.clock,
        )
        return True

    def retry_after_pending_change(
        self, region: str, disk_id: str, send: Callable[[], Fields]
    ) -> Fields:
        """Send a request, and once more if a spec change that is under way made it fail."""
        try:
            return send()
        except ApiError as error:
            if error.code not in errors.BUSY or not self.wait_for_pending(region, disk_id):
                raise
        return send()

    def modify(self, disk: Disk, wanted: DiskSpec) -> str:
        """Request a change and return its task id; empty where it is not known.

        :raises ApiError: the cloud refused, as between categories that cannot be converted
        """
        request = ModifyDiskSpecRequest()
        request.set_DiskId(disk.id)
        if wanted.category != disk.category:
            request.set_DiskCategory(wanted.category)
        request.set_PerformanceLevel(wanted.performance_level)
        started: list[str] = []

        def has_started() -> bool:
            # A change that is over by now shows in the next request: there is nothing to change.
            started[:] = self._pending_tasks(disk.region, disk.id)
            return bool(started)

        response = self.retry_after_pending_change(
            disk.region,
            disk.id,
            lambda: self._client.send(
                request,
                disk.region,
                already_applied=has_started,
                ignore_codes=("NoChangeInDiskCategoryAndPerformanceLevel",),
            ),
        )
        return response.text("TaskId") or next(iter(started), "")

    def wait_until_changed(self, disk: Disk, wanted: DiskSpec, task_id: str) -> None:
        """Return when the task is finished and the disk has its new category and level.

        :raises NotSupported: the task failed; the disk is as it was
        """

        def read() -> tuple[str, Disk | None]:
            status = self._task_status(disk, task_id) if task_id else ""
            if status == _PROCESSING:
                return status, None
            return status, find_disk(self._client, disk.region, disk.id)

        def is_changed(seen: tuple[str, Disk | None]) -> bool:
            status, found = seen
            if status == _FAILED:
                raise NotSupported(
                    f"Disk '{disk.id}' could not be made {wanted.category}: task {task_id} failed"
                )
            return found is not None and wanted.matches(found)

        wait_for(
            f"disk '{disk.id}' to be {wanted}",
            read,
            is_changed,
            state=_describe,
            timeout=SPEC_CHANGE_TIMEOUT,
            clock=self._client.clock,
        )

    def _pending_tasks(self, region: str, disk_id: str) -> list[str]:
        request = DescribeTasksRequest()
        request.set_TaskAction(_ACTION)
        request.set_ResourceIdss([disk_id])
        request.set_TaskStatus(_PROCESSING)
        return [task.resource_id("TaskId") for task in self._tasks(request, region)]

    def _task_status(self, disk: Disk, task_id: str) -> str:
        request = DescribeTasksRequest()
        request.set_TaskIds(task_id)
        return next((task.text("TaskStatus") for task in self._tasks(request, disk.region)), "")

    def _tasks(self, request: DescribeTasksRequest, region: str) -> list[Fields]:
        """Return tasks; none where the account may not see them: then only the disk can be read."""
        path = ("TaskSet", "Task")
        try:
            return self._client.send(request, region, expect=path).records(*path)
        except ApiError as error:
            if error.is_retryable:
                raise
            logger.warning("tasks cannot be read: %s", error.message)
            return []


def _describe(seen: tuple[str, Disk | None]) -> str:
    status, found = seen
    if found is None:
        return f"task {status}" if status else "not listed"
    return str(DiskSpec(found.category, found.performance_level))
