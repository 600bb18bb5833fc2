"""DescribeSecurityGroups and DescribeSecurityGroupAttribute (semantics.md section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim import tags
from alicloud_sim.clock import iso_seconds
from alicloud_sim.paging import chosen, newest_first, page

from . import filters, groups
from .instances.record import Instance
from .security_groups import SecurityGroup
from .service import ecs

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params


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


@ecs.action("DescribeSecurityGroupAttribute", params="RegionId SecurityGroupId NicType Direction")
def describe_security_group_attribute(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Show one group; its rules are not simulated, so it has none."""
    filters.check(
        ctx, p.text("NicType"), ("internet", "intranet"), "InvalidNicType.ValueNotSupported"
    )
    filters.check(ctx, p.text("Direction"), ("all", "egress", "ingress"), "InvalidParamter")
    group = ctx.view(SecurityGroup, p.text("SecurityGroupId"))
    if group is None:
        raise ctx.error("InvalidSecurityGroupId.NotFound", message="The group does not exist.")
    return {
        "SecurityGroupId": group.id,
        "SecurityGroupName": group.name,
        "Description": group.description,
        "RegionId": group.region,
        "VpcId": group.vpc_id,
        "InnerAccessPolicy": "Accept" if group.group_type == "normal" else "Drop",
        "Permissions": {"Permission": []},
    }
