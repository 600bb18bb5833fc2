"""Private pools: what capacity reservations and elasticity assurances keep for an account.

They are seeded, not bought: `match_criteria` is Open or Target, `amount` what the pool has of
one type in one zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from alicloud_sim.ecs.instances.record import Instance
from alicloud_sim.records import Record

if TYPE_CHECKING:
    from alicloud_sim.world import World

CRITERIA = ("Open", "Target", "None")


@dataclass
class PrivatePool(Record):
    """A capacity reservation (crp-...) or an elasticity assurance (eap-...)."""

    kind: ClassVar[str] = "private_pool"
    prefix: ClassVar[str] = "crp"

    status: str = "Active"
    match_criteria: str = "Open"
    instance_type: str = ""
    zone_id: str = ""
    amount: int = 1


def has_room(world: World, pool: PrivatePool, type_id: str, zone_id: str, amount: int = 1) -> bool:
    """Whether a pool has capacity for instances of a type in a zone."""
    if (pool.instance_type, pool.zone_id) != (type_id, zone_id):
        return False
    used = sum(one.private_pool_id == pool.id for one in world.all(Instance))
    return pool.amount - used >= amount
