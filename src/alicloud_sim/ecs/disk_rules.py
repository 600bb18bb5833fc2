"""What sizes and performance levels the disk categories take (semantics.md section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx

SIZES_GIB = {
    "cloud": (5, 2000),
    "cloud_efficiency": (20, 32768),
    "cloud_ssd": (20, 32768),
    "cloud_auto": (1, 65536),
    "cloud_regional_disk_auto": (10, 65536),
    "cloud_essd_entry": (10, 32768),
    "elastic_ephemeral_disk_standard": (64, 8192),
    "elastic_ephemeral_disk_premium": (64, 8192),
}
ESSD_SIZES_GIB = {"PL0": (1, 65536), "PL1": (20, 65536), "PL2": (461, 65536), "PL3": (1261, 65536)}
ESSD = "cloud_essd"
CATEGORIES = (ESSD, *SIZES_GIB)
WITH_LEVEL = (ESSD, "cloud_regional_disk_auto")
DEFAULT_LEVEL = "PL1"
LOCAL = ("local_ssd_pro", "local_hdd_pro")
"""Disks of the host, which come and go with their instance."""
WITH_IOPS = ("cloud_auto", "cloud_regional_disk_auto")
MOST_IOPS = 50_000


def performance_level(ctx: Ctx, category: str, level: str) -> str:
    """Tell the level a disk of a category gets: "" where the category has none.

    :raises ApiError: no such level, or a level for a category without
    """
    if category != ESSD:
        if level and category not in WITH_LEVEL:
            raise ctx.error(
                "InvalidPerformanceLevel.ValueNotSupported",
                "OperationDenied.PerformanceLevelNotMatch",
                "InvalidParameter",
                message=f"{category} has no performance levels.",
            )
        return level
    level = level or DEFAULT_LEVEL
    if level not in ESSD_SIZES_GIB:
        raise ctx.error(
            "InvalidPerformanceLevel.Malformed",
            "InvalidPerformanceLevel.ValueNotSupported",
            "InvalidParameter",
            message=f"The specified PerformanceLevel {level} is not valid.",
        )
    return level


def check_category(ctx: Ctx, category: str, zone_categories: list[str], *codes: str) -> None:
    """Refuse a category that does not exist, or that the zone does not sell.

    :raises ApiError: with the first of the codes that the action documents
    """
    if category not in CATEGORIES:
        raise ctx.error(
            "InvalidDiskCategory.ValueNotSupported",
            *codes,
            "InvalidParameter",
            message=f"The specified disk category {category} does not exist.",
        )
    if category not in zone_categories:
        raise ctx.error(
            *codes,
            "InvalidDiskCategory.NotSupported",
            "InvalidParameter",
            message=f"The specified disk category {category} is not supported in the zone.",
        )


def refuse_local(ctx: Ctx, category: str, *codes: str) -> None:
    """Refuse a disk of the host, for an action on cloud disks.

    :raises ApiError: with the first of the codes that the action documents
    """
    if category in LOCAL:
        raise ctx.error(*codes, message=f"{category} disks do not support this operation.")


def check_size(ctx: Ctx, category: str, level: str, size_gib: int, *codes: str) -> None:
    """Refuse a size the category (for ESSD: the level) does not have.

    :raises ApiError: with the first of the codes that the action documents
    """
    low, high = _sizes(category, level)
    if not low <= size_gib <= high:
        raise ctx.error(
            *codes,
            "InvalidDataDiskSize.ValueNotSupported",
            "InvalidDiskSize.NotSupported",
            "InvalidParameter",
            message=f"{category} {level} takes {low} to {high} GiB, not {size_gib}.",
        )


def _sizes(category: str, level: str) -> tuple[int, int]:
    """Tell the smallest and the largest size; a level the table lacks counts as the default."""
    if category == ESSD:
        return ESSD_SIZES_GIB.get(level, ESSD_SIZES_GIB[DEFAULT_LEVEL])
    return SIZES_GIB[category]


def smallest(category: str, level: str) -> int:
    """Tell the smallest size in GiB of a category, for ESSD of a level."""
    return _sizes(category, level)[0]


def largest(category: str, level: str) -> int:
    """Tell the largest size in GiB of a category, for ESSD of a level."""
    return _sizes(category, level)[1]


def check_auto(
    ctx: Ctx, category: str, size_gib: int, iops: int | None, *, bursting: bool | None
) -> None:
    """Refuse what only AutoPL disks have, and more IOPS than a size can be given.

    At most 50000, and 1000 for each GiB less the baseline of 1800 + 50 for each GiB.

    :raises ApiError: another category, or too many
    """
    if iops is not None and category not in WITH_IOPS:
        raise ctx.error("ProvisionedIopsForDiskCategoryUnsupported", "InvalidParameter")
    if bursting and category not in WITH_IOPS:
        raise ctx.error("BurstingEnabledForDiskCategoryUnsupported", "InvalidParameter")
    baseline = min(1800 + 50 * size_gib, MOST_IOPS)
    most = max(0, min(MOST_IOPS, 1000 * size_gib - baseline))
    if iops is not None and not 0 <= iops <= most:
        raise ctx.error(
            "InvalidProvisionedIops.LimitExceed",
            "InvalidParameter",
            message=f"ProvisionedIops is 0 to {most} for {size_gib} GiB.",
        )


def iops_of(category: str, iops: int | None) -> int | None:
    """Tell the provisioned IOPS of a disk: none but for AutoPL, 0 where nothing was asked."""
    return (iops or 0) if category in WITH_IOPS else None
