"""What becomes of an instance's disks, interfaces and addresses when it is released.

Disks go or stay by DeleteWithInstance (a lock for security overrides false), manual snapshots
stay, secondary interfaces go or stay by DeleteOnRelease, the private address stays taken for
a while (semantics.md section 4, "What DeleteInstance leaves"). What other products hold of
an instance they drop themselves when its record is removed (world.on_removed).

The primary interface stays listed for a moment ("eni.release") after its instance is gone
(real-cloud.md, "Network interfaces after DeleteInstance").

The world's settings "instance.leaves_primary_eni" and "instance.leaves_secondary_enis" pick
instances (true, or ids and names) whose interfaces are left behind, Available: a release that
went wrong. A primary one cannot be deleted by anybody then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_sim import settings
from alicloud_sim.ecs.disks.record import changing, held_by
from alicloud_sim.ecs.enis import addresses
from alicloud_sim.ecs.enis.record import PRIMARY, of_instance

from . import hardware
from .record import SECURITY_LOCK, locks_of

if TYPE_CHECKING:
    from alicloud_sim.ecs.disks import Disk
    from alicloud_sim.ecs.enis.record import Eni
    from alicloud_sim.world import World

    from .record import Instance


def release(world: World, instance: Instance) -> None:
    """Take an instance out of the world, with what goes along with it."""
    for disk in held_by(world, instance.id):
        _release_disk(world, disk, forced=SECURITY_LOCK in locks_of(world, instance))
    for eni in of_instance(world, instance.id):
        _release_eni(world, instance, eni)
    if instance.stopped_mode != "StopCharging" and not instance.is_reserved:
        hardware.take(world, instance.zone_id, instance.instance_type, -1)
    world.remove(instance)


def _release_disk(world: World, disk: Disk, *, forced: bool) -> None:
    if disk.delete_with_instance or forced:
        world.remove(disk)
        return
    disk.instance_id = disk.device = ""
    disk.status = "Modifying" if changing(world, disk, "disk.spec") else "Available"
    disk.detached_at = world.clock.now()


def _release_eni(world: World, instance: Instance, eni: Eni) -> None:
    primary = eni.type == PRIMARY
    setting = "instance.leaves_primary_eni" if primary else "instance.leaves_secondary_enis"
    left = settings.picks(world, setting, instance.id, instance.name)
    if left or not (primary or eni.delete_on_release):
        eni.status, eni.instance_id, eni.device_index = "Available", "", 0
        world.jobs.cancel((eni.kind, eni.id))
        return
    if not primary:
        world.remove(eni)
        return

    def vanish() -> None:
        addresses.hold(world, eni)
        world.remove(eni)

    world.later("eni.release", eni, vanish)
