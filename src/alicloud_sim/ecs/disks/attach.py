"""AttachDisk and DetachDisk (semantics.md section 5).

Settings of the world: "disk.stuck.Attaching" and "disk.stuck.Detaching" pick disks (by id
or name) that stay in that status until the setting no longer picks them;
"instance.one_disk_change" refuses a second attachment or detachment of an instance while
one is under way. Quota "instance.detaching": how many disks may leave an instance at once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alicloud_sim import settings
from alicloud_sim.ecs import disk_rules, kms_keys
from alicloud_sim.ecs.instance_types import InstanceType
from alicloud_sim.ecs.instances import record as instances
from alicloud_sim.ecs.service import ecs
from alicloud_sim.transitions import Job

from .record import SYSTEM_DEVICE, Disk, changing, held_by, next_device

if TYPE_CHECKING:
    from collections.abc import Callable

    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

DEVICE = re.compile(r"/dev/xvd([b-z]|[a-z]{2})")
LOOK_AGAIN = 1.0
"""Seconds of the world after which a stuck change looks at its setting again."""


@ecs.action("AttachDisk", params="InstanceId DiskId Device DeleteWithInstance")
def attach_disk(ctx: Ctx, p: Params) -> None:
    """Attach a free data disk: Available, Attaching, then In_use.

    A disk in use is refused with InvalidDisk.InUse, one in between with
    IncorrectDiskStatus; a detached system disk with DiskId.ValueNotSupported (which of the
    documented codes means which case is not in the reference).
    """
    instance = instances.need(ctx, p.text("InstanceId"))
    disk = ctx.need(Disk, p.text("DiskId"), "InvalidDiskId.NotFound")
    _check_free(ctx, disk)
    instances.check_status(ctx, instance, instances.SETTLED)
    if disk.zone_id != instance.zone_id:
        raise ctx.error(
            "ResourcesNotInSameZone", message="The disk and the instance are in different zones."
        )
    _check_alone(ctx, instance.id)
    _check_room(ctx, instance, disk)
    kms_keys.check_held(ctx, disk.kms_key_id, encrypted=disk.encrypted)
    device = _device(ctx, instance.id, p.text("Device"))
    disk.instance_id, disk.device, disk.restart_needed = instance.id, device, False
    disk.delete_with_instance = p.flag("DeleteWithInstance", False)

    def attached() -> None:
        disk.status = "In_use"
        disk.attached_at = ctx.now

    ctx.begin("disk.attach", disk, "Attaching", _unless_stuck(ctx, disk, "disk.attach", attached))


def _check_free(ctx: Ctx, disk: Disk) -> None:
    if disk.status == "In_use":
        raise ctx.error("InvalidDisk.InUse", message="The disk is attached already.")
    if disk.status == "Creating":
        raise ctx.error("IncorrectDiskStatus.Initializing", "IncorrectDiskStatus")
    if disk.status != "Available":
        raise ctx.error(
            "IncorrectDiskStatus",
            message=f"The current disk status {disk.status} does not support this operation.",
        )
    if disk.type != "data":
        raise ctx.error("DiskId.ValueNotSupported", "InvalidParameter")


def _check_alone(ctx: Ctx, instance_id: str) -> None:
    """Refuse a second change of an instance's disks at a time, if the world is set so."""
    if not settings.on(ctx.world, "instance.one_disk_change", default=False):
        return
    if any(d.status in ("Attaching", "Detaching") for d in held_by(ctx.world, instance_id)):
        raise ctx.error(
            "InvalidOperation.Conflict",
            "OperationConflict",
            message="Another disk of the instance is being attached or detached.",
        )


