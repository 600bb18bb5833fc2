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


def check_size(ctx: Ctx, category: str, level: str, size_gib: int, *codes: str) -> None:
    """Refuse a size the category (for ESSD: the level) does not have.

    :raises ApiError: with the first of the codes that the action documents
    """
    low, high = ESSD_SIZES_GIB[level] if category == ESSD else SIZES_GIB[category]
    if not low <= size_gib <= high:
        raise ctx.error(
            *codes,
            "InvalidDataDiskSize.ValueNotSupported",
            "InvalidDiskSize.NotSupported",
            "InvalidParameter",
            message=f"{category} {level} takes {low} to {high} GiB, not {size_gib}.",
        )
