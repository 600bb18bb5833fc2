"""The networks of a VM: its network interfaces and elastic IP addresses (vips)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from alicloud_cpi.cloud_properties.schema import InvalidProperty, Properties, validate

_MAX_SECURITY_GROUPS = 16


@dataclass(frozen=True, slots=True)
class InterfaceProperties:
    """One network interface.

    ``networks`` are the names of the networks that share it (``nic_group``); ``ip`` is empty where
    the cloud chooses the address, ``ipv6`` where there is none.
    """

    networks: list[str]
    vswitch_id: str
    ip: str
    ipv6: str
    security_group_ids: list[str]


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
            if _kind(network) == "vip"
        ]
        return cls(interfaces, vips)

    @property
    def primary(self) -> InterfaceProperties:
        """The interface that is created with the instance."""
        return self.interfaces[0]

    @property
    def has_ipv6(self) -> bool:
        """Whether an interface has an IPv6 address."""
        return any(interface.ipv6 for interface in self.interfaces)

    @property
    def is_complex(self) -> bool:
        """Whether CreateInstance alone does not make all of it."""
        return len(self.interfaces) > 1 or self.has_ipv6

    @property
    def secondary(self) -> list[InterfaceProperties]:
        """The other interfaces."""
        return self.interfaces[1:]


_Members = dict[str, Mapping[str, Any]]


def _kind(network: Mapping[str, Any]) -> str:
    return str(network.get("type") or "manual")


def _group(networks: Mapping[str, Any]) -> dict[tuple[str, str], _Members]:
    """Return the manual and dynamic networks by the interface that they share."""
    groups: dict[tuple[str, str], _Members] = {}
    for name, network in networks.items():
        if not isinstance(network, dict):
            raise InvalidProperty(f"networks.{name} must be an object")
        if _kind(network) not in ("manual", "dynamic", "vip"):
            raise InvalidProperty(f"networks.{name}.type must be manual, dynamic or vip")
        if _kind(network) != "vip":
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


def _has_gateway(members: _Members) -> bool:
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
    members: _Members, vm_groups: list[str], default_groups: list[str]
) -> InterfaceProperties:
    """Return the interface that these networks share."""
    properties = {name: _cloud_properties(name, network) for name, network in members.items()}
    first, *others = members
    vswitch_id = properties[first].text("vswitch_id")
    for name in others:
        if properties[name].text("vswitch_id") != vswitch_id:
            raise InvalidProperty(
                f"{properties[name].path}.vswitch_id must be {vswitch_id}, the one of network "
                f"'{first}' with the same nic_group"
            )
    ip, ipv6 = _addresses(members)
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
    return InterfaceProperties(list(members), vswitch_id, ip, ipv6, merged)


def _addresses(members: _Members) -> tuple[str, str]:
    """Return the IPv4 and the IPv6 address of an interface, each empty where there is none."""
    found: dict[int, str] = {}
    for name, network in members.items():
        version, address = 4, ""
        if _kind(network) == "manual":
            parsed = _ip(name, network)
            version, address = parsed.version, str(parsed)
        if version in found:
            raise InvalidProperty(
                f"networks {', '.join(members)} have one interface, which takes one IPv4 address "
                "and one IPv6 address"
            )
        found[version] = address
    if 4 not in found:  # noqa: PLR2004 - IPv4
        raise InvalidProperty(
            f"networks {', '.join(members)} need an IPv4 network with the same nic_group: every "
            "network interface has an IPv4 address"
        )
    return found[4], found.get(6, "")


def _cloud_properties(name: str, network: Mapping[str, Any]) -> Properties:
    path = f"networks.{name}.cloud_properties"
    given = network.get("cloud_properties")
    if given is not None and not isinstance(given, dict):
        raise InvalidProperty(f"{path} must be an object")
    properties = validate("network", given, path)
    if not properties.text("vswitch_id"):
        raise InvalidProperty(f"{path}.vswitch_id is required: the id of a vswitch")
    return properties


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


def _ip(name: str, network: Mapping[str, Any]) -> IPv4Address | IPv6Address:
    try:
        return ip_address(str(network.get("ip")))
    except ValueError:
        raise InvalidProperty(f"networks.{name}.ip must be an IP address") from None


def _ipv4(name: str, network: Mapping[str, Any]) -> str:
    address = _ip(name, network)
    if isinstance(address, IPv6Address):
        raise InvalidProperty(f"networks.{name}.ip must be an IPv4 address")
    return str(address)
