"""Public addresses that instances have of their own, apart from EIPs."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from .record import Instance

if TYPE_CHECKING:
    from alicloud_sim.world import World

FIRST = int(IPv4Address("39.96.0.10"))


def new(world: World) -> str:
    """Give the first address that no instance has."""
    taken = {instance.public_ip for instance in world.all(Instance)}
    number = FIRST
    while str(IPv4Address(number)) in taken:
        number += 1
    return str(IPv4Address(number))
