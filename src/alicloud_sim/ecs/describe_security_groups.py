"""DescribeSecurityGroups, ...Attribute and ...References (semantics.md section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim import tags
from alicloud_sim.clock import iso_seconds
from alicloud_sim.offsets import cut
from alicloud_sim.paging import chosen, newest_first, page

from . import filters, groups
from .instances.record import Instance
from .security_groups import SecurityGroup, SecurityGroupRule
from .service import ecs

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

ALL = 1000


@ecs.action(
    "DescribeSecurityGroups",
    params="RegionId SecurityGroupIds SecurityGroupId VpcId SecurityGroupType NetworkType"
    " SecurityGroupName FuzzyQuery IsQueryEcsCount ResourceGroupId Tag DryRun PageNumber"
    " PageSize NextToken MaxResults",
)
def describe_security_groups(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List groups; a name fits exactly, or anywhere with FuzzyQuery=true."""
    filters.check(
        ctx,
        p.text("SecurityGroupType"),
        ("normal", "enterprise"),
        "InvalidParameter.SecurityGroupType",
    )
    ctx.dry_run(p.flag("DryRun"))
    rows = [group for group in ctx.visible(SecurityGroup) if _fits(group, p)]
    shown = page(ctx, p, newest_first(chosen(rows, p.ids("SecurityGroupIds"))))
    counted = p.flag("IsQueryEcsCount", False)
    found = [_group(ctx, group, counted=counted) for group in shown.rows]
    return {
        "RegionId": ctx.region,
        "SecurityGroups": {"SecurityGroup": found},
        **shown.fields,
    }


def _fits(group: SecurityGroup, p: Params) -> bool:
    texts = {
        "SecurityGroupId": group.id,
        "VpcId": group.vpc_id,
        "SecurityGroupType": group.group_type,
        "NetworkType": "vpc",
        "ResourceGroupId": group.resource_group_id,
    }
    name = p.text("SecurityGroupName")
    fits = name in group.name if p.flag("FuzzyQuery", False) else name in ("", group.name)
    return (
        fits
        and all(p.text(key) in ("", held) for key, held in texts.items())
        and tags.match(group.tags, p.items("Tag"))
    )


def _group(ctx: Ctx, group: SecurityGroup, *, counted: bool) -> dict[str, Any]:
    """Word a group; how many instances it has only where that is asked for."""
    users = sum(1 for i in ctx.records(Instance) if group.id in i.security_group_ids)
    room = groups.most_members(ctx.world) - len(groups.members(ctx.world, group.id))
    return {
        "SecurityGroupId": group.id,
        "SecurityGroupName": group.name,
        "Description": group.description,
        "SecurityGroupType": group.group_type,
        "VpcId": group.vpc_id,
        "CreationTime": iso_seconds(group.created),
        "ResourceGroupId": group.resource_group_id,
        "EcsCount": users if counted else None,
        "AvailableInstanceAmount": room if counted else None,
        "ServiceManaged": False,
        "Tags": {"Tag": tags.shown(group.tags)},
    }


@ecs.action(
    "DescribeSecurityGroupAttribute",
    params="RegionId SecurityGroupId NicType Direction NextToken MaxResults",
)
def describe_security_group_attribute(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Show one group and its rules; all of them, unless MaxResults asks for pages."""
    filters.check(
        ctx, p.text("NicType"), ("internet", "intranet"), "InvalidNicType.ValueNotSupported"
    )
    filters.check(ctx, p.text("Direction"), ("all", "egress", "ingress"), "InvalidParamter")
    group = ctx.view(SecurityGroup, p.text("SecurityGroupId"))
    if group is None:
        raise ctx.error("InvalidSecurityGroupId.NotFound", message="The group does not exist.")
    rules = [
        rule
        for rule in ctx.visible(SecurityGroupRule)
        if rule.group_id == group.id
        and p.text("Direction", "all") in ("all", rule.direction)
        and p.text("NicType") in ("", rule.nic_type)
    ]
    shown, token = cut(ctx, rules, p.text("NextToken"), p.integer("MaxResults", ALL))
    return {
        "SecurityGroupId": group.id,
        "SecurityGroupName": group.name,
        "Description": group.description,
        "RegionId": group.region,
        "VpcId": group.vpc_id,
        "InnerAccessPolicy": group.inner_policy,
        "Permissions": {"Permission": [_rule(ctx, rule) for rule in shown]},
        "NextToken": token,
    }


def _rule(ctx: Ctx, rule: SecurityGroupRule) -> dict[str, Any]:
    """Word a rule; its peer group is the source of an ingress rule, else the destination."""
    inward = rule.direction == "ingress"
    peer = ctx.world.get(SecurityGroup, rule.peer_group_id)
    name = peer.name if peer else ""
    return {
        "SecurityGroupRuleId": rule.id,
        "Direction": rule.direction,
        "Policy": rule.policy,
        "Priority": str(rule.priority),
        "IpProtocol": rule.ip_protocol,
        "PortRange": rule.port_range,
        "SourcePortRange": rule.source_port_range,
        "SourceCidrIp": rule.source_cidr_ip,
        "DestCidrIp": rule.dest_cidr_ip,
        "Ipv6SourceCidrIp": rule.ipv6_source_cidr_ip,
        "Ipv6DestCidrIp": rule.ipv6_dest_cidr_ip,
        "SourceGroupId": rule.peer_group_id if inward else "",
        "SourceGroupName": name if inward else "",
        "DestGroupId": "" if inward else rule.peer_group_id,
        "DestGroupName": "" if inward else name,
        "NicType": rule.nic_type,
        "Description": rule.description,
        "CreateTime": iso_seconds(rule.created),
    }


@ecs.action("DescribeSecurityGroupReferences", params="RegionId SecurityGroupId")
def describe_security_group_references(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Tell which groups have rules that name the given ones."""
    found = []
    for group_id in p.texts("SecurityGroupId"):
        ctx.need(SecurityGroup, group_id, "InvalidSecurityGroupId.NotFound")
        rows = [
            {"SecurityGroupId": other, "AliUid": ctx.account}
            for other in groups.referring(ctx.world, group_id)
        ]
        if rows:
            referring = {"ReferencingSecurityGroup": rows}
            found.append({"SecurityGroupId": group_id, "ReferencingSecurityGroups": referring})
    return {"SecurityGroupReferences": {"SecurityGroupReference": found}}
