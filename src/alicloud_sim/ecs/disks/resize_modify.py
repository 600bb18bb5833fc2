"""ResizeDisk and ModifyDiskAttribute (semantics.md section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_sim import names
from alicloud_sim.ecs import disk_rules, kms_keys
from alicloud_sim.ecs.instances import record as instances
from alicloud_sim.ecs.service import ecs
from alicloud_sim.ecs.snapshots.record import refuse_while_snapshot

from .record import Disk, changing

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

LARGEST_SYSTEM_GIB = {"cloud": 500}
LARGEST_SYSTEM_ELSE_GIB = 2048
OFFLINE_ONLY = ("cloud",)
SETTLED = ("Available", "In_use")
ATTRIBUTES = (
    "DiskName",
    "Description",
    "DeleteWithInstance",
    "DeleteAutoSnapshot",
    "EnableAutoSnapshot",
    "BurstingEnabled",
)


@ecs.action("ResizeDisk", params="DiskId Type NewSize")
def resize_disk(ctx: Ctx, p: Params) -> None:
    """Make a disk larger; answers show the old size until it is done.

    A disk that a Running instance holds and that is resized offline needs a restart of the
    instance; until then its category cannot be changed. A second resize meanwhile gets
    Operation.Conflict, a detached system disk InvalidDisk.DetachedSystemDisk (both codes
    are the reference's, when they come is not in the reference).
    """
    disk = ctx.need(Disk, p.text("DiskId"), "InvalidDiskId.NotFound")
    how = p.text("Type", "offline")
    if how not in ("offline", "online"):
        raise ctx.error("InvalidParam.Type", message="Type is offline or online.")
    disk_rules.refuse_local(ctx, disk.category, "InvalidDiskCategory.NotSupported")
    _check_status(ctx, disk)
    refuse_while_snapshot(ctx, disk)
    if changing(ctx.world, disk, "disk.resize", "disk.spec"):
        raise ctx.error("Operation.Conflict", message="The disk is being changed.")
    if disk.type == "system" and disk.status == "Available":
        raise ctx.error("InvalidDisk.DetachedSystemDisk", "IncorrectDiskStatus")
    if how == "online" and disk.category in OFFLINE_ONLY:
        raise ctx.error(
            "InvalidDiskSize.NotSupportResizeOnline",
            message=f"{disk.category} is not resized online.",
        )
    size = p.integer("NewSize", 0)
    _check_size(ctx, disk, size)
    kms_keys.check_held(ctx, disk.kms_key_id, encrypted=disk.encrypted)
    instance = ctx.find(instances.Instance, disk.instance_id) if disk.instance_id else None
    restart = how == "offline" and instance is not None and instance.status == "Running"

    def resized() -> None:
        disk.size_gib = size
        disk.restart_needed = disk.restart_needed or restart

    ctx.world.later("disk.resize", disk, resized)


def _check_status(ctx: Ctx, disk: Disk) -> None:
    """Refuse a disk that is on its way, or whose instance is."""
    if disk.status not in SETTLED:
        raise ctx.error(
            "IncorrectDiskStatus",
            message=f"The current disk status {disk.status} does not support this operation.",
        )
    if disk.instance_id:
        instance = instances.need(ctx, disk.instance_id)
        instances.check_status(ctx, instance, instances.SETTLED)


def _check_size(ctx: Ctx, disk: Disk, size: int) -> None:
    if size <= disk.size_gib:
        raise ctx.error(
            "InvalidDiskSize.TooSmall",
            "InvalidDiskSize",
            message=f"The disk has {disk.size_gib} GiB already.",
        )
    most = disk_rules.largest(disk.category, disk.performance_level)
    if disk.type == "system":
        most = min(most, LARGEST_SYSTEM_GIB.get(disk.category, LARGEST_SYSTEM_ELSE_GIB))
    if size > most:
        raise ctx.error(
            "InvalidDiskSize.TooLarge", message=f"{disk.category} takes up to {most} GiB."
        )


@ecs.action(
    "ModifyDiskAttribute",
    params="RegionId DiskId DiskIds DiskName Description DeleteWithInstance DeleteAutoSnapshot"
    " EnableAutoSnapshot BurstingEnabled",
)
def modify_disk_attribute(ctx: Ctx, p: Params) -> None:
    """Change attributes of one disk (DiskId) or of up to 100 (DiskIds.N), all or none."""
    disk_id, ids = p.text("DiskId"), p.texts("DiskIds")
    if disk_id and ids:
        raise ctx.error("ParameterConflict.DiskIdAndDiskIds")
    if not disk_id and not ids:
        raise ctx.error("MissingParameter.DiskIdOrDiskIds")
    if not any(p.given(name) for name in ATTRIBUTES):
        raise ctx.error("NoAttributeToModify", message="No attribute to be modified is given.")
    names.check_name(ctx, p.text("DiskName"), "InvalidDiskName.Malformed")
    names.check_description(ctx, p.text("Description"), "InvalidDescription.Malformed")
    disks = [ctx.need(Disk, one, "InvalidDiskId.NotFound") for one in ids or [disk_id]]
    for disk in disks:
        _check_bursting(ctx, disk, bursting=p.flag("BurstingEnabled"))
    for disk in disks:
        disk.name = p.text("DiskName", disk.name)
        disk.description = p.text("Description", disk.description)
        disk.delete_with_instance = p.flag("DeleteWithInstance", disk.delete_with_instance)
        disk.delete_auto_snapshot = p.flag("DeleteAutoSnapshot", disk.delete_auto_snapshot)
        disk.enable_auto_snapshot = p.flag("EnableAutoSnapshot", disk.enable_auto_snapshot)
        disk.bursting = p.flag("BurstingEnabled", disk.bursting)


def _check_bursting(ctx: Ctx, disk: Disk, *, bursting: bool | None) -> None:
    if bursting and disk.category not in disk_rules.WITH_IOPS:
        raise ctx.error("BurstingEnabledForDiskCategoryUnsupported")
    if bursting is not None and changing(ctx.world, disk, "disk.spec"):
        raise ctx.error("BurstingEnabledForModifyingDiskUnsupported")
