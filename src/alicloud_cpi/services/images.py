"""Images: find, copy, delete."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from aliyunsdkecs.request.v20140526.CancelCopyImageRequest import CancelCopyImageRequest
from aliyunsdkecs.request.v20140526.CopyImageRequest import CopyImageRequest
from aliyunsdkecs.request.v20140526.DeleteImageRequest import DeleteImageRequest
from aliyunsdkecs.request.v20140526.DescribeImagesRequest import DescribeImagesRequest
from aliyunsdkecs.request.v20140526.ModifyImageAttributeRequest import ModifyImageAttributeRequest

from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.client_token import ClientTokens
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.aliyun.pagination import PAGE_SIZE
from alicloud_cpi.aliyun.response import Fields, Origin
from alicloud_cpi.aliyun.waiter import wait_for, wait_until_gone
from alicloud_cpi.errors import CloudError
from alicloud_cpi.services import tags

# Seconds.
COPY_TIMEOUT = 3600.0
LISTED_TIMEOUT = 60.0
DELETE_TIMEOUT = 600.0

# DescribeImages returns Available images only, unless it is given every status: an image whose
# import failed would look as if it were still to come.
_EVERY_STATUS = "Creating,Waiting,Available,UnAvailable,CreateFailed,Deprecated"

UNFINISHED = ("Creating", "Waiting")
FAILED = ("CreateFailed", "UnAvailable")

_PATH = ("Images", "Image")

# Ends the cid of a light stemcell, whose image is not ours to delete.
_LIGHT = " light"


@dataclass(frozen=True, slots=True)
class Image:
    """One image, as DescribeImages returns it."""

    id: str
    region: str
    name: str
    status: str
    is_own: bool
    is_encrypted: bool
    size_gib: int
    nvme_support: str
    imds_support: str
    snapshot_ids: list[str]
    progress: str
    created: str
    tags: dict[str, str]

    @classmethod
    def from_api(cls, fields: Fields, region: str) -> Image:
        """Read a record of DescribeImages."""
        devices = fields.records("DiskDeviceMappings", "DiskDeviceMapping")
        return cls(
            id=fields.resource_id("ImageId"),
            region=region,
            name=fields.text("ImageName"),
            status=fields.required_text("Status"),
            is_own=fields.text("ImageOwnerAlias") == "self",
            is_encrypted=any(device.flag("Encrypted") for device in devices),
            size_gib=fields.integer("Size"),
            nvme_support=fields.fields("Features").text("NvmeSupport"),
            imds_support=fields.fields("Features").text("ImdsSupport"),
            snapshot_ids=[
                device.resource_id("SnapshotId") for device in devices if device.text("SnapshotId")
            ],
            progress=fields.text("Progress"),
            created=fields.text("CreationTime"),
            tags=fields.tags(),
        )


class CopyFailed(CloudError):
    """The cloud could not complete a copy."""


class CopyGone(CloudError):
    """A copy is not listed, or not any more."""


class Images:
    """Images that the account can see, shared and public ones included."""

    def __init__(self, client: Client, resource_group_id: str) -> None:
        self._client = client
        self._resource_group_id = resource_group_id

    def find(self, region: str, image_id: str) -> Image | None:
        """Return the image of this region, whatever its status."""
        request = DescribeImagesRequest()
        request.set_ImageId(image_id)
        found = self._send(request, region).record_of("ImageId", image_id, *_PATH)
        return Image.from_api(found, region) if found else None

    def find_named(self, region: str, name: str) -> Image | None:
        """Return the image with exactly this name, whatever its status."""
        request = DescribeImagesRequest()
        request.set_ImageName(name)
        found = self._send(request, region).records(*_PATH)
        return next(
            (
                Image.from_api(one, region)
                for one in found
                if one.required_text("ImageName") == name
            ),
            None,
        )

    def unused(self, region: str) -> Iterator[Image]:
        """Yield the account's own images that no instance uses."""
        request = DescribeImagesRequest()
        request.set_ImageOwnerAlias("self")
        request.set_Usage("none")
        request.set_Status(_EVERY_STATUS)
        yield from self._all(request, region)

    def _all(self, request: DescribeImagesRequest, region: str) -> Iterator[Image]:
        """Yield the images of all pages: DescribeImages has no NextToken."""
        request.set_PageSize(PAGE_SIZE)
        seen: set[str] = set()
        for number in count(1):
            request.set_PageNumber(number)
            response = self._client.send(request, region, expect=_PATH)
            page = [Image.from_api(one, region) for one in response.records(*_PATH)]
            if seen.issuperset(image.id for image in page) and page:
                raise response.malformed("Images", "another page of images")
            yield from page
            if len(page) < PAGE_SIZE:
                return
            seen.update(image.id for image in page)

    def _send(self, request: DescribeImagesRequest, region: str) -> Fields:
        request.set_Status(_EVERY_STATUS)
        return self._client.send(request, region, expect=_PATH)

    def newest_of_family(self, region: str, family: str) -> Image | None:
        """Return the newest image of a family that VMs can be created from."""
        request = DescribeImagesRequest()
        request.set_ImageFamily(family)
        images = self._all(request, region)
        return max(images, key=lambda image: image.created, default=None)

    def create(
        self,
        request: Any,
        region: str,
        name: str,
        *,
        sent_to: str = "",
        own: Mapping[str, str] | None = None,
    ) -> Fields:
        """Send a request that creates an image of a unique name.

        When no response ever comes, the image is found by its name, if it was created.

        :param sent_to: the region that gets the request, where it is another one than the image's
        :param own: further tags of the CPI
        """
        request.set_Tags(tags.for_creation({}, own=own))
        request.set_ResourceGroupId(self._resource_group_id)
        try:
            return self._client.send(
                request, sent_to or region, tokens=ClientTokens(), returns_id="ImageId"
            )
        except ApiError as error:
            if not error.effect_unknown:
                raise
            try:
                found = self.find_named(region, name)
            except ApiError:
                found = None
            if found is None:
                error.append(f"An image named '{name}' may have been created")
                raise
            return Fields(Origin(request.get_action_name(), region), {"ImageId": found.id})

    def copy_encrypted(self, image: Image, region: str, name: str, kms_key_id: str) -> str:
        """Request an encrypted copy in any region and return its id; it is not usable yet."""
        request = _copy_request(image, region, name)
        request.set_Encrypted(True)
        request.set_KMSKeyId(kms_key_id)
        created = self.create(request, region, name, sent_to=image.region)
        return created.resource_id("ImageId")

    def copy(self, image: Image, region: str, name: str, own: Mapping[str, str]) -> str:
        """Request a copy in any region and return its id; it is not usable yet.

        :param own: tags of the copy, besides the CPI's mark
        """
        request = _copy_request(image, region, name)
        created = self.create(request, region, name, sent_to=image.region, own=own)
        return created.resource_id("ImageId")

    def set_features(self, region: str, image_id: str, features: Mapping[str, str]) -> None:
        """Declare what the image supports: a copy does not inherit it."""
        request = ModifyImageAttributeRequest()
        request.set_ImageId(image_id)
        request.set_Features(dict(features))
        self._client.send(request, region, idempotent=True)

    def wait_until_copied(self, region: str, image_id: str) -> Image:
        """Return the image once VMs can be created from it.

        :raises CloudError: the copy failed, or another call deleted it
        """
        clock = self._client.clock
        missing_since: float | None = None

        def is_available(found: Image | None) -> bool:
            nonlocal missing_since
            if found is None:
                missing_since = missing_since or clock.now()
                if clock.now() - missing_since >= LISTED_TIMEOUT:
                    raise CopyGone(f"Image '{image_id}' is gone", ok_to_retry=True)
                return False
            missing_since = None
            if found.status in FAILED:
                raise CopyFailed(f"Image '{image_id}' could not be copied: {found.status}")
            return found.status == "Available"

        found = wait_for(
            f"image '{image_id}' to be Available",
            lambda: self.find(region, image_id),
            is_available,
            state=describe_image,
            timeout=COPY_TIMEOUT,
            clock=clock,
        )
        assert found is not None  # noqa: S101 - is_available says so
        return found

    def cancel_copy(self, region: str, image_id: str) -> None:
        """End a copy that is under way, which deletes its image; a finished image stays."""
        request = CancelCopyImageRequest()
        request.set_ImageId(image_id)
        self._client.send(
            request,
            region,
            idempotent=True,
            ignore_codes=("InvalidImageId.NotFound", "IncorrectImageStatus", "CancelNotSupported"),
        )

    def delete(self, region: str, image_id: str) -> None:
        """Delete an image, listed or not, and return when it is gone; its snapshots stay."""
        request = DeleteImageRequest()
        request.set_ImageId(image_id)
        # Ids are not reused, so a second DeleteImage does no harm.
        self._client.send(
            request, region, idempotent=True, ignore_codes=("InvalidImageId.NotFound",)
        )
        wait_until_gone(
            f"image '{image_id}'",
            lambda: self.find(region, image_id),
            timeout=DELETE_TIMEOUT,
            clock=self._client.clock,
        )


def _copy_request(image: Image, region: str, name: str) -> CopyImageRequest:
    request = CopyImageRequest()
    request.set_ImageId(image.id)
    request.set_DestinationRegionId(region)
    request.set_DestinationImageName(name)
    return request


def image_features(*, nvme: bool, imds: str) -> dict[str, str]:
    """Return what an image supports, in the API's terms; without what it says nothing of."""
    found = {"NvmeSupport": "supported"} if nvme else {}
    return {**found, "ImdsSupport": imds} if imds else found


def describe_image(image: Image | None) -> str:
    """Describe an image for messages about a wait."""
    return f"{image.status} {image.progress}".rstrip() if image else "not listed"


def light_cid(image_id: str) -> str:
    """Return the cid of a light stemcell."""
    return image_id + _LIGHT


def is_light(stemcell_cid: str) -> bool:
    """Whether the cid is that of a light stemcell."""
    return stemcell_cid.endswith(_LIGHT)


def image_id_of(stemcell_cid: str) -> str:
    """Return the image of a stemcell, light or not."""
    return stemcell_cid.removesuffix(_LIGHT)
