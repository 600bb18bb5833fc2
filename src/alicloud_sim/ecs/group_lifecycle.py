"""CreateSecurityGroup, DeleteSecurityGroup and the changes of a group itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim import names, tags
from alicloud_sim.errors import UnsupportedError
from alicloud_sim.vpc.networks import Vpc

from . import groups, resource_groups
from .instances.record import Instance
from .security_groups import SecurityGroup
from .service import ecs

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

TYPES = ("normal", "enterprise")
POLICIES = ("Accept", "Drop")


@ecs.action(
    "CreateSecurityGroup",
    params="RegionId VpcId SecurityGroupName SecurityGroupType Description ResourceGroupId Tag",
)
def create_security_group(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Make a group without rules in a VPC; the classic network is not simulated."""
    _check_texts(ctx, p)
    kind = p.text("SecurityGroupType", TYPES[0])
    if kind not in TYPES:
        raise ctx.error("InvalidParams.GroupType", message=f"There is no type {kind}.")
    if not p.given("VpcId"):
        raise UnsupportedError("ClassicNetwork", "Give a VpcId.")
    vpc = ctx.need(Vpc, p.text("VpcId"), "InvalidVpcId.NotFound")
    if vpc.status != "Available":
        raise ctx.error("IncorrectVpcStatus", message=f"The VPC is {vpc.status}.")
    resource_groups.check(ctx, p.text("ResourceGroupId"))
    given = tags.read(ctx, p.items("Tag"))
    most = ctx.world.quotas.get("security_group.count")
    if most is not None and len(ctx.records(SecurityGroup)) >= most:
        raise ctx.error("QuotaExceed.SecurityGroup", message=f"The quota is {most} groups.")
    made = SecurityGroup(
        id=ctx.new_id(SecurityGroup),
        account=ctx.account,
        region=ctx.region,
        name=p.text("SecurityGroupName"),
        description=p.text("Description"),
        vpc_id=vpc.id,
        group_type=kind,
        resource_group_id=p.text("ResourceGroupId"),
        tags=given,
    )
    return {"SecurityGroupId": ctx.add(made).id}


def _check_texts(ctx: Ctx, p: Params) -> None:
    names.check_name(ctx, p.text("SecurityGroupName"), "InvalidSecurityGroupName.Malformed")
    names.check_description(
        ctx,
        p.text("Description"),
        *("InvalidSecurityGroupDiscription.Malformed", "InvalidDescription.Malformed"),
    )


def need(ctx: Ctx, p: Params) -> SecurityGroup:
    """Find the group of a call.

    :raises ApiError: unknown
    """
    return ctx.need(SecurityGroup, p.text("SecurityGroupId"), "InvalidSecurityGroupId.NotFound")


@ecs.action("DeleteSecurityGroup", params="RegionId SecurityGroupId")
def delete_security_group(ctx: Ctx, p: Params) -> None:
    """Delete a group with no members, to which no other group's rule refers."""
    group = ctx.need(
        SecurityGroup,
        p.text("SecurityGroupId"),
        *("InvalidSecurityGroupId.NotFound", "InvalidSecurityGroup.NotFound"),
    )
    members = any(group.id in one.security_group_ids for one in ctx.world.all(Instance))
    if members or groups.members(ctx.world, group.id):
        raise ctx.error(
            "DependencyViolation",
            message="There is still instance(s) in the specified security group.",
        )
    others = groups.referring(ctx.world, group.id)
    if others:
        raise ctx.error("DependencyViolation", message=f"Rules of {', '.join(others)} name it.")
    ctx.world.remove(group)


@ecs.action(
    "ModifySecurityGroupAttribute",
    params="RegionId SecurityGroupId SecurityGroupName Description",
)
def modify_security_group_attribute(ctx: Ctx, p: Params) -> None:
    """Change the name and the description."""
    _check_texts(ctx, p)
    group = need(ctx, p)
    group.name = p.text("SecurityGroupName", group.name)
    group.description = p.text("Description", group.description)


@ecs.action("ModifySecurityGroupPolicy", params="RegionId SecurityGroupId InnerAccessPolicy")
def modify_security_group_policy(ctx: Ctx, p: Params) -> None:
    """Let the members of a basic group reach each other, or not."""
    group = need(ctx, p)
    wanted = p.text("InnerAccessPolicy").title()
    if wanted not in POLICIES or group.group_type != "normal":
        raise ctx.error(
            *("InvalidPolicy.Malformed", "InvalidParameter.InnerAccessPolicy"),
            message="The InnerAccessPolicy of a basic group is Accept or Drop.",
        )
    group.inner_access_policy = wanted
