"""DescribeSnapshots (semantics.md section 6)."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING, Any

from alicloud_sim import tags
from alicloud_sim.clock import iso_seconds
from alicloud_sim.ecs import kms_keys, progress
from alicloud_sim.ecs.disks.record import Disk
from alicloud_sim.ecs.service import ecs
from alicloud_sim.paging import chosen, newest_first, page

from .record import Snapshot, disks_of, images_of

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

STATUSES = ("progressing", "accomplished", "failed", "all")
TYPES = ("auto", "user", "all")
USAGES = ("image", "disk", "image_disk", "none")
DISK_TYPES = ("system", "data")
CATEGORIES = ("Standard", "Flash", "standard", "flash", "archive", "Archive")


@ecs.action(
    "DescribeSnapshots",
    params="RegionId InstanceId DiskId SnapshotIds SnapshotName Status SnapshotType Usage"
    " SourceDiskType Encrypted KMSKeyId Category DryRun Tag PageNumber PageSize MaxResults"
    " NextToken",
)
def describe_snapshots(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List snapshots; all filters have to fit, an unknown id is simply not listed."""
    for name, known, code in (
        ("Status", STATUSES, "InvalidStatus.NotFound"),
        ("SnapshotType", TYPES, "InvalidSnapshotType.NotFound"),
        ("Usage", USAGES, "InvalidUsage"),
        ("SourceDiskType", DISK_TYPES, "InvalidSourceDiskType"),
        ("Category", CATEGORIES, "InvalidSnapshotCategory.Malformed"),
    ):
        if p.text(name) and p.text(name) not in known:
            raise ctx.error(code, message=f"The specified {name} {p.text(name)} is not valid.")
    ctx.dry_run(p.flag("DryRun"))
    rows = [snapshot for snapshot in ctx.visible(Snapshot) if _fits(ctx, snapshot, p)]
    shown = page(ctx, p, newest_first(chosen(rows, p.ids("SnapshotIds"))))
    found = [_snapshot(ctx, snapshot) for snapshot in shown.rows]
    return {"Snapshots": {"Snapshot": found}, **shown.fields}


def _fits(ctx: Ctx, snapshot: Snapshot, p: Params) -> bool:
    instance_id = p.text("InstanceId")
    held = [disk.id for disk in ctx.visible(Disk) if instance_id and disk.holder == instance_id]
    texts = {
        "DiskId": snapshot.disk_id,
        "Status": snapshot.status,
        "SnapshotType": snapshot.snapshot_type,
        "SourceDiskType": snapshot.disk_type,
        "KMSKeyId": kms_keys.shown(snapshot),
        "Usage": _usage(ctx, snapshot),
    }
    name = p.text("SnapshotName").replace("[", "[[]")
    return (
        (not instance_id or snapshot.disk_id in held)
        and all(p.text(field) in ("", "all", value) for field, value in texts.items())
        and p.text("Category").lower() in ("", snapshot.category.lower())
        and p.flag("Encrypted") in (None, snapshot.encrypted)
        and (not name or fnmatch.fnmatchcase(snapshot.name, name))
        and tags.match(snapshot.tags, p.items("Tag"))
    )


def _usage(ctx: Ctx, snapshot: Snapshot) -> str:
    image, disk = images_of(ctx.world, snapshot), disks_of(ctx.world, snapshot)
    if image and disk:
        return "image_disk"
    return "image" if image else "disk" if disk else "none"


def _progress(ctx: Ctx, snapshot: Snapshot) -> tuple[str, int]:
    """Tell how far a snapshot is and how many seconds are left; its job knows."""
    if snapshot.status == "accomplished":
        return "100%", 0
    return progress.of(ctx, snapshot) if snapshot.status == "progressing" else ("0%", 0)


def _snapshot(ctx: Ctx, snapshot: Snapshot) -> dict[str, Any]:
    done, left = _progress(ctx, snapshot)
    return {
        "SnapshotId": snapshot.id,
        "SnapshotSN": snapshot.id,
        "RegionId": snapshot.region,
        "SnapshotName": snapshot.name,
        "Description": snapshot.description,
        "Status": snapshot.status,
        "Progress": done,
        "RemainTime": left,
        "Available": snapshot.usable,
        "InstantAccess": False,
        "SnapshotType": snapshot.snapshot_type,
        "Category": snapshot.category.lower(),
        "RetentionDays": snapshot.retention_days,
        "SourceDiskId": snapshot.disk_id,
        "SourceDiskType": snapshot.disk_type,
        "SourceDiskSize": str(snapshot.size_gib),
        "SourceStorageType": "disk",
        "SourceSnapshotId": snapshot.source_snapshot_id or None,
        "SourceRegionId": snapshot.source_region or None,
        "Usage": _usage(ctx, snapshot),
        "Encrypted": snapshot.encrypted,
        "KMSKeyId": kms_keys.shown(snapshot),
        "CreationTime": iso_seconds(snapshot.created),
        "LastModifiedTime": iso_seconds(snapshot.modified or snapshot.created),
        "ResourceGroupId": snapshot.resource_group_id,
        "Tags": {"Tag": tags.shown(snapshot.tags)},
    }
