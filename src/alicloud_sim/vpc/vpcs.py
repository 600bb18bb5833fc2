"""DescribeVpcs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim import tags
from alicloud_sim.clock import iso_seconds
from alicloud_sim.paging import newest_first, page

from .networks import Vpc, VSwitch
from .service import vpc

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params


@vpc.action(
    "DescribeVpcs", params="RegionId VpcId VpcName IsDefault DryRun Tag PageNumber PageSize"
)
def describe_vpcs(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List VPCs; VpcId may hold several ids with commas."""
    ctx.dry_run(p.flag("DryRun"))
    ids = [i for i in p.text("VpcId").split(",") if i]
    rows = [
        found
        for found in ctx.visible(Vpc)
        if (not ids or found.id in ids)
        and p.text("VpcName") in ("", found.name)
        and p.flag("IsDefault") in (None, found.is_default)
        and tags.match(found.tags, p.items("Tag"))
    ]
    shown = page(ctx, p, newest_first(rows))
    return {"Vpcs": {"Vpc": [_vpc(ctx, found) for found in shown.rows]}, **shown.fields}


def _vpc(ctx: Ctx, found: Vpc) -> dict[str, Any]:
    switches = [s.id for s in ctx.visible(VSwitch) if s.vpc_id == found.id]
    return {
        "VpcId": found.id,
        "VpcName": found.name,
        "Description": found.description,
        "Status": found.status,
        "RegionId": found.region,
        "OwnerId": int(found.account),
        "CidrBlock": found.cidr_block,
        "IsDefault": found.is_default,
        "CreationTime": iso_seconds(found.created),
        "ResourceGroupId": "",
        "VSwitchIds": {"VSwitchId": switches},
        "Tags": {"Tag": [{"Key": k, "Value": v} for k, v in found.tags.items()]},
    }
