"""Making and deleting VPCs, of VPC and of the deprecated actions of ECS; tags of VPC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.compute import LONG, VPC, VSWITCH, quotas
from sim.support import ECS, REGION, Cloud

if TYPE_CHECKING:
    from alicloud_sim import Simulator

VERSIONS = {"vpc": "2016-04-28", "ecs": ECS}


@pytest.fixture
def vpc(sim: Simulator) -> Cloud:
    """Give a client of the VPC service."""
    return Cloud(sim, common={"Version": VERSIONS["vpc"]})


@pytest.fixture(params=list(VERSIONS))
def of(sim: Simulator, request: pytest.FixtureRequest) -> Cloud:
    """Give a client of one of the two services."""
    return Cloud(sim, common={"Version": VERSIONS[request.param]})


def vpcs(of: Cloud, **params: Any) -> list[Any]:
    """Describe VPCs."""
    return list(of.ok("DescribeVpcs", **params)["Vpcs"]["Vpc"])


def made(of: Cloud, **params: Any) -> str:
    """Make a VPC and wait until it is Available."""
    vpc_id = str(of.ok("CreateVpc", **params)["VpcId"])
    of.sim.advance(LONG)
    return vpc_id


def test_create_and_delete(of: Cloud) -> None:
    """A new VPC is Pending, then Available, and has a router and a route table of its own."""
    answer = of.ok("CreateVpc", CidrBlock="192.168.0.0/16", VpcName="n", Description="d")
    assert answer["VpcId"].startswith("vpc-2ze")
    assert answer["VRouterId"].startswith("vrt-2ze")
    assert answer["RouteTableId"].startswith("vtb-2ze")
    shown = [vpcs(of, VpcId=answer["VpcId"])[0] for _ in "ab"]
    assert [row["Status"] for row in shown] == ["Pending", "Available"]
    assert (shown[0]["VpcName"], shown[0]["CidrBlock"]) == ("n", "192.168.0.0/16")
    of.ok("DeleteVpc", VpcId=answer["VpcId"])
    assert vpcs(of, VpcId=answer["VpcId"]) == []
    again = of.call("DeleteVpc", VpcId=answer["VpcId"])
    assert (again.status, again.code) == (404, "InvalidVpcId.NotFound")


def test_a_default_block(of: Cloud) -> None:
    """Without CidrBlock a VPC has 172.16.0.0/12."""
    assert vpcs(of, VpcId=made(of))[0]["CidrBlock"] == "172.16.0.0/12"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"CidrBlock": "10.0.0.1/8"}, "InvalidParameter"),
        ({"CidrBlock": "10.0.0.0/29"}, "InvalidParameter"),
        ({"CidrBlock": "100.64.0.0/16"}, "InvalidParameter"),
        ({"VpcName": "http://x"}, "InvalidVpcName.Malformed"),
        ({"Description": "https://x"}, "InvalidVpcDiscription.Malformed"),
        ({"UserCidr": "1.0.0.0/8,2.0.0.0/8,3.0.0.0/8,4.0.0.0/8"}, "InvalidUserCidr.Quota"),
        ({"UserCidr": "100.64.0.0/16"}, "InvalidUserCidr.Malformed"),
        ({"UserCidr": "x"}, "IllegalParam.UserCidr"),
        ({"RegionId": "mars"}, "InvalidRegionId.NotFound"),
    ],
)
def test_create_refusals(of: Cloud, changed: dict[str, Any], code: str) -> None:
    """A wrong value is refused, and nothing is made."""
    assert of.call("CreateVpc", **changed).code == code
    assert len(vpcs(of)) == 1


def test_the_quota(of: Cloud, sim: Simulator) -> None:
    """The number of VPCs is limited where a test says so."""
    quotas(sim, vpc__count=1)
    assert of.call("CreateVpc").code == "QuotaExceeded.Vpc"


def test_what_is_in_a_vpc_keeps_it(of: Cloud, cloud: Cloud) -> None:
    """A vSwitch first, then a security group is in the way; a Pending VPC is not deleted either."""
    vpc_id = str(of.ok("CreateVpc", CidrBlock="10.0.0.0/8")["VpcId"])
    assert of.call("DeleteVpc", VpcId=vpc_id).code == "IncorrectVpcStatus"
    of.sim.advance(LONG)
    place = {"VpcId": vpc_id, "ZoneId": "cn-beijing-h", "CidrBlock": "10.1.0.0/24"}
    vswitch_id = of.ok("CreateVSwitch", **place)["VSwitchId"]
    of.sim.advance(LONG)
    group_id = cloud.ok("CreateSecurityGroup", VpcId=vpc_id)["SecurityGroupId"]
    assert of.call("DeleteVpc", VpcId=vpc_id).code == "DependencyViolation.VSwitch"
    of.ok("DeleteVSwitch", VSwitchId=vswitch_id)
    assert of.call("DeleteVpc", VpcId=vpc_id).code == "DependencyViolation.SecurityGroup"
    cloud.ok("DeleteSecurityGroup", SecurityGroupId=group_id)
    of.ok("DeleteVpc", VpcId=vpc_id)


def test_only_with_vpc(vpc: Cloud) -> None:
    """Dry runs, tags, a resource group, and the details of one VPC."""
    assert vpc.call("CreateVpc", DryRun="true").code == "DryRunOperation"
    assert vpc.call("DeleteVpc", VpcId=VPC, DryRun="true").code == "DependencyViolation.VSwitch"
    assert vpc.call("CreateVpc", ResourceGroupId="rg-none").code == "InvalidResourceGroupId"
    given = {"Tag__1__Key": "a", "Tag__1__Value": "1", "ResourceGroupId": "rg-simbosh0000001"}
    vpc_id = made(vpc, **given)
    shown = vpc.ok("DescribeVpcAttribute", VpcId=vpc_id)
    assert shown["Tags"]["Tag"] == [{"Key": "a", "Value": "1"}]
    assert shown["ResourceGroupId"] == "rg-simbosh0000001"
    counts = {
        row["ResourceType"]: row["ResourceCount"]
        for row in shown["CloudResources"]["CloudResourceSetType"]
    }
    assert counts == {"VSwitch": 0, "RouteTable": 1, "VRouter": 1}
    (table,) = vpc.ok("DescribeRouteTableList", VpcId=vpc_id)["RouterTableList"][
        "RouterTableListType"
    ]
    assert (table["RouteTableType"], table["RouterId"]) == ("System", shown["VRouterId"])
    vpc.ok("ModifyVpcAttribute", VpcId=vpc_id, VpcName="other", Description="new")
    shown = vpc.ok("DescribeVpcAttribute", VpcId=vpc_id)
    assert (shown["VpcName"], shown["Description"]) == ("other", "new")
    vpc.ok("ModifyVSwitchAttribute", VSwitchId=VSWITCH, VSwitchName="other")
    assert vpc.ok("DescribeVSwitchAttributes", VSwitchId=VSWITCH)["VSwitchName"] == "other"


def test_no_such_vpc(vpc: Cloud) -> None:
    """The description of one VPC spells the code in its own way."""
    missing = vpc.call("DescribeVpcAttribute", VpcId="vpc-none")
    assert (missing.status, missing.code) == (404, "InvalidVpcID.NotFound")


def test_one_token_makes_one_vpc(vpc: Cloud) -> None:
    """The second call with a ClientToken answers like the first."""
    first, second = (vpc.ok("CreateVpc", ClientToken="t")["VpcId"] for _ in "ab")
    assert first == second


@pytest.mark.parametrize(
    ("resource_type", "resource_id"),
    [("VPC", VPC), ("VSWITCH", VSWITCH), ("EIP", "eip-2zesimeip1000000001")],
)
def test_tags(vpc: Cloud, sim: Simulator, resource_type: str, resource_id: str) -> None:
    """VPCs, vSwitches and EIPs are tagged, listed by tag, and freed of tags."""
    resource_id = {"EIP": sim.world.constants[f"{REGION}.eip.1"]}.get(resource_type, resource_id)
    given = {"ResourceType": resource_type, "ResourceId__1": resource_id}
    two = {"Tag__1__Key": "a", "Tag__1__Value": "1", "Tag__2__Key": "b", "Tag__2__Value": "2"}
    vpc.ok("TagResources", **given, **two)
    by_tag = vpc.ok("ListTagResources", ResourceType=resource_type, Tag__1__Key="a")
    assert [row["TagValue"] for row in by_tag["TagResources"]["TagResource"]] == ["1", "2"]
    vpc.ok("UnTagResources", **given, TagKey__1="a")
    (left,) = vpc.ok("ListTagResources", **given)["TagResources"]["TagResource"]
    assert (left["ResourceId"], left["TagKey"]) == (resource_id, "b")
    vpc.ok("UnTagResources", **given, All="true")
    assert vpc.ok("ListTagResources", **given)["TagResources"]["TagResource"] == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"ResourceType": "VPN"}, "InvalidInstanceType.NotFound"),
        ({"ResourceType": "NATGATEWAY"}, "SimulatorUnsupported.ResourceType=NATGATEWAY"),
        ({"ResourceId__1": "vpc-none"}, "InvalidInstanceIds.NotFound"),
        ({"Tag__1__Key": "acs:x"}, "InvalidTagKey"),
        ({"Tag__2__Key": "a"}, "Forbidden.TagKey.Duplicated"),
        ({f"ResourceId__{n}": "vpc-x" for n in range(1, 52)}, "SizeLimitExceeded.ResourceId"),
        ({f"Tag__{n}__Key": f"k{n}" for n in range(1, 22)}, "SizeLimitExceeded.TagNum"),
    ],
)
def test_tag_refusals(vpc: Cloud, changed: dict[str, Any], code: str) -> None:
    """A call tags all or nothing."""
    given = {"ResourceType": "VPC", "ResourceId__1": VPC, "Tag__1__Key": "a"}
    assert vpc.call("TagResources", **{**given, **changed}).code == code
    assert vpcs(vpc, VpcId=VPC)[0]["Tags"]["Tag"] == []


def test_places(vpc: Cloud) -> None:
    """VPC lists the same regions and zones as ECS."""
    regions = vpc.ok("DescribeRegions")["Regions"]["Region"]
    assert [row["RegionId"] for row in regions] == ["cn-beijing", "cn-hangzhou"]
    zones = vpc.ok("DescribeZones")["Zones"]["Zone"]
    assert [row["ZoneId"] for row in zones] == ["cn-beijing-h", "cn-beijing-g"]


def test_what_force_and_ipv6_do_not_do(vpc: Cloud) -> None:
    """ForceDelete takes no vSwitch along; a VPC with IPv6 is not simulated."""
    refused = vpc.call("DeleteVpc", VpcId=VPC, ForceDelete="true")
    assert refused.code == "DependencyViolation.VSwitch"
    assert vpc.call("CreateVpc", EnableIpv6="true").status == 501
    made(vpc, EnableIpv6="false")
