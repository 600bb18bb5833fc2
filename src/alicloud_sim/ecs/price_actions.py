"""DescribePrice: of an instance with its disks, or of a disk.

Prices are made up (prices.py), in yuan, and grow with what is asked for: tests can compare
them with each other, not with a bill.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.errors import UnsupportedError

from . import prices
from .instance_types import InstanceType
from .service import ecs

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

HOURS = {"Hour": 1, "Week": 24 * 7, "Month": 24 * 30, "Year": 24 * 365}
PERIODS = {"Hour": (1,), "Week": range(1, 5), "Month": range(1, 10), "Year": range(1, 6)}
KINDS = ("instance", "disk", "bandwidth", "ddh", "ElasticityAssurance", "CapacityReservation")
CATEGORIES = (
    *("cloud", "cloud_efficiency", "cloud_ssd", "cloud_essd", "cloud_auto", "cloud_essd_entry"),
    "ephemeral_ssd",
)
SYSTEM_SIZE = 40
SYSTEM_CATEGORY = "cloud_efficiency"
MOST_INSTANCES = 1000
DISK = "Size Category PerformanceLevel"


@ecs.action(
    "DescribePrice",
    params="RegionId ResourceType InstanceType ImageId ZoneId IoOptimized InstanceNetworkType"
    " InternetChargeType InternetMaxBandwidthOut Period PriceUnit Amount SpotStrategy"
    f" {' '.join(f'SystemDisk.{name} DataDisk.{name}' for name in DISK.split())}",
)
def describe_price(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Tell a price, and what each part of it costs."""
    kind = p.text("ResourceType", "instance")
    if kind not in KINDS:
        raise ctx.error(
            "InvalidResourceType.ValueNotSupported", message=f"There is no ResourceType {kind}."
        )
    if kind not in ("instance", "disk"):
        raise UnsupportedError(f"ResourceType={kind}")
    hours = _hours(ctx, p)
    amount = p.integer("Amount", 1)
    if not 1 <= amount <= MOST_INSTANCES:
        raise ctx.error("InvalidAmount.Malformed", message="Amount is 1 to 1000.")
    parts = _instance(ctx, p) if kind == "instance" else _disks(ctx, p, required=True)
    rows = [
        {
            "Resource": name,
            "OriginalPrice": round(price * hours * amount, 3),
            "DiscountPrice": 0.0,
            "TradePrice": round(price * hours * amount, 3),
        }
        for name, price in parts
    ]
    total = round(sum(price for _, price in parts) * hours * amount, 3)
    price = {
        "Currency": "CNY",
        "OriginalPrice": total,
        "DiscountPrice": 0.0,
        "TradePrice": total,
        "DetailInfos": {"DetailInfo": rows},
    }
    return {"PriceInfo": {"Price": price, "Rules": {"Rule": []}}}


def _hours(ctx: Ctx, p: Params) -> int:
    unit, period = p.text("PriceUnit", "Hour"), p.integer("Period", 1)
    if unit not in HOURS:
        raise ctx.error(
            "InvalidPriceUnit.ValueNotSupported", message=f"There is no PriceUnit {unit}."
        )
    if period not in PERIODS[unit]:
        raise ctx.error("InvalidPeriod", message=f"{period} {unit} are not sold.")
    return HOURS[unit] * period


def _instance(ctx: Ctx, p: Params) -> list[tuple[str, float]]:
    """Tell what an hour of each part of an instance costs."""
    if not p.given("InstanceType"):
        raise ctx.error("InvalidInstanceType.Missing", message="InstanceType is mandatory.")
    kind = ctx.need(InstanceType, p.text("InstanceType"), "InvalidInstanceType.ValueNotSupported")
    spot = p.text("SpotStrategy", "NoSpot") != "NoSpot"
    price = prices.spot(ctx.world, kind) if spot else prices.usual(kind)
    system = p.fields("SystemDisk")
    category = _category(ctx, system.text("Category", SYSTEM_CATEGORY), "InvalidSystemDiskCategory")
    size = system.integer("Size", SYSTEM_SIZE)
    return [
        ("instanceType", price),
        ("systemDisk", prices.disk(category, size)),
        *_disks(ctx, p, required=False),
        ("bandwidth", prices.bandwidth(p.integer("InternetMaxBandwidthOut", 0))),
    ]


def _disks(ctx: Ctx, p: Params, *, required: bool) -> list[tuple[str, float]]:
    given = p.items("DataDisk")
    if required and not given:
        raise ctx.error("InvalidDiskCategory.Missing", message="DataDisk.1 is mandatory.")
    found = []
    for one in given:
        category = _category(ctx, one.text("Category", "cloud"), "InvalidDataDiskCategory")
        size = one.integer("Size", 0)
        if size < 1:
            raise ctx.error("InvalidDataDiskSize.ValueNotSupported", message="Size is mandatory.")
        found.append(("dataDisk", prices.disk(category, size)))
    return found


def _category(ctx: Ctx, category: str, code: str) -> str:
    if category not in CATEGORIES:
        raise ctx.error(f"{code}.ValueNotSupported", message=f"There is no category {category}.")
    return category