def _check_room(ctx: Ctx, instance: instances.Instance, disk: Disk) -> None:
    """Refuse a disk that the instance's type does not take, or one too many."""
    kind = ctx.find(InstanceType, instance.instance_type)
    if kind is None:
        return
    if disk.category not in kind.disk_categories:
        raise ctx.error(
            "InvalidInstanceType.NotSupportDiskCategory",
            message=f"{kind.id} does not support {disk.category}.",
        )
    if len(held_by(ctx.world, instance.id)) >= kind.most_disks:
        raise ctx.error(
            "InstanceDiskLimitExceeded", message=f"{kind.id} takes {kind.most_disks} disks."
        )


def _device(ctx: Ctx, instance_id: str, asked: str) -> str:
    if not asked:
        return next_device(ctx.world, instance_id)
    if not DEVICE.fullmatch(asked):
        raise ctx.error("InvalidDevice.Malformed", message=f"The device {asked} is malformed.")
    if asked in {SYSTEM_DEVICE, *(disk.device for disk in held_by(ctx.world, instance_id))}:
        raise ctx.error("InvalidDevice.InUse", message=f"The device {asked} is in use.")
    return asked


@ecs.action("DetachDisk", params="InstanceId DiskId DeleteWithInstance")
def detach_disk(ctx: Ctx, p: Params) -> None:
    """Detach a disk: In_use, Detaching, then Available; system disks of Stopped instances only.

    The instance stays named while the disk is Detaching. Afterwards a data disk no longer
    goes with an instance, a system disk does unless told otherwise (S26).
    """
    instance = instances.need(ctx, p.text("InstanceId"))
    disk = ctx.need(Disk, p.text("DiskId"), "InvalidDiskId.NotFound")
    _check_held(ctx, disk, instance.id)
    disk_rules.refuse_local(ctx, disk.category, "DiskNotPortable")
    system = disk.type == "system"
    instances.check_status(ctx, instance, ("Stopped",) if system else instances.SETTLED)
    _check_alone(ctx, instance.id)
    leaving = [d for d in held_by(ctx.world, instance.id) if d.status == "Detaching"]
    if len(leaving) >= ctx.world.quotas.get("instance.detaching", len(leaving) + 1):
        raise ctx.error("DisksDetachingOnEcsExceeded", "OperationConflict")

    def detached() -> None:
        disk.status = "Available"
        disk.instance_id = disk.device = ""
        disk.detached_at = ctx.now
        disk.delete_with_instance = p.flag("DeleteWithInstance", True) if system else False

    ctx.begin("disk.detach", disk, "Detaching", _unless_stuck(ctx, disk, "disk.detach", detached))


def _check_held(ctx: Ctx, disk: Disk, instance_id: str) -> None:
    if disk.status == "Creating":
        raise ctx.error("IncorrectDiskStatus.Initializing", "IncorrectDiskStatus")
    if disk.status == "Available":
        raise ctx.error("InvalidDisk.AlreadyDetached", message="The disk has been detached.")
    if disk.instance_id != instance_id:
        raise ctx.error("DependencyViolation", message="The disk is not attached to the instance.")
    if disk.status != "In_use" or changing(ctx.world, disk, "disk.resize"):
        raise ctx.error(
            "IncorrectDiskStatus",
            message=f"The current disk status {disk.status} does not support this operation.",
        )


def _unless_stuck(ctx: Ctx, disk: Disk, key: str, done: Callable[[], None]) -> Callable[[], None]:
    """Complete a change, or look again later while the world's setting keeps the disk stuck.

    Nothing is left to do once the disk has another status: its instance was released.
    """
    world, status = ctx.world, "Attaching" if key == "disk.attach" else "Detaching"

    def attempt() -> None:
        if disk.status != status:
            return
        if not settings.picks(world, f"disk.stuck.{status}", disk.id, disk.name):
            done()
            return
        whose = (disk.kind, disk.id)
        began, due = ctx.now, ctx.now + LOOK_AGAIN
        grace = world.pace.seconds("grace")
        world.jobs.add(Job(key, whose, frozenset({whose}), began, due, grace, attempt))

    return attempt
