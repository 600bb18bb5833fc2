"""IPv6 addresses and prefixes of interfaces: AssignIpv6Addresses, UnassignIpv6Addresses.

An address is of the vSwitch's IPv6 range, and one interface has it. How many an interface takes
depends on the type of its instance (EniIpv6AddressQuantity); a prefix counts as one address.
"""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network
from typing import TYPE_CHECKING, Any

from alicloud_sim.ecs.service import ecs

from . import prefixes
from .changes import settled, switch_of, type_of
from .record import Eni

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params
    from alicloud_sim.vpc.networks import VSwitch


@ecs.action("AssignIpv6Addresses", params="RegionId NetworkInterfaceId Ipv6Address Ipv6Prefix")
def assign_ipv6_addresses(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Give an interface further IPv6 addresses or prefixes, at once."""
    eni = settled(ctx, p)
    switch = switch_of(ctx, eni)
    given, blocks = p.texts("Ipv6Address"), p.texts("Ipv6Prefix")
    if not given and not blocks:
        raise ctx.error("MissingParameter", message="Ipv6Address or Ipv6Prefix is needed.")
    wanted = checked(ctx, switch, given)
    wanted_prefixes = checked_prefixes(ctx, switch, blocks)
    _check_room(ctx, eni, len(wanted) + len(wanted_prefixes))
    eni.ipv6_addresses += wanted
    eni.ipv6_prefixes += wanted_prefixes
    return {
        "NetworkInterfaceId": eni.id,
        "Ipv6Sets": {"Ipv6Address": wanted},
        "Ipv6PrefixSets": {"Ipv6Prefix": wanted_prefixes},
    }


@ecs.action("UnassignIpv6Addresses", params="RegionId NetworkInterfaceId Ipv6Address Ipv6Prefix")
def unassign_ipv6_addresses(ctx: Ctx, p: Params) -> None:
    """Take IPv6 addresses or prefixes off an interface."""
    eni = settled(ctx, p)
    given, blocks = p.texts("Ipv6Address"), p.texts("Ipv6Prefix")
    if not set(given) <= set(eni.ipv6_addresses) or not set(blocks) <= set(eni.ipv6_prefixes):
        raise ctx.error("InvalidIp.Address", message="The interface does not have it.")
    eni.ipv6_addresses = [one for one in eni.ipv6_addresses if one not in given]
    eni.ipv6_prefixes = [one for one in eni.ipv6_prefixes if one not in blocks]


def checked(ctx: Ctx, switch: VSwitch, given: list[str]) -> list[str]:
    """Return the addresses of a request in their usual form.

    :raises ApiError: IPv6 is not turned on, or an address is malformed, not of the range, or taken
    """
    _check_enabled(ctx, switch, given)
    return [_checked(ctx, switch, address) for address in given]


def checked_prefixes(ctx: Ctx, switch: VSwitch, given: list[str]) -> list[str]:
    """Return the prefixes of a request in their usual form.

    :raises ApiError: IPv6 is not turned on, or a prefix cannot be given
    """
    _check_enabled(ctx, switch, given)
    return prefixes.checked(ctx, switch, given, 6)


def _check_enabled(ctx: Ctx, switch: VSwitch, given: list[str]) -> None:
    if given and not switch.ipv6_cidr_block:
        raise ctx.error(
            "InvalidOperation.VSwitchIpv6Disabled",
            message=f"IPv6 is not turned on for the vSwitch {switch.id}.",
        )


def _checked(ctx: Ctx, switch: VSwitch, address: str) -> str:
    try:
        parsed = IPv6Address(address)
    except ValueError:
        raise ctx.error("InvalidIp.Address", message=f"{address} is malformed.") from None
    outside = parsed not in IPv6Network(switch.ipv6_cidr_block)
    if outside or prefixes.is_reserved(switch, str(parsed)):
        raise ctx.error(
            "InvalidOperation.AddressNotInVSwitchCidr",
            message=f"{address} is not in {switch.ipv6_cidr_block}, or reserved.",
        )
    if any(str(parsed) in eni.ipv6_addresses for eni in ctx.world.all(Eni)):
        raise ctx.error(
            "InvalidOperation.AddressAlreadyAllocated", message=f"{address} is allocated already."
        )
    return str(parsed)


def _check_room(ctx: Ctx, eni: Eni, more: int) -> None:
    kind = type_of(ctx, eni)
    if kind and eni.ipv6_count + more > kind.ipv6_per_eni:
        raise ctx.error(
            "InvalidOperation.Ipv6CountExceeded",
            message=f"The type {kind.id} takes {kind.ipv6_per_eni} per interface.",
        )
