"""CreateVpc, DeleteVpc and DescribeVpcs of ECS: deprecated, and still served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.vpc import vpcs
from alicloud_sim.vpc.networks import Vpc

from .service import ecs

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params


@ecs.action("CreateVpc", params=vpcs.CREATE)
def create_vpc(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Make a VPC."""
    return vpcs.create(ctx, p, {})


@ecs.action("DeleteVpc", params="RegionId VpcId")
def delete_vpc(ctx: Ctx, p: Params) -> None:
    """Delete a VPC."""
    vpcs.delete(ctx, p)


@ecs.action("DescribeVpcs", params=vpcs.LIST)
def describe_vpcs(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List VPCs."""
    shown, fields = vpcs.listed(ctx, p, ctx.visible(Vpc))
    return {"Vpcs": {"Vpc": [vpcs.worded(ctx, found) for found in shown]}, **fields}
