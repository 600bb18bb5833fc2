"""DescribeRegions and DescribeZones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .instance_types import InstanceType
from .service import ecs

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params
    from alicloud_sim.world import Zone

LANGUAGES = ("zh-CN", "en-US", "ja")


@ecs.action("DescribeRegions", params="AcceptLanguage")
def describe_regions(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List the regions the account may use."""
    _check_language(ctx, p)
    regions = [
        {
            "RegionId": region.id,
            "RegionEndpoint": f"ecs.{region.id}.aliyuncs.com",
            "LocalName": region.local_name,
            "Status": "available",
        }
        for region in ctx.world.regions.values()
    ]
    return {"Regions": {"Region": regions}}


@ecs.action("DescribeZones", params="RegionId Verbose AcceptLanguage")
def describe_zones(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List the zones of a region; Verbose=true (the default) tells what is sold there."""
    _check_language(ctx, p)
    verbose = p.flag("Verbose", True)
    zones = ctx.world.regions[ctx.region].zones.values()
    return {"Zones": {"Zone": [_zone(ctx, zone, verbose=verbose) for zone in zones]}}


def _zone(ctx: Ctx, zone: Zone, *, verbose: bool) -> dict[str, Any]:
    brief: dict[str, Any] = {
        "ZoneId": zone.id,
        "LocalName": zone.id,
        "ZoneType": "AvailabilityZone",
    }
    if not verbose:
        return brief
    types = [t.id for t in ctx.visible(InstanceType) if zone.id in t.zones]
    return {
        **brief,
        "AvailableResourceCreation": {
            "ResourceTypes": ["VSwitch", "IoOptimized", "Instance", "Disk"]
        },
        "AvailableDiskCategories": {"DiskCategories": list(zone.disk_categories)},
        "AvailableInstanceTypes": {"InstanceTypes": types},
    }


def _check_language(ctx: Ctx, p: Params) -> None:
    language = p.text("AcceptLanguage", LANGUAGES[0])
    if language not in LANGUAGES:
        raise ctx.error("InvalidAcceptLanguage.NotFound", message=f"No language {language}.")
