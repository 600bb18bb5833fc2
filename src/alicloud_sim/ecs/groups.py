"""Membership in security groups: what sets of groups are possible, and how full they are.

Basic ("normal") and advanced ("enterprise") groups cannot be mixed; an interface is in at
most five groups ("security_group.per_instance" of the world's quotas) and a basic group has
at most 2000 addresses ("security_group.members").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .enis.record import PRIMARY, Eni
from .instances.record import Instance
from .security_groups import SecurityGroup, SecurityGroupRule

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.world import World


PER_INSTANCE = 5
MEMBERS = 2000


def find(ctx: Ctx, group_ids: list[str]) -> list[SecurityGroup]:
    """Find groups; each one only once.

    :raises ApiError: unknown or repeated
    """
    if len(set(group_ids)) != len(group_ids):
        raise ctx.error(
            *("InvalidParameter.SecurityGroupIdRepeated", "InvalidParameter"),
            message="A security group is given twice.",
        )
    return [ctx.need(SecurityGroup, i, "InvalidSecurityGroupId.NotFound") for i in group_ids]


def check_set(ctx: Ctx, wanted: list[SecurityGroup]) -> None:
    """Refuse a set of groups that one interface cannot have.

    :raises ApiError: too many, or of several kinds
    """
    most = ctx.world.quotas.get("security_group.per_instance", PER_INSTANCE)
    if len(wanted) > most:
        raise ctx.error(
            *("JoinedGroupLimitExceed", "InstanceSecurityGroupLimitExceeded"),
            *("AclLimitExceed", "InvalidParameter"),
            message=f"An instance is in at most {most} security groups.",
        )
    if len({group.group_type for group in wanted}) > 1:
        raise ctx.error(
            *("EnterpriseGroupLimited.MutliGroupType", "InvalidOperation.MultiGroupType"),
            message="Basic and advanced security groups cannot be mixed.",
        )


def check_room(ctx: Ctx, joined: list[SecurityGroup], more: int = 1) -> None:
    """Refuse groups that have no room for more members.

    :raises ApiError: SecurityGroupInstanceLimitExceed
    """
    most = most_members(ctx.world)
    for group in joined:
        if len(members(ctx.world, group.id)) + more > most:
            raise ctx.error(
                *("SecurityGroupInstanceLimitExceed", "SecurityGroupInstanceLimitExceeded"),
                *("InvalidOperation.EniCountExceeded",),
                message=f"The security group {group.id} takes no more members.",
            )


def most_members(world: World) -> int:
    """Tell how many interfaces a group takes."""
    return world.quotas.get("security_group.members", MEMBERS)


def members(world: World, group_id: str) -> list[Eni]:
    """List the interfaces in a group; one whose instance is gone is listed, and no member."""
    return [
        eni
        for eni in world.all(Eni)
        if group_id in eni.security_group_ids
        and not (eni.type == PRIMARY and world.get(Instance, eni.instance_id) is None)
    ]


def referring(world: World, group_id: str) -> list[str]:
    """List the other groups that have a rule for the members of a group."""
    rules = [r for r in world.all(SecurityGroupRule) if r.peer_group_id == group_id]
    return sorted({rule.group_id for rule in rules} - {group_id})


def put(world: World, instance: Instance, group_ids: list[str]) -> None:
    """Set the groups of an instance, which are those of its primary interface."""
    instance.security_group_ids = list(group_ids)
    primary = world.get(Eni, instance.eni_id)
    if primary is not None:
        primary.security_group_ids = list(group_ids)
