"""create_stemcell(image_path, cloud_properties[, env]) -> stemcell_cid

Makes an image available from which VMs are created.
Spec: https://bosh.io/docs/cpi-api-v2-method/create-stemcell/

A light stemcell names an image per region that is there already. Its cid carries a mark, so that
no later call ever deletes an image that is not ours.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from alicloud_cpi.cloud.images import light_cid
from alicloud_cpi.cloud.names import image_name
from alicloud_cpi.errors import CloudError, NotSupported
from alicloud_cpi.props import stemcell
from alicloud_cpi.undo import Undo

if TYPE_CHECKING:
    from alicloud_cpi.call import Call
    from alicloud_cpi.cloud.images import Image
    from alicloud_cpi.props.stemcell import StemcellProps


def run(
    call: Call,
    image_path: str,
    cloud_properties: dict[str, Any] | None,
    env: dict[str, Any] | None = None,
) -> str:
    """Return the cid of an image in the call's region.

    :param image_path: the stemcell's tarball, unused for a light one
    :param env: ``{"tags": {...}}`` from API version 3 on
    :raises CloudError: no image for this region, or it cannot be used
    """
    props = stemcell.parse(cloud_properties)
    if not props.image_ids:
        del image_path
        raise NotSupported("Only light stemcells (image_id) are offered yet")
    image = _light_image(call, props)
    if not call.config.encrypted:
        return light_cid(image.id)
    return _encrypted_copy(call, image, props, (env or {}).get("tags") or {})


def _light_image(call: Call, props: StemcellProps) -> Image:
    """Return the image that the stemcell names for the call's region, once it can be used."""
    region = call.config.region
    image_id = props.image_ids.get(region)
    if image_id is None:
        offered = ", ".join(sorted(props.image_ids))
        raise CloudError(
            f"The light stemcell has no image for region {region}, only for: {offered}"
        )
    image = call.cloud.images.find(image_id)
    if image is None:
        raise CloudError(
            f"Image '{image_id}' of the light stemcell is not visible in region {region}"
        )
    if image.status != "Available":
        raise CloudError(f"Image '{image_id}' of the light stemcell is {image.status}")
    return image


def _encrypted_copy(call: Call, image: Image, props: StemcellProps, tags: dict[str, Any]) -> str:
    """Copy an image with encryption; the copy is ours, and its source is left alone."""
    images = call.cloud.images
    name = image_name(props.name, str(uuid.uuid4()))
    with Undo() as undo:
        copy_id = undo.make(
            "image",
            lambda: images.copy_encrypted(image, name, call.config.kms_key_id),
            lambda made: _take_back(call, made, image.region),
        )
        copy = images.wait_available(copy_id, image.region)
        if props.nvme_support or image.nvme_support == "supported":
            images.support_nvme(copy_id, image.region)
        _tag(call, copy, tags)
    return copy_id


def _tag(call: Call, image: Image, tags: dict[str, Any]) -> None:
    """Tag an image of ours and the snapshots under it."""
    call.cloud.tags.add("image", image.id, image.region, tags, image.tags)
    for snapshot_id in image.snapshot_ids:
        call.cloud.tags.add("snapshot", snapshot_id, image.region, tags, {})


def _take_back(call: Call, image_id: str, region: str) -> None:
    """Delete a copy that this call made, with the snapshots under it."""
    image = call.cloud.images.find(image_id, region)
    call.cloud.images.take_back(image_id, region)
    for snapshot_id in image.snapshot_ids if image else []:
        call.cloud.snapshots.delete(region, snapshot_id)
