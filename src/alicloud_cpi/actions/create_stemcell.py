"""create_stemcell(image_path, cloud_properties[, env]) -> stemcell_cid

Provides an image from which VMs are created.
Spec: https://bosh.io/docs/cpi-api-v2-method/create-stemcell/

A light stemcell names an existing image per region; its cid is marked, so that no later call
deletes an image that is not ours. Any other image is imported: from OSS where it is there already,
else out of the tarball, through a bucket that is deleted before the call ends.

With ``alicloud.copy_stemcells`` a light stemcell's image of another region is copied into this one;
create_vm finds the copy, and delete_stemcell deletes it.
"""

from __future__ import annotations

import logging
import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

from alicloud_cpi.cloud_properties.schema import InvalidProperty
from alicloud_cpi.cloud_properties.stemcell import StemcellProperties
from alicloud_cpi.errors import CloudError
from alicloud_cpi.rollback import Rollback
from alicloud_cpi.services.image_imports import NewImage
from alicloud_cpi.services.images import image_features, light_cid
from alicloud_cpi.services.naming import image_name
from alicloud_cpi.services.tags import IMAGE_KEY, MARK
from alicloud_cpi.stemcell.archive import RootImage

if TYPE_CHECKING:
    from alicloud_cpi.context import CallContext
    from alicloud_cpi.services.images import Image

logger = logging.getLogger(__name__)


def run(
    ctx: CallContext,
    image_path: str,
    cloud_properties: dict[str, Any] | None,
    env: dict[str, Any] | None = None,
) -> str:
    """Return the cid of an image in the call's region.

    :param image_path: the stemcell's tarball, unused where the image is in the cloud already
    :param env: ``{"tags": {...}}`` from API version 3 on
    :raises CloudError: no image for this region, or it cannot be imported or used
    """
    properties = StemcellProperties.parse(cloud_properties)
    tags = (env or {}).get("tags") or {}
    if not isinstance(tags, dict):
        raise InvalidProperty("env.tags must be an object")
    with Rollback() as rollback:
        if properties.is_light:
            image = _light_image(ctx, properties)
            if not ctx.config.encrypted:
                if image.region != ctx.config.region:
                    ctx.services.image_copies.provide(image.id, ctx.config.region, rollback)
                return light_cid(image.id)
            created = _encrypted_copy(ctx, rollback, image, properties)
        else:
            created = _import(ctx, rollback, image_path, properties)
            if ctx.config.encrypted:
                _tag(ctx, created, {})
                plain, created = created, _encrypted_copy(ctx, rollback, created, properties)
                _discard(ctx, plain)
        _tag(ctx, created, tags)
    return created.id


def _light_image(ctx: CallContext, properties: StemcellProperties) -> Image:
    """Return the image that the stemcell names for the call's region, which must be usable."""
    region = ctx.config.region
    image_id = properties.image_ids.get(region)
    if image_id is None and properties.image_family:
        return _image_of_family(ctx, properties.image_family)
    if image_id is None:
        return _image_elsewhere(ctx, properties.image_ids)
    return _usable(ctx, region, image_id)


def _usable(ctx: CallContext, region: str, image_id: str) -> Image:
    image = ctx.services.images.find(region, image_id)
    if image is None:
        raise CloudError(
            f"Image '{image_id}' of the light stemcell is not visible in region {region}"
        )
    if image.status != "Available":
        raise CloudError(f"Image '{image_id}' of the light stemcell is {image.status}")
    return image


def _image_of_family(ctx: CallContext, family: str) -> Image:
    region = ctx.config.region
    image = ctx.services.images.newest_of_family(region, family)
    if image is None:
        raise CloudError(
            f"Image family '{family}' of the light stemcell has no image in region {region}"
        )
    return image


def _image_elsewhere(ctx: CallContext, image_ids: dict[str, str]) -> Image:
    """Return the stemcell's image of another region, from which the call's region gets a copy."""
    offered = ", ".join(sorted(image_ids))
    if ctx.config.copy_stemcells:
        source = next((one for one in ctx.config.cross_regions if one in image_ids), None)
        if source is None:
            raise CloudError(
                "alicloud.copy_stemcells needs one of the light stemcell's regions in "
                f"alicloud.cross_regions: {offered}"
            )
        return _usable(ctx, source, image_ids[source])
    raise CloudError(
        f"The light stemcell has no image for region {ctx.config.region}, only for: {offered}"
    )


