"""ModifyDiskSpec: another category or performance level (semantics.md section 5).

Pace keys: "disk.spec" and "disk.spec.per_gib" for the change, "disk.cooling" for the time
after it in which the disk cannot be changed again (0 unless set). Settings:
"disk.spec_fails" picks disks whose change fails. Quota "disk.spec_changes": how many
changes may be under way at once. Stock of (zone, category) 0: OperationDenied.NoStock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim import settings
from alicloud_sim.ecs import disk_rules, tasks
from alicloud_sim.ecs.instance_types import InstanceType
from alicloud_sim.ecs.instances import record as instances
from alicloud_sim.ecs.service import ecs
from alicloud_sim.ecs.snapshots.record import refuse_while_snapshot

from .record import Disk, changing

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

FIXED = ("cloud", "cloud_regional_disk_auto")
"""Categories that are neither left nor reached; so are the elastic_ephemeral_disk_* ones."""
FROM_ENTRY = ("cloud_essd", "cloud_auto")
SETTLED = ("Available", "In_use")


@ecs.action("ModifyDiskSpec", params="DiskId PerformanceLevel DiskCategory ProvisionedIops DryRun")
def modify_disk_spec(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Change category, level or IOPS: Modifying, then as before; the new values show at once.

    A change that fails brings the old values back (not in the reference).

    Pay-as-you-go disks may go down in category and level, but not to PL0. Basic, regional
    and ephemeral disks cannot be changed, ESSD Entry only to ESSD and AutoPL (Alibaba
    Cloud's help page of ModifyDiskSpec).
    """
    disk = ctx.need(Disk, p.text("DiskId"), "InvalidDiskId.NotFound")
    disk_rules.refuse_local(ctx, disk.category, "OperationDenied.DiskCategoryNotSupport")
    _check_free(ctx, disk)
    category = p.text("DiskCategory", disk.category)
    level = _level(ctx, disk, category, p.text("PerformanceLevel"))
    iops = p.integer("ProvisionedIops")
    same = (category, level) == (disk.category, disk.performance_level)
    if same and iops in (None, disk.provisioned_iops):
        raise ctx.error(
            "NoChangeInDiskCategoryAndPerformanceLevel",
            message="The disk has this category and performance level already.",
        )
    if category != disk.category:
        _check_way(ctx, disk, category)
    _check_level(ctx, disk, category, level)
    disk_rules.check_auto(ctx, category, disk.size_gib, iops, bursting=None)
    _check_limit(ctx)
    ctx.dry_run(p.flag("DryRun"))
    task = tasks.begin(ctx, "ModifyDiskSpec", disk, "DiskId")
    _begin(ctx, disk, task, (category, level, iops))
    return {"TaskId": task.id, "OrderId": ""}


def _begin(ctx: Ctx, disk: Disk, task: tasks.Task, wanted: tuple[str, str, int | None]) -> None:
    """Let the disk be Modifying until the task ends."""
    before = disk.category, disk.performance_level
    disk.category, disk.performance_level, iops = wanted
    disk.status = "Modifying"

    def changed() -> None:
        disk.status = "In_use" if disk.instance_id else "Available"
        if settings.picks(ctx.world, "disk.spec_fails", disk.id, disk.name):
            disk.category, disk.performance_level = before
            tasks.end(task, ctx.now, "InternalError", "The disk could not be changed.")
            return
        kept = disk.provisioned_iops if iops is None else iops
        disk.provisioned_iops = disk_rules.iops_of(disk.category, kept)
        disk.bursting = disk.bursting and disk.category in disk_rules.WITH_IOPS
        disk.spec_changed_at = ctx.now
        tasks.end(task, ctx.now)

    ctx.world.later("disk.spec", disk, changed, task, size_gib=disk.size_gib)


