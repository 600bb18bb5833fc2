"""IPv6 addresses of network interfaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alicloud_sim.ecs.instance_types import InstanceType
from alicloud_sim.vpc.networks import VSwitch
from sim.compute import eni, enis, free_eni, stopped

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud

RANGE = "2408:4005:3c5:6e00::/64"
ADDRESS = "2408:4005:3c5:6e00::10"


@pytest.fixture(autouse=True)
def ipv6_turned_on(sim: Simulator) -> None:
    """Turn IPv6 on for all vSwitches."""
    for switch in sim.world.all(VSwitch):
        switch.ipv6_cidr_block = RANGE


def test_created_with_an_address(cloud: Cloud) -> None:
    """It is listed with it; a second interface cannot have the same one."""
    eni_id = free_eni(cloud, **{"Ipv6Address.1": ADDRESS})
    assert eni(cloud, eni_id)["Ipv6Sets"] == {"Ipv6Set": [{"Ipv6Address": ADDRESS}]}
    (primary,) = enis(cloud, InstanceId=stopped(cloud))
    refused = cloud.call(
        "AssignIpv6Addresses",
        NetworkInterfaceId=primary["NetworkInterfaceId"],
        **{"Ipv6Address.1": ADDRESS},
    )
    assert refused.code == "InvalidOperation.AddressAlreadyAllocated"


def test_assigned_and_taken_off(cloud: Cloud) -> None:
    """Of the primary interface of a stopped instance."""
    (primary,) = enis(cloud, InstanceId=stopped(cloud))
    given = {"NetworkInterfaceId": primary["NetworkInterfaceId"], "Ipv6Address.1": ADDRESS}
    answer = cloud.ok("AssignIpv6Addresses", **given)
    assert answer["Ipv6Sets"] == {"Ipv6Address": [ADDRESS]}
    cloud.ok("UnassignIpv6Addresses", **given)
    assert eni(cloud, given["NetworkInterfaceId"])["Ipv6Sets"] == {"Ipv6Set": []}
    assert cloud.call("UnassignIpv6Addresses", **given).code == "InvalidIp.Address"


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("2001:db8::1", "InvalidOperation.AddressNotInVSwitchCidr"),
        ("no address", "InvalidIp.Address"),
    ],
)
def test_wrong_addresses(cloud: Cloud, address: str, code: str) -> None:
    """Malformed, or of another range."""
    (primary,) = enis(cloud, InstanceId=stopped(cloud))
    given = {"NetworkInterfaceId": primary["NetworkInterfaceId"], "Ipv6Address.1": address}
    assert cloud.call("AssignIpv6Addresses", **given).code == code


def test_limits(cloud: Cloud, sim: Simulator) -> None:
    """IPv6 has to be turned on, and the type has to take so many addresses."""
    (primary,) = enis(cloud, InstanceId=stopped(cloud))
    given = {"NetworkInterfaceId": primary["NetworkInterfaceId"], "Ipv6Address.1": ADDRESS}
    for kind in sim.world.all(InstanceType):
        kind.ipv6_per_eni = 0
    assert cloud.call("AssignIpv6Addresses", **given).code == "InvalidOperation.Ipv6CountExceeded"
    for switch in sim.world.all(VSwitch):
        switch.ipv6_cidr_block = ""
    assert cloud.call("AssignIpv6Addresses", **given).code == "InvalidOperation.VSwitchIpv6Disabled"