def _import(
    ctx: CallContext, rollback: Rollback, image_path: str, properties: StemcellProperties
) -> Image:
    """Import the stemcell's disk image, from OSS or from the tarball."""
    if properties.oss_bucket:
        new = _new_image(properties, properties.disk_gib)
        return _import_object(ctx, rollback, new, properties.oss_bucket, properties.oss_object)
    buckets = ctx.buckets
    with RootImage(image_path, properties.max_image_bytes) as root:
        new = _new_image(properties, max(properties.disk_gib, root.size_gib))
        bucket = rollback.create("bucket", buckets.create, delete=buckets.delete)
        key = buckets.upload(bucket, root)
    image = _import_object(ctx, rollback, new, bucket, key)
    try:
        buckets.delete(bucket)
    except CloudError as error:
        logger.warning("LEFT BEHIND, delete by hand: bucket '%s': %s", bucket, error.message)
    return image


def _new_image(properties: StemcellProperties, disk_gib: int) -> NewImage:
    title = f"{properties.name}-{properties.version}".strip("-")
    return NewImage(
        name=image_name(title, str(uuid.uuid4())),
        description=properties.description,
        architecture=properties.architecture,
        os_type=properties.os_type,
        platform=properties.platform,
        format=properties.image_format,
        disk_gib=disk_gib,
        nvme_support=properties.nvme_support,
        imds_support=properties.imds_support,
    )


def _import_object(
    ctx: CallContext, rollback: Rollback, new: NewImage, bucket: str, key: str
) -> Image:
    """Import an object in OSS and return the image once it can be used."""
    region, imports = ctx.config.region, ctx.services.image_imports

    def delete(image_id: str) -> None:
        imports.cancel(region, image_id)
        _delete(ctx, region, image_id)

    image_id = rollback.create("image", partial(imports.start, new, region, bucket, key), delete)
    return imports.wait_until_imported(region, image_id)


def _encrypted_copy(
    ctx: CallContext, rollback: Rollback, image: Image, properties: StemcellProperties
) -> Image:
    """Copy an image with encryption; the copy is ours, whoever owns the source."""
    images, region = ctx.services.images, ctx.config.region
    name = image_name(properties.name, str(uuid.uuid4()))

    def delete(image_id: str) -> None:
        images.cancel_copy(region, image_id)
        _delete(ctx, region, image_id)

    copy_id = rollback.create(
        "image", partial(images.copy_encrypted, image, region, name, ctx.config.kms_key_id), delete
    )
    copy = images.wait_until_copied(region, copy_id)
    nvme = properties.nvme_support or image.nvme_support == "supported"
    features = image_features(nvme=nvme, imds=properties.imds_support)
    if features:
        images.set_features(region, copy_id, features)
    return copy


def _discard(ctx: CallContext, plain: Image) -> None:
    """Delete the unencrypted image that this call imported and copied."""
    try:
        _delete(ctx, plain.region, plain.id)
    except CloudError as error:
        logger.warning("LEFT BEHIND, delete by hand: image '%s': %s", plain.id, error.message)


def _tag(ctx: CallContext, image: Image, tags: dict[str, Any]) -> None:
    """Tag an image of ours, and its snapshots with the image's id, since they outlive it."""
    ctx.services.tags.set("image", image.id, image.region, tags, lambda: image.tags)
    own = {**dict([MARK]), IMAGE_KEY: image.id}
    for snapshot_id in image.snapshot_ids:
        ctx.services.tags.set("snapshot", snapshot_id, image.region, tags, dict, own=own)


def _delete(ctx: CallContext, region: str, image_id: str) -> None:
    """Delete an image that this call created, with its snapshots.

    :raises CloudError: naming the snapshots that remain
    """
    image = ctx.services.images.find(region, image_id)
    snapshots = ctx.services.snapshots
    remaining = list(image.snapshot_ids) if image else snapshots.of_image(region, image_id)
    try:
        ctx.services.images.delete(region, image_id)
        while remaining:
            snapshots.delete(region, remaining[-1])
            remaining.pop()
    except CloudError as error:
        if remaining:
            error.append(f"Snapshots of the image that remain: {', '.join(remaining)}")
        raise