def _check_free(ctx: Ctx, disk: Disk) -> None:
    """Refuse a disk that is on its way, changed just now, or whose instance is."""
    if changing(ctx.world, disk, "disk.spec", "disk.resize"):
        raise ctx.error("InvalidStatus.DiskNotReady", message="The disk is being changed.")
    if disk.status not in SETTLED:
        raise ctx.error("IncorrectDiskStatus", message=f"The disk is {disk.status}.")
    if disk.instance_id:
        instance = instances.need(ctx, disk.instance_id)
        instances.check_status(ctx, instance, instances.SETTLED, "IncorrectDiskStatus")
    if disk.restart_needed:
        raise ctx.error("OperationDenied.DiskExpansionUnfinished")
    refuse_while_snapshot(ctx, disk)
    cool = disk.spec_changed_at + ctx.world.pace.seconds("disk.cooling")
    if disk.spec_changed_at and ctx.now < cool:
        raise ctx.error("DiskInCoolingPeriod", message="The disk was changed a short time ago.")


def _level(ctx: Ctx, disk: Disk, category: str, asked: str) -> str:
    """Tell the level afterwards: as asked, the present one, or PL1 for what becomes an ESSD."""
    if category not in disk_rules.CATEGORIES:
        raise ctx.error("InvalidDiskCategory.ValueNotSupported", message=f"No {category}.")
    if category != disk_rules.ESSD:
        if asked:
            raise ctx.error(
                "InvalidPerformanceLevelParam.Mismatch",
                message=f"{category} has no performance levels.",
            )
        return ""
    return disk_rules.performance_level(ctx, category, asked or disk.performance_level)


def _check_way(ctx: Ctx, disk: Disk, category: str) -> None:
    """Refuse a change between categories that do not turn into each other."""
    for one in (disk.category, category):
        if one in FIXED or one.startswith("elastic_ephemeral_disk"):
            raise ctx.error(
                "OperationDenied.DiskCategoryNotSupport",
                message=f"A disk {disk.category} cannot become {category}.",
            )
    zone = ctx.zone(disk.zone_id)
    entry_to_older = disk.category == "cloud_essd_entry" and category not in FROM_ENTRY
    if category not in zone.disk_categories or entry_to_older:
        raise ctx.error(
            "InvalidDiskCategory.NotSupported",
            message=f"A disk {disk.category} cannot become {category} in {zone.id}.",
        )
    if ctx.world.stock.get((zone.id, category), 1) <= 0:
        raise ctx.error("OperationDenied.NoStock", message=f"{category} is sold out.")
    instance = ctx.find(instances.Instance, disk.instance_id) if disk.instance_id else None
    kind = ctx.find(InstanceType, instance.instance_type) if instance else None
    if kind is not None and category not in kind.disk_categories:
        raise ctx.error(
            "InvalidInstanceType.NotSupportDiskCategory",
            message=f"{kind.id} does not support {category}.",
        )


def _check_level(ctx: Ctx, disk: Disk, category: str, level: str) -> None:
    """Refuse a size that the new category or level does not have, and the way down to PL0."""
    if level == "PL0" and disk.category == disk_rules.ESSD and disk.performance_level != "PL0":
        raise ctx.error("InvalidPerformanceLevel.TooLow", message="PL0 cannot be gone down to.")
    low, high = disk_rules.smallest(category, level), disk_rules.largest(category, level)
    if not low <= disk.size_gib <= high:
        raise ctx.error(
            "OperationDenied.PerformanceLevelNotMatch",
            message=f"{category} {level} takes {low} to {high} GiB, not {disk.size_gib}.",
        )


def _check_limit(ctx: Ctx) -> None:
    most = ctx.world.quotas.get("disk.spec_changes")
    under_way = [disk for disk in ctx.records(Disk) if changing(ctx.world, disk, "disk.spec")]
    if most is not None and len(under_way) >= most:
        raise ctx.error("ModifyingDiskCategoryLimitExceed", message=f"{most} disks at a time.")
