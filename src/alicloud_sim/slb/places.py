"""DescribeRegions and DescribeZones of CLB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .service import slb

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params


@slb.action("DescribeRegions", params="RegionId AcceptLanguage")
def describe_regions(ctx: Ctx, _: Params) -> dict[str, Any]:
    """List the regions."""
    rows = [
        {
            "RegionId": region.id,
            "LocalName": region.local_name,
            "RegionEndpoint": f"slb.{region.id}.aliyuncs.com",
        }
        for region in ctx.world.regions.values()
    ]
    return {"Regions": {"Region": rows}}


@slb.action("DescribeZones", params="RegionId AcceptLanguage")
def describe_zones(ctx: Ctx, _: Params) -> dict[str, Any]:
    """List the zones of a region, each with those that can stand in for it."""
    zones = list(ctx.world.regions[ctx.region].zones)
    rows = [
        {
            "ZoneId": zone,
            "LocalName": zone,
            "SlaveZones": {
                "SlaveZone": [{"ZoneId": one, "LocalName": one} for one in zones if one != zone]
            },
        }
        for zone in zones
    ]
    return {"Zones": {"Zone": rows}}
