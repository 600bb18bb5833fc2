"""Making an image of a disk image that lies in OSS."""

from __future__ import annotations

from alicloud_cpi.cloud.images import BEING_MADE, FAILED
from alicloud_cpi.cloud.lookup import records
from alicloud_cpi.cloud.wait import Budget, wait_for
from alicloud_cpi.cloud.wire.failures import ApiError
from alicloud_cpi.cloud.wire.retry import harmless_twice
from alicloud_cpi.errors import CloudError
from alicloud_cpi.records import Record
from alicloud_cpi.units import cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.cloud.images import Image, Images
    from alicloud_cpi.cloud.wire.api import Api

# Beyond a quarter of an hour is usual; the API's own polls end after 5000 s (semantics section 7).
IMPORTED = Budget(timeout=5400)
CANCELLED = Budget(timeout=300)

_LONGEST_DESCRIPTION = 256
_SHORTEST_DESCRIPTION = 2
_ARM = "arm64"

# ECS reads OSS in the account's name by a role that every account has to make once.
_NO_ROLE = "NoSetRoletoECSServiceAcount"
_HOW_TO_ALLOW = (
    "ECS may not read this account's OSS buckets yet: create the RAM role "
    "AliyunECSImageImportDefaultRole, trusted by ecs.aliyuncs.com, with the policy "
    "AliyunECSImageImportRolePolicy (or follow the import dialog of the ECS console to the "
    "authorization), then upload the stemcell again"
)

# The task has ended already, or went with its image.
_NOTHING_TO_CANCEL = (
    "InvalidTaskId.IncorrectTaskStatus",
    "InvalidTaskId.NotFound",
    "InvalidTaskId.TaskActionNotSupport",
)


class NewImage(Record):
    """What an image is to be; ``format`` is that of the object: RAW, QCOW2 or VHD."""

    name: str
    description: str
    architecture: str
    os_type: str
    platform: str
    format: str
    disk_gib: int
    nvme_support: bool


class ImageImports:
    """Imports of this call, by the id of the image that each makes."""

    def __init__(self, ecs: Api, images: Images, clock: Clock) -> None:
        self._ecs = ecs
        self._images = images
        self._clock = clock
        self._tasks: dict[str, str] = {}

    def start(self, new: NewImage, region: str, bucket: str, key: str) -> str:
        """Ask for an image of an object in OSS and return its id before it is usable.

        :raises ApiError: such as NoSetRoletoECSServiceAcount, whose message says what to do
        """
        try:
            answer = self._images.make(
                "ImportImage",
                region,
                new.name,
                DiskDeviceMapping=[
                    {
                        "OSSBucket": bucket,
                        "OSSObject": key,
                        "Format": new.format,
                        "DiskImageSize": new.disk_gib,
                    }
                ],
                **_parameters(new),
            )
        except ApiError as failure:
            if failure.code == _NO_ROLE:
                failure.add(_HOW_TO_ALLOW)
            raise
        image_id = str(answer["ImageId"])
        self._tasks[image_id] = answer.get("TaskId") or ""
        return image_id

    def wait(self, image_id: str, region: str) -> Image:
        """Return the image once VMs can be made from it.

        :raises CloudError: the import failed, and why
        """

        def imported(found: Image | None) -> bool:
            if found is None or found.status in FAILED:
                self._check(image_id, region, found)
            return found is not None and found.status == "Available"

        found = wait_for(
            f"image '{image_id}' to be imported",
            lambda: self._images.find(image_id, region),
            imported,
            state=lambda found: f"{found.status} {found.progress}" if found else "not listed",
            budget=IMPORTED,
            clock=self._clock,
        )
        assert found is not None  # noqa: S101 - that was waited for
        return found

    def cancel(self, image_id: str, region: str) -> None:
        """End an import that is under way; returns when the image can be deleted."""
        task_id = self._task_of(image_id, region)
        if task_id:
            self._ecs.call(
                "CancelTask",
                region,
                TaskId=task_id,
                done=_NOTHING_TO_CANCEL,
                unless=harmless_twice,
            )
        wait_for(
            f"the import of image '{image_id}' to end",
            lambda: self._images.find(image_id, region),
            lambda found: found is None or found.status not in BEING_MADE,
            state=lambda found: found.status if found else "not listed",
            budget=CANCELLED,
            clock=self._clock,
        )

    def _check(self, image_id: str, region: str, found: Image | None) -> None:
        """Tell a failed import from one that no list shows yet.

        :raises CloudError: it failed
        """
        reason = self._reason(image_id, region)
        if reason or found is not None:
            status = found.status if found else "gone"
            told = f" ({reason})" if reason else ""
            raise CloudError(f"Image '{image_id}' could not be imported: it is {status}{told}")

    def _reason(self, image_id: str, region: str) -> str:
        """Return why the import's task failed, as far as that can be learnt; else nothing."""
        try:
            task_id = self._task_of(image_id, region)
            task = self._ecs.call("DescribeTaskAttribute", region, TaskId=task_id)
        except ApiError:
            return ""
        if task.get("TaskStatus") != "Failed":
            return ""
        steps = records(task, ("OperationProgressSet", "OperationProgress"))
        told = [f"{step.get('ErrorCode')}: {step.get('ErrorMsg')}" for step in steps]
        return "; ".join(told) or "its task failed"

    def _task_of(self, image_id: str, region: str) -> str:
        """Return the id of the import's task, found by its image where no answer told it."""
        if not self._tasks[image_id]:
            answer = self._ecs.call("DescribeTasks", region, ResourceIds=[image_id])
            found = records(answer, ("TaskSet", "Task"))
            self._tasks[image_id] = found[0]["TaskId"] if found else ""
        return self._tasks[image_id]


def _parameters(new: NewImage) -> dict[str, Any]:
    """Spell what an image is to be in ImportImage's words."""
    description = cut(new.description, _LONGEST_DESCRIPTION)
    refused = description.startswith(("http://", "https://"))
    if len(description) < _SHORTEST_DESCRIPTION or refused:
        description = ""
    return {
        "ImageName": new.name,
        "Description": description or None,
        "Architecture": new.architecture,
        "OSType": new.os_type,
        "Platform": new.platform,
        "BootMode": "UEFI" if new.architecture == _ARM else None,
        "Features": {"NvmeSupport": "supported"} if new.nvme_support else None,
    }
