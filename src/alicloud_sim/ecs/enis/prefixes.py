"""IP prefixes of network interfaces: /28 blocks of IPv4 and /80 blocks of IPv6 addresses.

A prefix is a block of its own size within a reserved block of the vSwitch, and overlaps no other
prefix and no address (help page of ECS, "IP prefixes", 2026). Reserved blocks are
`reserved_blocks` of the vSwitch's record. That the sizes are InvalidIp.IpPrefixMaskInvalid, and
which of the codes comes first, is not in the reference.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any

from .record import Eni

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.errors import ApiError
    from alicloud_sim.vpc.networks import VSwitch
    from alicloud_sim.world import World

Network = IPv4Network | IPv6Network

LENGTHS = {4: 28, 6: 80}


def checked(ctx: Ctx, switch: VSwitch, given: list[str], version: int) -> list[str]:
    """Return the prefixes of a request in their usual form.

    :raises ApiError: malformed, of another size, outside the reserved blocks, or taken
    """
    found = [_checked(ctx, switch, text, version) for text in given]
    if len(set(found)) != len(found):
        raise ctx.error("InvalidIp.IpRepeated", message="A prefix is given twice.")
    return found


def _checked(ctx: Ctx, switch: VSwitch, text: str, version: int) -> str:
    prefix = _parsed(ctx, text, version)
    own = switch.cidr_block if version == 4 else switch.ipv6_cidr_block  # noqa: PLR2004
    if not _is_within(prefix, own):
        raise ctx.error(
            "InvalidOperation.AddressNotInVSwitchCidr", message=f"{text} is not in {own}."
        )
    blocks = [one for one in switch.reserved_blocks if ip_network(one).version == version]
    if not blocks:
        raise ctx.error(
            "InvalidOperation.VSwitchCidrReservationNotExist",
            message=f"The vSwitch {switch.id} has no reserved CIDR block.",
        )
    if not any(_is_within(prefix, block) for block in blocks):
        raise ctx.error(
            "InvalidIp.IpPrefixMustInReserveSegment",
            message=f"{text} is not in a reserved CIDR block: {', '.join(blocks)}.",
        )
    if _is_taken(ctx.world, switch, prefix):
        raise ctx.error("InvalidIp.IpPrefixNotAvailable", message=f"{text} is not available.")
    return str(prefix)


def _parsed(ctx: Ctx, text: str, version: int) -> Network:
    address, _, length = text.partition("/")
    try:
        prefix = ip_network(text, strict=False)
    except ValueError:
        raise _illegal(ctx, text) from None
    if prefix.version != version or not length:
        raise _illegal(ctx, text)
    if prefix.prefixlen != LENGTHS[version]:
        raise ctx.error(
            "InvalidIp.IpPrefixMaskInvalid", message=f"A prefix has {LENGTHS[version]} bits."
        )
    if prefix.network_address != ip_address(address):
        raise ctx.error("InvalidIp.IpPrefixNotStrict", message=f"It begins with {prefix[0]}.")
    return prefix


def _illegal(ctx: Ctx, text: str) -> ApiError:
    return ctx.error("InvalidIp.IpPrefixIllegal", message=f"{text} is no prefix.")


def _is_within(inner: Network, outer: str) -> bool:
    network = ip_network(outer)
    if isinstance(inner, IPv4Network) and isinstance(network, IPv4Network):
        return inner.subnet_of(network)
    if isinstance(inner, IPv6Network) and isinstance(network, IPv6Network):
        return inner.subnet_of(network)
    return False


def _is_taken(world: World, switch: VSwitch, prefix: Network) -> bool:
    """Whether an interface of the vSwitch has the prefix, or an address in it."""
    enis = [eni for eni in world.all(Eni) if eni.vswitch_id == switch.id]
    blocks = [one for eni in enis for one in (*eni.ipv4_prefixes, *eni.ipv6_prefixes)]
    addresses = [
        one for eni in enis for one in (eni.private_ip, *eni.secondary_ips, *eni.ipv6_addresses)
    ]
    return prefix in map(ip_network, blocks) or any(
        ip_address(one) in prefix for one in addresses if one
    )


def is_reserved(switch: VSwitch, address: str) -> bool:
    """Whether an address is in a reserved block of the vSwitch, which only prefixes are of."""
    return any(ip_address(address) in ip_network(block) for block in switch.reserved_blocks)


def reserved_ipv4(switch: VSwitch) -> int:
    """Count the IPv4 addresses in reserved blocks."""
    blocks = [ip_network(block) for block in switch.reserved_blocks]
    return sum(block.num_addresses for block in blocks if block.version == 4)  # noqa: PLR2004


def worded(eni: Eni) -> dict[str, Any]:
    """Word the prefixes of an interface, as lists and CreateNetworkInterface do."""
    return {
        "Ipv4PrefixSets": {"Ipv4PrefixSet": [{"Ipv4Prefix": one} for one in eni.ipv4_prefixes]},
        "Ipv6PrefixSets": {"Ipv6PrefixSet": [{"Ipv6Prefix": one} for one in eni.ipv6_prefixes]},
    }
