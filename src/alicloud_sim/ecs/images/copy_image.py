"""CopyImage and CancelCopyImage (semantics.md section 7).

Settings of the world: "image.copy_fails" picks source images whose copies end CreateFailed.
Quota "image.copies": how many copies run at once in a region, 1 unless set (Alibaba Cloud's
help pages say one until 2024 and five later); further ones are Waiting.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from alicloud_sim import names, settings, tags
from alicloud_sim.ecs import kms_keys, resource_groups
from alicloud_sim.ecs.service import ecs

from .create_image import add_snapshots
from .record import Image, check_name, check_quota, own

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

AT_ONCE = 1
COPIED = (
    "size_gib",
    "os_type",
    "os_name",
    "platform",
    "architecture",
    "boot_mode",
    "license_type",
    "imds_version",
)


@ecs.action(
    "CopyImage",
    params="RegionId ImageId DestinationImageName DestinationDescription DestinationRegionId"
    " Encrypted KMSKeyId ResourceGroupId DryRun Tag",
)
def copy_image(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Copy an image, encrypted if asked; Features.NvmeSupport is not kept (GO).

    Own images go to any region, shared ones only to the same region (help page of
    CopyImage). Not in the reference: the destination region is mandatory; the same region
    only with Encrypted=true; a copy of an encrypted image is encrypted, and stays in its
    region.
    """
    source = ctx.need(Image, p.text("ImageId"), "InvalidImageId.NotFound")
    target_region = p.text("DestinationRegionId")
    if target_region not in ctx.world.regions:
        raise ctx.error("DestinationRegion.NotFound", message=f"No region {target_region!r}.")
    _check_source(ctx, source, target_region)
    check_name(ctx, p.text("DestinationImageName"), target_region)
    names.check_description(ctx, p.text("DestinationDescription"), "InvalidDescription.Malformed")
    encrypted = p.flag("Encrypted", False)
    _check_encryption(ctx, source, target_region, encrypted=encrypted)
    there = replace(ctx, region=target_region)
    kms_keys.check(there, p.text("KMSKeyId"), encrypted=encrypted)
    check_quota(ctx, target_region)
    resource_groups.check(ctx, p.text("ResourceGroupId"))
    tagged = tags.read(ctx, p.items("Tag"))
    ctx.dry_run(p.flag("DryRun"))
    image = Image(
        there.new_id(Image),
        ctx.account,
        target_region,
        status="Waiting",
        name=p.text("DestinationImageName"),
        description=p.text("DestinationDescription"),
        data_sizes_gib=list(source.data_sizes_gib),
        encrypted=encrypted or source.encrypted,
        kms_key_id=p.text("KMSKeyId") or source.kms_key_id,
        origin="copy",
        copied_from=source.id,
        resource_group_id=p.text("ResourceGroupId"),
        tags=tagged,
        **{field: getattr(source, field) for field in COPIED},
    )
    ctx.add(image)
    _start_next(there)
    return {"ImageId": image.id}


def _check_source(ctx: Ctx, source: Image, target_region: str) -> None:
    if source.account != ctx.account and source.owner_alias:
        raise ctx.error("OperationDenied", message="Images of the cloud cannot be copied.")
    if source.account != ctx.account and source.is_public:
        raise ctx.error("OperationDenied.CommunityImage", "OperationDenied")
    if source.account != ctx.account and target_region != ctx.region:
        raise ctx.error(
            "OperationDenied.SameRegionOnly",
            message="A shared image can only be copied in its region.",
        )
    if source.status != "Available":
        raise ctx.error("IncorrectImageStatus", message=f"The image is {source.status}.")


def _check_encryption(ctx: Ctx, source: Image, target_region: str, *, encrypted: bool) -> None:
    here = target_region == ctx.region
    if here and not encrypted and source.account == ctx.account:
        raise ctx.error(
            "IncorrectDestinationRegion",
            message="A copy in the same region has to be encrypted.",
        )
    if source.encrypted and not here:
        raise ctx.error("OperationDenied.EncryptSnapshotAcrossRegion", "OperationDenied")


def _copies(ctx: Ctx, status: str) -> list[Image]:
    """List the caller's copies in a region that are in a status, in order of making."""
    return [
        image
        for image in ctx.world.all(Image)
        if (image.account, image.region) == (ctx.account, ctx.region)
        and (image.origin, image.status) == ("copy", status)
    ]


def _start_next(ctx: Ctx) -> None:
    """Start waiting copies in the region of the context as far as others have ended."""
    free = ctx.world.quotas.get("image.copies", AT_ONCE) - len(_copies(ctx, "Creating"))
    for image in _copies(ctx, "Waiting")[: max(0, free)]:
        ctx.begin("image.copy", image, "Creating", partial(_finish, ctx, image))


def _finish(ctx: Ctx, image: Image) -> None:
    source = ctx.world.get(Image, image.copied_from)
    known = (image.copied_from, source.name if source else "")
    if settings.picks(ctx.world, "image.copy_fails", *known):
        image.status = "CreateFailed"
    else:
        add_snapshots(ctx, image, source)
        image.status = "Available"
    _start_next(ctx)


@ecs.action("CancelCopyImage", params="RegionId ImageId")
def cancel_copy_image(ctx: Ctx, p: Params) -> None:
    """End a copy that is Waiting or Creating; its target is removed at once."""
    image = own(ctx, p.text("ImageId"))
    if image.origin != "copy":
        raise ctx.error("ImageCreatedNotFromCopy", message="The image is no copy.")
    if image.status not in ("Creating", "Waiting"):
        raise ctx.error("IncorrectImageStatus", message=f"The image is {image.status}.")
    ctx.world.remove(image)
    _start_next(ctx)
