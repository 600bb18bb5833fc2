"""The networks of a VM: its network interfaces and elastic IP addresses (vips)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from typing import Any

from alicloud_cpi.cloud_properties.addresses import (
    Members,
    kind_of,
    parse_addresses,
    parse_ip,
)
from alicloud_cpi.cloud_properties.schema import InvalidProperty, Properties, validate

_MAX_SECURITY_GROUPS = 16


@dataclass(frozen=True, slots=True)
class InterfaceProperties:
    """One network interface.

    ``networks`` are the names of the networks that share it (``nic_group``). ``vswitch_id`` is the
    first of ``vswitch_ids``; of several it may be in any. ``ip`` is empty where the cloud chooses
    the address, ``ipv6`` where there is none. ``prefixes`` are those that are delegated to it, by
    network.
    """

    networks: list[str]
    vswitch_id: str
    ip: str
    ipv6: str
    security_group_ids: list[str]
    prefixes: dict[str, str] = field(default_factory=dict)
    vswitch_ids: list[str] = field(default_factory=list)

    @property
    def has_list(self) -> bool:
        """Whether it may be in one of several vSwitches."""
        return len(self.vswitch_ids) > 1

    @property
    def fixed(self) -> list[str]:
        """The addresses and prefixes that are given."""
        return [one for one in (self.ip, self.ipv6, *self.prefixes.values()) if one]

    @property
    def ipv4_prefixes(self) -> list[str]:
        """The IPv4 prefixes, such as 10.0.1.64/28."""
        return [prefix for prefix in self.prefixes.values() if ":" not in prefix]

    @property
    def ipv6_prefixes(self) -> list[str]:
        """The IPv6 prefixes, of 80 bits."""
        return [prefix for prefix in self.prefixes.values() if ":" in prefix]

    @property
    def ipv4_count(self) -> int:
        """How many IPv4 addresses it counts as: a prefix is one."""
        return 1 + len(self.ipv4_prefixes)

    @property
    def ipv6_count(self) -> int:
        """How many IPv6 addresses it counts as: a prefix is one."""
        return bool(self.ipv6) + len(self.ipv6_prefixes)


@dataclass(frozen=True, slots=True)
class VipProperties:
    """An elastic IP address, and the position of the interface that it belongs to."""

    ip: str
    interface: int = 0


@dataclass(frozen=True, slots=True)
class NetworkProperties:
    """What a VM's networks are in the cloud; the first interface is the primary one."""

    interfaces: list[InterfaceProperties]
    vips: list[VipProperties]

    @classmethod
    def parse(
        cls,
        networks: Mapping[str, Any],
        *,
        vm_security_groups: list[str],
        default_security_groups: list[str],
    ) -> NetworkProperties:
        """Read the networks of a create_vm request.

        Networks with the same nic_group share an interface; each other one has its own. The
        interface with the default gateway comes first, the others follow in the Director's order.
        The VM type's security groups replace those of all networks; the configured default is used
        where neither names any.

        :raises InvalidProperty: naming the network and what was expected
        """
        groups = _group(networks)
        if not groups:
            raise InvalidProperty("networks must have a manual or dynamic network")
        ordered = sorted(groups.items(), key=lambda item: not _has_gateway(item[1]))
        interfaces = [
            _interface(members, vm_security_groups, default_security_groups)
            for _, members in ordered
        ]
        keys = [key for key, _ in ordered]
        vips = [
            VipProperties(_ipv4(name, network), _position(name, network, keys))
            for name, network in networks.items()
            if kind_of(network) == "vip"
        ]
        return cls(interfaces, vips)

    @property
    def primary(self) -> InterfaceProperties:
        """The interface that is created with the instance."""
        return self.interfaces[0]

    @property
    def is_complex(self) -> bool:
        """Whether CreateInstance alone does not make all of it."""
        return len(self.interfaces) > 1 or bool(self.primary.ipv6 or self.primary.prefixes)

    @property
    def secondary(self) -> list[InterfaceProperties]:
        """The other interfaces."""
        return self.interfaces[1:]


def _group(networks: Mapping[str, Any]) -> Mapping[tuple[str, str], Members]:
    """Return the manual and dynamic networks by the interface that they share."""
    groups: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for name, network in networks.items():
        if not isinstance(network, dict):
            raise InvalidProperty(f"networks.{name} must be an object")
        if kind_of(network) not in ("manual", "dynamic", "vip"):
            raise InvalidProperty(f"networks.{name}.type must be manual, dynamic or vip")
        if kind_of(network) != "vip":
            groups.setdefault(_group_key(name, network), {})[name] = network
    return groups


