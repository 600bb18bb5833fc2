"""DescribeDisks (semantics.md sections 4 "Lists" and 5)."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING, Any

from alicloud_sim import tags
from alicloud_sim.clock import iso_seconds
from alicloud_sim.ecs import disk_rules, kms_keys
from alicloud_sim.ecs.service import ecs
from alicloud_sim.paging import chosen, newest_first, page

from .record import Disk

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

# What can be filtered by; Modifying is only shown.
STATUSES = ("Creating", "Available", "Attaching", "In_use", "Detaching", "ReIniting", "All")
TYPES = ("all", "system", "data")
CHARGES = ("PostPaid", "PrePaid")


@ecs.action(
    "DescribeDisks",
    params="RegionId ZoneId DiskIds InstanceId DiskType Category Status DiskName Encrypted KMSKeyId"
    " DeleteWithInstance DeleteAutoSnapshot EnableAutoSnapshot Portable SnapshotId"
    " PerformanceLevel DiskChargeType MultiAttach DryRun Tag PageNumber PageSize MaxResults"
    " NextToken",
)
def describe_disks(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List disks; all filters have to fit, an unknown id is simply not listed."""
    _check_filter(ctx, p.text("Status"), STATUSES, "InvalidStatus.ValueNotSupported")
    _check_filter(ctx, p.text("DiskType"), TYPES, "InvalidDiskType.ValueNotSupported")
    _check_filter(ctx, p.text("DiskChargeType"), CHARGES, "InvalidDiskChargeType.NotFound")
    _check_filter(
        ctx, p.text("MultiAttach"), ("Disabled", "Enabled"), "InvalidParameter.MultiAttach"
    )
    _check_filter(
        ctx,
        p.text("Category"),
        ("all", *disk_rules.CATEGORIES, *disk_rules.LOCAL),
        "InvalidCategory.ValueNotSupported",
    )
    if p.given("ZoneId"):
        ctx.zone(p.text("ZoneId"))
    ctx.dry_run(p.flag("DryRun"))
    rows = [disk for disk in ctx.visible(Disk) if _fits(disk, p)]
    shown = page(ctx, p, newest_first(chosen(rows, p.ids("DiskIds"))))
    return {"Disks": {"Disk": [_disk(disk) for disk in shown.rows]}, **shown.fields}


def _check_filter(ctx: Ctx, value: str, known: tuple[str, ...], code: str) -> None:
    if value and value not in known:
        raise ctx.error(code, message=f"The specified value {value} is not supported.")


def _fits(disk: Disk, p: Params) -> bool:
    texts = {
        "ZoneId": disk.zone_id,
        "InstanceId": disk.holder,
        "DiskType": disk.type,
        "Category": disk.category,
        "Status": disk.status,
        "KMSKeyId": kms_keys.shown(disk),
        "SnapshotId": disk.source_snapshot_id,
        "PerformanceLevel": disk.performance_level,
        "DiskChargeType": "PostPaid",
        "MultiAttach": "Disabled",
    }
    flags = {
        "Encrypted": disk.encrypted,
        "DeleteWithInstance": disk.delete_with_instance,
        "DeleteAutoSnapshot": disk.delete_auto_snapshot,
        "EnableAutoSnapshot": disk.enable_auto_snapshot,
        "Portable": disk.portable,
    }
    return (
        all(p.text(name).lower() in ("", "all", held.lower()) for name, held in texts.items())
        and all(p.flag(name) in (None, held) for name, held in flags.items())
        and _name_fits(disk.name, p.text("DiskName"))
        and tags.match(disk.tags, p.items("Tag"))
    )


def _name_fits(name: str, pattern: str) -> bool:
    """Match a name filter: exact, or fuzzy with asterisks."""
    return not pattern or fnmatch.fnmatchcase(name, pattern.replace("[", "[[]"))


def _disk(disk: Disk) -> dict[str, Any]:
    holder = disk.holder
    attached = iso_seconds(disk.attached_at) if disk.attached_at else ""
    attachment = {"InstanceId": holder, "Device": disk.device, "AttachedTime": attached}
    auto = disk.category in disk_rules.WITH_IOPS
    return {
        "DiskId": disk.id,
        "RegionId": disk.region,
        "ZoneId": disk.zone_id,
        "DiskName": disk.name,
        "Description": disk.description,
        "Category": disk.category,
        "PerformanceLevel": disk.performance_level,
        "Size": disk.size_gib,
        "Type": disk.type,
        "Status": disk.status,
        "SerialNumber": disk.serial_number,
        "Encrypted": disk.encrypted,
        "KMSKeyId": kms_keys.shown(disk),
        "DeleteWithInstance": disk.delete_with_instance,
        "DeleteAutoSnapshot": disk.delete_auto_snapshot,
        "EnableAutoSnapshot": disk.enable_auto_snapshot,
        "AutoSnapshotPolicyId": disk.auto_snapshot_policy_id,
        "EnableAutomatedSnapshotPolicy": bool(disk.auto_snapshot_policy_id),
        "Portable": disk.portable,
        "InstanceId": holder,
        "Device": disk.device if holder else "",
        "AttachedTime": attached if holder else "",
        "DetachedTime": iso_seconds(disk.detached_at) if disk.detached_at else "",
        "CreationTime": iso_seconds(disk.created),
        "SourceSnapshotId": disk.source_snapshot_id,
        "ImageId": disk.image_id,
        "DiskChargeType": "PostPaid",
        "ExpiredTime": "2999-09-08T16:00Z",
        "MultiAttach": "Disabled",
        "ProvisionedIops": disk.provisioned_iops if auto else None,
        "BurstingEnabled": disk.bursting if auto else None,
        "Attachments": {"Attachment": [attachment] if holder else []},
        "OperationLocks": {"OperationLock": []},
        "ResourceGroupId": disk.resource_group_id,
        "Tags": {"Tag": tags.shown(disk.tags)},
    }
