"""Automatic snapshot policies: listed, and which disks they take snapshots of.

Policies come with the seed (`auto_snapshot_policy`); none of them takes a snapshot by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from alicloud_sim import tags
from alicloud_sim.clock import iso_seconds
from alicloud_sim.ecs import disk_rules
from alicloud_sim.ecs.disks.record import Disk
from alicloud_sim.ecs.service import ecs
from alicloud_sim.paging import newest_first, page
from alicloud_sim.records import Record

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

WITHOUT_SNAPSHOTS = "elastic_ephemeral_disk"


@dataclass
class AutoSnapshotPolicy(Record):
    """A policy for automatic snapshots; disks name it."""

    kind: ClassVar[str] = "auto_snapshot_policy"
    prefix: ClassVar[str] = "sp"

    status: str = "Normal"
    name: str = ""
    time_points: str = '["0"]'
    repeat_weekdays: str = '["1"]'
    retention_days: int = -1
    resource_group_id: str = ""


@ecs.action(
    "DescribeAutoSnapshotPolicyEx",
    params="RegionId AutoSnapshotPolicyId AutoSnapshotPolicyName ResourceGroupId Tag"
    " PageNumber PageSize",
)
def describe_auto_snapshot_policy_ex(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List policies; an unknown id is simply not listed."""
    rows = [
        policy
        for policy in ctx.visible(AutoSnapshotPolicy)
        if p.text("AutoSnapshotPolicyId") in ("", policy.id)
        and p.text("AutoSnapshotPolicyName") in ("", policy.name)
        and p.text("ResourceGroupId") in ("", policy.resource_group_id)
        and tags.match(policy.tags, p.items("Tag"))
    ]
    shown = page(ctx, p, newest_first(rows))
    found = [_policy(ctx, policy) for policy in shown.rows]
    return {"AutoSnapshotPolicies": {"AutoSnapshotPolicy": found}, **shown.fields}


def _policy(ctx: Ctx, policy: AutoSnapshotPolicy) -> dict[str, Any]:
    disks = [disk for disk in ctx.records(Disk) if disk.auto_snapshot_policy_id == policy.id]
    return {
        "AutoSnapshotPolicyId": policy.id,
        "AutoSnapshotPolicyName": policy.name,
        "Status": policy.status,
        "RegionId": policy.region,
        "TimePoints": policy.time_points,
        "RepeatWeekdays": policy.repeat_weekdays,
        "RetentionDays": policy.retention_days,
        "DiskNums": len(disks),
        "VolumeNums": 0,
        "EnableCrossRegionCopy": False,
        "ResourceGroupId": policy.resource_group_id,
        "CreationTime": iso_seconds(policy.created),
        "Tags": {"Tag": [{"TagKey": k, "TagValue": v} for k, v in policy.tags.items()]},
    }


@ecs.action("ApplyAutoSnapshotPolicy", params="autoSnapshotPolicyId diskIds")
def apply_auto_snapshot_policy(ctx: Ctx, p: Params) -> None:
    """Give disks a policy, in place of the one that they have: all or none.

    Not in the reference: in which status a disk must be. Any will do here.
    """
    policy = ctx.find(AutoSnapshotPolicy, p.text("autoSnapshotPolicyId"))
    if policy is None:
        raise ctx.error(
            "ParameterInvalid", message="The specified automatic snapshot policy does not exist."
        )
    disks = _disks(ctx, p)
    for disk in disks:
        disk_rules.refuse_local(ctx, disk.category, "DiskCategory.OperationNotSupported")
    if any(disk.category.startswith(WITHOUT_SNAPSHOTS) for disk in disks):
        raise ctx.error("DiskCategory.OperationNotSupported")
    for disk in disks:
        disk.auto_snapshot_policy_id = policy.id


@ecs.action("CancelAutoSnapshotPolicy", params="diskIds")
def cancel_auto_snapshot_policy(ctx: Ctx, p: Params) -> None:
    """Take the policy from disks; those that have none stay as they are."""
    for disk in _disks(ctx, p):
        disk.auto_snapshot_policy_id = ""


def _disks(ctx: Ctx, p: Params) -> list[Disk]:
    ids = p.ids("diskIds")
    if not ids:
        raise ctx.error("ParameterInvalid", message="The specified DiskIds are invalid.")
    return [ctx.need(Disk, one, "InvalidDiskId.NotFound") for one in ids]
