"""Automatic snapshot policies: listed, given to disks and taken from them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sim.support import Cloud

if TYPE_CHECKING:
    from alicloud_sim import Simulator


@pytest.fixture
def cloud(sim: Simulator) -> Cloud:
    """Return requests to a fresh cloud."""
    return Cloud(sim)


def made(sim: Simulator, kind: str, **fields: object) -> str:
    """Put a record into the world; returns its id."""
    return sim.seed({kind: [fields]})[kind][0]


def policy_of(cloud: Cloud, disk: str) -> str:
    """Return the policy that DescribeDisks shows."""
    (row,) = cloud.ok("DescribeDisks", DiskIds=json.dumps([disk]))["Disks"]["Disk"]
    assert row["EnableAutomatedSnapshotPolicy"] == bool(row["AutoSnapshotPolicyId"])
    found: str = row["AutoSnapshotPolicyId"]
    return found


def test_one_policy_replaces_another(sim: Simulator, cloud: Cloud) -> None:
    """A disk has one at most; cancelling removes it, and a second time nothing."""
    disk = made(sim, "disk", status="Available", zone_id="cn-beijing-h")
    for policy in (made(sim, "auto_snapshot_policy"), made(sim, "auto_snapshot_policy")):
        asked = {"autoSnapshotPolicyId": policy, "diskIds": json.dumps([disk])}
        cloud.ok("ApplyAutoSnapshotPolicy", **asked)
        assert policy_of(cloud, disk) == policy
    for _ in range(2):
        cloud.ok("CancelAutoSnapshotPolicy", diskIds=json.dumps([disk]))
        assert policy_of(cloud, disk) == ""


def test_refusals(sim: Simulator, cloud: Cloud) -> None:
    """Unknown policies and disks, no disk, and a disk without snapshots: no disk gets it."""
    policy = made(sim, "auto_snapshot_policy")
    disk = made(sim, "disk", status="Available", zone_id="cn-beijing-h")
    local = made(
        sim,
        "disk",
        status="Available",
        zone_id="cn-beijing-h",
        category="elastic_ephemeral_disk_standard",
    )
    for wanted, disks, code in (
        ("sp-none", [disk], "ParameterInvalid"),
        (made(sim, "auto_snapshot_policy", region="cn-hangzhou"), [disk], "ParameterInvalid"),
        (policy, [], "ParameterInvalid"),
        (policy, [disk, "d-none"], "InvalidDiskId.NotFound"),
        (policy, [disk, local], "DiskCategory.OperationNotSupported"),
    ):
        asked = {"autoSnapshotPolicyId": wanted, "diskIds": json.dumps(disks)}
        assert cloud.call("ApplyAutoSnapshotPolicy", **asked).code == code
    assert policy_of(cloud, disk) == ""


def test_a_list_of_policies(sim: Simulator, cloud: Cloud) -> None:
    """By id, name, group and tag; those of the region, with the number of their disks."""
    policy = made(sim, "auto_snapshot_policy", name="daily", tags={"team": "web"})
    made(sim, "auto_snapshot_policy", name="other", resource_group_id="rg-1")
    made(sim, "auto_snapshot_policy", region="cn-hangzhou", name="daily")
    disk = made(sim, "disk", status="Available", zone_id="cn-beijing-h")
    cloud.ok("ApplyAutoSnapshotPolicy", autoSnapshotPolicyId=policy, diskIds=json.dumps([disk]))
    assert cloud.ok("DescribeAutoSnapshotPolicyEx")["TotalCount"] == 2
    for asked in (
        {"AutoSnapshotPolicyId": policy},
        {"AutoSnapshotPolicyName": "daily"},
        {"Tag__1__Key": "team", "Tag__1__Value": "web"},
    ):
        answer = cloud.ok("DescribeAutoSnapshotPolicyEx", **asked)
        (row,) = answer["AutoSnapshotPolicies"]["AutoSnapshotPolicy"]
        assert (row["AutoSnapshotPolicyId"], row["Status"]) == (policy, "Normal")
        assert (row["DiskNums"], row["TimePoints"]) == (1, '["0"]')
    assert cloud.ok("DescribeAutoSnapshotPolicyEx", ResourceGroupId="rg-1")["TotalCount"] == 1
    assert cloud.ok("DescribeAutoSnapshotPolicyEx", AutoSnapshotPolicyId="sp-no")["TotalCount"] == 0
    assert cloud.call("DescribeAutoSnapshotPolicyEx", PageSize=101).code == "InvalidParameter"
