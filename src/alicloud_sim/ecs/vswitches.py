"""CreateVSwitch, DeleteVSwitch and DescribeVSwitches of ECS: deprecated, and still served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.vpc import vswitches
from alicloud_sim.vpc.networks import VSwitch

from .service import ecs

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params


@ecs.action("CreateVSwitch", params=vswitches.CREATE)
def create_vswitch(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Make a vSwitch."""
    return vswitches.create(ctx, p, {})


@ecs.action("DeleteVSwitch", params="RegionId VSwitchId")
def delete_vswitch(ctx: Ctx, p: Params) -> None:
    """Delete a vSwitch."""
    vswitches.delete(ctx, p)


@ecs.action("DescribeVSwitches", params=vswitches.LIST)
def describe_vswitches(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List vSwitches."""
    shown, fields = vswitches.listed(ctx, p, ctx.visible(VSwitch))
    found = [vswitches.worded(ctx, switch) for switch in shown]
    return {"VSwitches": {"VSwitch": found}, **fields}