def _group_key(name: str, network: Mapping[str, Any]) -> tuple[str, str]:
    """Return what identifies an interface: its nic_group, or its only network."""
    nic_group = network.get("nic_group")
    if nic_group in (None, ""):
        return "network", name
    if isinstance(nic_group, bool) or not isinstance(nic_group, str | int):
        raise InvalidProperty(f"networks.{name}.nic_group must be a string or an integer")
    return "nic_group", str(nic_group)


def _has_gateway(members: Members) -> bool:
    defaults = [network.get("default") for network in members.values()]
    return any(isinstance(default, list) and "gateway" in default for default in defaults)


def _position(name: str, network: Mapping[str, Any], keys: list[tuple[str, str]]) -> int:
    """Return which interface a vip belongs to: that of its nic_group, else the primary one."""
    key = _group_key(name, network)
    if key[0] == "network":
        return 0
    if key not in keys:
        raise InvalidProperty(
            f"networks.{name}.nic_group must be one that a manual or dynamic network has, "
            f"not '{key[1]}'"
        )
    return keys.index(key)


def _interface(
    members: Members, vm_groups: list[str], default_groups: list[str]
) -> InterfaceProperties:
    """Return the interface that these networks share."""
    properties = {name: _cloud_properties(name, network) for name, network in members.items()}
    first, *others = members
    vswitch_ids = _vswitch_ids(properties[first])
    for name in others:
        if _vswitch_ids(properties[name]) != vswitch_ids:
            raise InvalidProperty(
                f"{properties[name].path}.vswitch_id must be {', '.join(vswitch_ids)}, as in "
                f"network '{first}' with the same nic_group"
            )
    addresses = parse_addresses(members)
    groups = [
        group
        for name in members
        for group in _security_groups(properties[name], vm_groups, default_groups)
    ]
    merged = list(dict.fromkeys(groups))
    if len(merged) > _MAX_SECURITY_GROUPS:
        raise InvalidProperty(
            f"networks {', '.join(members)} have one interface, with at most "
            f"{_MAX_SECURITY_GROUPS} security groups"
        )
    return InterfaceProperties(
        list(members),
        vswitch_ids[0],
        addresses.ip,
        addresses.ipv6,
        merged,
        addresses.prefixes,
        vswitch_ids,
    )


def _cloud_properties(name: str, network: Mapping[str, Any]) -> Properties:
    path = f"networks.{name}.cloud_properties"
    given = network.get("cloud_properties")
    if given is not None and not isinstance(given, dict):
        raise InvalidProperty(f"{path} must be an object")
    return validate("network", given, path)


def _vswitch_ids(properties: Properties) -> list[str]:
    """Return the vSwitches, in the order in which they are tried."""
    where = properties.path
    one, several = properties.text("vswitch_id"), properties.texts("vswitch_ids")
    if one and several:
        raise InvalidProperty(
            f"{where}.vswitch_id and {where}.vswitch_ids exclude each other: one vSwitch, or a "
            "list that is tried in order"
        )
    if not one and not several:
        raise InvalidProperty(f"{where}.vswitch_id is required: the id of a vswitch")
    return several or [one]


def _security_groups(
    properties: Properties, vm_groups: list[str], default_groups: list[str]
) -> list[str]:
    """Return the VM's security groups, each once, in the order written.

    ``security_group_id`` and ``security_group_ids`` of a network count together, the single one
    first, as in the Go release.
    """
    single = properties.text("security_group_id")
    sources = {
        "cloud_properties.security_group_ids": vm_groups,
        f"{properties.path}.security_group_ids": [
            *([single] if single else []),
            *properties.texts("security_group_ids"),
        ],
        "alicloud.default_security_groups": default_groups,
    }
    for source, given in sources.items():
        groups = list(dict.fromkeys(given))
        if len(groups) > _MAX_SECURITY_GROUPS:
            raise InvalidProperty(f"{source}: at most {_MAX_SECURITY_GROUPS}")
        if groups:
            return groups
    raise InvalidProperty(
        f"{properties.path}.security_group_ids is required, unless the VM type or "
        "alicloud.default_security_groups names some"
    )


def _ipv4(name: str, network: Mapping[str, Any]) -> str:
    address = parse_ip(name, network)
    if isinstance(address, IPv6Address):
        raise InvalidProperty(f"networks.{name}.ip must be an IPv4 address")
    return str(address)
