"""All that is asked for with a new instance, checked: what CreateInstance and RunInstances share.

Checks run in the order type, image, place, options, billing, hosting, disks, quotas, stock (the
order is not in the reference).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from alicloud_sim import tags
from alicloud_sim.ecs import groups
from alicloud_sim.ecs.enis import addresses

from . import billing, disk_specs, hardware, hosting, options, placement

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.ecs.images import Image
    from alicloud_sim.ecs.instance_types import InstanceType
    from alicloud_sim.params import Params

    from .disk_specs import DiskSpec
    from .placement import Place

DISK = "Size Category PerformanceLevel DiskName Description"
NAMES = " ".join(
    (
        "RegionId DryRun Tag",
        hardware.NAMES,
        placement.NAMES,
        hosting.NAMES,
        options.NAMES,
        billing.NAMES,
        *(f"SystemDisk.{name}" for name in DISK.split()),
        *(
            f"DataDisk.{name}"
            for name in f"{DISK} Encrypted KMSKeyId DeleteWithInstance SnapshotId".split()
        ),
    )
)
"""The parameters that both actions read."""


@dataclass(frozen=True)
class Order:
    """What is to be made; `fields` are those of the instance's record that were asked for."""

    kind: InstanceType
    image: Image
    place: Place
    disks: list[DiskSpec]
    fields: dict[str, Any]
    tags: dict[str, str]


def read(ctx: Ctx, p: Params, least: int = 1) -> Order:
    """Check an order of which at least `least` instances have to be possible.

    :raises ApiError: the refusals of the modules whose part it is
    """
    kind = hardware.need_type(ctx, p.text("InstanceType"))
    hardware.check_io(ctx, p.text("IoOptimized"))
    image = hardware.need_image(ctx, p.text("ImageId"), kind)
    place = placement.read(ctx, p)
    hardware.check_zone(ctx, kind, place.zone.id)
    billed = billing.read(ctx, p, kind)
    hosted = hosting.read(ctx, p, kind, place.zone.id, billed)
    fields = {**options.read(ctx, p, kind, image), **billed, **hosted}
    disks = disk_specs.read(ctx, p, kind, image, place.zone)
    given = tags.read(ctx, p.items("Tag"))
    order = Order(kind, image, place, disks, fields, given)
    check_amount(ctx, p, order, least)
    return order


def check_amount(ctx: Ctx, p: Params, order: Order, amount: int) -> None:
    """Refuse more instances than quotas, addresses and stock allow.

    :raises ApiError: what is used up
    """
    hardware.check_quotas(ctx, order.kind, amount, order.fields["charge_type"])
    disk_specs.check_quota(ctx, amount * len(order.disks))
    if not p.given("PrivateIpAddress"):
        addresses.check_room(ctx, order.place.switch, amount)
    groups.check_room(ctx, order.place.groups, amount)
    spot = order.fields.get("spot_strategy", "NoSpot") != "NoSpot"
    zone_id = order.place.zone.id
    if hosting.check_amount(ctx, order.kind, zone_id, order.fields, amount):
        hardware.check_stock(ctx, zone_id, order.kind.id, amount, spot=spot)
