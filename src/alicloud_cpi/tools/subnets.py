"""Checks of a network's subnets: properties, and the addresses that the cloud keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_network
from typing import Any

from alicloud_cpi.cloud_properties.addresses import is_delegated
from alicloud_cpi.cloud_properties.managed_network import ManagedNetworkProperties, gateway_of
from alicloud_cpi.cloud_properties.network import NetworkProperties
from alicloud_cpi.cloud_properties.schema import is_valid, is_variable
from alicloud_cpi.config import Config
from alicloud_cpi.errors import CloudError
from alicloud_cpi.tools.cloud_config import as_object, as_texts
from alicloud_cpi.tools.findings import ERROR, WARNING, Finding, level_for

Addresses = tuple[IPv4Address, IPv4Address]


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet of a network, and the cloud_properties of its AZs."""

    where: str
    network_type: str
    content: Mapping[str, Any]
    az_properties: Mapping[str, Any]
    is_managed: bool

    @property
    def schema(self) -> str:
        """The schema of its cloud_properties."""
        return "managed_network" if self.is_managed else "network"

    @property
    def own_properties(self) -> dict[str, Any]:
        """Its cloud_properties."""
        return as_object(self.content.get("cloud_properties"))

    @property
    def range(self) -> IPv4Network | None:
        """Its range, if it is an IPv4 network."""
        try:
            return IPv4Network(str(self.content.get("range")))
        except ValueError:
            return None

    @property
    def is_ipv6(self) -> bool:
        """Whether its range is an IPv6 network."""
        try:
            IPv6Network(str(self.content.get("range")))
        except ValueError:
            return False
        return True


def check(subnet: Subnet, config: Config, vm_groups: list[str]) -> Iterator[Finding]:
    """Yield what is wrong with a subnet beyond its schema.

    :param vm_groups: security groups that VM types name
    """
    if subnet.network_type == "vip" or not is_valid(subnet.schema, subnet.own_properties):
        return
    try:
        if subnet.is_managed:
            _parse_managed(subnet, config)
        else:
            _parse(subnet, config, vm_groups)
    except CloudError as error:
        yield Finding(level_for(subnet.content), subnet.where, error.message)
    if subnet.network_type != "manual" or "range" not in subnet.content:
        return
    if "prefix" in subnet.content:
        yield from _check_prefix(subnet)
    elif not subnet.is_ipv6:
        yield from _check_addresses(subnet)


def _parse_managed(subnet: Subnet, config: Config) -> None:
    given = {key: subnet.content.get(key) for key in ("range", "gateway", "netmask_bits")}
    merged = {**subnet.az_properties, **subnet.own_properties}
    ManagedNetworkProperties.parse({**given, "cloud_properties": merged}, config)


def _parse(subnet: Subnet, config: Config, vm_groups: list[str]) -> None:
    """Read the subnet as create_vm does, with an address that stands for any."""
    network = {"type": "manual", "ip": "10.0.0.1", "cloud_properties": subnet.own_properties}
    NetworkProperties.parse(
        {"default": network},
        vm_security_groups=vm_groups,
        default_security_groups=config.default_security_groups,
    )


def _check_prefix(subnet: Subnet) -> Iterator[Finding]:
    """Yield what is wrong with the length of prefixes; its range is a part of the vSwitch's."""
    given = subnet.content["prefix"]
    if is_variable(given) or is_variable(subnet.content["range"]):
        return
    try:
        version = ip_network(str(subnet.content["range"])).version
        is_delegated("subnet", int(str(given)), version)
    except ValueError:
        message = "range must be a network such as 10.0.1.0/24, prefix a number of bits"
        yield Finding(ERROR, subnet.where, message)
    except CloudError as error:
        yield Finding(ERROR, subnet.where, error.message)


def _check_addresses(subnet: Subnet) -> Iterator[Finding]:
    network = subnet.range
    if is_variable(subnet.content.get("range")):
        return
    if network is None:
        yield Finding(ERROR, subnet.where, "range must be a network, such as 10.0.1.0/24")
        return
    expected = gateway_of(network)
    gateway = subnet.content.get("gateway")
    if gateway not in (None, str(expected)) and not is_variable(gateway):
        message = f"gateway should be {expected}: that is the gateway of a vSwitch with this range"
        yield Finding(WARNING, subnet.where, message)
    # The Director itself gives nobody the first, the last and the gateway's address.
    kept = [network[-3], network[-2]]
    reserved = address_ranges(subnet.content.get("reserved"))
    free = [str(one) for one in kept if str(one) != gateway and not _contains(reserved, one)]
    if free and not subnet.is_managed and not is_variable(subnet.content.get("reserved")):
        message = f"reserved should have {', '.join(free)}: the cloud gives it to no VM"
        yield Finding(WARNING, subnet.where, message)
    static = address_ranges(subnet.content.get("static"))
    for address in (network[0], *kept, network[-1]):
        if _contains(static, address):
            yield Finding(ERROR, subnet.where, f"static has {address}, which the cloud keeps")


def address_ranges(value: Any) -> list[Addresses]:
    """Return the ranges of ``reserved`` or ``static``; the Director judges what is malformed."""
    found: list[Addresses] = []
    for text in as_texts(value):
        try:
            if "/" in text:
                network = IPv4Network(text.strip())
                found.append((network[0], network[-1]))
            else:
                first, _, last = (part.strip() for part in text.partition("-"))
                found.append((IPv4Address(first), IPv4Address(last or first)))
        except ValueError:
            continue
    return found


def _contains(ranges: list[Addresses], address: IPv4Address) -> bool:
    return any(first <= address <= last for first, last in ranges)
