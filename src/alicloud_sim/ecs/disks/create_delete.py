"""CreateDisk and DeleteDisk (semantics.md section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim import names, settings, tags
from alicloud_sim.ecs import disk_rules, kms_keys, resource_groups
from alicloud_sim.ecs.service import ecs
from alicloud_sim.ecs.snapshots.record import Snapshot, refuse_while_snapshot

from .record import Disk, changing

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params
    from alicloud_sim.world import World


@ecs.action(
    "CreateDisk",
    params="RegionId ZoneId SnapshotId DiskName Description DiskCategory PerformanceLevel Size"
    " Encrypted KMSKeyId ProvisionedIops BurstingEnabled ResourceGroupId Tag",
)
def create_disk(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Make a pay-as-you-go data disk, empty or from a snapshot: Creating, then Available.

    The size is the larger one of Size and the snapshot's disk (S26).
    """
    names.check_name(ctx, p.text("DiskName"), "InvalidDiskName.Malformed")
    names.check_description(ctx, p.text("Description"), "InvalidDescription.Malformed")
    if not p.given("ZoneId"):
        raise ctx.error("MissingParameter", message="ZoneId is mandatory without InstanceId.")
    zone = ctx.zone(p.text("ZoneId"))
    category = p.text("DiskCategory", "cloud")
    disk_rules.check_category(
        ctx, category, zone.disk_categories, "InvalidDiskCategory.NotSupported"
    )
    level = disk_rules.performance_level(ctx, category, p.text("PerformanceLevel"))
    source = _source(ctx, p.text("SnapshotId"), category)
    size = _size(ctx, p, source)
    disk_rules.check_size(ctx, category, level, size)
    iops, bursting = p.integer("ProvisionedIops"), p.flag("BurstingEnabled")
    disk_rules.check_auto(ctx, category, size, iops, bursting=bursting)
    encrypted, key_id = kms_keys.choose(ctx, p.text("KMSKeyId"), source, asked=p.flag("Encrypted"))
    resource_groups.check(ctx, p.text("ResourceGroupId"))
    _check_quota(ctx)
    disk = Disk(
        id=ctx.new_id(Disk),
        account=ctx.account,
        region=ctx.region,
        zone_id=zone.id,
        name=p.text("DiskName"),
        description=p.text("Description"),
        category=category,
        performance_level=level,
        size_gib=size,
        encrypted=encrypted,
        kms_key_id=key_id,
        provisioned_iops=disk_rules.iops_of(category, iops),
        bursting=bool(bursting),
        source_snapshot_id=source.id if source else "",
        resource_group_id=p.text("ResourceGroupId"),
        tags=tags.read(ctx, p.items("Tag")),
    )
    ctx.begin("disk.create", ctx.add(disk), "Creating", "Available")
    return {"DiskId": disk.id}


def _source(ctx: Ctx, snapshot_id: str, category: str) -> Snapshot | None:
    """Find the snapshot that the disk is made from, if it can be.

    Snapshots of system disks are refused; so are ephemeral disks from snapshots (the codes
    are the reference's, that they mean this is not in the reference).
    """
    if not snapshot_id:
        return None
    snapshot = ctx.need(Snapshot, snapshot_id, "InvalidSnapshotId.NotFound")
    if snapshot.disk_type == "system":
        raise ctx.error("InvalidSnapshotId.NotDataDiskSnapshot", "InvalidParameter")
    if not snapshot.usable:
        raise ctx.error("InvalidSnapshotId.NotReady", message="The snapshot is not ready.")
    if category.startswith("elastic_ephemeral_disk"):
        raise ctx.error("InvalidOperation.CreateFromSnapshotUnsupported", "InvalidParameter")
    return snapshot


def _size(ctx: Ctx, p: Params, source: Snapshot | None) -> int:
    size = p.integer("Size")
    if size is None and source is None:
        raise ctx.error("MissingParameter", message="Size is mandatory without SnapshotId.")
    return max(size or 0, source.size_gib if source else 0)


def _check_quota(ctx: Ctx) -> None:
    most = ctx.world.quotas.get("disk.count")
    if most is not None and len(ctx.records(Disk)) >= most:
        raise ctx.error("QuotaExceed.PostPaidDisk", message=f"The quota is {most} disks.")


@ecs.action("DeleteDisk", params="DiskId")
def delete_disk(ctx: Ctx, p: Params) -> None:
    """Release a free disk; its automatic snapshots go with it, the manual ones stay.

    The sources disagree about an unknown id: InvalidDiskId.NotFound here, or no error at
    all with the world's setting "deletes_ignore_unknown". While its category is changed a
    disk is not released (not in the reference).
    """
    disk = ctx.find(Disk, p.text("DiskId"))
    if disk is None and settings.on(ctx.world, "deletes_ignore_unknown", default=False):
        return
    if disk is None:
        raise ctx.error("InvalidDiskId.NotFound", message="The specified disk does not exist.")
    if disk.status == "Creating":
        raise ctx.error(
            "IncorrectDiskStatus.Initializing", message="The specified disk is initializing."
        )
    if disk.status != "Available" or changing(ctx.world, disk, "disk.spec", "disk.resize"):
        raise ctx.error(
            "IncorrectDiskStatus",
            message=f"The current disk status {disk.status} does not support this operation.",
        )
    refuse_while_snapshot(ctx, disk)
    release(ctx.world, disk)


def release(world: World, disk: Disk) -> None:
    """Take a disk out of the world, with its automatic snapshots if they go along."""
    for snapshot in world.all(Snapshot):
        automatic = snapshot.disk_id == disk.id and snapshot.snapshot_type == "auto"
        if automatic and disk.delete_auto_snapshot:
            world.remove(snapshot)
    world.remove(disk)
