"""A managed network's subnet, as the Director asks for it with create_network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from alicloud_cpi.cloud_properties.schema import InvalidProperty, validate
from alicloud_cpi.config import Config

# The masks that a vSwitch can have (semantics.md section 9).
_MASKS = range(16, 30)
_EXPECTED_RANGE = "an IPv4 network with a mask of 16 to 29 bits, such as 10.0.3.0/24"


@dataclass(frozen=True, slots=True)
class ManagedNetworkProperties:
    """What vSwitch to create; ``range`` is None where any free one of ``netmask_bits`` is to be."""

    vpc_id: str
    availability_zone: str
    name: str
    tags: dict[str, Any]
    security_group_ids: list[str]
    create_security_group: bool
    range: IPv4Network | None
    netmask_bits: int

    @classmethod
    def parse(cls, definition: Mapping[str, Any], config: Config) -> ManagedNetworkProperties:
        """Read the argument of create_network.

        :raises InvalidProperty: naming the property and what was expected
        """
        if definition.get("type") not in (None, "", "manual"):
            raise InvalidProperty("subnet.type must be manual: only manual networks are created")
        network = _range(definition)
        bits = _netmask_bits(definition, network)
        _check_gateway(definition, network)
        properties = validate("managed_network", _cloud_properties(definition), "cloud_properties")
        zone = properties.text("availability_zone") or config.availability_zone
        if not zone:
            raise InvalidProperty(
                "cloud_properties.availability_zone is required: a zone, here, in the subnet's AZ "
                "or in alicloud.availability_zone"
            )
        return cls(
            vpc_id=properties.text("vpc_id"),
            availability_zone=zone,
            name=properties.text("name"),
            tags=properties.mapping("tags"),
            security_group_ids=properties.texts("security_group_ids"),
            create_security_group=properties.flag("create_security_group", default=False),
            range=network,
            netmask_bits=bits,
        )


def gateway_of(network: IPv4Network) -> IPv4Address:
    """Return the gateway of a vSwitch: the first of the last three addresses."""
    return network[-3]


def reserved_of(network: IPv4Network) -> list[str]:
    """Return what the cloud keeps of a vSwitch: the first and the last three addresses."""
    return [str(network[0]), f"{network[-3]}-{network[-1]}"]


def _cloud_properties(definition: Mapping[str, Any]) -> Mapping[str, Any] | None:
    given = definition.get("cloud_properties")
    if given is not None and not isinstance(given, dict):
        raise InvalidProperty("subnet.cloud_properties must be an object")
    return given


def _range(definition: Mapping[str, Any]) -> IPv4Network | None:
    given = definition.get("range")
    if given in (None, ""):
        return None
    try:
        network = IPv4Network(given) if isinstance(given, str) and "/" in given else None
    except ValueError:
        network = None
    if network is None or network.prefixlen not in _MASKS:
        raise InvalidProperty(f"subnet.range must be {_EXPECTED_RANGE}")
    return network


def _netmask_bits(definition: Mapping[str, Any], network: IPv4Network | None) -> int:
    if network is not None:
        return network.prefixlen
    bits: object = definition.get("netmask_bits")
    if bits is None:
        raise InvalidProperty(
            f"subnet.range is required: {_EXPECTED_RANGE}; or netmask_bits, for any free range"
        )
    if isinstance(bits, bool) or not isinstance(bits, int) or bits not in _MASKS:
        raise InvalidProperty("subnet.netmask_bits must be an integer, 16 to 29")
    return bits


def _check_gateway(definition: Mapping[str, Any], network: IPv4Network | None) -> None:
    """Refuse a gateway that the vSwitch will not have: its VMs could not reach anything."""
    given = definition.get("gateway")
    if given in (None, ""):
        return
    expected = str(gateway_of(network)) if network else ""
    if not expected:
        raise InvalidProperty("subnet.gateway needs subnet.range")
    if given != expected:
        raise InvalidProperty(
            f"subnet.gateway must be {expected}, the gateway that Alibaba Cloud gives this range"
        )
