"""Network interfaces: made, attached, detached, changed, deleted, listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.compute import (
    GROUP,
    GROUP_EXTRA,
    LONG,
    VPC,
    VSWITCH,
    VSWITCH_G,
    create,
    eni,
    enis,
    free_eni,
    other_network,
    quotas,
    running,
    settings,
    stopped,
)

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud


def test_create(cloud: Cloud) -> None:
    """A new interface is Creating, then Available; the answer tells what it is like."""
    made = cloud.ok(
        "CreateNetworkInterface",
        VSwitchId=VSWITCH,
        SecurityGroupId=GROUP,
        NetworkInterfaceName="eni-a",
        PrimaryIpAddress="10.0.1.20",
        Tag__1__Key="a",
        Tag__1__Value="b",
    )
    expected: dict[str, Any] = {
        "Type": "Secondary",
        "Status": "Creating",
        "VpcId": VPC,
        "VSwitchId": VSWITCH,
        "ZoneId": "cn-beijing-h",
        "PrivateIpAddress": "10.0.1.20",
        "NetworkInterfaceName": "eni-a",
        "SecurityGroupIds": {"SecurityGroupId": [GROUP]},
        "Tags": {"Tag": [{"TagKey": "a", "TagValue": "b"}]},
    }
    assert {name: made[name] for name in expected} == expected
    seen = [eni(cloud, made["NetworkInterfaceId"])["Status"] for _ in "ab"]
    assert seen == ["Creating", "Available"]


def test_addresses(cloud: Cloud) -> None:
    """Secondary addresses are given or counted; all of them are taken then, once a token."""
    counted = eni(cloud, free_eni(cloud, SecondaryPrivateIpAddressCount=2))
    sets = [row["PrivateIpAddress"] for row in counted["PrivateIpSets"]["PrivateIpSet"]]
    assert sets == ["10.0.1.1", "10.0.1.2", "10.0.1.3"]
    given = eni(cloud, free_eni(cloud, PrivateIpAddress__1="10.0.1.4"))
    assert given["PrivateIpAddress"] == "10.0.1.5"
    found = enis(cloud, VSwitchId=VSWITCH, PrivateIpAddress__1="10.0.1.3")
    assert [row["NetworkInterfaceId"] for row in found] == [counted["NetworkInterfaceId"]]
    assert free_eni(cloud, ClientToken="t") == free_eni(cloud, ClientToken="t")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"VSwitchId": None}, "MissingParameter"),
        ({"VSwitchId": "vsw-none"}, "InvalidVSwitchId.NotFound"),
        ({"SecurityGroupId": None}, "MissingParameter"),
        ({"SecurityGroupId": "sg-none"}, "InvalidSecurityGroupId.NotFound"),
        ({"SecurityGroupId": "sg-other"}, "InvalidOperation.VpcMismatch"),
        (
            {"SecurityGroupIds.1": GROUP_EXTRA},
            "InvalidSecurityGroupId.SingleIdAndMultiIdConflict",
        ),
        ({"NetworkInterfaceName": "1"}, "InvalidParams.NetworkInterfaceName"),
        ({"PrimaryIpAddress": "10.0.1"}, "InvalidIp.Address"),
        ({"PrimaryIpAddress": "10.0.2.1"}, "InvalidVSwitchId.IpInvalid"),
        ({"PrimaryIpAddress": "10.0.1.1"}, "InvalidPrivateIpAddress.Duplicated"),
        (
            {"PrimaryIpAddress": "10.0.1.9", "PrivateIpAddress.1": "10.0.1.9"},
            "InvalidIp.IpRepeated",
        ),
        (
            {"PrivateIpAddress.1": "10.0.1.9", "SecondaryPrivateIpAddressCount": 1},
            "InvalidParameter.Conflict",
        ),
        ({"SecondaryPrivateIpAddressCount": 50}, "MaxEniPrivateIpsCountExceeded"),
        ({"ResourceGroupId": "rg-none"}, "InvalidResourceGroup.NotFound"),
        ({"InstanceType": "Trunk"}, "SimulatorUnsupported.InstanceType"),
        ({"Tag.1.Key": "aliyunx"}, "InvalidTagKey.Malformed"),
    ],
)
def test_create_refusals(cloud: Cloud, sim: Simulator, changed: dict[str, Any], code: str) -> None:
    """vSwitch, groups, addresses and texts have to fit."""
    other_network(sim)
    free_eni(cloud)
    given = {"VSwitchId": VSWITCH, "SecurityGroupId": GROUP, **changed}
    assert cloud.call("CreateNetworkInterface", **given).code == code
    assert len(enis(cloud)) == 1


def test_quota(cloud: Cloud, sim: Simulator) -> None:
    """More interfaces than the quota allows are refused."""
    quotas(sim, eni__count=0)
    given = {"VSwitchId": VSWITCH, "SecurityGroupId": GROUP}
    assert cloud.call("CreateNetworkInterface", **given).code == "MaxEniCountExceeded"


def test_attach_and_detach(cloud: Cloud, sim: Simulator) -> None:
    """Available, Attaching, InUse; Detaching, Available."""
    instance_id, eni_id = stopped(cloud), free_eni(cloud)
    both = {"InstanceId": instance_id, "NetworkInterfaceId": eni_id}
    cloud.ok("AttachNetworkInterface", **both)
    assert [eni(cloud, eni_id)["Status"] for _ in "ab"] == ["Attaching", "InUse"]
    shown = eni(cloud, eni_id)
    assert shown["InstanceId"] == shown["Attachment"]["InstanceId"] == instance_id
    assert shown["Attachment"]["DeviceIndex"] == 1
    kinds = [row["Type"] for row in enis(cloud, InstanceId=instance_id)]
    assert sorted(kinds) == ["Primary", "Secondary"]
    cloud.ok("DetachNetworkInterface", **both)
    assert [eni(cloud, eni_id)["Status"] for _ in "ab"] == ["Detaching", "Available"]
    assert eni(cloud, eni_id)["InstanceId"] == ""
    sim.advance(LONG)
    refused = cloud.call("DetachNetworkInterface", **both)
    assert refused.code == "InvalidOperation.InvalidEniState"


def test_attach_refusals(cloud: Cloud, sim: Simulator) -> None:
    """Zone, VPC, status and number of interfaces have to fit."""
    other_network(sim)
    instance_id, eni_id = stopped(cloud), free_eni(cloud)
    both = {"InstanceId": instance_id, "NetworkInterfaceId": eni_id}
    (primary,) = enis(cloud, InstanceId=instance_id)
    elsewhere = free_eni(cloud, VSwitchId="vsw-other", SecurityGroupId="sg-other")
    for given, code in (
        ({"InstanceId": "i-none"}, "InvalidEcsId.NotFound"),
        ({"NetworkInterfaceId": "eni-none"}, "InvalidEniId.NotFound"),
        ({"NetworkInterfaceId": primary["NetworkInterfaceId"]}, "InvalidOperation.InvalidEniType"),
        ({"NetworkInterfaceId": elsewhere}, "InvalidOperation.VpcMismatch"),
        (
            {"NetworkInterfaceId": free_eni(cloud, VSwitchId=VSWITCH_G)},
            "InvalidOperation.AvailabilityZoneMismatch",
        ),
        ({"InstanceId": create(cloud)}, "InvalidOperation.InvalidEcsState"),
    ):
        assert cloud.call("AttachNetworkInterface", **{**both, **given}).code == code
    cloud.ok("AttachNetworkInterface", **both)
    refused = cloud.call("AttachNetworkInterface", **both)
    assert refused.code == "InvalidOperation.InvalidEniState"
    sim.advance(LONG)
    another = {**both, "NetworkInterfaceId": free_eni(cloud)}
    refused = cloud.call("AttachNetworkInterface", **another)
    assert refused.code == "EniPerInstanceLimitExceeded"


def test_detach_refusals(cloud: Cloud, sim: Simulator) -> None:
    """The primary interface stays, and another instance's cannot be taken off."""
    first, second, eni_id = running(cloud), stopped(cloud), free_eni(cloud)
    (primary,) = enis(cloud, InstanceId=first)
    given = {"InstanceId": first, "NetworkInterfaceId": primary["NetworkInterfaceId"]}
    refused = cloud.call("DetachNetworkInterface", **given)
    assert refused.code == "InvalidOperation.DetachPrimaryEniNotAllowed"
    cloud.ok("AttachNetworkInterface", InstanceId=first, NetworkInterfaceId=eni_id)
    sim.advance(LONG)
    refused = cloud.call("DetachNetworkInterface", InstanceId=second, NetworkInterfaceId=eni_id)
    assert refused.code == "InvalidParameter.EniNotBelongEcs"


