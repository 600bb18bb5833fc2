"""The networks of a VM: its interfaces and vips; whose security groups count."""

from __future__ import annotations

from typing import Any

import pytest

from alicloud_cpi.cloud_properties.network import (
    InterfaceProperties,
    NetworkProperties,
    VipProperties,
)
from alicloud_cpi.cloud_properties.schema import InvalidProperty


def manual(**changes: Any) -> dict[str, Any]:
    """Word a manual network; None removes a field."""
    fields = {
        "type": "manual",
        "ip": "10.0.1.10",
        "cloud_properties": {"vswitch_id": "vsw-1", "security_group_ids": ["sg-net"]},
        **changes,
    }
    return {key: value for key, value in fields.items() if value is not None}


def parsed(
    networks: dict[str, Any], vm_groups: tuple[str, ...] = (), default: tuple[str, ...] = ()
) -> NetworkProperties:
    """Read networks."""
    return NetworkProperties.parse(
        networks, vm_security_groups=list(vm_groups), default_security_groups=list(default)
    )


def test_manual() -> None:
    """A manual network has an address; its type may be left out."""
    interface = InterfaceProperties(
        ["private"], "vsw-1", "10.0.1.10", "", ["sg-net"], vswitch_ids=["vsw-1"]
    )
    expected = NetworkProperties([interface], [])
    assert parsed({"private": manual()}) == expected
    assert parsed({"private": manual(type=None)}) == expected


def test_dynamic() -> None:
    """A dynamic network asks for no address, also when a redeploy still names the old one."""
    assert parsed({"private": manual(type="dynamic")}).primary.ip == ""
    assert parsed({"private": manual(type="dynamic", ip=None)}).primary.ip == ""


def test_vip() -> None:
    """A vip network adds its address to the private one."""
    found = parsed({"public": {"type": "vip", "ip": "47.1.1.1"}, "private": manual()})
    assert (found.primary.ip, found.vips) == ("10.0.1.10", [VipProperties("47.1.1.1")])


@pytest.mark.parametrize(
    ("properties", "vm_groups", "default", "groups"),
    [
        ({"security_group_ids": ["a", "b"]}, (), (), ["a", "b"]),
        ({"security_group_id": "a"}, (), (), ["a"]),
        ({"security_group_ids": ["a"], "security_group_id": "b"}, (), (), ["b", "a"]),
        ({"security_group_ids": ["a", "b"], "security_group_id": "b"}, (), (), ["b", "a"]),
        ({"security_group_ids": ["a"]}, ("v",), (), ["v"]),
        ({"security_group_id": "a"}, ("v", "w"), ("d",), ["v", "w"]),
        ({"security_group_ids": ["a"]}, (), ("d",), ["a"]),
        ({}, (), ("d", "e"), ["d", "e"]),
        ({"security_group_ids": [], "security_group_id": ""}, (), ("d",), ["d"]),
        ({"security_group_ids": ["a", "b", "a"]}, (), (), ["a", "b"]),
        ({}, tuple(f"v{n % 16}" for n in range(20)), (), [f"v{n}" for n in range(16)]),
    ],
)
def test_whose_security_groups_count(
    properties: dict[str, Any],
    vm_groups: tuple[str, ...],
    default: tuple[str, ...],
    groups: list[str],
) -> None:
    """The VM type's groups replace the network's entirely; the default serves where none is."""
    asked = {"private": manual(cloud_properties={"vswitch_id": "vsw-1", **properties})}
    assert parsed(asked, vm_groups, default).primary.security_group_ids == groups


@pytest.mark.parametrize(
    ("networks", "named"),
    [
        ({}, "networks must have a manual or dynamic network"),
        (
            {"public": {"type": "vip", "ip": "47.1.1.1"}},
            "networks must have a manual or dynamic network",
        ),
        (
            {"a": manual(nic_group="1"), "b": manual(type="dynamic", nic_group="1")},
            "networks a, b have one interface, which takes one IPv4 address and one IPv6 address",
        ),
        ({"a": "manual"}, "networks.a must be an object"),
        ({"a": None}, "networks.a must be an object"),
        ({"a": manual(type="bridged")}, "networks.a.type must be manual, dynamic or vip"),
        ({"a": manual(type=["manual"])}, "networks.a.type must be manual, dynamic or vip"),
        ({"a": manual(ip=None)}, "networks.a.ip must be an IP address"),
        ({"a": manual(ip="")}, "networks.a.ip must be an IP address"),
        ({"a": manual(ip="10.0.1.256")}, "networks.a.ip must be an IP address"),
        (
            {"a": manual(ip="2001:db8::1")},
            "networks a need an IPv4 network with the same nic_group",
        ),
        ({"a": manual(ip=167772161)}, "networks.a.ip must be an IP address"),
        ({"a": manual(ip=["10.0.1.10"])}, "networks.a.ip must be an IP address"),
        ({"a": manual(), "v": {"type": "vip"}}, "networks.v.ip must be an IP address"),
        ({"a": manual(cloud_properties=None)}, "networks.a.cloud_properties.vswitch_id is"),
        ({"a": manual(cloud_properties={})}, "networks.a.cloud_properties.vswitch_id is required"),
        ({"a": manual(cloud_properties=[])}, "networks.a.cloud_properties must be an object"),
        (
            {"a": manual(cloud_properties={"vswitch_id": ["vsw-1"]})},
            "networks.a.cloud_properties.vswitch_id must be a non-empty string",
        ),
        (
            {"a": manual(cloud_properties={"vswitch_id": "vsw-1"})},
            "networks.a.cloud_properties.security_group_ids is required, unless",
        ),
        (
            {"a": manual(cloud_properties={"vswitch_id": "v", "security_group_ids": [""]})},
            "networks.a.cloud_properties.security_group_ids[0] must be a non-empty string",
        ),
        (
            {
                "a": manual(
                    cloud_properties={
                        "vswitch_id": "v",
                        "security_group_ids": [f"sg-{n}" for n in range(17)],
                    }
                )
            },
            "networks.a.cloud_properties.security_group_ids: at most 16",
        ),
    ],
)
def test_what_is_wrong_is_named(networks: dict[str, Any], named: str) -> None:
    """A message names the network and the field, and says what was expected."""
    with pytest.raises(InvalidProperty) as raised:
        parsed(networks)
    assert named in raised.value.message


def test_too_many_groups_of_the_vm_type() -> None:
    """Where the VM type's groups are too many, it is the VM type that is named."""
    with pytest.raises(InvalidProperty, match=r"^cloud_properties\.security_group_ids: at most 16"):
        parsed({"a": manual()}, tuple(f"sg-{n}" for n in range(17)))
