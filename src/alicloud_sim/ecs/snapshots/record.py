"""The record of a snapshot, and what uses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from alicloud_sim.ecs.disks.record import Disk
from alicloud_sim.ecs.images.record import Image
from alicloud_sim.records import Record

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.world import World

AT_ONCE = ("cloud_essd", "cloud_auto", "cloud_essd_entry", "cloud_regional_disk_auto")
"""Disk categories whose snapshots can be used before they are accomplished."""


@dataclass
class Snapshot(Record):
    """A snapshot of a disk, or one that an image brought along (disk_id "" then)."""

    kind: ClassVar[str] = "snapshot"
    prefix: ClassVar[str] = "s"

    status: str = "accomplished"
    name: str = ""
    description: str = ""
    disk_id: str = ""
    disk_type: str = "data"
    disk_category: str = "cloud_essd"
    size_gib: int = 20
    snapshot_type: str = "user"
    category: str = "Standard"
    retention_days: int | None = None
    encrypted: bool = False
    kms_key_id: str = ""
    source_snapshot_id: str = ""
    source_region: str = ""
    modified: float = 0.0
    resource_group_id: str = ""

    @property
    def usable(self) -> bool:
        """Whether disks can be made from it: accomplished, or of a category usable at once."""
        early = self.status == "progressing" and self.disk_category in AT_ONCE
        return self.status == "accomplished" or early


def images_of(world: World, snapshot: Snapshot) -> list[Image]:
    """List the images that need the snapshot."""
    return [image for image in world.all(Image) if snapshot.id in image.snapshot_ids]


def disks_of(world: World, snapshot: Snapshot) -> list[Disk]:
    """List the disks that were made from the snapshot."""
    return [disk for disk in world.all(Disk) if disk.source_snapshot_id == snapshot.id]


def unfinished(world: World, disk: Disk) -> bool:
    """Whether a snapshot of the disk is still being made."""
    return any(
        snapshot.disk_id == disk.id and snapshot.status == "progressing"
        for snapshot in world.all(Snapshot)
    )


def refuse_while_snapshot(ctx: Ctx, disk: Disk, *codes: str) -> None:
    """Refuse a change of a disk while a snapshot of it is being made.

    :raises ApiError: DiskCreatingSnapshot unless other codes are given
    """
    if unfinished(ctx.world, disk):
        raise ctx.error(
            *codes, "DiskCreatingSnapshot", message="A snapshot of the disk is being created."
        )
