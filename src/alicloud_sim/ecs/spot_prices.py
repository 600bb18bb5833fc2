"""DescribeSpotPriceHistory: the market price of a type, the same for every hour."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from alicloud_sim.clock import iso_seconds

from . import filters, prices
from .instance_types import InstanceType
from .service import ecs

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

HOUR = 3600
DEFAULT_SPAN = 3 * HOUR
LONGEST_SPAN = 30 * 24 * HOUR
PAGE = 1000


@ecs.action(
    "DescribeSpotPriceHistory",
    params="RegionId ZoneId NetworkType InstanceType SpotDuration IoOptimized StartTime EndTime"
    " OSType Offset",
)
def describe_spot_price_history(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List hourly prices of a type in the zones that sell it: the last three hours by default."""
    filters.check(ctx, p.text("NetworkType"), ("vpc", "classic"), "InvalidParams.NetworkType")
    filters.check(ctx, p.text("IoOptimized"), ("none", "optimized"), "InvalidParams.IoOptimized")
    filters.check(ctx, p.text("OSType"), ("linux", "windows"), "InvalidParams.OSType")
    kind = ctx.need(InstanceType, p.text("InstanceType"), "InvalidInstanceType.ValueNotSupported")
    end = _moment(ctx, p, "EndTime", ctx.now)
    start = _moment(ctx, p, "StartTime", end - DEFAULT_SPAN)
    if not 0 <= end - start <= LONGEST_SPAN:
        raise ctx.error("InvalidParams.StartTime", message="The span is 30 days at most.")
    asked = p.text("ZoneId")
    zones = [ctx.zone(asked).id] if asked else list(ctx.world.regions[ctx.region].zones)
    hours = range(int(-(-start // HOUR)), int(end // HOUR) + 1)
    rows = [
        {
            "ZoneId": zone,
            "InstanceType": kind.id,
            "NetworkType": p.text("NetworkType"),
            "IoOptimized": p.text("IoOptimized", "optimized"),
            "Timestamp": iso_seconds(hour * HOUR),
            "SpotPrice": prices.spot(ctx.world, kind),
            "OriginPrice": prices.usual(kind),
        }
        for hour in hours
        for zone in zones
        if zone in kind.zones
    ]
    offset = p.integer("Offset", 0)
    if offset < 0:
        raise ctx.error("InvalidParams.Offset", message="The Offset begins with 0.")
    shown = rows[offset : offset + PAGE]
    return {
        "Currency": "CNY",
        "NextOffset": offset + len(shown) if offset + len(shown) < len(rows) else 0,
        "SpotPrices": {"SpotPriceType": shown},
    }


def _moment(ctx: Ctx, p: Params, name: str, default: float) -> float:
    text = p.text(name)
    if not text:
        return default
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise ctx.error(f"InvalidParams.{name}", message=f"{text} is no time.") from None
