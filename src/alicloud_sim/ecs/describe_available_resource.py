"""DescribeAvailableResource: what a zone sells now, by types of the zone and the stock.

DestinationResource InstanceType, SystemDisk, DataDisk and Zone; SystemDisk and DataDisk
answer for the InstanceType that is given, which only ResourceType disk can do without, and
DataDisk for disks beside a system disk of SystemDiskCategory (Alibaba Cloud's help page of
DescribeAvailableResource). A type with stock 0 is SoldOut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import disk_rules, filters
from .instance_types import InstanceType
from .instances.hardware import left, spot_sold_out
from .service import ecs

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params
    from alicloud_sim.world import Zone

DISKS = ("SystemDisk", "DataDisk")
DESTINATIONS = ("Zone", "InstanceType", *DISKS)
DEFAULT_SYSTEM_CATEGORY = "cloud_efficiency"
KNOWN = {
    "DestinationResource": (DESTINATIONS, "Invalid.DestinationResource"),
    "ResourceType": (("instance", "disk"), "Invalid.ResourceType"),
    "InstanceChargeType": (("PostPaid", "PrePaid"), "Invalid.InstanceChargeType"),
    "SpotStrategy": (("NoSpot", "SpotWithPriceLimit", "SpotAsPriceGo"), "Invalid.SpotStrategy"),
    "IoOptimized": (("none", "optimized"), "Invalid.IoOptimized"),
    "NetworkCategory": (("vpc", "classic"), "Invalid.NetworkCategory"),
}
LARGEST_SYSTEM = 2048
SMALLEST_SYSTEM = 20


@ecs.action(
    "DescribeAvailableResource",
    params="RegionId DestinationResource ZoneId ResourceType InstanceChargeType SpotStrategy"
    " IoOptimized NetworkCategory InstanceType SystemDiskCategory DataDiskCategory Cores Memory",
)
def describe_available_resource(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List for each zone what is there; Cores and Memory exclude InstanceType."""
    for name, (known, code) in KNOWN.items():
        filters.check(ctx, p.text(name), known, code)
    if p.given("InstanceType") and (p.given("Cores") or p.given("Memory")):
        raise ctx.error("InvalidParam.TypeAndCpuMem.Conflict", message="Give a type or its size.")
    for_disk = p.text("ResourceType", "instance") == "disk"
    about_disks = p.text("DestinationResource") in DISKS
    if about_disks and not for_disk and not p.given("InstanceType"):
        raise ctx.error("MissingParameter", message="InstanceType is mandatory for disks.")
    zones = list(ctx.world.regions[ctx.region].zones.values())
    wanted = p.text("ZoneId")
    if wanted:
        zones = [zone for zone in zones if zone.id == wanted]
    return {"AvailableZones": {"AvailableZone": [_zone(ctx, p, zone) for zone in zones]}}


def _zone(ctx: Ctx, p: Params, zone: Zone) -> dict[str, Any]:
    destination = p.text("DestinationResource")
    types = [kind for kind in ctx.visible(InstanceType) if _fits(kind, zone, p)]
    stocked = [kind for kind in types if _in_stock(ctx, p, zone, kind)]
    if destination == "InstanceType":
        found = [{"Value": kind.id, **_status(kind in stocked)} for kind in types]
    elif destination == "Zone":
        found = [{"Value": zone.id, **_status(bool(stocked))}]
    else:
        found = _disks(p, zone, stocked, system=destination == "SystemDisk")
    resource = {"Type": destination, "SupportedResources": {"SupportedResource": found}}
    return {
        "ZoneId": zone.id,
        "RegionId": ctx.region,
        **_status(any(row["Status"] == "Available" for row in found)),
        "AvailableResources": {"AvailableResource": [resource]},
    }


def _status(available: bool) -> dict[str, str]:  # noqa: FBT001 - it is the only thing to tell
    return {
        "Status": "Available" if available else "SoldOut",
        "StatusCategory": "WithStock" if available else "WithoutStock",
    }


def _fits(kind: InstanceType, zone: Zone, p: Params) -> bool:
    beside = DEFAULT_SYSTEM_CATEGORY if _is_beside_system_disk(p) else ""
    asked = {p.text("SystemDiskCategory", beside), p.text("DataDiskCategory")} - {""}
    return (
        zone.id in kind.zones
        and p.text("InstanceType") in ("", kind.id)
        and p.integer("Cores", kind.cpus) == kind.cpus
        and p.number("Memory", kind.memory_gib) == kind.memory_gib
        and asked <= set(kind.disk_categories) & set(zone.disk_categories)
    )


def _is_beside_system_disk(p: Params) -> bool:
    return p.text("DestinationResource") == "DataDisk" and p.text("ResourceType") != "disk"


def _in_stock(ctx: Ctx, p: Params, zone: Zone, kind: InstanceType) -> bool:
    if p.text("SpotStrategy", "NoSpot") != "NoSpot" and spot_sold_out(ctx.world, kind.id):
        return False
    found = left(ctx.world, zone.id, kind.id)
    return found is None or found > 0


def _disks(
    p: Params, zone: Zone, types: list[InstanceType], *, system: bool
) -> list[dict[str, Any]]:
    """List the categories that some of the types take, with their sizes in GiB."""
    asked = p.text("SystemDiskCategory" if system else "DataDiskCategory")
    found = []
    for category in zone.disk_categories:
        if asked in ("", category) and any(category in kind.disk_categories for kind in types):
            low, high = disk_rules.smallest(category, ""), disk_rules.largest(category, "")
            if system:
                low, high = max(low, SMALLEST_SYSTEM), min(high, LARGEST_SYSTEM)
            size = {"Min": low, "Max": high, "Unit": "GiB"}
            found.append({"Value": category, **size, **_status(True)})
    return found
