"""Prices per hour, in yuan: made up from what a type has, for spot instances' limits.

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


def usual(kind: InstanceType) -> float:
    """Tell what an hour of a pay-as-you-go instance costs."""
    return round(YUAN_PER_CPU * kind.cpus + YUAN_PER_GIB * kind.memory_gib, 3)


def spot(world: World, kind: InstanceType) -> float:
    """Tell the market price of an hour of a spot instance."""
    own = dict(world.settings.get("spot_prices", {}))
    return float(own.get(kind.id, round(SPOT_SHARE * usual(kind), 3)))
