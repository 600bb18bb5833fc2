"""AttachNetworkInterface and DetachNetworkInterface (semantics.md section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_sim.ecs.instance_types import InstanceType
from alicloud_sim.ecs.instances import record as instances
from alicloud_sim.ecs.service import ecs

from .record import PRIMARY, Eni, of_instance

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.ecs.instances.record import Instance
    from alicloud_sim.params import Params

WRONG_STATE = "InvalidOperation.InvalidEcsState"


@ecs.action("AttachNetworkInterface", params="RegionId NetworkInterfaceId InstanceId")
def attach_network_interface(ctx: Ctx, p: Params) -> None:
    """Give an instance one more interface: Attaching, then InUse."""
    eni = ctx.need(Eni, p.text("NetworkInterfaceId"), "InvalidEniId.NotFound")
    instance = instances.need(ctx, p.text("InstanceId"), "InvalidEcsId.NotFound")
    if eni.type == PRIMARY:
        raise ctx.error("InvalidOperation.InvalidEniType", message="It is a primary interface.")
    if eni.status != "Available":
        raise ctx.error("InvalidOperation.InvalidEniState", message=f"It is {eni.status}.")
    if eni.vpc_id != instance.vpc_id:
        raise ctx.error("InvalidOperation.VpcMismatch", message="They are in different VPCs.")
    if eni.zone_id != instance.zone_id:
        raise ctx.error(
            "InvalidOperation.AvailabilityZoneMismatch", message="They are in different zones."
        )
    instances.check_status(ctx, instance, instances.SETTLED, WRONG_STATE)
    _check_room(ctx, instance, eni)
    held = {other.device_index for other in of_instance(ctx.world, instance.id)}
    eni.instance_id = instance.id
    eni.device_index = min(set(range(1, len(held) + 2)) - held)
    ctx.begin("eni.attach", eni, "Attaching", "InUse")


def _check_room(ctx: Ctx, instance: Instance, eni: Eni) -> None:
    kind = ctx.world.get(InstanceType, instance.instance_type)
    if kind and len(of_instance(ctx.world, instance.id)) >= kind.most_enis:
        raise ctx.error(
            "EniPerInstanceLimitExceeded",
            message=f"The type {kind.id} takes {kind.most_enis} interfaces.",
        )
    if kind and eni.ipv4_count > kind.addresses_per_eni:
        raise ctx.error(
            "InvalidOperation.Ipv4CountExceeded",
            message=f"The type {kind.id} takes {kind.addresses_per_eni} per interface.",
        )
    if kind and eni.ipv6_count > kind.ipv6_per_eni:
        raise ctx.error(
            "InvalidOperation.Ipv6CountExceeded",
            message=f"The type {kind.id} takes {kind.ipv6_per_eni} per interface.",
        )


@ecs.action("DetachNetworkInterface", params="RegionId NetworkInterfaceId InstanceId")
def detach_network_interface(ctx: Ctx, p: Params) -> None:
    """Take a secondary interface off its instance: Detaching, then Available."""
    eni = ctx.need(Eni, p.text("NetworkInterfaceId"), "InvalidEniId.NotFound")
    instance = instances.need(ctx, p.text("InstanceId"), "InvalidEcsId.NotFound")
    if eni.type == PRIMARY:
        raise ctx.error(
            "InvalidOperation.DetachPrimaryEniNotAllowed", message="It is a primary interface."
        )
    if eni.status != "InUse":
        raise ctx.error("InvalidOperation.InvalidEniState", message=f"It is {eni.status}.")
    if eni.instance_id != instance.id:
        raise ctx.error("InvalidParameter.EniNotBelongEcs", message="It is of another instance.")
    instances.check_status(ctx, instance, instances.SETTLED, WRONG_STATE)

    def detached() -> None:
        eni.status, eni.instance_id, eni.device_index = "Available", "", 0

    ctx.begin("eni.detach", eni, "Detaching", detached)
