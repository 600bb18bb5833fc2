"""vSwitches and VPCs, of VPC and of the deprecated actions of ECS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.compute import (
    LONG,
    VPC,
    VSWITCH,
    VSWITCH_G,
    create,
    free_eni,
    gone,
    order,
    quotas,
    stopped,
)

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud

VERSIONS = {"vpc": "2016-04-28", "ecs": "2014-05-26"}
NEW = {"VpcId": VPC, "ZoneId": "cn-beijing-h", "CidrBlock": "10.0.8.0/24"}

pytestmark = pytest.mark.parametrize("product", list(VERSIONS))


@pytest.fixture
def of(cloud: Cloud, product: str) -> Cloud:
    """Give a client of one of the two products."""
    cloud.common["Version"] = VERSIONS[product]
    return cloud


def switches(of: Cloud, **params: Any) -> list[Any]:
    """Describe vSwitches."""
    return list(of.ok("DescribeVSwitches", **params)["VSwitches"]["VSwitch"])


def test_create_and_delete(of: Cloud) -> None:
    """A new vSwitch is Pending, then Available; an empty one can be deleted."""
    made = of.ok("CreateVSwitch", **NEW, VSwitchName="n", Description="d")["VSwitchId"]
    assert made.startswith("vsw-2ze")
    shown = [switches(of, VSwitchId=made)[0] for _ in "ab"]
    assert [row["Status"] for row in shown] == ["Pending", "Available"]
    assert (shown[0]["VSwitchName"], shown[0]["CidrBlock"]) == ("n", "10.0.8.0/24")
    assert shown[0]["AvailableIpAddressCount"] == 252
    of.ok("DeleteVSwitch", VSwitchId=made)
    assert switches(of, VSwitchId=made) == []
    refused = of.call("DeleteVSwitch", VSwitchId=made)
    assert (refused.code, refused.status) == ("InvalidVSwitchId.NotFound", 400)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"VpcId": None}, "Missing"),
        ({"VpcId": "vpc-none"}, "InvalidVpcId.NotFound"),
        ({"ZoneId": "x"}, "InvalidZoneId.NotFound"),
        ({"CidrBlock": "10.0.8.1/24"}, "InvalidCidrBlock.Malformed"),
        ({"CidrBlock": "10.0.8.0/30"}, "InvalidCirdrBlock.MaskLength"),
        ({"CidrBlock": "192.168.0.0/24"}, "InvalidCidrBlock.Malformed"),
        ({"CidrBlock": "10.0.0.0/16"}, "InvalidCidrBlock.Overlapped"),
        ({"CidrBlock": "10.0.1.128/25"}, "InvalidCidrBlock.Overlapped"),
        ({"VSwitchName": "1"}, "InvalidVSwitchName.Malformed"),
        ({"Description": "http://x"}, "InvalidVSwitchDiscription.Malformed"),
    ],
)
def test_create_refusals(of: Cloud, changed: dict[str, Any], code: str) -> None:
    """Blocks have 16 to 29 bits, are inside the VPC and do not overlap."""
    assert of.call("CreateVSwitch", **{**NEW, **changed}).code.startswith(code)
    assert len(switches(of)) == 2


def test_one_at_a_time(of: Cloud, sim: Simulator, product: str) -> None:
    """While one is being made the VPC takes no other; then the quota counts."""
    of.ok("CreateVSwitch", **NEW)
    busy = {"vpc": "OperationDenied.OtherSubnetCreating", "ecs": "TaskConflict"}
    another = {**NEW, "CidrBlock": "10.0.9.0/24"}
    assert of.call("CreateVSwitch", **another).code == busy[product]
    sim.advance(LONG)
    quotas(sim, vswitch__count=3)
    assert of.call("CreateVSwitch", **another).code == "QuotaExceeded.VSwitch"


def test_vpc_that_is_being_made(of: Cloud, sim: Simulator) -> None:
    """A Pending VPC takes no vSwitch."""
    sim.seed({"vpc": [{"id": "vpc-new", "status": "Pending"}]})
    assert of.call("CreateVSwitch", **{**NEW, "VpcId": "vpc-new"}).code == "IncorrectVpcStatus"


def test_client_token(of: Cloud) -> None:
    """A token gives the same vSwitch again."""
    made = [of.ok("CreateVSwitch", **NEW, ClientToken="t")["VSwitchId"] for _ in "ab"]
    assert made[0] == made[1]


def test_not_empty(of: Cloud, cloud: Cloud, sim: Simulator) -> None:
    """A vSwitch with interfaces or held addresses in it is not deleted."""
    version = cloud.common.pop("Version")
    sim.set_pace(address__release=60)
    instance_id = stopped(cloud, VSwitchId=VSWITCH_G)
    cloud.common["Version"] = version
    given = {"VSwitchId": VSWITCH_G}
    assert of.call("DeleteVSwitch", **given).code == "DependencyViolation"
    assert switches(of, **given)[0]["AvailableIpAddressCount"] == 251
    cloud.common.pop("Version")
    gone(cloud, instance_id)
    cloud.common["Version"] = version
    assert of.call("DeleteVSwitch", **given).code == "DependencyViolation"
    sim.advance(LONG)
    of.ok("DeleteVSwitch", **given)
    assert of.call("DeleteVSwitch", VSwitchId=VSWITCH).code == "DependencyViolation"  # a CLB


def test_while_being_made(of: Cloud, cloud: Cloud) -> None:
    """A Pending vSwitch is neither deleted nor used."""
    made = of.ok("CreateVSwitch", **NEW)["VSwitchId"]
    assert of.call("DeleteVSwitch", VSwitchId=made).code == "IncorrectVSwitchStatus"
    cloud.common.pop("Version")
    refused = cloud.call("CreateInstance", **order(VSwitchId=made))
    assert refused.code == "IncorrectVSwitchStatus"
    cloud.sim.advance(LONG)
    create(cloud, VSwitchId=made)
    assert free_eni(cloud, VSwitchId=made)


def test_list(of: Cloud, product: str) -> None:
    """Filters have to fit; several ids go with commas; VPC shows more."""
    (row,) = switches(of, ZoneId="cn-beijing-h", VpcId=VPC)
    assert row["VSwitchId"] == VSWITCH
    assert len(switches(of, VSwitchId=f"{VSWITCH},vsw-none")) == 1
    assert switches(of, VpcId="vpc-none") == []
    assert switches(of, IsDefault="true") == []
    if product == "vpc":
        assert of.ok("DescribeVSwitchAttributes", VSwitchId=VSWITCH)["CidrBlock"] == "10.0.1.0/24"
        refused = of.call("DescribeVSwitchAttributes", VSwitchId="vsw-none")
        assert refused.code == "InvalidVSwitchId.NotFound"
        (vpc,) = of.ok("DescribeVpcs", VpcId=VPC)["Vpcs"]["Vpc"]
        assert (vpc["CidrBlock"], len(vpc["VSwitchIds"]["VSwitchId"])) == ("10.0.0.0/16", 2)
        assert of.ok("DescribeVpcs", VpcName="none")["TotalCount"] == 0
