"""CreateSnapshot and DeleteSnapshot (semantics.md section 6).

Settings of the world: "snapshot.fails" picks disks whose snapshots end failed;
"deletes_ignore_unknown" lets DeleteSnapshot pass over unknown ids. Quotas:
"snapshot.per_disk" (256 manual ones unless set) and "snapshot.count".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim import names, settings, tags
from alicloud_sim.ecs import disk_rules, kms_keys, resource_groups
from alicloud_sim.ecs.disks.record import Disk, changing
from alicloud_sim.ecs.instances import record as instances
from alicloud_sim.ecs.service import ecs

from .record import Snapshot, disks_of, images_of, unfinished

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

MOST_PER_DISK = 256
LONGEST_RETENTION = 65536
CATEGORIES = ("Standard", "Flash")
ACCEPTED = ("In_use", "Available")


@ecs.action(
    "CreateSnapshot",
    params="DiskId SnapshotName Description RetentionDays Category ResourceGroupId Tag",
)
def create_snapshot(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Make a manual snapshot of a disk that was attached once: progressing, then accomplished.

    Ephemeral and local disks have none (the code is the reference's, the case is not in it).
    """
    _check_texts(ctx, p)
    disk = ctx.need(Disk, p.text("DiskId"), "InvalidDiskId.NotFound")
    check_disk(ctx, disk)
    resource_groups.check(ctx, p.text("ResourceGroupId"))
    _check_quota(ctx, disk)
    snapshot = Snapshot(
        id=ctx.new_id(Snapshot),
        account=ctx.account,
        region=ctx.region,
        name=p.text("SnapshotName"),
        description=p.text("Description"),
        category=p.text("Category", CATEGORIES[0]),
        retention_days=p.integer("RetentionDays"),
        resource_group_id=p.text("ResourceGroupId"),
        tags=tags.read(ctx, p.items("Tag")),
    )
    begin(ctx, snapshot, disk)
    return {"SnapshotId": snapshot.id}


def begin(ctx: Ctx, snapshot: Snapshot, disk: Disk) -> Snapshot:
    """Put the snapshot of a disk into the world; CreateImage does so too."""
    snapshot.disk_id, snapshot.disk_type = disk.id, disk.type
    snapshot.disk_category, snapshot.size_gib = disk.category, disk.size_gib
    snapshot.encrypted, snapshot.kms_key_id = disk.encrypted, disk.kms_key_id
    snapshot.modified = ctx.now

    def finish() -> None:
        fails = settings.picks(ctx.world, "snapshot.fails", disk.id, disk.name)
        snapshot.status = "failed" if fails else "accomplished"
        snapshot.modified = ctx.now

    return ctx.begin("snapshot.create", ctx.add(snapshot), "progressing", finish)


def _check_texts(ctx: Ctx, p: Params) -> None:
    name = p.text("SnapshotName")
    names.check_name(ctx, name, "InvalidSnapshotName.Malformed")
    if name.startswith("auto"):
        raise ctx.error("InvalidSnapshotName.Malformed", message="The name starts with auto.")
    names.check_description(ctx, p.text("Description"), "InvalidDescription.Malformed")
    days = p.integer("RetentionDays")
    if days is not None and not 1 <= days <= LONGEST_RETENTION:
        raise ctx.error("InvalidRetentionDays.Malformed", message="It is 1 to 65536 days.")
    if p.text("Category", CATEGORIES[0]) not in CATEGORIES:
        raise ctx.error("InvalidSnapshotCategory.Malformed", message="Standard or Flash.")


def check_disk(ctx: Ctx, disk: Disk) -> None:
    """Refuse a disk that no snapshot can be made of now.

    :raises ApiError: its category, its state or its instance's, or an unfinished snapshot
    """
    disk_rules.refuse_local(ctx, disk.category, "DiskCategory.OperationNotSupported")
    if disk.category.startswith("elastic_ephemeral_disk"):
        raise ctx.error("DiskCategory.OperationNotSupported", "IncorrectDiskStatus")
    if disk.status not in ACCEPTED or changing(ctx.world, disk, "disk.resize", "disk.spec"):
        raise ctx.error(
            "IncorrectDiskStatus",
            message=f"The current disk status {disk.status} does not support this operation.",
        )
    if not disk.was_attached:
        raise ctx.error(
            "IncorrectDiskStatus.NeverAttached",
            message="The disk has never been attached to an instance.",
        )
    if unfinished(ctx.world, disk):
        raise ctx.error(
            "IncorrectDiskStatus.CreatingSnapshot",
            message="An earlier snapshot of the disk is not finished.",
        )
    if disk.instance_id:
        instance = instances.need(ctx, disk.instance_id)
        instances.check_status(ctx, instance, instances.SETTLED)
    kms_keys.check_held(ctx, disk.kms_key_id, encrypted=disk.encrypted)


def _check_quota(ctx: Ctx, disk: Disk) -> None:
    held = ctx.records(Snapshot)
    of_disk = [s for s in held if s.disk_id == disk.id and s.snapshot_type == "user"]
    quotas = ctx.world.quotas
    if len(of_disk) >= quotas.get("snapshot.per_disk", MOST_PER_DISK):
        raise ctx.error("QuotaExceed.Snapshot", message="The disk has too many snapshots.")
    if len(held) >= quotas.get("snapshot.count", len(held) + 1):
        raise ctx.error("QuotaExceed.SnapshotQuota", "QuotaExceed.Snapshot")


@ecs.action("DeleteSnapshot", params="SnapshotId Force")
def delete_snapshot(ctx: Ctx, p: Params) -> None:
    """Delete a snapshot, gone a little later; Force=true even if disks were made from it.

    Not in the reference: deleting one in progress ends its making, and repeating the call
    while the snapshot is going is accepted.
    """
    snapshot = ctx.find(Snapshot, p.text("SnapshotId"))
    if snapshot is None and settings.on(ctx.world, "deletes_ignore_unknown", default=False):
        return
    if snapshot is None:
        raise ctx.error("InvalidSnapshotId.NotFound", message="There is no such snapshot.")
    if images_of(ctx.world, snapshot):
        raise ctx.error("SnapshotCreatedImage", message="Images were created from the snapshot.")
    if disks_of(ctx.world, snapshot) and not p.flag("Force", False):
        raise ctx.error("SnapshotCreatedDisk", message="Disks were created from the snapshot.")
    whose = (snapshot.kind, snapshot.id)
    ctx.world.jobs.cancel(whose, "snapshot.create")
    if not any(job.key == "snapshot.delete" for job in ctx.world.jobs.of(whose)):
        ctx.world.later("snapshot.delete", snapshot, lambda: ctx.world.remove(snapshot))
