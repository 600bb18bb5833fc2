"""IP prefixes of network interfaces, which are of the reserved blocks of a vSwitch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alicloud_sim.ecs.instance_types import InstanceType
from alicloud_sim.vpc.networks import VSwitch
from sim.compute import GROUP, VSWITCH, eni, enis, free_eni, stopped

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud

V4, V6 = "10.0.1.64/28", "2408:4005:3c5:6e00:101::/80"


@pytest.fixture(autouse=True)
def reserved(sim: Simulator) -> VSwitch:
    """Reserve a block of either version."""
    switch = sim.world.get(VSwitch, VSWITCH)
    assert switch is not None
    switch.ipv6_cidr_block = "2408:4005:3c5:6e00::/64"
    switch.reserved_blocks = ["10.0.1.64/26", "2408:4005:3c5:6e00:100::/72"]
    return switch


def test_created_with_prefixes(cloud: Cloud) -> None:
    """They are listed with the interface, and free again when it is gone."""
    given = {"Ipv4Prefix.1": V4, "Ipv6Prefix.1": V6, "Ipv6Address.1": "2408:4005:3c5:6e00::10"}
    eni_id = free_eni(cloud, **given)
    shown = eni(cloud, eni_id)
    assert shown["Ipv4PrefixSets"] == {"Ipv4PrefixSet": [{"Ipv4Prefix": V4}]}
    assert shown["Ipv6PrefixSets"] == {"Ipv6PrefixSet": [{"Ipv6Prefix": V6}]}
    again = {"VSwitchId": VSWITCH, "SecurityGroupId": GROUP, "Ipv4Prefix.1": V4}
    refused = cloud.call("CreateNetworkInterface", **again)
    assert refused.code == "InvalidIp.IpPrefixNotAvailable"
    cloud.ok("DeleteNetworkInterface", NetworkInterfaceId=eni_id)
    while enis(cloud, **{"NetworkInterfaceId.1": eni_id}):
        pass
    free_eni(cloud, **given)


def test_assigned_and_taken_off(cloud: Cloud) -> None:
    """Of the primary interface of a stopped instance."""
    (primary,) = enis(cloud, InstanceId=stopped(cloud))
    v4 = {"NetworkInterfaceId": primary["NetworkInterfaceId"], "Ipv4Prefix.1": V4}
    v6 = {"NetworkInterfaceId": primary["NetworkInterfaceId"], "Ipv6Prefix.1": V6}
    found = cloud.ok("AssignPrivateIpAddresses", **v4)["AssignedPrivateIpAddressesSet"]
    assert found["Ipv4PrefixSet"] == {"Ipv4Prefixes": [V4]}
    assert cloud.ok("AssignIpv6Addresses", **v6)["Ipv6PrefixSets"] == {"Ipv6Prefix": [V6]}
    cloud.ok("UnassignPrivateIpAddresses", **v4)
    cloud.ok("UnassignIpv6Addresses", **v6)
    shown = eni(cloud, v4["NetworkInterfaceId"])
    assert shown["Ipv4PrefixSets"] == {"Ipv4PrefixSet": []}
    assert cloud.call("UnassignPrivateIpAddresses", **v4).code == "InvalidIp.IpUnassigned"


@pytest.mark.parametrize(
    ("prefix", "code"),
    [
        ("10.0.1.64/27", "InvalidIp.IpPrefixMaskInvalid"),
        ("10.0.1.72/28", "InvalidIp.IpPrefixNotStrict"),
        ("10.0.1.32/28", "InvalidIp.IpPrefixMustInReserveSegment"),
        ("10.0.7.64/28", "InvalidOperation.AddressNotInVSwitchCidr"),
        ("10.0.1.64", "InvalidIp.IpPrefixIllegal"),
        (V6, "InvalidIp.IpPrefixIllegal"),
    ],
)
def test_wrong_prefixes(cloud: Cloud, prefix: str, code: str) -> None:
    """Of another size, not at a boundary, outside the reserved block or the vSwitch."""
    (primary,) = enis(cloud, InstanceId=stopped(cloud))
    given = {"NetworkInterfaceId": primary["NetworkInterfaceId"], "Ipv4Prefix.1": prefix}
    assert cloud.call("AssignPrivateIpAddresses", **given).code == code


def test_a_vswitch_without_a_reserved_block(cloud: Cloud, reserved: VSwitch) -> None:
    """It has no prefixes to give."""
    reserved.reserved_blocks = []
    (primary,) = enis(cloud, InstanceId=stopped(cloud))
    given = {"NetworkInterfaceId": primary["NetworkInterfaceId"], "Ipv4Prefix.1": V4}
    refused = cloud.call("AssignPrivateIpAddresses", **given)
    assert refused.code == "InvalidOperation.VSwitchCidrReservationNotExist"


def test_addresses_of_a_reserved_block(cloud: Cloud, reserved: VSwitch) -> None:
    """Nobody gets them, chosen or not."""
    given = {"VSwitchId": VSWITCH, "SecurityGroupId": GROUP, "PrimaryIpAddress": "10.0.1.70"}
    refused = cloud.call("CreateNetworkInterface", **given)
    assert refused.code == "InvalidVSwitchId.IpInvalid"
    reserved.reserved_blocks = ["10.0.1.0/28"]
    assert eni(cloud, free_eni(cloud))["PrivateIpAddress"] == "10.0.1.16"


def test_limits(cloud: Cloud, sim: Simulator) -> None:
    """A prefix counts as an address; a request has secondary addresses or prefixes."""
    instance_id = stopped(cloud)
    (primary,) = enis(cloud, InstanceId=instance_id)
    attached = {"NetworkInterfaceId": primary["NetworkInterfaceId"]}
    both = {**attached, "Ipv4Prefix.1": V4, "PrivateIpAddress.1": "10.0.1.40"}
    assert cloud.call("AssignPrivateIpAddresses", **both).code == "InvalidParameter.Conflict"
    for kind in sim.world.all(InstanceType):
        kind.addresses_per_eni, kind.ipv6_per_eni = 1, 0
    full = cloud.call("AssignPrivateIpAddresses", **attached, **{"Ipv4Prefix.1": V4})
    assert full.code == "InvalidOperation.Ipv4CountExceeded"
    full = cloud.call("AssignIpv6Addresses", **attached, **{"Ipv6Prefix.1": V6})
    assert full.code == "InvalidOperation.Ipv6CountExceeded"
    given = {"NetworkInterfaceId": free_eni(cloud, **{"Ipv4Prefix.1": V4})}
    full = cloud.call("AttachNetworkInterface", **given, InstanceId=instance_id)
    assert full.code == "InvalidOperation.Ipv4CountExceeded"
