"""DescribeInstances and DescribeInstanceStatus: filters, pages, accounts, read lag."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sim.compute import (
    GROUP,
    IMAGE,
    VPC,
    VSWITCH,
    instances,
    running,
    status,
    stopped,
)
from sim.support import OTHER_KEY_ID, OTHER_KEY_SECRET, Cloud

if TYPE_CHECKING:
    from alicloud_sim import Simulator


def test_id_filter(cloud: Cloud) -> None:
    """InstanceIds: absent or empty text is no filter, an empty array matches nothing."""
    first, second = stopped(cloud), stopped(cloud)
    assert len(instances(cloud)) == 2
    assert len(instances(cloud, InstanceIds="")) == 2
    assert instances(cloud, InstanceIds="[]") == []
    assert [row["InstanceId"] for row in instances(cloud, second, "i-none")] == [second]
    assert cloud.call("DescribeInstances", InstanceIds=first).code == "InvalidParameter"
    many = json.dumps([f"i-{n}" for n in range(101)])
    assert cloud.call("DescribeInstances", InstanceIds=many).code == "InvalidParameter"


def test_filters(cloud: Cloud) -> None:
    """All filters have to fit; a name may have asterisks; unknown values are refused."""
    first = stopped(cloud, InstanceName="alpha-1", Tag__1__Key="a", Tag__1__Value="1")
    second = running(cloud, InstanceName="beta-1", InstanceType="ecs.g7.large")
    every = [second, first]
    for given, fitting in (
        ({"Status": "Running"}, [second]),
        ({"Status": "Running", "InstanceType": "ecs.g6.large"}, []),
        ({"InstanceTypeFamily": "ecs.g6"}, [first]),
        ({"InstanceName": "alpha*"}, [first]),
        ({"InstanceName": "alpha"}, []),
        ({"Tag.1.Key": "a"}, [first]),
        ({"Tag.1.Key": "a", "Tag.1.Value": "2"}, []),
        ({"VpcId": VPC, "VSwitchId": VSWITCH, "ZoneId": "cn-beijing-h"}, every),
        ({"SecurityGroupId": GROUP, "ImageId": IMAGE}, every),
        ({"SecurityGroupId": "sg-none"}, []),
        ({"PrivateIpAddresses": '["10.0.1.2"]'}, [second]),
        ({"PublicIpAddresses": '["1.2.3.4"]'}, []),
        ({"EipAddresses": '["1.2.3.4"]'}, []),
        ({"LockReason": "security"}, []),
        ({"InstanceChargeType": "PostPaid", "InternetChargeType": "PayByTraffic"}, every),
        ({"InstanceNetworkType": "classic"}, []),
        ({"IoOptimized": "false"}, []),
    ):
        shown = [row["InstanceId"] for row in instances(cloud, **given)]
        assert sorted(shown) == sorted(fitting), given


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Status", "InvalidStatus.NotFound"),
        ("InstanceNetworkType", "InvalidNetworkType.NotFound"),
        ("InstanceChargeType", "InvalidInstanceChargeType.NotFound"),
        ("InternetChargeType", "InvalidInternetChargeType.ValueNotSupported"),
        ("LockReason", "InvalidLockReason.NotFound"),
    ],
)
def test_filter_refusals(cloud: Cloud, name: str, code: str) -> None:
    """A filter value that nothing can have is refused."""
    assert cloud.call("DescribeInstances", **{name: "odd"}).code == code


def test_pages(cloud: Cloud, sim: Simulator) -> None:
    """Pages are ten long, newest first; tokens and page numbers walk through all."""
    made = []
    for _ in range(12):
        made.append(stopped(cloud))
        sim.advance(1)
    first = cloud.ok("DescribeInstances")
    assert (first["TotalCount"], first["PageSize"]) == (12, 10)
    assert [row["InstanceId"] for row in first["Instances"]["Instance"]] == made[:1:-1]
    second = cloud.ok("DescribeInstances", PageNumber=2, PageSize=10)
    assert [row["InstanceId"] for row in second["Instances"]["Instance"]] == made[1::-1]
    token = cloud.ok("DescribeInstances", MaxResults=10)["NextToken"]
    rest = cloud.ok("DescribeInstances", NextToken=token)
    assert [row["InstanceId"] for row in rest["Instances"]["Instance"]] == made[1::-1]
    assert rest["NextToken"] == ""
    assert cloud.call("DescribeInstances", PageSize=101).code == "InvalidParameter"


def test_status_list(cloud: Cloud) -> None:
    """DescribeInstanceStatus tells statuses by id or zone, in pages of 50 at most."""
    first, second = stopped(cloud), running(cloud)
    answer = cloud.ok("DescribeInstanceStatus")
    rows = answer["InstanceStatuses"]["InstanceStatus"]
    assert {row["InstanceId"]: row["Status"] for row in rows} == {
        first: "Stopped",
        second: "Running",
    }
    one = cloud.ok("DescribeInstanceStatus", InstanceId__1=second, InstanceId__2="i-none")
    assert one["TotalCount"] == 1
    assert cloud.ok("DescribeInstanceStatus", ZoneId="cn-beijing-g")["TotalCount"] == 0
    assert cloud.call("DescribeInstanceStatus", ZoneId="x").code == "InvalidZoneId.NotFound"
    assert cloud.call("DescribeInstanceStatus", PageSize=51).code == "InvalidParameter"


def test_accounts_and_regions_are_apart(cloud: Cloud, sim: Simulator) -> None:
    """Instances of another account or region are neither listed nor found."""
    instance_id = stopped(cloud)
    other = Cloud(sim, OTHER_KEY_ID, OTHER_KEY_SECRET)
    assert instances(other) == []
    assert instances(cloud, RegionId="cn-hangzhou") == []
    for action in ("StartInstance", "DescribeInstanceAttribute", "DescribeUserData"):
        refused = other.call(action, InstanceId=instance_id)
        assert (refused.code, refused.status) == ("InvalidInstanceId.NotFound", 404)


def test_read_lag(cloud: Cloud, sim: Simulator) -> None:
    """Under read lag a list shows an older status than the one that counts."""
    instance_id = running(cloud)
    sim.set_lag(60)
    cloud.ok("StopInstance", InstanceId=instance_id)
    assert status(cloud, instance_id) == "Running"
    assert cloud.call("StopInstance", InstanceId=instance_id).code == "IncorrectInstanceStatus"
    sim.advance(61)
    assert status(cloud, instance_id) in ("Stopping", "Stopped")
