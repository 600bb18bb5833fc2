"""What an instance runs on and from: type, image, stock and quotas.

Quotas of the world: "instance.count" pay-as-you-go instances, "instance.vcpus" of all
instances together. Stock: how many more of a type a zone sells; no entry is no limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_sim import settings
from alicloud_sim.ecs.images import Image
from alicloud_sim.ecs.instance_types import InstanceType

from .record import Instance

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.world import World

NAMES = "InstanceType ImageId IoOptimized"
NOT_USABLE = ("UnAvailable", "Deprecated", "CreateFailed")


def need_type(ctx: Ctx, type_id: str) -> InstanceType:
    """Find an instance type.

    :raises ApiError: InvalidInstanceType.ValueNotSupported
    """
    if not type_id:
        raise ctx.error("MissingParameter", message="InstanceType is mandatory.")
    return ctx.need(InstanceType, type_id, "InvalidInstanceType.ValueNotSupported")


def check_zone(ctx: Ctx, kind: InstanceType, zone_id: str) -> None:
    """Refuse a type that the zone does not sell at all.

    :raises ApiError: InvalidInstanceType.ZoneNotSupported
    """
    if zone_id not in kind.zones:
        raise ctx.error(
            "InvalidInstanceType.ZoneNotSupported",
            message=f"The zone {zone_id} does not offer the instance type {kind.id}.",
        )


def check_io(ctx: Ctx, io_optimized: str) -> None:
    """Refuse IoOptimized=none: no type here is of the old kind that is not I/O optimized.

    :raises ApiError: unknown, or not possible
    """
    if io_optimized not in ("", "none", "optimized"):
        raise ctx.error(
            "InvalidIoOptimizedValue.ValueNotSupported",
            "InvalidIoOptimize.ValueNotSupported",
            message=f"The specified IoOptimized {io_optimized} is not valid.",
        )
    if io_optimized == "none":
        raise ctx.error("IoOptimized.NotSupported", message="The type has to be I/O optimized.")


def need_image(ctx: Ctx, image_id: str, kind: InstanceType) -> Image:
    """Find an image that can start on a type.

    A deprecated image is refused like one that is not available (not in the reference).

    :raises ApiError: unknown, not usable yet or any more, or not for the type
    """
    if not image_id:
        raise ctx.error("MissingParameter", message="ImageId is mandatory without ImageFamily.")
    image = ctx.need(Image, image_id, "InvalidImageId.NotFound")
    if image.status in NOT_USABLE:
        raise ctx.error("OperationDenied.ImageNotValid", message=f"{image.id} is {image.status}.")
    if image.status != "Available":
        raise ctx.error("IncorrectImageStatus", message=f"The image is {image.status}.")
    check_fits(ctx, image, kind)
    return image


def check_fits(ctx: Ctx, image: Image, kind: InstanceType) -> None:
    """Refuse an image that does not start on a type.

    :raises ApiError: ImageNotSupportInstanceType
    """
    for_arm = kind.architecture.upper() == "ARM"
    if for_arm != (image.architecture == "arm64"):
        raise ctx.error(
            "ImageNotSupportInstanceType",
            message=f"The image is {image.architecture}, the type is {kind.architecture}.",
        )
    if image.boot_mode not in (*kind.boot_modes, "UEFI-Preferred"):
        raise ctx.error(
            "ImageNotSupportInstanceType",
            message=f"The type {kind.id} does not start by {image.boot_mode}.",
        )
    if kind.nvme_support == "required" and not image.nvme_supported:
        raise ctx.error(
            "ImageNotSupportInstanceType",
            message=f"The image has no NVMe driver, which the type {kind.id} requires.",
        )


def check_quotas(ctx: Ctx, kind: InstanceType, amount: int, charge_type: str) -> None:
    """Refuse more instances, or more vCPUs, than the account may have.

    :raises ApiError: QuotaExceed.AfterpayInstance or QuotaExceed.ElasticQuota
    """
    own = ctx.records(Instance)
    most = ctx.world.quotas.get("instance.count")
    later_paid = sum(1 for instance in own if instance.charge_type == "PostPaid")
    if most is not None and charge_type == "PostPaid" and later_paid + amount > most:
        raise ctx.error("QuotaExceed.AfterpayInstance", message=f"The quota is {most} instances.")
    most = ctx.world.quotas.get("instance.vcpus")
    used = sum(cpus(ctx.world, instance.instance_type) for instance in own)
    if most is not None and used + amount * kind.cpus > most:
        raise ctx.error("QuotaExceed.ElasticQuota", message=f"The quota is {most} vCPUs.")


def cpus(world: World, type_id: str) -> int:
    """Tell the vCPUs of a type; 0 if it is gone."""
    kind = world.get(InstanceType, type_id)
    return kind.cpus if kind else 0


def left(world: World, zone_id: str, type_id: str) -> int | None:
    """Tell how many more of a type a zone sells; None is no limit."""
    return world.stock.get((zone_id, type_id))


def spot_sold_out(world: World, type_id: str) -> bool:
    """Whether nobody can bid for a type; the setting "spot.sold_out" picks types."""
    return settings.picks(world, "spot.sold_out", type_id)


def check_stock(
    ctx: Ctx, zone_id: str, type_id: str, amount: int = 1, *, spot: bool = False
) -> None:
    """Refuse what the zone has sold out.

    :raises ApiError: OperationDenied.NoStock
    """
    found = left(ctx.world, zone_id, type_id)
    if (found is not None and found < amount) or (spot and spot_sold_out(ctx.world, type_id)):
        raise ctx.error(
            "OperationDenied.NoStock",
            message=f"The requested resource {type_id} is sold out in the zone {zone_id}.",
        )


def take(world: World, zone_id: str, type_id: str, amount: int = 1) -> None:
    """Take instances out of the stock, or give them back with a negative amount."""
    if (zone_id, type_id) in world.stock:
        world.stock[zone_id, type_id] -= amount
