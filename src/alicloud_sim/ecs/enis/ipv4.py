"""Secondary IPv4 addresses and prefixes: Assign- and UnassignPrivateIpAddresses.

How many an interface takes depends on the type of its instance (EniPrivateIpAddressQuantity); a
prefix counts as one address (help page of ECS, "IP prefixes", 2026). A request has addresses or
prefixes, not both (terraform-provider-alicloud, 2026).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.ecs.service import ecs

from . import addresses, prefixes
from .changes import settled, switch_of, type_of

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

    from .record import Eni


@ecs.action(
    "AssignPrivateIpAddresses", params="RegionId NetworkInterfaceId PrivateIpAddress Ipv4Prefix"
)
def assign_private_ip_addresses(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Give an interface further IPv4 addresses or prefixes, at once."""
    eni = settled(ctx, p)
    given, blocks = p.texts("PrivateIpAddress"), p.texts("Ipv4Prefix")
    if not given and not blocks:
        raise ctx.error("MissingParameter", message="PrivateIpAddress or Ipv4Prefix is needed.")
    check_alone(ctx, given, blocks)
    switch = switch_of(ctx, eni)
    for address in given:
        addresses.check(ctx, switch, address)
    wanted = prefixes.checked(ctx, switch, blocks, 4)
    _check_room(ctx, eni, len(given) + len(wanted))
    eni.secondary_ips += given
    eni.ipv4_prefixes += wanted
    return {
        "AssignedPrivateIpAddressesSet": {
            "NetworkInterfaceId": eni.id,
            "PrivateIpSet": {"PrivateIpAddress": given},
            "Ipv4PrefixSet": {"Ipv4Prefixes": wanted},
        }
    }


@ecs.action(
    "UnassignPrivateIpAddresses", params="RegionId NetworkInterfaceId PrivateIpAddress Ipv4Prefix"
)
def unassign_private_ip_addresses(ctx: Ctx, p: Params) -> None:
    """Take secondary IPv4 addresses or prefixes off an interface."""
    eni = settled(ctx, p)
    given, blocks = p.texts("PrivateIpAddress"), p.texts("Ipv4Prefix")
    if not set(given) <= set(eni.secondary_ips) or not set(blocks) <= set(eni.ipv4_prefixes):
        raise ctx.error("InvalidIp.IpUnassigned", message="The interface does not have it.")
    eni.secondary_ips = [one for one in eni.secondary_ips if one not in given]
    eni.ipv4_prefixes = [one for one in eni.ipv4_prefixes if one not in blocks]


def check_alone(ctx: Ctx, given: list[str], blocks: list[str]) -> None:
    """Refuse a request for secondary addresses and prefixes.

    :raises ApiError: InvalidParameter.Conflict
    """
    if given and blocks:
        raise ctx.error("InvalidParameter.Conflict", message="Give addresses or prefixes.")


def _check_room(ctx: Ctx, eni: Eni, more: int) -> None:
    kind = type_of(ctx, eni)
    if kind and eni.ipv4_count + more > kind.addresses_per_eni:
        raise ctx.error(
            "InvalidOperation.Ipv4CountExceeded",
            message=f"The type {kind.id} takes {kind.addresses_per_eni} per interface.",
        )
