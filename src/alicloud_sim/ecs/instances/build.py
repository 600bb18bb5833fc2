"""Makes the records of a checked order: the instance, its disks, its primary interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_sim.ecs.disks import Disk
from alicloud_sim.ecs.disks.record import SYSTEM_DEVICE, next_device
from alicloud_sim.ecs.enis import addresses
from alicloud_sim.ecs.enis.record import PRIMARY, Eni, mac_of

from . import hardware
from .record import Instance

if TYPE_CHECKING:
    from collections.abc import Callable

    from alicloud_sim.context import Ctx

    from .disk_specs import DiskSpec
    from .order import Order


def build(ctx: Ctx, order: Order, then: Callable[[Instance], None] | None = None) -> Instance:
    """Make one instance: Pending for "instance.create", then Stopped, then what `then` begins.

    Its disks are Creating and its interface Attaching meanwhile; they are in its resource group
    (not in the reference).
    """
    kind, place, image = order.kind, order.place, order.image
    instance = Instance(
        id=ctx.new_id(Instance),
        account=ctx.account,
        region=ctx.region,
        instance_type=kind.id,
        image_id=image.id,
        os_type=image.os_type,
        os_name=image.os_name,
        current_os_nvme=image.nvme_supported,
        zone_id=place.zone.id,
        vpc_id=place.switch.vpc_id,
        vswitch_id=place.switch.id,
        security_group_ids=[group.id for group in place.groups],
        tags=dict(order.tags),
        **order.fields,
    )
    instance.name = instance.name or instance.id
    instance.host_name = instance.host_name or f"iZ{instance.id.partition('-')[2]}Z"
    instance.private_ip = place.address or addresses.pick(ctx, place.switch)
    instance.stopped_mode = "Not-applicable"
    if not instance.is_reserved:
        hardware.take(ctx.world, instance.zone_id, instance.instance_type)
    ctx.add(instance)
    disks = [_disk(ctx, instance, spec, order) for spec in order.disks]
    eni = _interface(ctx, instance)

    def ready() -> None:
        for disk in disks:
            disk.status, disk.attached_at = "In_use", ctx.now
        eni.status = "InUse"
        instance.status, instance.stopped_mode = "Stopped", "KeepCharging"
        if then is not None:
            then(instance)

    ctx.begin("instance.create", instance, "Pending", ready)
    return instance


def _disk(ctx: Ctx, instance: Instance, spec: DiskSpec, order: Order) -> Disk:
    system = spec.type == "system"
    disk = Disk(
        id=ctx.new_id(Disk),
        account=instance.account,
        region=instance.region,
        status="Creating",
        zone_id=instance.zone_id,
        name=spec.name,
        description=spec.description,
        category=spec.category,
        performance_level=spec.performance_level,
        size_gib=spec.size_gib,
        type=spec.type,
        encrypted=spec.encrypted,
        kms_key_id=spec.kms_key_id,
        delete_with_instance=spec.delete_with_instance,
        provisioned_iops=spec.provisioned_iops,
        bursting=spec.bursting,
        source_snapshot_id=spec.snapshot_id,
        image_id=order.image.id if system else "",
        device=SYSTEM_DEVICE if system else next_device(ctx.world, instance.id),
        instance_id=instance.id,
        resource_group_id=instance.resource_group_id,
        tags=dict(instance.tags),
    )
    return ctx.add(disk)


def _interface(ctx: Ctx, instance: Instance) -> Eni:
    eni = Eni(
        id=ctx.new_id(Eni),
        account=instance.account,
        region=instance.region,
        status="Attaching",
        type=PRIMARY,
        zone_id=instance.zone_id,
        vpc_id=instance.vpc_id,
        vswitch_id=instance.vswitch_id,
        private_ip=instance.private_ip,
        security_group_ids=list(instance.security_group_ids),
        instance_id=instance.id,
        resource_group_id=instance.resource_group_id,
        tags=dict(instance.tags),
    )
    eni.mac = mac_of(eni.private_ip, eni.id)
    instance.eni_id = eni.id
    return ctx.add(eni)
