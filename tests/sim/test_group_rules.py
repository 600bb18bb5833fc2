"""Security groups from making to deletion, and their rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.compute import GROUP, GROUP_EXTRA, VPC, other_network, quotas, stopped

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud

SSH = {"IpProtocol": "tcp", "PortRange": "22/22", "SourceCidrIp": "10.0.0.0/8"}
OUT = {"IpProtocol": "all", "PortRange": "-1/-1", "DestCidrIp": "0.0.0.0/0"}


def made(cloud: Cloud, **params: Any) -> str:
    """Make a group in the usual VPC."""
    return str(cloud.ok("CreateSecurityGroup", VpcId=VPC, **params)["SecurityGroupId"])


def shown(cloud: Cloud, group_id: str, **params: Any) -> dict[str, Any]:
    """Describe a group."""
    return dict(cloud.ok("DescribeSecurityGroupAttribute", SecurityGroupId=group_id, **params))


def rules(cloud: Cloud, group_id: str, **params: Any) -> list[Any]:
    """Describe the rules of a group."""
    return list(shown(cloud, group_id, **params)["Permissions"]["Permission"])


def listed(*given: dict[str, Any]) -> dict[str, Any]:
    """Write rules as Permissions.N."""
    return {
        f"Permissions__{number}__{name}": value
        for number, rule in enumerate(given, start=1)
        for name, value in rule.items()
    }


def test_create_and_delete(cloud: Cloud) -> None:
    """A new group has its name, its tags and no rules."""
    names = {"SecurityGroupName": "web", "Description": "a group", "SecurityGroupType": "normal"}
    group_id = made(cloud, **names, Tag__1__Key="a", Tag__1__Value="1")
    described = shown(cloud, group_id)
    assert (described["SecurityGroupName"], described["VpcId"]) == ("web", VPC)
    assert described["Permissions"]["Permission"] == []
    tagged = cloud.ok("DescribeSecurityGroups", Tag__1__Key="a")["SecurityGroups"]["SecurityGroup"]
    assert [row["SecurityGroupId"] for row in tagged] == [group_id]
    cloud.ok("DeleteSecurityGroup", SecurityGroupId=group_id)
    again = cloud.call("DeleteSecurityGroup", SecurityGroupId=group_id)
    assert (again.status, again.code) == (404, "InvalidSecurityGroup.NotFound")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"VpcId": "vpc-none"}, "InvalidVpcId.NotFound"),
        ({"SecurityGroupType": "odd"}, "InvalidParams.GroupType"),
        ({"SecurityGroupName": "1"}, "InvalidSecurityGroupName.Malformed"),
        ({"Description": "http://x"}, "InvalidSecurityGroupDiscription.Malformed"),
        ({"ResourceGroupId": "rg-none"}, "InvalidResourceGroup.NotFound"),
        ({"Tag__1__Key": "acs:x"}, "InvalidTagKey.Malformed"),
        ({"VpcId": None}, "SimulatorUnsupported.ClassicNetwork"),
    ],
)
def test_create_refusals(cloud: Cloud, changed: dict[str, Any], code: str) -> None:
    """A wrong value is refused, and nothing is made."""
    assert cloud.call("CreateSecurityGroup", **{"VpcId": VPC, **changed}).code == code
    assert cloud.ok("DescribeSecurityGroups")["TotalCount"] == 3


def test_the_quota(cloud: Cloud, sim: Simulator) -> None:
    """The number of groups is limited where a test says so."""
    quotas(sim, security_group__count=3)
    assert cloud.call("CreateSecurityGroup", VpcId=VPC).code == "QuotaExceed.SecurityGroup"


def test_what_keeps_a_group(cloud: Cloud) -> None:
    """Members keep a group, and rules of other groups that name it."""
    stopped(cloud)
    assert cloud.call("DeleteSecurityGroup", SecurityGroupId=GROUP).code == "DependencyViolation"
    used, user = made(cloud), made(cloud)
    rule = {"IpProtocol": "udp", "PortRange": "53/53", "SourceGroupId": used}
    cloud.ok("AuthorizeSecurityGroup", SecurityGroupId=user, **rule)
    (reference,) = cloud.ok("DescribeSecurityGroupReferences", SecurityGroupId__1=used)[
        "SecurityGroupReferences"
    ]["SecurityGroupReference"]
    (referring,) = reference["ReferencingSecurityGroups"]["ReferencingSecurityGroup"]
    assert referring["SecurityGroupId"] == user
    assert cloud.call("DeleteSecurityGroup", SecurityGroupId=used).code == "DependencyViolation"
    cloud.ok("DeleteSecurityGroup", SecurityGroupId=user)
    cloud.ok("DeleteSecurityGroup", SecurityGroupId=used)
    assert cloud.sim.state()["records"].get("security_group_rule", {}) == {}


def test_changes(cloud: Cloud) -> None:
    """Name and description, and whether the members of a basic group reach each other."""
    group_id = made(cloud)
    assert shown(cloud, group_id)["InnerAccessPolicy"] == "Accept"
    new = {"SecurityGroupName": "new", "Description": "newer"}
    cloud.ok("ModifySecurityGroupAttribute", SecurityGroupId=group_id, **new)
    cloud.ok("ModifySecurityGroupPolicy", SecurityGroupId=group_id, InnerAccessPolicy="Drop")
    described = shown(cloud, group_id)
    assert (described["SecurityGroupName"], described["InnerAccessPolicy"]) == ("new", "Drop")
    advanced = made(cloud, SecurityGroupType="enterprise")
    assert shown(cloud, advanced)["InnerAccessPolicy"] == "Drop"
    given = {"SecurityGroupId": advanced, "InnerAccessPolicy": "Accept"}
    assert cloud.call("ModifySecurityGroupPolicy", **given).code == "InvalidPolicy.Malformed"


@pytest.mark.parametrize("as_list", [False, True])
def test_authorize_and_revoke(cloud: Cloud, *, as_list: bool) -> None:
    """Rules of both directions, in both ways to write them; a present one is not added again."""
    group_id = made(cloud)
    given = {"SecurityGroupId": group_id}
    inward, outward = (listed(SSH), listed(OUT)) if as_list else (SSH, OUT)
    for _ in "ab":
        cloud.ok("AuthorizeSecurityGroup", **given, **inward)
        cloud.ok("AuthorizeSecurityGroupEgress", **given, **outward)
    ingress, egress = rules(cloud, group_id)
    assert (ingress["Direction"], egress["Direction"]) == ("ingress", "egress")
    assert (ingress["IpProtocol"], ingress["SourceCidrIp"]) == ("TCP", "10.0.0.0/8")
    assert (egress["PortRange"], egress["DestCidrIp"]) == ("-1/-1", "0.0.0.0/0")
    assert (ingress["Policy"], ingress["Priority"], ingress["NicType"]) == (
        *("Accept", "1", "intranet"),
    )
    assert rules(cloud, group_id, Direction="egress") == [egress]
    cloud.ok("RevokeSecurityGroup", **given, **inward)
    by_id = {**given, "SecurityGroupRuleId__1": egress["SecurityGroupRuleId"]}
    cloud.ok("RevokeSecurityGroupEgress", **by_id)
    assert rules(cloud, group_id) == []
    gone = cloud.call("RevokeSecurityGroup", **given, **inward)
    assert gone.code == "InvalidSecurityGroupRule.RuleNotExist"
    gone = cloud.call("RevokeSecurityGroupEgress", **by_id)
    assert (gone.status, gone.code) == (404, "InvalidSecurityGroupRuleId.NotFound")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"IpProtocol": "sctp"}, "InvalidIpProtocol.ValueNotSupported"),
        ({"PortRange": None}, "InvalidPortRange.Malformed"),
        ({"PortRange": "22"}, "InvalidParam.PortRange"),
        ({"PortRange": "0/70000"}, "InvalidParam.PortRange"),
        ({"IpProtocol": "icmp"}, "OperationDenied"),
        ({"Policy": "maybe"}, "InvalidPolicy.Malformed"),
        ({"Priority": "x"}, "InvalidPriority.Malformed"),
        ({"Priority": "101"}, "InvalidPriority.ValueNotSupported"),
        ({"NicType": "internet"}, "InvalidNicType.Mismatch"),
        ({"SourceCidrIp": "10.0.0"}, "InvalidSourceCidrIp.Malformed"),
        ({"SourceCidrIp": None}, "MissingParameter.Source"),
        ({"Ipv6SourceCidrIp": "::/0"}, "InvalidParam.SourceIp"),
        ({"DestCidrIp": "x"}, "InvalidDestCidrIp.Malformed"),
        ({"Ipv6DestCidrIp": "::/0"}, "InvalidParameter.Conflict"),
        ({"SourceCidrIp": None, "SourceGroupId": "sg-none"}, "InvalidSourceGroupId.NotFound"),
        ({"SourceCidrIp": None, "SourceGroupId": "sg-other"}, "InvalidSourceGroupId.Mismatch"),
        ({"SourceCidrIp": None, "SourceGroupId": GROUP}, "InvalidParamter.Conflict"),
        ({"Description": "http://x"}, "InvalidSecurityGroupDiscription.Malformed"),
        (listed(SSH), "InvalidParam.Permissions"),
        ({"SecurityGroupId": "sg-none"}, "InvalidSecurityGroupId.NotFound"),
    ],
)
def test_rule_refusals(cloud: Cloud, sim: Simulator, changed: dict[str, Any], code: str) -> None:
    """A wrong rule is refused with the code that the reference has for it."""
    other_network(sim)
    given = {"SecurityGroupId": GROUP, **SSH, **changed}
    assert cloud.call("AuthorizeSecurityGroup", **given).code == code
    assert rules(cloud, GROUP) == []


def test_several_rules_are_all_or_none(cloud: Cloud, sim: Simulator) -> None:
    """One wrong rule, a repeated one, or one too many: nothing is added."""
    given = {"SecurityGroupId": GROUP}
    web = {**SSH, "PortRange": "80/80"}
    for second, code in (
        ({**SSH, "Priority": "0"}, "InvalidPriority.ValueNotSupported"),
        (SSH, "InvalidParam.DuplicatePermissions"),
    ):
        assert cloud.call("AuthorizeSecurityGroup", **given, **listed(SSH, second)).code == code
    quotas(sim, security_group__rules=1)
    refused = cloud.call("AuthorizeSecurityGroup", **given, **listed(SSH, web))
    assert (refused.status, refused.code) == (403, "AuthorizationLimitExceed")
    assert rules(cloud, GROUP) == []


def test_groups_as_peers(cloud: Cloud) -> None:
    """Source of ingress, destination of egress; not with an advanced group."""
    given = {"SecurityGroupId": GROUP, "IpProtocol": "tcp", "PortRange": "1/65535"}
    cloud.ok("AuthorizeSecurityGroup", **given, SourceGroupId=GROUP_EXTRA)
    cloud.ok("AuthorizeSecurityGroupEgress", **given, DestGroupId=GROUP_EXTRA)
    ingress, egress = rules(cloud, GROUP)
    assert (ingress["SourceGroupId"], ingress["DestGroupId"]) == (GROUP_EXTRA, "")
    assert (egress["SourceGroupId"], egress["DestGroupId"]) == ("", GROUP_EXTRA)
    advanced = made(cloud, SecurityGroupType="enterprise")
    refused = cloud.call("AuthorizeSecurityGroup", **given, SourceGroupId=advanced)
    assert refused.code == "InvalidGroupAuthParameter.OperationDenied"
    same = cloud.call("AuthorizeSecurityGroupEgress", **given, DestGroupId=GROUP)
    assert (same.status, same.code) == (403, "InvalidSecurityGroup.IsSame")


def test_ipv6_rules(cloud: Cloud) -> None:
    """IPv6 blocks, and protocols of one family only."""
    given = {"SecurityGroupId": GROUP, "PortRange": "-1/-1"}
    cloud.ok("AuthorizeSecurityGroup", **given, IpProtocol="icmpv6", Ipv6SourceCidrIp="::/0")
    assert rules(cloud, GROUP)[0]["Ipv6SourceCidrIp"] == "::/0"
    for protocol, name, block, code in (
        ("icmpv6", "SourceCidrIp", "0.0.0.0/0", "Ipv6ProtocolConflictWithIpv4Address"),
        ("icmp", "Ipv6SourceCidrIp", "::/0", "Ipv4ProtocolConflictWithIpv6Address"),
    ):
        wrong = {**given, "IpProtocol": protocol, name: block}
        assert cloud.call("AuthorizeSecurityGroup", **wrong).code == f"InvalidParam.{code}"


def test_a_rule_is_changed_by_its_id(cloud: Cloud) -> None:
    """What the call leaves out stays; not the kind of the source, nor into another rule."""
    given = {"SecurityGroupId": GROUP}
    cloud.ok("AuthorizeSecurityGroup", **given, **SSH)
    cloud.ok("AuthorizeSecurityGroup", **given, **SSH, Priority="2")
    first, second = rules(cloud, GROUP)
    named = {**given, "SecurityGroupRuleId": first["SecurityGroupRuleId"]}
    cloud.ok("ModifySecurityGroupRule", **named, Policy="drop", PortRange="80/80")
    (changed,) = [row for row in rules(cloud, GROUP) if row["Policy"] == "Drop"]
    assert changed["SecurityGroupRuleId"] == first["SecurityGroupRuleId"]
    assert (changed["PortRange"], changed["SourceCidrIp"]) == ("80/80", "10.0.0.0/8")
    for wrong, code in (
        ({"SourceGroupId": GROUP_EXTRA}, "InvalidOperation.ModifySgRuleEntityType"),
        (
            {"Policy": "accept", "PortRange": "22/22", "Priority": "2"},
            "InvalidOperation.RuleDuplicate",
        ),
        ({"SecurityGroupRuleId": "sgr-none"}, "InvalidSecurityGroupRuleId.NotFound"),
        ({"PortRange": "x"}, "InvalidParam.PortRange"),
    ):
        assert cloud.call("ModifySecurityGroupRule", **{**named, **wrong}).code == code
    assert changed in rules(cloud, GROUP)
    assert second in rules(cloud, GROUP)


def test_a_description_is_changed_by_the_rule(cloud: Cloud) -> None:
    """A rule that is described in full gets the new description."""
    given = {"SecurityGroupId": GROUP, **OUT}
    cloud.ok("AuthorizeSecurityGroupEgress", **given)
    cloud.ok("ModifySecurityGroupEgressRule", **given, Description="all")
    assert [row["Description"] for row in rules(cloud, GROUP)] == ["all"]
    missing = cloud.call("ModifySecurityGroupEgressRule", **{**given, "Priority": "9"})
    assert (missing.status, missing.code) == (404, "SecurityGroupRule.NotFound")
