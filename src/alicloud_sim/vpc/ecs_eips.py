"""The deprecated ECS 2014-05-26 versions of the EIP actions, on the same EIPs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.ecs.service import ecs

from . import eip_changes, eips

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params


@ecs.action("DescribeEipAddresses", params=eips.FILTERS)
def describe_eip_addresses(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List EIPs, the newest first; all filters have to fit."""
    shown = eips.rows(ctx, p)
    return {"EipAddresses": {"EipAddress": [eips.brief(e) for e in shown.rows]}, **shown.fields}


@ecs.action("AssociateEipAddress", params="RegionId AllocationId InstanceId InstanceType")
def associate_eip_address(ctx: Ctx, p: Params) -> None:
    """Bind an EIP; the answer comes before the binding is done."""
    holder_type = p.text("InstanceType", eip_changes.DEFAULT_TYPE)
    eip_changes.bind(ctx, p.text("AllocationId"), p.text("InstanceId"), holder_type)


@ecs.action("UnassociateEipAddress", params="RegionId AllocationId InstanceId InstanceType")
def unassociate_eip_address(ctx: Ctx, p: Params) -> None:
    """Unbind an EIP from the instance named; the answer comes before it is done."""
    eip_changes.unbind(ctx, p.text("AllocationId"), p.text("InstanceId"), p.text("InstanceType"))
