"""Instances made and shown: CreateInstance, statuses, tokens, options, locks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sim.compute import (
    GROUP,
    IMAGE,
    LONG,
    VPC,
    VSWITCH,
    address,
    create,
    encoded,
    enis,
    gone,
    instance,
    instances,
    order,
    settings,
    status,
    statuses,
    stopped,
)

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud


def test_create_statuses(cloud: Cloud) -> None:
    """A new instance is missed by one list, then Pending, then Stopped; it does not start."""
    answer = cloud.ok("CreateInstance", **order())
    assert answer.keys() == {"RequestId", "InstanceId"}
    instance_id = answer["InstanceId"]
    assert instance_id.startswith("i-2ze")
    assert len(instance_id) == 22
    assert statuses(cloud, instance_id) == ["", "Pending", "Stopped"]


def test_what_is_shown(cloud: Cloud) -> None:
    """The list shows what was ordered; times have no seconds, IoOptimized is a boolean."""
    instance_id = stopped(cloud, InstanceName="vm-1", Description="a vm", HostName="host1")
    shown = instance(cloud, instance_id)
    expected: dict[str, Any] = {
        "InstanceName": "vm-1",
        "Description": "a vm",
        "HostName": "host1",
        "ImageId": IMAGE,
        "InstanceType": "ecs.g6.large",
        "InstanceTypeFamily": "ecs.g6",
        "Cpu": 2,
        "Memory": 8192,
        "ZoneId": "cn-beijing-h",
        "RegionId": "cn-beijing",
        "InstanceNetworkType": "vpc",
        "InstanceChargeType": "PostPaid",
        "SpotStrategy": "NoSpot",
        "IoOptimized": True,
        "DeletionProtection": False,
        "StoppedMode": "KeepCharging",
        "StartTime": "",
        "SecurityGroupIds": {"SecurityGroupId": [GROUP]},
        "PublicIpAddress": {"IpAddress": []},
        "OperationLocks": {"LockReason": []},
        "EipAddress": {"AllocationId": "", "IpAddress": "", "InternetChargeType": ""},
    }
    assert {name: shown[name] for name in expected} == expected
    assert len(shown["CreationTime"]) == len("2017-12-10T04:04Z")
    assert shown["VpcAttributes"]["VpcId"] == VPC
    assert shown["VpcAttributes"]["VSwitchId"] == VSWITCH
    attributes = cloud.ok("DescribeInstanceAttribute", InstanceId=instance_id)
    assert attributes["IoOptimized"] == "optimized"
    assert attributes["InstanceName"] == "vm-1"


def test_defaults(cloud: Cloud) -> None:
    """Without names the id serves; the first free address is taken; no public one is given."""
    first, second = stopped(cloud, InternetMaxBandwidthOut=5), stopped(cloud)
    shown = instance(cloud, first)
    assert shown["InstanceName"] == first
    assert first.removeprefix("i-") in shown["HostName"]
    assert (address(cloud, first), address(cloud, second)) == ("10.0.1.1", "10.0.1.2")
    assert shown["PublicIpAddress"] == {"IpAddress": []}
    assert shown["InternetMaxBandwidthOut"] == 5


def test_disks_and_interface(cloud: Cloud) -> None:
    """An instance comes with its disks, held by it, and its primary interface, tagged as it is."""
    disk = {"DataDisk.1.Size": 30, "DataDisk.1.Category": "cloud_essd", "DataDisk.1.DiskName": "d1"}
    instance_id = create(
        cloud,
        **disk,
        **{"DataDisk.2.Size": 40, "DataDisk.2.DeleteWithInstance": "false"},
        Tag__1__Key="director",
        Tag__1__Value="bosh",
    )
    assert {disk["Status"] for disk in cloud.disks()} == {"Creating"}
    cloud.sim.advance(LONG)
    tags = {"Tag": [{"TagKey": "director", "TagValue": "bosh"}]}
    disks = sorted(cloud.disks(InstanceId=instance_id), key=lambda disk: disk["Device"])
    wanted = [
        ("/dev/xvda", "system", "cloud_essd", "PL1", 40, True),
        ("/dev/xvdb", "data", "cloud_essd", "PL1", 30, True),
        ("/dev/xvdc", "data", "cloud_efficiency", "", 40, False),
    ]
    fields = ("Device", "Type", "Category", "PerformanceLevel", "Size", "DeleteWithInstance")
    assert [tuple(disk[name] for name in fields) for disk in disks] == wanted
    assert all(disk["Status"] == "In_use" and disk["Tags"] == tags for disk in disks)
    assert disks[0]["SerialNumber"] == disks[0]["DiskId"].removeprefix("d-")
    assert disks[1]["DiskName"] == "d1"
    (eni,) = enis(cloud, InstanceId=instance_id)
    assert (eni["Type"], eni["Status"], eni["Tags"]) == ("Primary", "InUse", tags)
    (in_list,) = instance(cloud, instance_id)["NetworkInterfaces"]["NetworkInterface"]
    assert in_list["NetworkInterfaceId"] == eni["NetworkInterfaceId"]
    assert in_list["MacAddress"] == eni["MacAddress"]
    assert in_list["PrimaryIpAddress"] == address(cloud, instance_id)


def test_client_token(cloud: Cloud, sim: Simulator) -> None:
    """A token gives the same instance again, also after it was deleted; a new one another."""
    token = {"ClientToken": "t-1"}
    instance_id = create(cloud, **token)
    assert create(cloud, **token) == instance_id
    assert create(cloud, ClientToken="t-2") != instance_id
    refused = cloud.call("CreateInstance", **order(**token, InstanceName="other"))
    assert refused.code == "IdempotentParameterMismatch"
    sim.advance(LONG)
    gone(cloud, instance_id)
    assert create(cloud, **token) == instance_id
    assert status(cloud, instance_id) == ""


def test_user_data(cloud: Cloud) -> None:
    """User data comes back as it was sent; "" when there is none."""
    data = encoded('{"a": 1}')
    for given in (data, ""):
        instance_id = stopped(cloud, UserData=given)
        assert cloud.ok("DescribeUserData", InstanceId=instance_id)["UserData"] == given


def test_options_are_kept(cloud: Cloud, sim: Simulator) -> None:
    """Key pair, role, group, metadata and protection options show in the list."""
    constants = sim.state()["constants"]
    instance_id = stopped(
        cloud,
        KeyPairName=constants["cn-beijing.key_pair"],
        RamRoleName=constants["ram_role"],
        ResourceGroupId=constants["resource_group"],
        HttpTokens="required",
        DeletionProtection="true",
        Password="Passw0rd!",
    )
    shown = instance(cloud, instance_id)
    assert shown["KeyPairName"] == constants["cn-beijing.key_pair"]
    assert shown["ResourceGroupId"] == constants["resource_group"]
    assert shown["MetadataOptions"]["HttpTokens"] == "required"
    assert shown["DeletionProtection"] is True
    record = sim.state()["records"]["instance"][instance_id]
    assert record["ram_role_name"] == constants["ram_role"]
    assert record["has_password"] is True
    assert "Passw0rd!" not in json.dumps(sim.state())


def test_spot_and_subscription(cloud: Cloud) -> None:
    """Spot instances show their strategy, subscriptions when they expire and their order."""
    spot = stopped(cloud, SpotStrategy="SpotWithPriceLimit", SpotPriceLimit=1.5)
    shown = instance(cloud, spot)
    wanted = ("SpotWithPriceLimit", 1.5, 1, "Terminate")
    names = ("SpotStrategy", "SpotPriceLimit", "SpotDuration", "SpotInterruptionBehavior")
    assert tuple(shown[name] for name in names) == wanted
    answer = cloud.ok("CreateInstance", **order(InstanceChargeType="PrePaid", Period=1))
    assert answer["OrderId"]
    cloud.sim.advance(LONG)
    shown = instance(cloud, answer["InstanceId"])
    assert shown["InstanceChargeType"] == "PrePaid"
    assert not shown["ExpiredTime"].startswith("2099")


def test_locks(cloud: Cloud, sim: Simulator) -> None:
    """A lock shows and can be filtered by; the one for security refuses every change."""
    instance_id = stopped(cloud, InstanceName="locked")
    settings(sim, instance__locks={"locked": ["financial"], instance_id: ["security"]})
    shown = instance(cloud, instance_id)
    reasons = [lock["LockReason"] for lock in shown["OperationLocks"]["LockReason"]]
    assert sorted(reasons) == ["financial", "security"]
    assert len(instances(cloud, LockReason="security")) == 1
    for action, params in (
        ("StartInstance", {}),
        ("StopInstance", {}),
        ("RebootInstance", {}),
        ("DeleteInstance", {}),
        ("ModifyInstanceAttribute", {"InstanceName": "other"}),
        ("JoinSecurityGroup", {"SecurityGroupId": GROUP}),
    ):
        refused = cloud.call(action, InstanceId=instance_id, **params)
        assert refused.code == "InstanceLockedForSecurity", action
    settings(sim, instance__locks={"locked": ["financial"]})
    assert cloud.call("StartInstance", InstanceId=instance_id).code == "InstanceExpired"
