"""Public addresses: of instances, EIPs and load balancers that face the internet."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from alicloud_sim.slb.records import LoadBalancer
from alicloud_sim.vpc.eip_record import Eip

from .record import Instance

if TYPE_CHECKING:
    from alicloud_sim.world import World

FIRST = int(IPv4Address("39.96.0.10"))


def new(world: World) -> str:
    """Give the first address that nothing has."""
    taken = {instance.public_ip for instance in world.all(Instance)}
    taken |= {eip.ip_address for eip in world.all(Eip)}
    taken |= {balancer.address for balancer in world.all(LoadBalancer)}
    number = FIRST
    while str(IPv4Address(number)) in taken:
        number += 1
    return str(IPv4Address(number))
