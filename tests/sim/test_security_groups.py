"""Security groups: lists, and membership of instances and interfaces."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sim.compute import (
    GROUP,
    GROUP_EXTRA,
    GROUP_THIRD,
    LONG,
    VPC,
    create,
    eni,
    enis,
    free_eni,
    instance,
    other_network,
    quotas,
    running,
    stopped,
)

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud


def groups(cloud: Cloud, **params: Any) -> list[Any]:
    """Describe security groups."""
    return list(cloud.ok("DescribeSecurityGroups", **params)["SecurityGroups"]["SecurityGroup"])


def held(cloud: Cloud, instance_id: str) -> list[str]:
    """Tell the groups of an instance."""
    return list(instance(cloud, instance_id)["SecurityGroupIds"]["SecurityGroupId"])


def test_list(cloud: Cloud, sim: Simulator) -> None:
    """Groups are listed with filters; how many instances they have on request."""
    other_network(sim)
    stopped(cloud)
    every = {GROUP, GROUP_EXTRA, GROUP_THIRD, "sg-other"}
    assert {row["SecurityGroupId"] for row in groups(cloud)} == every
    assert len(groups(cloud, VpcId=VPC)) == 3
    assert groups(cloud, SecurityGroupIds="[]") == []
    (row,) = groups(cloud, SecurityGroupIds=json.dumps([GROUP]), IsQueryEcsCount="true")
    assert (row["EcsCount"], row["AvailableInstanceAmount"]) == (1, 1999)
    assert [g["SecurityGroupId"] for g in groups(cloud, SecurityGroupName="bosh-extra")] == [
        GROUP_EXTRA
    ]
    assert groups(cloud, SecurityGroupName="bosh") == []
    assert len(groups(cloud, SecurityGroupName="bosh", FuzzyQuery="true")) == 3
    refused = cloud.call("DescribeSecurityGroups", SecurityGroupType="odd")
    assert refused.code == "InvalidParameter.SecurityGroupType"
    assert cloud.call("DescribeSecurityGroups", DryRun="true").code == "DryRunOperation"


def test_attribute(cloud: Cloud) -> None:
    """One group is shown with its VPC and policy; an unknown one is refused."""
    shown = cloud.ok("DescribeSecurityGroupAttribute", SecurityGroupId=GROUP)
    assert (shown["VpcId"], shown["InnerAccessPolicy"]) == (VPC, "Accept")
    assert shown["Permissions"]["Permission"] == []
    for given, code in (
        ({"SecurityGroupId": "sg-none"}, "InvalidSecurityGroupId.NotFound"),
        ({"SecurityGroupId": GROUP, "NicType": "odd"}, "InvalidNicType.ValueNotSupported"),
    ):
        assert cloud.call("DescribeSecurityGroupAttribute", **given).code == code


def test_join_and_leave(cloud: Cloud) -> None:
    """An instance joins once, and leaves what it is in, but for the last group."""
    instance_id = running(cloud)
    extra = {"InstanceId": instance_id, "SecurityGroupId": GROUP_EXTRA}
    cloud.ok("JoinSecurityGroup", **extra)
    assert held(cloud, instance_id) == [GROUP, GROUP_EXTRA]
    (primary,) = enis(cloud, InstanceId=instance_id)
    assert primary["SecurityGroupIds"]["SecurityGroupId"] == [GROUP, GROUP_EXTRA]
    refused = cloud.call("JoinSecurityGroup", **extra)
    assert (refused.code, refused.status) == ("InvalidInstanceId.AlreadyExists", 403)
    cloud.ok("LeaveSecurityGroup", **extra)
    refused = cloud.call("LeaveSecurityGroup", **extra)
    assert (refused.code, refused.status) == ("InvalidSecurityGroupAssociation.NotFound", 400)
    refused = cloud.call("LeaveSecurityGroup", InstanceId=instance_id, SecurityGroupId=GROUP)
    assert (refused.code, refused.status) == ("InstanceLastSecurityGroup", 403)
    assert held(cloud, instance_id) == [GROUP]


@pytest.mark.parametrize("action", ["JoinSecurityGroup", "LeaveSecurityGroup"])
def test_refusals(cloud: Cloud, action: str) -> None:
    """Both ids have to exist, and one kind of member has to be named."""
    instance_id = stopped(cloud)
    for given, code in (
        ({"InstanceId": "i-none"}, "InvalidInstanceId.NotFound"),
        ({"NetworkInterfaceId": "eni-none"}, "InvalidEniId.NotFound"),
        ({"InstanceId": instance_id, "SecurityGroupId": "sg-none"}, "InvalidSecurityGroupId.NotF"),
        ({}, "MissingParameter"),
        (
            {"InstanceId": instance_id, "NetworkInterfaceId": "eni-1"},
            "InvalidParam.EniIdAndInstanceId.Conflict",
        ),
    ):
        refused = cloud.call(action, **{"SecurityGroupId": GROUP_EXTRA, **given})
        assert refused.code.startswith(code)


def test_statuses(cloud: Cloud) -> None:
    """The instance has to be Running or Stopped."""
    instance_id = create(cloud)
    given = {"InstanceId": instance_id, "SecurityGroupId": GROUP_EXTRA}
    assert cloud.call("JoinSecurityGroup", **given).code == "Forbidden.InstanceIsBeingCreated"
    assert cloud.call("LeaveSecurityGroup", **given).code == "IncorrectInstanceStatus"
    cloud.sim.advance(LONG)
    cloud.ok("StartInstance", InstanceId=instance_id)
    assert cloud.call("JoinSecurityGroup", **given).code == "IncorrectInstanceStatus"


def test_limits(cloud: Cloud, sim: Simulator) -> None:
    """Groups of other VPCs or kinds, too many of them and full ones are refused."""
    other_network(sim)
    sim.seed({"security_group": [{"id": "sg-advanced", "vpc_id": VPC, "group_type": "enterprise"}]})
    instance_id = stopped(cloud)
    for group, code in (
        ("sg-other", "InvalidInstanceId.Mismatch"),
        ("sg-advanced", "InvalidOperation.MultiGroupType"),
    ):
        given = {"InstanceId": instance_id, "SecurityGroupId": group}
        assert cloud.call("JoinSecurityGroup", **given).code == code
    given = {"InstanceId": instance_id, "SecurityGroupId": GROUP_EXTRA}
    quotas(sim, security_group__members=0)
    refused = cloud.call("JoinSecurityGroup", **given)
    assert refused.code == "SecurityGroupInstanceLimitExceeded"
    quotas(sim, security_group__members=10, security_group__per_instance=1)
    refused = cloud.call("JoinSecurityGroup", **given)
    assert refused.code == "InstanceSecurityGroupLimitExceeded"


def test_interfaces(cloud: Cloud, sim: Simulator) -> None:
    """A secondary interface joins and leaves by itself, a primary one does not."""
    eni_id = free_eni(cloud)
    given = {"NetworkInterfaceId": eni_id, "SecurityGroupId": GROUP_EXTRA}
    cloud.ok("JoinSecurityGroup", **given)
    assert eni(cloud, eni_id)["SecurityGroupIds"]["SecurityGroupId"] == [GROUP, GROUP_EXTRA]
    cloud.ok("LeaveSecurityGroup", **given)
    last = {**given, "SecurityGroupId": GROUP}
    assert cloud.call("LeaveSecurityGroup", **last).code == "InvalidOperation.AtLeastInOneGroup"
    other_network(sim)
    other = {**given, "SecurityGroupId": "sg-other"}
    assert cloud.call("JoinSecurityGroup", **other).code == "InvalidOperation.VpcMismatch"
    (primary,) = enis(cloud, InstanceId=stopped(cloud))
    given["NetworkInterfaceId"] = primary["NetworkInterfaceId"]
    assert cloud.call("JoinSecurityGroup", **given).code == "InvalidOperation.InvalidEniType"
    cloud.ok("DeleteNetworkInterface", NetworkInterfaceId=eni_id)
    given["NetworkInterfaceId"] = eni_id
    assert cloud.call("JoinSecurityGroup", **given).code == "InvalidOperation.InvalidEniState"
