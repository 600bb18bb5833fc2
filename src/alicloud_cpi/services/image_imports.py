"""Imports an image from a disk image in OSS."""

from __future__ import annotations

from dataclasses import dataclass

from aliyunsdkecs.request.v20140526.CancelTaskRequest import CancelTaskRequest
from aliyunsdkecs.request.v20140526.DescribeTaskAttributeRequest import (
    DescribeTaskAttributeRequest,
)
from aliyunsdkecs.request.v20140526.DescribeTasksRequest import DescribeTasksRequest
from aliyunsdkecs.request.v20140526.ImportImageRequest import ImportImageRequest

from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.aliyun.waiter import wait_for
from alicloud_cpi.errors import CloudError
from alicloud_cpi.services.images import (
    FAILED,
    UNFINISHED,
    Image,
    Images,
    describe_image,
    image_features,
)

# Seconds. More than a quarter of an hour is usual; the API's own polling ends after 5000 s
# (semantics.md section 7).
IMPORT_TIMEOUT = 5400.0
CANCEL_TIMEOUT = 300.0

_MAX_DESCRIPTION = 256
_MIN_DESCRIPTION = 2

# ECS reads the account's OSS through a role that every account has to create once.
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


@dataclass(frozen=True, slots=True)
class NewImage:
    """What an image is to be; ``format`` is that of the object: RAW, QCOW2 or VHD."""

    name: str
    description: str
    architecture: str
    os_type: str
    platform: str
    format: str
    disk_gib: int
    nvme_support: bool
    imds_support: str

    @property
    def features(self) -> dict[str, str]:
        """What the image supports, in the API's terms; nothing where it says nothing."""
        return image_features(nvme=self.nvme_support, imds=self.imds_support)


class ImageImports:
    """Imports of this call, by the id of the image that each creates."""

    def __init__(self, client: Client, images: Images) -> None:
        self._client = client
        self._images = images
        self._tasks: dict[str, str] = {}

    def start(self, new: NewImage, region: str, bucket: str, key: str) -> str:
        """Request an image from an object in OSS and return its id; it is not usable yet.

        :raises ApiError: such as NoSetRoletoECSServiceAcount, whose message says what to do
        """
        mapping = {
            "OSSBucket": bucket,
            "OSSObject": key,
            "Format": new.format,
            "DiskImageSize": new.disk_gib,
        }
        request = ImportImageRequest()
        request.set_DiskDeviceMappings([mapping])
        request.set_ImageName(new.name)
        request.set_Architecture(new.architecture)
        request.set_OSType(new.os_type)
        request.set_Platform(new.platform)
        description = new.description[:_MAX_DESCRIPTION]
        if len(description) >= _MIN_DESCRIPTION and not _is_refused(description):
            request.set_Description(description)
        if new.architecture == "arm64":
            request.set_BootMode("UEFI")
        if new.features:
            request.set_Features(new.features)
        try:
            response = self._images.create(request, region, new.name)
        except ApiError as error:
            if error.code == _NO_ROLE:
                error.append(_HOW_TO_ALLOW)
            raise
        image_id = response.resource_id("ImageId")
        try:
            self._tasks[image_id] = response.resource_id("TaskId")
        except ApiError:
            self._tasks[image_id] = ""  # the image is being made; looked up where it is needed
        return image_id

    def wait_until_imported(self, region: str, image_id: str) -> Image:
        """Return the image once VMs can be created from it.

        :raises CloudError: the import failed, and why
        """

        def is_imported(found: Image | None) -> bool:
            if found is None or found.status in FAILED:
                self._raise_if_failed(region, image_id, found)
            return found is not None and found.status == "Available"

        found = wait_for(
            f"image '{image_id}' to be imported",
            lambda: self._images.find(region, image_id),
            is_imported,
            state=describe_image,
            timeout=IMPORT_TIMEOUT,
            clock=self._client.clock,
        )
        assert found is not None  # noqa: S101 - is_imported says so
        return found

    def cancel(self, region: str, image_id: str) -> None:
        """End an import that is under way; returns when the image can be deleted."""
        task_id = self._task_of(region, image_id)
        if task_id:
            request = CancelTaskRequest()
            request.set_TaskId(task_id)
            self._client.send(request, region, idempotent=True, ignore_codes=_NOTHING_TO_CANCEL)
        wait_for(
            f"the import of image '{image_id}' to end",
            lambda: self._images.find(region, image_id),
            lambda found: found is None or found.status not in UNFINISHED,
            state=describe_image,
            timeout=CANCEL_TIMEOUT,
            clock=self._client.clock,
        )

    def _raise_if_failed(self, region: str, image_id: str, found: Image | None) -> None:
        """Distinguish a failed import from one that is not listed yet.

        :raises CloudError: it failed
        """
        reason = self._failure_reason(region, image_id)
        if reason or found is not None:
            status = found.status if found else "gone"
            details = f" ({reason})" if reason else ""
            raise CloudError(f"Image '{image_id}' could not be imported: it is {status}{details}")

    def _failure_reason(self, region: str, image_id: str) -> str:
        """Return why the import's task failed, as far as it can be read; else an empty string."""
        request = DescribeTaskAttributeRequest()
        try:
            request.set_TaskId(self._task_of(region, image_id))
            task = self._client.send(request, region)
        except ApiError:
            return ""
        if task.text("TaskStatus") != "Failed":
            return ""
        steps = task.records("OperationProgressSet", "OperationProgress")
        reasons = [f"{step.text('ErrorCode')}: {step.text('ErrorMsg')}" for step in steps]
        return "; ".join(reasons) or "its task failed"

    def _task_of(self, region: str, image_id: str) -> str:
        """Return the id of the import's task, looked up by its image where it is not known."""
        if not self._tasks[image_id]:
            path = ("TaskSet", "Task")
            request = DescribeTasksRequest()
            request.set_ResourceIdss([image_id])
            found = self._client.send(request, region, expect=path).records(*path)
            self._tasks[image_id] = found[0].resource_id("TaskId") if found else ""
        return self._tasks[image_id]


def _is_refused(description: str) -> bool:
    """Whether the cloud refuses a description (semantics.md section 4, "Names and text")."""
    return description.startswith(("http://", "https://"))
