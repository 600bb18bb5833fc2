"""Private addresses of vSwitches: which are free, and who holds the others.

Interfaces and load balancers hold theirs. The address of a released instance stays taken
for "address.release" seconds: a HeldAddress stands for it. The first and the last three
addresses of a vSwitch are reserved (semantics.md section 4, "Private address"). Addresses of a
reserved block are skipped; that one which is asked for is refused, and that they do not count as
free, is not in the reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, ClassVar

from alicloud_sim.records import Record
from alicloud_sim.slb.records import LoadBalancer

from . import prefixes
from .record import Eni

if TYPE_CHECKING:
    from collections.abc import Collection

    from alicloud_sim.context import Ctx
    from alicloud_sim.errors import ApiError
    from alicloud_sim.vpc.networks import VSwitch
    from alicloud_sim.world import World

RESERVED_AT_END = 3
RESERVED = 1 + RESERVED_AT_END


@dataclass
class HeldAddress(Record):
    """An address of a released instance that cannot be given again yet."""

    kind: ClassVar[str] = "held_address"
    prefix: ClassVar[str] = "held"

    vswitch_id: str = ""
    address: str = ""


def in_use(world: World, vswitch_id: str) -> set[str]:
    """List the addresses that interfaces and load balancers of a vSwitch have."""
    balancers = {one.address for one in world.all(LoadBalancer) if one.vswitch_id == vswitch_id}
    return balancers | {
        address
        for eni in world.all(Eni)
        if eni.vswitch_id == vswitch_id
        for address in (eni.private_ip, *eni.secondary_ips)
    }


def held(world: World, vswitch_id: str) -> set[str]:
    """List the addresses of a vSwitch that released instances still hold."""
    return {h.address for h in world.all(HeldAddress) if h.vswitch_id == vswitch_id}


def available(world: World, switch: VSwitch) -> int:
    """Count the free addresses of a vSwitch."""
    taken = in_use(world, switch.id) | held(world, switch.id)
    kept = RESERVED + prefixes.reserved_ipv4(switch)
    return IPv4Network(switch.cidr_block).num_addresses - kept - len(taken)


def pick(ctx: Ctx, switch: VSwitch, besides: Collection[str] = ()) -> str:
    """Give the first free address of a vSwitch that is not among `besides`.

    :raises ApiError: the vSwitch is full
    """
    taken = in_use(ctx.world, switch.id) | held(ctx.world, switch.id) | set(besides)
    for number in _usable(switch):
        address = str(IPv4Address(number))
        if address not in taken and not prefixes.is_reserved(switch, address):
            return address
    raise _full(ctx, switch)


def check_room(ctx: Ctx, switch: VSwitch, amount: int) -> None:
    """Refuse a vSwitch without so many free addresses.

    :raises ApiError: QuotaExceeded.PrivateIpAddress or InvalidVSwitchId.IpNotEnough
    """
    if available(ctx.world, switch) < amount:
        raise _full(ctx, switch)


def _full(ctx: Ctx, switch: VSwitch) -> ApiError:
    return ctx.error(
        *("QuotaExceeded.PrivateIpAddress", "InvalidVSwitchId.IpNotEnough", "InvalidParameter"),
        message=f"The vSwitch {switch.id} has no free private address.",
    )


def _usable(switch: VSwitch) -> range:
    network = IPv4Network(switch.cidr_block)
    first = int(network.network_address) + 1
    return range(first, int(network.broadcast_address) - RESERVED_AT_END + 1)


def check(ctx: Ctx, switch: VSwitch, address: str) -> None:
    """Refuse an address that cannot be given now.

    An interface has it: InvalidIPAddress.AlreadyUsed where the action knows that code; a
    released instance still holds it: InvalidPrivateIpAddress.Duplicated. The sources tell
    both for the time after a release, not which one when.

    :raises ApiError: malformed, outside the vSwitch, reserved or taken
    """
    try:
        number = int(IPv4Address(address))
    except ValueError:
        raise ctx.error(
            *("InvalidPrivateIpAddress.Malformed", "InvalidIp.Address", "InvalidParameter"),
            message=f"The specified private IP address {address} is malformed.",
        ) from None
    if number not in _usable(switch) or prefixes.is_reserved(switch, address):
        raise ctx.error(
            *("InvalidPrivateIpAddress", "InvalidVSwitchId.IpInvalid", "InvalidParameter"),
            message=f"The address {address} cannot be used in the vSwitch {switch.cidr_block}.",
        )
    if address in in_use(ctx.world, switch.id):
        raise ctx.error(
            *("InvalidIPAddress.AlreadyUsed", "InvalidPrivateIpAddress.Duplicated"),
            message=f"The specified private IP address {address} is already used.",
        )
    if address in held(ctx.world, switch.id):
        raise ctx.error(
            "InvalidPrivateIpAddress.Duplicated",
            message=f"The specified private IP address {address} is duplicated.",
        )


def hold(world: World, eni: Eni) -> None:
    """Keep the address of a released instance's interface taken for a while."""
    kept = HeldAddress(
        id=world.new_id(HeldAddress, eni.region),
        account=eni.account,
        region=eni.region,
        vswitch_id=eni.vswitch_id,
        address=eni.private_ip,
    )
    world.add(kept)
    world.later("address.release", kept, lambda: world.remove(kept))
