"""Copies of stemcells' images in further regions: made once, found again by their name.

A copy's name follows from its source, and no two images of a region have the same name. So
simultaneous calls agree on one copy: the first request creates it, the others are refused and wait
for it, as does the repetition of a call that was killed. A tag names the source.

The cloud copies an account's own images only. One that another account shares is copied within its
region first; that copy is the source for all other regions.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.aliyun.pagination import first_found
from alicloud_cpi.aliyun.waiter import wait_for
from alicloud_cpi.errors import CloudError
from alicloud_cpi.rollback import Rollback
from alicloud_cpi.services.images import (
    FAILED,
    LISTED_TIMEOUT,
    UNFINISHED,
    CopyFailed,
    CopyGone,
    Image,
    Images,
    image_features,
)
from alicloud_cpi.services.naming import copy_name
from alicloud_cpi.services.snapshots import Snapshots
from alicloud_cpi.services.tags import COPY_KEY, IMAGE_KEY, MARK, NVME_KEY, Tags

logger = logging.getLogger(__name__)

_NAME_TAKEN = "InvalidImageName.Duplicated"
_SUPPORTED = "supported"


class ImageCopies:
    """Copies of images in the regions that the call looks in."""

    def __init__(
        self,
        client: Client,
        regions: Sequence[str],
        images: Images,
        snapshots: Snapshots,
        tags: Tags,
    ) -> None:
        self._client = client
        self._regions = regions
        self._images = images
        self._snapshots = snapshots
        self._tags = tags

    def provide(self, image_id: str, region: str, rollback: Rollback) -> Image | None:
        """Return a usable copy of an image of another region, which is made if need be.

        Returns None where no region has the image. The copy is kept if the call fails.

        :raises CloudError: it cannot be copied
        """
        existing = self._find(image_id, region)
        if existing is not None and existing.status not in FAILED:
            return self._finish(existing, rollback)
        others = [one for one in self._regions if one != region]
        source = first_found(others, lambda other: self._images.find(other, image_id))
        return None if source is None else self._copy(source, region, image_id, rollback)

    def delete(self, image_id: str) -> None:
        """Delete the copies of an image, in every region, with their snapshots.

        :raises ApiError: the cloud refused, as while VMs use a copy
        """
        for region in self._regions:
            copy = self._find(image_id, region)
            if copy is not None:
                if copy.status in UNFINISHED:
                    self._images.cancel_copy(region, copy.id)
                self._tag_snapshots(copy, image_id)
                self._images.delete(region, copy.id)
            remaining = copy.snapshot_ids if copy else []
            for snapshot_id in remaining or self._snapshots.of_image(region, image_id):
                try:
                    self._snapshots.delete(region, snapshot_id)
                except CloudError as error:
                    logger.warning("snapshot '%s' remains: %s", snapshot_id, error.message)

    def _tag_snapshots(self, copy: Image, image_id: str) -> None:
        """Tag what outlives the image: a call that is killed before it is deleted finds it so."""
        own = {**dict([MARK]), IMAGE_KEY: image_id}
        for snapshot_id in copy.snapshot_ids:
            self._tags.set("snapshot", snapshot_id, copy.region, {}, dict, own=own)

    def _find(self, image_id: str, region: str) -> Image | None:
        """Return the copy in a region, whatever its status.

        :raises CloudError: another image has its name
        """
        name = copy_name(image_id)
        found = self._images.find_named(region, name)
        if found is not None and found.tags.get(COPY_KEY) != image_id:
            raise CloudError(
                f"Image '{found.id}' in region {region} has the name '{name}' of a copy, without "
                f"the tag {COPY_KEY}: rename it, or tag it with {image_id} if it is one"
            )
        return found

    def _copy(self, source: Image, region: str, image_id: str, rollback: Rollback) -> Image:
        """Copy an image, or find the copy that another call is making."""
        if not source.is_own and source.region != region:
            own = self._find(image_id, source.region)
            if own is None or own.status in FAILED:
                source = self._copy(source, source.region, image_id, rollback)
            else:
                source = self._finish(own, rollback)
        failed = self._find(image_id, region)
        if failed is not None and failed.status in FAILED:
            self._images.delete(region, failed.id)
        own_tags = {COPY_KEY: image_id}
        if _SUPPORTED in (source.nvme_support, source.tags.get(NVME_KEY)):
            own_tags[NVME_KEY] = _SUPPORTED
        logger.info("image '%s' is copied from %s to %s", source.id, source.region, region)
        request = partial(self._images.copy, source, region, copy_name(image_id), own_tags)
        try:
            copy_id = rollback.create_kept("image", request, region)
        except ApiError as error:
            if error.code != _NAME_TAKEN:
                raise
            copy_id = self._wait_until_listed(image_id, region).id
        return self._complete(region, copy_id, rollback)

    def _wait_until_listed(self, image_id: str, region: str) -> Image:
        found = wait_for(
            f"the copy of image '{image_id}' in region {region} to be listed",
            lambda: self._find(image_id, region),
            lambda copy: copy is not None,
            timeout=LISTED_TIMEOUT,
            clock=self._client.clock,
        )
        assert found is not None  # noqa: S101 - the condition says so
        return found

    def _finish(self, copy: Image, rollback: Rollback) -> Image:
        """Return a copy that another call has requested, once VMs can be created from it."""
        if copy.status != "Available":
            return self._complete(copy.region, copy.id, rollback)
        return self._with_nvme(copy)

    def _complete(self, region: str, copy_id: str, rollback: Rollback) -> Image:
        """Return a copy once VMs can be created from it; one that failed is deleted."""
        what = f"image '{copy_id}' in region {region}"
        rollback.keep(copy_id, what)
        try:
            copy = self._images.wait_until_copied(region, copy_id)
        except CopyGone:
            rollback.forget_kept(copy_id)
            raise
        except CopyFailed:
            rollback.forget_kept(copy_id)
            rollback.push(what, partial(self._images.delete, region, copy_id))
            raise
        if copy.snapshot_ids:
            rollback.keep(copy_id, f"{what} (snapshots: {', '.join(copy.snapshot_ids)})")
        return self._with_nvme(copy)

    def _with_nvme(self, copy: Image) -> Image:
        """Declare that the copy has NVMe drivers: a copy does not inherit it from its source."""
        if copy.tags.get(NVME_KEY) == _SUPPORTED != copy.nvme_support:
            self._images.set_features(copy.region, copy.id, image_features(nvme=True, imds=""))
        return copy
