"""CreateImage, from a snapshot or an instance, and the snapshots that images come with.

Setting of the world: "image.create_fails" picks instances and snapshots whose images end
CreateFailed.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from alicloud_sim import names, settings, tags
from alicloud_sim.ecs.disks.record import held_by
from alicloud_sim.ecs.instances import record as instances
from alicloud_sim.ecs.service import ecs
from alicloud_sim.ecs.snapshots import create_delete as snapshots
from alicloud_sim.ecs.snapshots.record import Snapshot

from .record import Image, check_name, check_quota

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params


def add_snapshots(ctx: Ctx, image: Image, source: Image | None = None) -> None:
    """Make the finished snapshots under an image that was imported or copied."""
    sizes = [image.size_gib, *image.data_sizes_gib]
    for number, size in enumerate(sizes):
        snapshot = Snapshot(
            ctx.world.new_id(Snapshot, image.region),
            image.account,
            image.region,
            disk_type="data" if number else "system",
            size_gib=size,
            encrypted=image.encrypted,
            kms_key_id=image.kms_key_id,
        )
        if source is not None and number < len(source.snapshot_ids):
            snapshot.source_snapshot_id = source.snapshot_ids[number]
            snapshot.source_region = source.region
        image.snapshot_ids.append(ctx.add(snapshot).id)


@ecs.action(
    "CreateImage",
    params="RegionId SnapshotId InstanceId ImageName Description Architecture Platform BootMode"
    " Features DryRun Tag",
)
def create_image(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Make an image of a system disk's snapshot, or of all disks of an instance.

    Creating, then Available. From an instance it makes snapshots of its disks first. With
    both ids InvalidParamter.Conflict is answered, with none InvalidParameter.AllEmpty
    (which code comes when is not in the reference).
    """
    check_name(ctx, p.text("ImageName"), ctx.region)
    names.check_description(ctx, p.text("Description"), "InvalidDescription.Malformed")
    if p.given("SnapshotId") and p.given("InstanceId"):
        raise ctx.error("InvalidParamter.Conflict", message="SnapshotId and InstanceId.")
    if not p.given("SnapshotId") and not p.given("InstanceId"):
        raise ctx.error("InvalidParameter.AllEmpty", message="Give SnapshotId or InstanceId.")
    check_quota(ctx, ctx.region)
    image = Image(
        ctx.new_id(Image),
        ctx.account,
        ctx.region,
        name=p.text("ImageName"),
        description=p.text("Description"),
        origin="create",
        tags=tags.read(ctx, p.items("Tag")),
    )
    make = _from_instance if p.given("InstanceId") else _from_snapshot
    make(ctx, p, image)
    image.platform = p.text("Platform", image.platform)
    image.architecture = p.text("Architecture", image.architecture)
    image.boot_mode = p.text("BootMode", image.boot_mode)
    image.imds_version = p.fields("Features").text("ImdsSupport", image.imds_version)
    about = p.text("InstanceId") or p.text("SnapshotId")
    ctx.begin("image.create", ctx.add(image), "Creating", partial(_finish, ctx, image, about))
    return {"ImageId": image.id}


def _finish(ctx: Ctx, image: Image, about: str) -> None:
    """End the making; it lasts until the snapshots are done too."""
    made = [ctx.world.get(Snapshot, one) for one in image.snapshot_ids]
    if any(one is not None and one.status == "progressing" for one in made):
        ctx.begin("image.create", image, "Creating", partial(_finish, ctx, image, about))
        return
    lost = any(one is None or one.status == "failed" for one in made)
    failed = lost or settings.picks(ctx.world, "image.create_fails", about)
    image.status = "CreateFailed" if failed else "Available"


def _from_snapshot(ctx: Ctx, p: Params, image: Image) -> None:
    snapshot = ctx.need(Snapshot, p.text("SnapshotId"), "InvalidSnapshotId.NotFound")
    if snapshot.disk_type != "system":
        raise ctx.error("InvalidSystemSnapshot.Missing", message="It is no system disk's.")
    if snapshot.status != "accomplished":
        raise ctx.error("InvalidSnapshotId.NotReady", message="The snapshot is not finished.")
    ctx.dry_run(p.flag("DryRun"))
    image.size_gib, image.snapshot_ids = snapshot.size_gib, [snapshot.id]
    image.encrypted, image.kms_key_id = snapshot.encrypted, snapshot.kms_key_id


def _from_instance(ctx: Ctx, p: Params, image: Image) -> None:
    """Take the disks of an instance, the system disk first, and the looks of its image."""
    instance = instances.need(ctx, p.text("InstanceId"))
    instances.check_status(ctx, instance, instances.SETTLED)
    held = sorted(held_by(ctx.world, instance.id), key=lambda disk: disk.type != "system")
    if not held or held[0].type != "system":
        raise ctx.error("InvalidInstance.NotFoundSystemDisk")
    for disk in held:
        snapshots.check_disk(ctx, disk)
    ctx.dry_run(p.flag("DryRun"))
    image.size_gib = held[0].size_gib
    image.data_sizes_gib = [disk.size_gib for disk in held[1:]]
    image.encrypted, image.kms_key_id = held[0].encrypted, held[0].kms_key_id
    image.os_type, image.os_name = instance.os_type, instance.os_name
    for disk in held:
        snapshot = Snapshot(ctx.new_id(Snapshot), ctx.account, ctx.region)
        image.snapshot_ids.append(snapshots.begin(ctx, snapshot, disk).id)
