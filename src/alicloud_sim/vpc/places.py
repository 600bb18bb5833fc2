"""DescribeRegions, DescribeZones and DescribeRouteTableList of VPC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.clock import iso_seconds
from alicloud_sim.paging import newest_first, page

from .networks import Vpc, VSwitch
from .service import vpc

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params


@vpc.action("DescribeRegions", params="AcceptLanguage")
def describe_regions(ctx: Ctx, _: Params) -> dict[str, Any]:
    """List the regions."""
    rows = [
        {
            "RegionId": region.id,
            "LocalName": region.local_name,
            "RegionEndpoint": f"vpc.{region.id}.aliyuncs.com",
        }
        for region in ctx.world.regions.values()
    ]
    return {"Regions": {"Region": rows}}


@vpc.action("DescribeZones", params="RegionId AcceptLanguage")
def describe_zones(ctx: Ctx, _: Params) -> dict[str, Any]:
    """List the zones of a region."""
    zones = ctx.world.regions[ctx.region].zones
    rows = [{"ZoneId": zone, "LocalName": zone, "ZoneType": "AvailabilityZone"} for zone in zones]
    return {"Zones": {"Zone": rows}}


@vpc.action(
    "DescribeRouteTableList",
    params="RegionId VpcId RouterId RouterType RouteTableId RouteTableType PageNumber PageSize",
)
def describe_route_table_list(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List route tables: each VPC has its system table, and custom ones are not simulated."""
    rows = [
        found
        for found in ctx.visible(Vpc)
        if p.text("VpcId") in ("", found.id)
        and p.text("RouterId") in ("", found.router_id)
        and p.text("RouteTableId") in ("", found.route_table_id)
        and p.text("RouterType") in ("", "VRouter")
        and p.text("RouteTableType") in ("", "System")
    ]
    shown = page(ctx, p, newest_first(rows))
    found = [_table(ctx, row) for row in shown.rows]
    return {"RouterTableList": {"RouterTableListType": found}, **shown.fields}


def _table(ctx: Ctx, owner: Vpc) -> dict[str, Any]:
    return {
        "VpcId": owner.id,
        "RouterId": owner.router_id,
        "RouterType": "VRouter",
        "RouteTableId": owner.route_table_id,
        "RouteTableType": "System",
        "RouteTableName": "",
        "Description": "",
        "AssociateType": "VSwitch",
        "Status": "Available",
        "OwnerId": int(owner.account),
        "CreationTime": iso_seconds(owner.created),
        "VSwitchIds": {"VSwitchId": [s.id for s in ctx.visible(VSwitch) if s.vpc_id == owner.id]},
    }
