"""Cloud disks: CreateDisk, DescribeDisks, DeleteDisk (semantics.md section 5)."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from alicloud_sim import names, tags
from alicloud_sim.clock import iso_seconds
from alicloud_sim.paging import chosen, newest_first, page
from alicloud_sim.records import Record

from . import disk_rules, kms_keys
from .service import ecs

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

STATUSES = ("Creating", "Available", "Attaching", "In_use", "Detaching", "ReIniting", "All")
TYPES = ("all", "system", "data")


@dataclass
class Disk(Record):
    """A cloud disk; instance and device are "" while it is free."""

    kind: ClassVar[str] = "disk"
    prefix: ClassVar[str] = "d"

    zone_id: str = ""
    name: str = ""
    description: str = ""
    category: str = "cloud_essd"
    performance_level: str = ""
    size_gib: int = 20
    type: str = "data"
    encrypted: bool = False
    kms_key_id: str = ""
    delete_with_instance: bool = False
    delete_auto_snapshot: bool = True
    instance_id: str = ""
    device: str = ""
    attached_at: float = 0.0
    detached_at: float = 0.0
    source_snapshot_id: str = ""
    image_id: str = ""
    serial: bool = True

    @property
    def serial_number(self) -> str:
        """What the guest sees; disks made before June 2020 (serial=False) have none."""
        return self.id.partition("-")[2] if self.serial else ""


@ecs.action(
    "CreateDisk",
    params="RegionId ZoneId DiskName Description DiskCategory PerformanceLevel Size Encrypted"
    " KMSKeyId Tag",
)
def create_disk(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Make an empty pay-as-you-go data disk: Creating, then Available."""
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
    size = p.integer("Size")
    if size is None:
        raise ctx.error("MissingParameter", message="Size is mandatory without SnapshotId.")
    disk_rules.check_size(ctx, category, level, size)
    encrypted = p.flag("Encrypted", False)
    kms_keys.check(ctx, p.text("KMSKeyId"), encrypted=encrypted)
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
        kms_key_id=p.text("KMSKeyId"),
        tags=tags.read(ctx, p.items("Tag")),
    )
    ctx.begin("disk.create", ctx.add(disk), "Creating", "Available")
    return {"DiskId": disk.id}


def _check_quota(ctx: Ctx) -> None:
    most = ctx.world.quotas.get("disk.count")
    if most is not None and len(ctx.records(Disk)) >= most:
        raise ctx.error("QuotaExceed.PostPaidDisk", message=f"The quota is {most} disks.")


@ecs.action(
    "DescribeDisks",
    params="RegionId ZoneId DiskIds InstanceId DiskType Category Status DiskName Encrypted KMSKeyId"
    " DeleteWithInstance Portable SnapshotId PerformanceLevel Tag PageNumber PageSize MaxResults"
    " NextToken",
)
def describe_disks(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List disks; all filters have to fit, an unknown id is simply not listed."""
    _check_filter(ctx, p.text("Status"), STATUSES, "InvalidStatus.ValueNotSupported")
    _check_filter(ctx, p.text("DiskType"), TYPES, "InvalidDiskType.ValueNotSupported")
    _check_filter(
        ctx,
        p.text("Category"),
        ("all", *disk_rules.CATEGORIES),
        "InvalidCategory.ValueNotSupported",
    )
    rows = [disk for disk in ctx.visible(Disk) if _fits(disk, p)]
    shown = page(ctx, p, newest_first(chosen(rows, p.ids("DiskIds"))))
    return {"Disks": {"Disk": [_disk(disk) for disk in shown.rows]}, **shown.fields}


def _check_filter(ctx: Ctx, value: str, known: tuple[str, ...], code: str) -> None:
    if value and value not in known:
        raise ctx.error(code, message=f"The specified value {value} is not supported.")


def _fits(disk: Disk, p: Params) -> bool:
    texts = {
        "ZoneId": disk.zone_id,
        "InstanceId": _holder(disk),
        "DiskType": disk.type,
        "Category": disk.category,
        "Status": disk.status,
        "KMSKeyId": disk.kms_key_id,
        "SnapshotId": disk.source_snapshot_id,
        "PerformanceLevel": disk.performance_level,
    }
    flags = {
        "Encrypted": disk.encrypted,
        "DeleteWithInstance": disk.delete_with_instance,
        "Portable": disk.type == "data",
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


def _holder(disk: Disk) -> str:
    """Tell the instance an answer names: only in In_use and Detaching."""
    return disk.instance_id if disk.status in ("In_use", "Detaching") else ""


def _disk(disk: Disk) -> dict[str, Any]:
    holder = _holder(disk)
    attached = iso_seconds(disk.attached_at) if disk.attached_at else ""
    attachment = {"InstanceId": holder, "Device": disk.device, "AttachedTime": attached}
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
        "KMSKeyId": disk.kms_key_id,
        "DeleteWithInstance": disk.delete_with_instance,
        "DeleteAutoSnapshot": disk.delete_auto_snapshot,
        "Portable": disk.type == "data",
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
        "Attachments": {"Attachment": [attachment] if holder else []},
        "OperationLocks": {"OperationLock": []},
        "Tags": {"Tag": tags.shown(disk.tags)},
    }


@ecs.action("DeleteDisk", params="DiskId")
def delete_disk(ctx: Ctx, p: Params) -> None:
    """Release a free disk.

    The sources disagree about an unknown id: InvalidDiskId.NotFound here, or no error at
    all with the world's setting "deletes_ignore_unknown".
    """
    disk = ctx.find(Disk, p.text("DiskId"))
    if disk is None and ctx.world.settings.get("deletes_ignore_unknown"):
        return
    if disk is None:
        raise ctx.error("InvalidDiskId.NotFound", message="The specified disk does not exist.")
    if disk.status == "Creating":
        raise ctx.error(
            "IncorrectDiskStatus.Initializing", message="The specified disk is initializing."
        )
    if disk.status != "Available":
        raise ctx.error(
            "IncorrectDiskStatus",
            message=f"The current disk status {disk.status} does not support this operation.",
        )
    ctx.world.remove(disk)
