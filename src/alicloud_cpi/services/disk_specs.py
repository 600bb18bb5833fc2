"""Changes of a disk's category, performance level and provisioned IOPS (ModifyDiskSpec).

A change takes minutes to hours. Meanwhile the disk is ``Modifying``, with its new category already
in sight (real-cloud.md, "Disks whose spec is changing"); a list that lags shows it as before.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from aliyunsdkecs.request.v20140526.DescribeTaskAttributeRequest import (
    DescribeTaskAttributeRequest,
)
from aliyunsdkecs.request.v20140526.DescribeTasksRequest import DescribeTasksRequest
from aliyunsdkecs.request.v20140526.ModifyDiskSpecRequest import ModifyDiskSpecRequest

from alicloud_cpi.aliyun import errors
from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.aliyun.response import Fields
from alicloud_cpi.aliyun.waiter import WaitTimeout, wait_for
from alicloud_cpi.errors import NotSupported
from alicloud_cpi.services.disk import Disk, find_disk

logger = logging.getLogger(__name__)

# Seconds. A conversion of 2 TiB takes three quarters of an hour (real-cloud.md).
_LEAST_TIMEOUT = 3600.0
_TIMEOUT_PER_GIB = 2.0
_LOG_INTERVAL = 60.0

_ACTION = "ModifyDiskSpec"
_PROCESSING, _FAILED = "Processing", "Failed"


@dataclass(frozen=True, slots=True)
class DiskSpec:
    """Category, level and provisioned IOPS; the level is empty, the IOPS None where any will do."""

    category: str
    performance_level: str
    provisioned_iops: int | None = None

    def matches(self, disk: Disk) -> bool:
        """Whether the disk has this category and level, and these IOPS."""
        return (
            disk.category == self.category
            and self.performance_level in ("", disk.performance_level)
            and self.provisioned_iops in (None, disk.provisioned_iops)
        )

    def __str__(self) -> str:
        iops = f"with {self.provisioned_iops} IOPS" if self.provisioned_iops else ""
        return " ".join(filter(None, (self.category, self.performance_level, iops)))


class DiskSpecs:
    """Requests changes of disks' specs and waits for them."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def wait_for_pending(self, region: str, disk_id: str) -> bool:
        """Wait for a change that an earlier call started; returns whether there was one.

        :raises WaitTimeout: it is not finished in time
        """
        tasks = self._pending_tasks(region, disk_id)
        if not tasks:
            return False
        disk = find_disk(self._client, region, disk_id)
        if disk is not None:
            self._wait_until_settled(disk, tasks[0])
        return True

    def wait_until_settled(self, disk: Disk) -> Disk | None:
        """Return a disk that is Modifying once that is over; None if it was deleted.

        :raises WaitTimeout: it is not over in time
        """
        tasks = self._pending_tasks(disk.region, disk.id)
        return self._wait_until_settled(disk, tasks[0] if tasks else "")

    def _wait_until_settled(self, disk: Disk, task_id: str) -> Disk | None:
        def is_settled(_status: str, found: Disk | None) -> bool:
            return found is None or not found.is_changing

        return self._wait(disk, task_id, "to be no longer Modifying", is_settled)

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
        request.set_ProvisionedIops(wanted.provisioned_iops)
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
        :raises WaitTimeout: it is not finished in time
        """

        def is_changed(status: str, found: Disk | None) -> bool:
            if status == _FAILED:
                raise NotSupported(
                    f"Disk '{disk.id}' could not be made {wanted.category}: task {task_id} failed"
                )
            # The new category is in sight from the start.
            return found is not None and wanted.matches(found) and not found.is_changing

        self._wait(disk, task_id, f"to be {wanted}", is_changed)

    def _wait(
        self, disk: Disk, task_id: str, wanted: str, until: Callable[[str, Disk | None], bool]
    ) -> Disk | None:
        """Wait for a change; its progress is logged, and an error says what runs and what to do."""
        task = _Task(self._client, disk, task_id)

        def read() -> tuple[str, Disk | None]:
            status = task.status()
            if status == _PROCESSING:
                return status, None
            return status, find_disk(self._client, disk.region, disk.id)

        try:
            _, found = wait_for(
                f"disk '{disk.id}' {wanted}",
                read,
                lambda seen: seen[0] != _PROCESSING and until(*seen),
                state=_describe,
                timeout=_LEAST_TIMEOUT + _TIMEOUT_PER_GIB * disk.size_gib,
                clock=self._client.clock,
            )
        except WaitTimeout as error:
            error.append(
                f"{task} still runs{task.progress}, and ends by itself: when it has ended, "
                "repeat the deployment, after 'bosh cck' if the Director misses the disk"
            )
            raise
        return found

    def _pending_tasks(self, region: str, disk_id: str) -> list[str]:
        request = DescribeTasksRequest()
        request.set_TaskAction(_ACTION)
        request.set_ResourceIdss([disk_id])
        request.set_TaskStatus(_PROCESSING)
        return [task.resource_id("TaskId") for task in self._tasks(request, region)]

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


class _Task:
    """The task of a change, as far as it is known and can be read."""

    def __init__(self, client: Client, disk: Disk, task_id: str) -> None:
        self._client = client
        self._disk = disk
        self._id = task_id
        self._readable = bool(task_id)
        self._logged: float | None = None
        self.progress = ""

    def status(self) -> str:
        """Return the task's status, empty where it cannot be read; logs it once a minute."""
        if not self._readable:
            return ""
        request = DescribeTaskAttributeRequest()
        request.set_TaskId(self._id)
        try:
            task = self._client.send(request, self._disk.region)
        except ApiError as error:
            if error.is_retryable:
                raise
            logger.warning("task %s cannot be read: %s", self._id, error.message)
            self._readable = False
            return ""
        percentage = task.text("TaskProcess")
        self.progress = f", at {percentage}" if percentage else ""
        now = self._client.clock.now()
        if self._logged is None or now - self._logged >= _LOG_INTERVAL:
            self._logged = now
            logger.info(
                "task %s of disk '%s' is %s, %s",
                self._id,
                self._disk.id,
                task.text("TaskStatus"),
                percentage,
            )
        return task.text("TaskStatus")

    def __str__(self) -> str:
        return f"The task '{self._id}' (ModifyDiskSpec)" if self._id else "The change of its spec"


def _describe(seen: tuple[str, Disk | None]) -> str:
    status, found = seen
    if found is None:
        return f"task {status}" if status else "not listed"
    spec = DiskSpec(found.category, found.performance_level, found.provisioned_iops)
    return f"{found.status} {spec}" if found.is_changing else str(spec)
