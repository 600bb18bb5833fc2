"""Images: find, copy with encryption, delete with the snapshots under them."""

from __future__ import annotations

import uuid

from alicloud_cpi.cloud.lookup import records, tags_of
from alicloud_cpi.cloud.tags import at_creation
from alicloud_cpi.cloud.wait import Budget, wait_for
from alicloud_cpi.cloud.wire.failures import ApiError
from alicloud_cpi.cloud.wire.retry import harmless_twice
from alicloud_cpi.errors import CloudError
from alicloud_cpi.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.cloud.wire.api import Api

COPIED = Budget(timeout=3600)
GONE = Budget(timeout=600)

# DescribeImages shows Available images only, unless it is told every status: one whose import
# failed would otherwise look as if it were still to come.
EVERY_STATUS = "Creating,Waiting,Available,UnAvailable,CreateFailed,Deprecated"

BEING_MADE = ("Creating", "Waiting")
FAILED = ("CreateFailed", "UnAvailable")


class Image(Record):
    """One image as DescribeImages tells it."""

    id: str
    region: str
    status: str
    is_own: bool
    is_encrypted: bool
    size_gib: int
    nvme_support: str
    snapshot_ids: list[str]
    tags: dict[str, str]
    progress: str


class Images:
    """Images that the account can see, others' shared and public ones included."""

    def __init__(self, ecs: Api, regions: Sequence[str], clock: Clock) -> None:
        self._ecs = ecs
        self._regions = regions
        self._clock = clock

    def find(self, image_id: str, region: str | None = None) -> Image | None:
        """Return the image of this region (the call's own by default), whatever its status."""
        region = region or self._regions[0]
        answer = self._ecs.call("DescribeImages", region, ImageId=image_id, Status=EVERY_STATUS)
        found = records(answer, ("Images", "Image"))
        return _image(found[0], region) if found else None

    def find_named(self, name: str, region: str) -> Image | None:
        """Return the image of this very name, whatever its status."""
        answer = self._ecs.call("DescribeImages", region, ImageName=name, Status=EVERY_STATUS)
        found = records(answer, ("Images", "Image"))
        return next((_image(one, region) for one in found if one["ImageName"] == name), None)

    def make(self, action: str, region: str, name: str, **parameters: Any) -> dict[str, Any]:
        """Ask for a new image by a name that no other has, and return the answer with its ImageId.

        Where no answer ever comes, the image is found by its name if it was made all the same.
        """
        try:
            return self._ecs.call(
                action, region, ClientToken=str(uuid.uuid4()), Tag=at_creation({}), **parameters
            )
        except ApiError as failure:
            if not failure.effect_unknown:
                raise
            try:
                found = self.find_named(name, region)
            except ApiError:
                found = None
            if found is None:
                failure.add(f"An image named '{name}' may have been made all the same")
                raise
            return {"ImageId": found.id}

    def copy_encrypted(self, image: Image, name: str, kms_key_id: str) -> str:
        """Ask for an encrypted copy in the same region and return its id before it is usable."""
        answer = self.make(
            "CopyImage",
            image.region,
            name,
            ImageId=image.id,
            DestinationRegionId=image.region,
            DestinationImageName=name,
            Encrypted=True,
            KMSKeyId=kms_key_id or None,
        )
        return str(answer["ImageId"])

    def support_nvme(self, image_id: str, region: str) -> None:
        """Say that the image has NVMe drivers (a copy does not inherit it)."""
        self._ecs.call(
            "ModifyImageAttribute",
            region,
            ImageId=image_id,
            Features={"NvmeSupport": "supported"},
            unless=harmless_twice,
        )

    def wait_available(self, image_id: str, region: str, budget: Budget = COPIED) -> Image:
        """Return the image once VMs can be made from it.

        :raises CloudError: making it failed
        """

        def available(found: Image | None) -> bool:
            if found is not None and found.status in FAILED:
                raise CloudError(f"Image '{image_id}' could not be made: {found.status}")
            return found is not None and found.status == "Available"

        found = wait_for(
            f"image '{image_id}' to be Available",
            lambda: self.find(image_id, region),
            available,
            state=lambda found: f"{found.status} {found.progress}" if found else "not listed",
            budget=budget,
            clock=self._clock,
        )
        assert found is not None  # noqa: S101 - that was waited for
        return found

    def cancel_copy(self, image_id: str, region: str) -> None:
        """End a copy that is under way, which removes its image; an image that is made stays."""
        self._ecs.call(
            "CancelCopyImage",
            region,
            ImageId=image_id,
            done=("InvalidImageId.NotFound", "IncorrectImageStatus", "CancelNotSupported"),
            unless=harmless_twice,
        )

    def delete(self, image: Image) -> None:
        """Delete the image and return when it is gone; its snapshots stay."""
        self.delete_by_id(image.id, image.region)

    def delete_by_id(self, image_id: str, region: str) -> None:
        """Delete an image, whether any list shows it yet or not; its snapshots stay."""
        self._ecs.call(
            "DeleteImage",
            region,
            ImageId=image_id,
            done=("InvalidImageId.NotFound",),
            # Ids are not used again: a second DeleteImage finds nothing, which is what is wanted.
            unless=harmless_twice,
        )
        wait_for(
            f"image '{image_id}' to be deleted",
            lambda: self.find(image_id, region),
            lambda found: found is None,
            state=lambda found: found.status if found else "gone",
            budget=GONE,
            clock=self._clock,
        )


def _image(record: Mapping[str, Any], region: str) -> Image:
    record = dict(record)
    devices = records(record, ("DiskDeviceMappings", "DiskDeviceMapping"))
    return Image(
        id=record["ImageId"],
        region=region,
        status=record.get("Status", ""),
        is_own=record.get("ImageOwnerAlias") == "self",
        is_encrypted=any(device.get("Encrypted") for device in devices),
        size_gib=record.get("Size") or 0,
        nvme_support=(record.get("Features") or {}).get("NvmeSupport", ""),
        snapshot_ids=[device["SnapshotId"] for device in devices if device.get("SnapshotId")],
        tags=tags_of(record),
        progress=record.get("Progress", ""),
    )


# Marks the cid of a light stemcell: its image is somebody else's to delete.
_LIGHT = " light"


def light_cid(image_id: str) -> str:
    """Return the cid of a light stemcell."""
    return image_id + _LIGHT


def is_light(stemcell_cid: str) -> bool:
    """Whether the cid is that of a light stemcell."""
    return stemcell_cid.endswith(_LIGHT)


def image_id_of(stemcell_cid: str) -> str:
    """Return the image of a stemcell, light or not."""
    return stemcell_cid.removesuffix(_LIGHT)
