"""IPv6 addresses of network interfaces: AssignIpv6Addresses, UnassignIpv6Addresses.

An address is of the vSwitch's IPv6 range, and one interface has it. How many an interface takes
depends on the type of its instance (EniIpv6AddressQuantity).
"""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network
from typing import TYPE_CHECKING, Any

from alicloud_sim.ecs.instance_types import InstanceType
from alicloud_sim.ecs.instances.record import SETTLED, Instance, check_status
from alicloud_sim.ecs.service import ecs
from alicloud_sim.vpc.networks import VSwitch

from .record import Eni

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

_WRONG_STATE = "InvalidOperation.InvalidEcsState"


@ecs.action("AssignIpv6Addresses", params="RegionId NetworkInterfaceId Ipv6Address")
def assign_ipv6_addresses(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Give an interface further IPv6 addresses, at once; its instance is Running or Stopped."""
    eni = _settled(ctx, p)
    switch = ctx.world.get(VSwitch, eni.vswitch_id)
    if switch is None:
        raise AssertionError(f"{eni.id} is in no vSwitch")
    if not p.texts("Ipv6Address"):
        raise ctx.error("MissingParameter", message="Ipv6Address is mandatory.")
    wanted = checked(ctx, switch, p.texts("Ipv6Address"))
    _check_room(ctx, eni, len(wanted))
    eni.ipv6_addresses += wanted
    return {"NetworkInterfaceId": eni.id, "Ipv6Sets": {"Ipv6Address": wanted}}


@ecs.action("UnassignIpv6Addresses", params="RegionId NetworkInterfaceId Ipv6Address")
def unassign_ipv6_addresses(ctx: Ctx, p: Params) -> None:
    """Take IPv6 addresses off an interface."""
    eni = _settled(ctx, p)
    given = p.texts("Ipv6Address")
    if not set(given) <= set(eni.ipv6_addresses):
        raise ctx.error("InvalidIp.Address", message="The interface does not have the address.")
    eni.ipv6_addresses = [one for one in eni.ipv6_addresses if one not in given]


def checked(ctx: Ctx, switch: VSwitch, given: list[str]) -> list[str]:
    """Return the addresses of a request in their usual form.

    :raises ApiError: IPv6 is not turned on, or an address is malformed, not of the range, or taken
    """
    if given and not switch.ipv6_cidr_block:
        raise ctx.error(
            "InvalidOperation.VSwitchIpv6Disabled",
            message=f"IPv6 is not turned on for the vSwitch {switch.id}.",
        )
    return [_checked(ctx, switch, address) for address in given]


def _checked(ctx: Ctx, switch: VSwitch, address: str) -> str:
    try:
        parsed = IPv6Address(address)
    except ValueError:
        raise ctx.error("InvalidIp.Address", message=f"{address} is malformed.") from None
    if parsed not in IPv6Network(switch.ipv6_cidr_block):
        raise ctx.error(
            "InvalidOperation.AddressNotInVSwitchCidr",
            message=f"{address} is not in {switch.ipv6_cidr_block}.",
        )
    if any(str(parsed) in eni.ipv6_addresses for eni in ctx.world.all(Eni)):
        raise ctx.error(
            "InvalidOperation.AddressAlreadyAllocated", message=f"{address} is allocated already."
        )
    return str(parsed)


def _settled(ctx: Ctx, p: Params) -> Eni:
    eni = ctx.need(Eni, p.text("NetworkInterfaceId"), "InvalidEniId.NotFound")
    if eni.status not in ("Available", "InUse"):
        raise ctx.error("InvalidOperation.InvalidEniState", message=f"It is {eni.status}.")
    instance = ctx.world.get(Instance, eni.instance_id) if eni.instance_id else None
    if instance is not None:
        check_status(ctx, instance, SETTLED, _WRONG_STATE)
    return eni


def _check_room(ctx: Ctx, eni: Eni, more: int) -> None:
    instance = ctx.world.get(Instance, eni.instance_id) if eni.instance_id else None
    kind = ctx.world.get(InstanceType, instance.instance_type) if instance else None
    if kind and len(eni.ipv6_addresses) + more > kind.ipv6_per_eni:
        raise ctx.error(
            "InvalidOperation.Ipv6CountExceeded",
            message=f"The type {kind.id} takes {kind.ipv6_per_eni} per interface.",
        )
