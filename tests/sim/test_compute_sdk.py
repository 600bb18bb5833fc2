"""Instances through Alibaba Cloud's own Python SDK, as a client would make and drop one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sim.compute import GROUP, IMAGE, VSWITCH, encoded
from sim.test_sdk import do

if TYPE_CHECKING:
    from aliyunsdkcore.client import AcsClient

pytestmark = pytest.mark.filterwarnings("ignore")


def described(sdk: AcsClient, instance_id: str) -> Any:
    """Describe one instance; None if it is not listed."""
    rows = do(sdk, "DescribeInstances", InstanceIds=json.dumps([instance_id]))
    return next(iter(rows["Instances"]["Instance"]), None)


def until(sdk: AcsClient, instance_id: str, status: str | None) -> Any:
    """Wait for a status, None for the end of the instance."""
    for _ in range(5):
        shown = described(sdk, instance_id)
        if (shown and shown["Status"]) == status:
            return shown
    raise AssertionError(f"{instance_id} is not {status}")


def test_instance_lifecycle(sdk: AcsClient) -> None:
    """Made, started, restarted, stopped and released, each step waited for."""
    instance_id = do(
        sdk,
        "CreateInstance",
        ImageId=IMAGE,
        InstanceType="ecs.g6.large",
        VSwitchId=VSWITCH,
        SecurityGroupId=GROUP,
        InstanceName="vm-1",
        UserData=encoded("{}"),
        SystemDiskCategory="cloud_essd",
        SystemDiskSize=50,
        DataDisks=[{"Size": 30, "Category": "cloud_essd", "DeleteWithInstance": "true"}],
        Tags=[{"Key": "director", "Value": "bosh"}],
    )["InstanceId"]
    until(sdk, instance_id, "Stopped")
    do(sdk, "StartInstance", InstanceId=instance_id)
    shown = until(sdk, instance_id, "Running")
    assert shown["Tags"]["Tag"] == [{"TagKey": "director", "TagValue": "bosh"}]
    do(sdk, "RebootInstance", InstanceId=instance_id)
    until(sdk, instance_id, "Running")
    disks = do(sdk, "DescribeDisks", InstanceId=instance_id)["Disks"]["Disk"]
    assert sorted(disk["Size"] for disk in disks) == [30, 50]
    do(sdk, "StopInstance", InstanceId=instance_id, ForceStop=True)
    until(sdk, instance_id, "Stopped")
    do(sdk, "DeleteInstance", InstanceId=instance_id, Force=True)
    until(sdk, instance_id, None)
    assert do(sdk, "DescribeDisks")["TotalCount"] == 0


def test_types_and_tags(sdk: AcsClient) -> None:
    """Types are found by their names, resources are tagged and found by tag."""
    rows = do(sdk, "DescribeInstanceTypes", InstanceTypess=["ecs.g8i.large"])
    (kind,) = rows["InstanceTypes"]["InstanceType"]
    assert kind["NvmeSupport"] == "required"
    eni_id = do(sdk, "CreateNetworkInterface", VSwitchId=VSWITCH, SecurityGroupId=GROUP)[
        "NetworkInterfaceId"
    ]
    tags = [{"Key": "a", "Value": "b"}]
    do(sdk, "TagResources", ResourceType="eni", ResourceIds=[eni_id], Tags=tags)
    found = do(sdk, "DescribeNetworkInterfaces", Tags=tags)["NetworkInterfaceSets"]
    assert [row["NetworkInterfaceId"] for row in found["NetworkInterfaceSet"]] == [eni_id]
