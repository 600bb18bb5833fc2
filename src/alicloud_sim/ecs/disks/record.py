"""The record of a disk, what is under way on it, and which devices an instance has left."""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from alicloud_sim.records import Record

if TYPE_CHECKING:
    from alicloud_sim.world import World

SYSTEM_DEVICE = "/dev/xvda"
HELD = ("In_use", "Detaching", "Modifying")


@dataclass
class Disk(Record):
    """A cloud disk; instance and device are "" while it is free.

    `attached_at` stays after a detachment: 0 means that it was never attached.
    `restart_needed` is an offline resize that the instance has not been restarted for;
    `spec_changed_at` when its category or level changed last.
    """

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
    enable_auto_snapshot: bool = False
    provisioned_iops: int | None = None
    bursting: bool = False
    instance_id: str = ""
    device: str = ""
    attached_at: float = 0.0
    detached_at: float = 0.0
    restart_needed: bool = False
    spec_changed_at: float = 0.0
    source_snapshot_id: str = ""
    image_id: str = ""
    resource_group_id: str = ""
    serial: bool = True

    @property
    def serial_number(self) -> str:
        """What the guest sees; disks made before June 2020 (serial=False) have none."""
        return self.id.partition("-")[2] if self.serial else ""

    @property
    def was_attached(self) -> bool:
        """Whether an instance has ever held it."""
        return bool(self.holder) or self.attached_at > 0

    @property
    def holder(self) -> str:
        """The instance that answers name; that they do in Modifying is not in the reference."""
        return self.instance_id if self.status in HELD else ""


def held_by(world: World, instance_id: str) -> list[Disk]:
    """List the real disks that an instance holds, is given or gives back."""
    return [disk for disk in world.all(Disk) if instance_id and disk.instance_id == instance_id]


def data_devices() -> list[str]:
    """List the device names of data disks: xvdb to xvdz, then xvdaa to xvdzz."""
    letters = string.ascii_lowercase
    short = [f"/dev/xvd{letter}" for letter in letters[1:]]
    return short + [f"/dev/xvd{first}{second}" for first in letters for second in letters]


def next_device(world: World, instance_id: str) -> str:
    """Tell the first data device name that no disk of the instance has."""
    taken = {disk.device for disk in held_by(world, instance_id)}
    return next(name for name in data_devices() if name not in taken)


def restarted(world: World, instance_id: str) -> None:
    """Let offline resizes take effect: the instance starts (RebootInstance, StartInstance)."""
    for disk in held_by(world, instance_id):
        disk.restart_needed = False


def changing(world: World, disk: Disk, *keys: str) -> bool:
    """Whether a change of one of the pace keys is under way on a disk."""
    return any(job.key in keys for job in world.jobs.of((disk.kind, disk.id)))
