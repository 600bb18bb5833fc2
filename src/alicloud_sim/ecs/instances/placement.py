"""Where an instance comes to: zone, vSwitch, security groups, private address.

VSwitchId sets the VPC and the zone; a ZoneId given as well has to match, and so have the
groups' VPCs (semantics.md section 4, "CreateInstance parameters").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alicloud_sim.ecs import groups
from alicloud_sim.ecs.enis import addresses
from alicloud_sim.vpc.networks import VSwitch

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.ecs.security_groups import SecurityGroup
    from alicloud_sim.params import Params
    from alicloud_sim.world import Zone

NAMES = "ZoneId VSwitchId SecurityGroupId PrivateIpAddress"


@dataclass(frozen=True)
class Place:
    """A place that was checked; the address is "" where the cloud is to choose one."""

    switch: VSwitch
    zone: Zone
    groups: list[SecurityGroup]
    address: str


def read(ctx: Ctx, p: Params) -> Place:
    """Check the place of a new instance.

    :raises ApiError: something is missing, unknown, elsewhere, not ready or full
    """
    if p.given("ZoneId"):
        ctx.zone(p.text("ZoneId"))
    wanted = group_ids(ctx, p)
    if not p.given("VSwitchId"):
        raise _no_switch(ctx, p)
    switch = need_switch(ctx, p.text("VSwitchId"))
    if p.text("ZoneId", switch.zone_id) != switch.zone_id:
        raise ctx.error(
            "InvalidParameter.Mismatch",
            message=f"The vSwitch {switch.id} is not in the zone {p.text('ZoneId')}.",
        )
    found = groups.find(ctx, wanted)
    for group in found:
        if group.vpc_id != switch.vpc_id:
            raise ctx.error(
                "InvalidParameter.Mismatch",
                message=f"The security group {group.id} and the vSwitch are in different VPCs.",
            )
    groups.check_set(ctx, found)
    address = p.text("PrivateIpAddress")
    if address:
        addresses.check(ctx, switch, address)
    zone = ctx.zone(switch.zone_id)
    return Place(switch, zone, found, address)


def need_switch(ctx: Ctx, switch_id: str) -> VSwitch:
    """Find a vSwitch that can take interfaces.

    :raises ApiError: unknown, or still being made
    """
    switch = ctx.need(VSwitch, switch_id, "InvalidVSwitchId.NotFound")
    if switch.status != "Available":
        raise ctx.error("IncorrectVSwitchStatus", message=f"{switch.id} is {switch.status}.")
    return switch


def group_ids(ctx: Ctx, p: Params) -> list[str]:
    """Read the groups of a call: one, or where the action has it a list instead.

    :raises ApiError: none, or both
    """
    several = p.texts("SecurityGroupIds") if "SecurityGroupIds" in ctx.spec.request else []
    single = p.text("SecurityGroupId")
    if several and single:
        raise ctx.error(
            "InvalidSecurityGroupId.SingleIdAndMultiIdConflict",
            message="SecurityGroupId and SecurityGroupIds exclude each other.",
        )
    if not several and not single:
        raise ctx.error("MissingParameter", message="SecurityGroupId is mandatory.")
    return several or [single]


def _no_switch(ctx: Ctx, p: Params) -> Exception:
    """Refuse the classic network, which is not sold any more.

    Not in the reference: a PrivateIpAddress without vSwitch is a MissingParameter.
    """
    if p.given("PrivateIpAddress"):
        return ctx.error("MissingParameter", message="PrivateIpAddress needs a VSwitchId.")
    return ctx.error("InvalidVSwitchId.Necessary", message="A VSwitchId is necessary.")
