"""ApplyAutoSnapshotPolicy and CancelAutoSnapshotPolicy: which disks a policy takes snapshots of.

Policies come with the seed (`auto_snapshot_policy`); none of them takes a snapshot by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from alicloud_sim.ecs import disk_rules
from alicloud_sim.ecs.disks.record import Disk
from alicloud_sim.ecs.service import ecs
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

    name: str = ""


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
