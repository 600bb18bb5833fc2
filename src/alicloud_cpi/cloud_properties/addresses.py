"""The addresses and prefixes of one network interface, out of the networks that share it.

The Director sends a delegated prefix as a manual network of its own: ``ip`` is its first address,
``prefix`` its length. With ``prefix`` 32 (IPv4) or 128 (IPv6) the network is a single address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from alicloud_cpi.cloud_properties.schema import InvalidProperty

Members = Mapping[str, Mapping[str, Any]]

_V4 = 4
# By IP version: the length of a single address, and that of the prefixes which the cloud delegates.
_SINGLE = {4: 32, 6: 128}
_DELEGATED = {4: 28, 6: 80}


@dataclass(frozen=True, slots=True)
class Addresses:
    """What one interface has: ``ip`` is empty where the cloud chooses, ``ipv6`` where it has none.

    ``prefixes`` are by network, such as ``10.0.1.64/28``.
    """

    ip: str
    ipv6: str
    prefixes: dict[str, str] = field(default_factory=dict)


def kind_of(network: Mapping[str, Any]) -> str:
    """Return the type of a network."""
    return str(network.get("type") or "manual")


def parse_ip(name: str, network: Mapping[str, Any]) -> IPv4Address | IPv6Address:
    """Return the address of a network.

    :raises InvalidProperty: it has none
    """
    try:
        return ip_address(str(network.get("ip")))
    except ValueError:
        raise InvalidProperty(f"networks.{name}.ip must be an IP address") from None


def parse_addresses(members: Members) -> Addresses:
    """Return what the networks of an interface are.

    :raises InvalidProperty: naming the networks and what was expected
    """
    found: dict[int, str] = {}
    prefixes: dict[str, str] = {}
    for name, network in members.items():
        version, address = _V4, ""
        if kind_of(network) == "manual":
            parsed = parse_ip(name, network)
            prefix = _prefix(name, network, parsed)
            if prefix:
                prefixes[name] = prefix
                continue
            version, address = parsed.version, str(parsed)
        if version in found:
            raise InvalidProperty(
                f"networks {', '.join(members)} have one interface, which takes one IPv4 address "
                "and one IPv6 address"
            )
        found[version] = address
    if len(prefixes) == len(members):
        raise InvalidProperty(
            f"networks.{next(iter(prefixes))}.prefix needs a network with a single IPv4 address "
            "and the same nic_group: a prefix is delegated to an interface that has an address"
        )
    if _V4 not in found:
        raise InvalidProperty(
            f"networks {', '.join(members)} need an IPv4 network with the same nic_group: every "
            "network interface has an IPv4 address"
        )
    return Addresses(found[_V4], found.get(6, ""), prefixes)


def _prefix(name: str, network: Mapping[str, Any], ip: IPv4Address | IPv6Address) -> str:
    """Return the prefix that a network delegates; empty for a single address."""
    length = _length(name, network)
    if _is_of_subnet(network, length) or not is_delegated(f"networks.{name}", length, ip.version):
        return ""
    prefix = ip_network(f"{ip}/{length}", strict=False)
    if prefix.network_address != ip:
        raise InvalidProperty(
            f"networks.{name}.ip must be the first address of a /{length} prefix, such as "
            f"{prefix.network_address}, not {ip}"
        )
    return str(prefix)


def is_delegated(path: str, length: int | None, version: int) -> bool:
    """Whether a network with this ``prefix`` has prefixes, and not single addresses.

    :param path: what names the network in a message
    :raises InvalidProperty: the cloud delegates no prefixes of this length
    """
    single, delegated = _SINGLE[version], _DELEGATED[version]
    if length in (None, single):
        return False
    if length != delegated:
        raise InvalidProperty(
            f"{path}.prefix must be {single}, for a single address, or {delegated}, the only "
            f"length of an IPv{version} prefix that the cloud delegates, not {length}"
        )
    return True


def _length(name: str, network: Mapping[str, Any]) -> int | None:
    given = network.get("prefix")
    if given in (None, ""):
        return None
    try:
        return int(str(given))
    except ValueError:
        raise InvalidProperty(f"networks.{name}.prefix must be the length of a prefix") from None


def _is_of_subnet(network: Mapping[str, Any], length: int | None) -> bool:
    """Whether ``prefix`` says what ``netmask`` says, as from Directors without nic_group."""
    if network.get("nic_group") not in (None, ""):
        return False
    try:
        mask = ip_address(str(network.get("netmask")))
    except ValueError:
        return True
    return int(mask).bit_count() == length