def test_delete(cloud: Cloud) -> None:
    """An interface is deleted when Available; then it is Deleting, then gone."""
    eni_id = free_eni(cloud)
    cloud.ok("DeleteNetworkInterface", NetworkInterfaceId=eni_id)
    refused = cloud.call("DeleteNetworkInterface", NetworkInterfaceId=eni_id)
    assert refused.code == "InvalidOperation.InvalidEniState"
    assert eni(cloud, eni_id)["Status"] == "Deleting"
    assert enis(cloud) == []
    refused = cloud.call("DeleteNetworkInterface", NetworkInterfaceId=eni_id)
    assert (refused.code, refused.status) == ("InvalidEniId.NotFound", 403)
    (primary,) = enis(cloud, InstanceId=stopped(cloud))
    given = {"NetworkInterfaceId": primary["NetworkInterfaceId"]}
    refused = cloud.call("DeleteNetworkInterface", **given)
    assert refused.code == "InvalidOperation.InvalidEniType"


def test_delete_that_hangs(cloud: Cloud, sim: Simulator) -> None:
    """By a setting an interface stays Deleting until it is deleted once more."""
    settings(sim, eni__delete_hangs=True)
    eni_id = free_eni(cloud)
    cloud.ok("DeleteNetworkInterface", NetworkInterfaceId=eni_id)
    sim.advance(LONG)
    assert [eni(cloud, eni_id)["Status"] for _ in "ab"] == ["Deleting", "Deleting"]
    cloud.ok("DeleteNetworkInterface", NetworkInterfaceId=eni_id)
    sim.advance(LONG)
    assert enis(cloud) == []


