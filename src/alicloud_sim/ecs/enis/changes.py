"""What all changes of an interface's addresses look up first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_sim.ecs.instance_types import InstanceType
from alicloud_sim.ecs.instances.record import SETTLED, Instance, check_status
from alicloud_sim.vpc.networks import VSwitch

from .record import Eni

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

_WRONG_STATE = "InvalidOperation.InvalidEcsState"


def settled(ctx: Ctx, p: Params) -> Eni:
    """Find the interface of a request; its instance, if it has one, is Running or Stopped.

    :raises ApiError: unknown, or an operation on it or on its instance is under way
    """
    eni = ctx.need(Eni, p.text("NetworkInterfaceId"), "InvalidEniId.NotFound")
    if eni.status not in ("Available", "InUse"):
        raise ctx.error("InvalidOperation.InvalidEniState", message=f"It is {eni.status}.")
    instance = ctx.world.get(Instance, eni.instance_id) if eni.instance_id else None
    if instance is not None:
        check_status(ctx, instance, SETTLED, _WRONG_STATE)
    return eni


def switch_of(ctx: Ctx, eni: Eni) -> VSwitch:
    """Return the vSwitch of an interface."""
    switch = ctx.world.get(VSwitch, eni.vswitch_id)
    if switch is None:
        raise AssertionError(f"{eni.id} is in no vSwitch")
    return switch


def type_of(ctx: Ctx, eni: Eni) -> InstanceType | None:
    """Return the type of the instance that the interface is attached to."""
    instance = ctx.world.get(Instance, eni.instance_id) if eni.instance_id else None
    return ctx.world.get(InstanceType, instance.instance_type) if instance else None
