"""create_stemcell(image_path, cloud_properties[, env]) -> stemcell_cid

Makes an image available from which VMs are created.
Spec: https://bosh.io/docs/cpi-api-v2-method/create-stemcell/

A light stemcell names an image per region that is there already. Its cid carries a mark, so that
no later call ever deletes an image that is not ours. Any other is imported: out of OSS where it
lies there already, else out of the tarball, by way of a bucket that is gone when the call ends.
"""

from __future__ import annotations

import uuid

from alicloud_cpi import log
from alicloud_cpi.cloud.image_imports import NewImage
from alicloud_cpi.cloud.images import light_cid
from alicloud_cpi.cloud.names import image_name
from alicloud_cpi.cloud.tags import IMAGE_KEY, MARK
from alicloud_cpi.errors import CloudError
from alicloud_cpi.props import stemcell
from alicloud_cpi.stemcell.tarball import RootImage
from alicloud_cpi.undo import Undo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

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

    :param image_path: the stemcell's tarball, unused where the image is in the cloud already
    :param env: ``{"tags": {...}}`` from API version 3 on
    :raises CloudError: no image for this region, or it cannot be imported or used
    """
    props = stemcell.parse(cloud_properties)
    tags = (env or {}).get("tags") or {}
    with Undo() as undo:
        if props.image_ids:
            image = _light_image(call, props)
            if not call.config.encrypted:
                return light_cid(image.id)
            made = _encrypted_copy(call, undo, image, props)
        else:
            made = _imported(call, undo, image_path, props)
            if call.config.encrypted:
                _tag(call, made, {})
                plain, made = made, _encrypted_copy(call, undo, made, props)
                _discard(call, plain)
        _tag(call, made, tags)
    return made.id


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


def _imported(call: Call, undo: Undo, image_path: str, props: StemcellProps) -> Image:
    """Import the stemcell's disk image, from where it lies."""
    if props.oss_bucket:
        new = _new_image(props, props.disk_gib)
        return _import(call, undo, new, props.oss_bucket, props.oss_object)
    store = call.cloud.object_store
    with RootImage(image_path, props.largest_image) as root:
        new = _new_image(props, max(props.disk_gib, root.size_gib))
        bucket = undo.make("bucket", store.create_bucket, store.remove_bucket)
        key = store.upload(bucket, root)
    image = _import(call, undo, new, bucket, key)
    try:
        store.remove_bucket(bucket)
    except CloudError as failure:
        log.warning("LEFT BEHIND, delete by hand: bucket '%s': %s", bucket, failure.message)
    return image


def _new_image(props: StemcellProps, disk_gib: int) -> NewImage:
    return NewImage(
        name=image_name(f"{props.name}-{props.version}".strip("-"), str(uuid.uuid4())),
        description=props.description,
        architecture=props.architecture,
        os_type=props.os_type,
        platform=props.platform,
        format=props.image_format,
        disk_gib=disk_gib,
        nvme_support=props.nvme_support,
    )


def _import(call: Call, undo: Undo, new: NewImage, bucket: str, key: str) -> Image:
    """Make an image of an object in OSS and return it once it can be used."""
    region, imports = call.config.region, call.cloud.image_imports

    def take_back(image_id: str) -> None:
        imports.cancel(image_id, region)
        _delete(call, image_id, region)

    image_id = undo.make("image", lambda: imports.start(new, region, bucket, key), take_back)
    return imports.wait(image_id, region)


def _encrypted_copy(call: Call, undo: Undo, image: Image, props: StemcellProps) -> Image:
    """Copy an image with encryption; the copy is ours, whosever the source is."""
    images = call.cloud.images
    name = image_name(props.name, str(uuid.uuid4()))

    def take_back(image_id: str) -> None:
        images.cancel_copy(image_id, image.region)
        _delete(call, image_id, image.region)

    copy_id = undo.make(
        "image", lambda: images.copy_encrypted(image, name, call.config.kms_key_id), take_back
    )
    copy = images.wait_available(copy_id, image.region)
    if props.nvme_support or image.nvme_support == "supported":
        images.support_nvme(copy_id, image.region)
    return copy


def _discard(call: Call, plain: Image) -> None:
    """Delete the image that an encrypted copy was made of, where this call made both."""
    try:
        _delete(call, plain.id, plain.region)
    except CloudError as failure:
        log.warning("LEFT BEHIND, delete by hand: image '%s': %s", plain.id, failure.message)


def _tag(call: Call, image: Image, tags: dict[str, Any]) -> None:
    """Tag an image of ours, and the snapshots under it with the image, too: they outlive it."""
    call.cloud.tags.add("image", image.id, image.region, tags, image.tags)
    of_image = {**dict([MARK]), IMAGE_KEY: image.id, **tags}
    for snapshot_id in image.snapshot_ids:
        call.cloud.tags.add("snapshot", snapshot_id, image.region, of_image, {})


def _delete(call: Call, image_id: str, region: str) -> None:
    """Delete an image that this call made, with the snapshots under it.

    :raises CloudError: naming the snapshots that stay
    """
    image = call.cloud.images.find(image_id, region)
    snapshots = call.cloud.snapshots
    left = list(image.snapshot_ids) if image else snapshots.of_image(region, image_id)
    try:
        call.cloud.images.delete_by_id(image_id, region)
        while left:
            snapshots.delete(region, left[-1])
            left.pop()
    except CloudError as failure:
        if left:
            failure.add(f"Left with it: snapshot {', '.join(left)}")
        raise