def test_modify(cloud: Cloud, sim: Simulator) -> None:
    """Name, groups and DeleteOnRelease change; of a primary one the name only."""
    eni_id = free_eni(cloud)
    changes: dict[str, Any] = {"NetworkInterfaceName": "second", "DeleteOnRelease": "false"}
    groups = {"SecurityGroupId.1": GROUP_EXTRA}
    change = "ModifyNetworkInterfaceAttribute"
    cloud.ok(change, NetworkInterfaceId=eni_id, **changes, **groups)
    shown = eni(cloud, eni_id)
    assert (shown["NetworkInterfaceName"], shown["DeleteOnRelease"]) == ("second", False)
    assert shown["SecurityGroupIds"]["SecurityGroupId"] == [GROUP_EXTRA]
    (primary,) = enis(cloud, InstanceId=stopped(cloud))
    primary_id = primary["NetworkInterfaceId"]
    refused = cloud.call(change, NetworkInterfaceId=primary_id, **changes)
    assert refused.code == "InvalidOperation.PrimaryEniOnlySupportModifyNameAndDesc"
    cloud.ok(change, NetworkInterfaceId=primary_id, NetworkInterfaceName="first")
    other_network(sim)
    foreign = {"SecurityGroupId.1": "sg-other"}
    refused = cloud.call(change, NetworkInterfaceId=eni_id, **foreign)
    assert refused.code == "InvalidOperation.VpcMismatch"


def test_list(cloud: Cloud) -> None:
    """All filters have to fit; pages hold up to 500."""
    first = free_eni(cloud, NetworkInterfaceName="first", Tag__1__Key="a")
    free_eni(cloud)
    every = len(enis(cloud))
    for given, amount in (
        ({"Type": "Secondary", "Status": "Available", "VpcId": VPC}, every),
        ({"Type": "Primary"}, 0),
        ({"NetworkInterfaceName": "first"}, 1),
        ({"NetworkInterfaceId.1": first, "NetworkInterfaceId.2": "eni-none"}, 1),
        ({"PrimaryIpAddress": "10.0.1.2"}, 1),
        ({"SecurityGroupId": GROUP}, every),
        ({"Tag.1.Key": "a"}, 1),
        ({"InstanceId": "i-none"}, 0),
        ({"MaxResults": 500}, every),
    ):
        assert len(enis(cloud, **given)) == amount, given
    for given, code in (
        ({"Type": "odd"}, "InvalidOperation.InvalidEniType"),
        ({"Status": "odd"}, "InvalidOperation.InvalidEniState"),
        ({"PageNumber": 0}, "InvalidOperation.InvalidEniPageNumber"),
        ({"PageSize": 501}, "InvalidParameter"),
        ({"PrivateIpAddress.1": "10.0.1.1"}, "InvalidVpc.Empty"),
    ):
        assert cloud.call("DescribeNetworkInterfaces", **given).code == code
