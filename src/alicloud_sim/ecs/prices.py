"""Prices per hour, in yuan: made up from what a type or a disk has.

The world's setting "spot_prices" ({type: price}) sets the market price of single types.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alicloud_sim.world import World

    from .instance_types import InstanceType

YUAN_PER_CPU = 0.1
YUAN_PER_GIB = 0.03
SPOT_SHARE = 0.2
YUAN_PER_DISK_GIB = {"cloud": 0.0004, "cloud_efficiency": 0.0005, "cloud_ssd": 0.0014}
YUAN_PER_OTHER_DISK_GIB = 0.0021
YUAN_PER_MBIT = 0.06


def usual(kind: InstanceType) -> float:
    """Tell what an hour of a pay-as-you-go instance costs."""
    return round(YUAN_PER_CPU * kind.cpus + YUAN_PER_GIB * kind.memory_gib, 3)


def spot(world: World, kind: InstanceType) -> float:
    """Tell the market price of an hour of a spot instance."""
    own = dict(world.settings.get("spot_prices", {}))
    return float(own.get(kind.id, round(SPOT_SHARE * usual(kind), 3)))


def disk(category: str, size_gib: int) -> float:
    """Tell what an hour of a disk costs."""
    return round(YUAN_PER_DISK_GIB.get(category, YUAN_PER_OTHER_DISK_GIB) * size_gib, 4)


def bandwidth(mbit: int) -> float:
    """Tell what an hour of a public bandwidth costs."""
    return round(YUAN_PER_MBIT * mbit, 3)
