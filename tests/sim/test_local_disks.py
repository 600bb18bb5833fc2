"""Disks of the host: made with an instance, and of no use without it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sim.support import Cloud
from support.world import ZONE

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.world import Names


@pytest.fixture
def cloud(sim: Simulator) -> Cloud:
    """Return requests to a fresh cloud."""
    return Cloud(sim)


@pytest.fixture
def instance(cloud: Cloud, sim: Simulator, names: Names) -> str:
    """Return an instance of a type with two local disks; it is Stopped."""
    made: str = cloud.ok(
        "CreateInstance",
        InstanceType="ecs.i2.4xlarge",
        ImageId=names.image,
        VSwitchId=names.vswitch,
        SecurityGroupId=names.groups[0],
        DataDisk__1__Size=20,
    )["InstanceId"]
    cloud.ok("DescribeInstances")
    sim.advance(60)
    return made


def disks(cloud: Cloud, **filters: Any) -> list[dict[str, Any]]:
    """Describe disks."""
    found: list[dict[str, Any]] = cloud.ok("DescribeDisks", **filters)["Disks"]["Disk"]
    return found


def test_listed_with_the_instance(cloud: Cloud, instance: str) -> None:
    """As data disks of their category that cannot be detached, and described with the type."""
    local = disks(cloud, InstanceId=instance, Category="local_ssd_pro")
    assert [(disk["Size"], disk["Type"], disk["Portable"]) for disk in local] == [
        (1788, "data", False)
    ] * 2
    assert len(disks(cloud, InstanceId=instance)) == 4
    asked = {"InstanceTypes__1": "ecs.i2.4xlarge", "MinimumLocalStorageAmount": 2}
    (kind,) = cloud.ok("DescribeInstanceTypes", **asked)["InstanceTypes"]["InstanceType"]
    assert (kind["LocalStorageAmount"], kind["LocalStorageCapacity"]) == (2, 1788)
    assert (kind["LocalStorageCategory"], kind["InstanceCategory"]) == (
        "local_ssd_pro",
        "Local SSDs",
    )


def test_refused(cloud: Cloud, sim: Simulator, instance: str) -> None:
    """Whatever only cloud disks can; and nobody creates one."""
    disk = disks(cloud, InstanceId=instance, Category="local_ssd_pro")[0]["DiskId"]
    policy = sim.seed({"auto_snapshot_policy": [{}]})["auto_snapshot_policy"][0]
    for action, code, asked in (
        ("DetachDisk", "DiskNotPortable", {"InstanceId": instance, "DiskId": disk}),
        ("ResizeDisk", "InvalidDiskCategory.NotSupported", {"DiskId": disk, "NewSize": 2000}),
        (
            "ModifyDiskSpec",
            "OperationDenied.DiskCategoryNotSupport",
            {"DiskId": disk, "DiskCategory": "cloud_essd"},
        ),
        ("CreateSnapshot", "DiskCategory.OperationNotSupported", {"DiskId": disk}),
        (
            "ApplyAutoSnapshotPolicy",
            "DiskCategory.OperationNotSupported",
            {"autoSnapshotPolicyId": policy, "diskIds": json.dumps([disk])},
        ),
        (
            "CreateDisk",
            "InvalidDiskCategory.ValueNotSupported",
            {"ZoneId": ZONE, "Size": 100, "DiskCategory": "local_ssd_pro"},
        ),
    ):
        answer = cloud.call(action, **asked)
        assert answer.code == code, (action, answer.code)


def test_gone_with_the_instance(cloud: Cloud, sim: Simulator, instance: str) -> None:
    """No disk stays."""
    cloud.ok("DeleteInstance", InstanceId=instance, Force="true")
    cloud.ok("DescribeInstances")
    sim.advance(60)
    assert disks(cloud, Category="local_ssd_pro") == []
