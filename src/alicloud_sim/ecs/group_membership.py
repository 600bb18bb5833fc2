"""JoinSecurityGroup and LeaveSecurityGroup, for instances and for interfaces.

An instance joins with its primary interface, which has to be Running or Stopped; a secondary
interface has to be Available or InUse (semantics.md section 9).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import groups
from .enis.record import PRIMARY, Eni
from .instances import record as instances
from .security_groups import SecurityGroup
from .service import ecs

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

    from .instances.record import Instance

USABLE = ("Available", "InUse")


@ecs.action("JoinSecurityGroup", params="RegionId SecurityGroupId InstanceId NetworkInterfaceId")
def join_security_group(ctx: Ctx, p: Params) -> None:
    """Put an instance or an interface into one more group; twice is refused."""
    group = _group(ctx, p)
    member = _member(ctx, p)
    if group.id in member.security_group_ids:
        raise ctx.error(
            "InvalidInstanceId.AlreadyExists",
            message=f"{member.id} is already in the security group {group.id}.",
        )
    if group.vpc_id != member.vpc_id:
        code = "InvalidOperation.VpcMismatch"
        raise ctx.error(
            code if isinstance(member, Eni) else "InvalidInstanceId.Mismatch",
            message=f"{member.id} and the security group are in different VPCs.",
        )
    held = [ctx.world.get(SecurityGroup, i) for i in member.security_group_ids]
    groups.check_set(ctx, [*(g for g in held if g is not None), group])
    groups.check_room(ctx, [group])
    _put(ctx, member, [*member.security_group_ids, group.id])


@ecs.action("LeaveSecurityGroup", params="RegionId SecurityGroupId InstanceId NetworkInterfaceId")
def leave_security_group(ctx: Ctx, p: Params) -> None:
    """Take an instance or an interface out of a group; it has to stay in at least one.

    One that is not in the group is refused, as it is since July 2024.
    """
    group = _group(ctx, p)
    member = _member(ctx, p)
    if group.id not in member.security_group_ids:
        raise ctx.error(
            "InvalidSecurityGroupAssociation.NotFound",
            message=f"{member.id} is not in the security group {group.id}.",
        )
    if len(member.security_group_ids) == 1:
        code = "InvalidOperation.AtLeastInOneGroup"
        raise ctx.error(
            code if isinstance(member, Eni) else "InstanceLastSecurityGroup",
            message="It has to be in at least one security group.",
        )
    _put(ctx, member, [i for i in member.security_group_ids if i != group.id])


def _group(ctx: Ctx, p: Params) -> SecurityGroup:
    return ctx.need(SecurityGroup, p.text("SecurityGroupId"), "InvalidSecurityGroupId.NotFound")


def _member(ctx: Ctx, p: Params) -> Instance | Eni:
    """Find what joins or leaves; exactly one of the two ids has to be given."""
    if p.given("InstanceId") and p.given("NetworkInterfaceId"):
        raise ctx.error(
            "InvalidParam.EniIdAndInstanceId.Conflict", message="Give one of the two ids."
        )
    if p.given("NetworkInterfaceId"):
        return _interface(ctx, p.text("NetworkInterfaceId"))
    if not p.given("InstanceId"):
        raise ctx.error("MissingParameter", message="InstanceId is mandatory.")
    instance = instances.need(ctx, p.text("InstanceId"))
    creating = ("Forbidden.InstanceIsBeingCreated",) if instance.status == "Pending" else ()
    instances.check_status(ctx, instance, instances.SETTLED, *creating)
    return instance


def _interface(ctx: Ctx, eni_id: str) -> Eni:
    eni = ctx.need(Eni, eni_id, "InvalidEniId.NotFound")
    if eni.type == PRIMARY:
        raise ctx.error("InvalidOperation.InvalidEniType", message="It is a primary interface.")
    if eni.status not in USABLE:
        raise ctx.error("InvalidOperation.InvalidEniState", message=f"It is {eni.status}.")
    return eni


def _put(ctx: Ctx, member: Instance | Eni, group_ids: list[str]) -> None:
    if isinstance(member, Eni):
        member.security_group_ids = group_ids
    else:
        groups.put(ctx.world, member, group_ids)
