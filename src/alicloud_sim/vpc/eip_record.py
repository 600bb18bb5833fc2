"""The record of an elastic IP address, and what happens to it when its holder goes.

Statuses: Available, Associating, InUse, Unassociating (semantics.md section 9); releasing
and allocating are no actions of the reference. Imports no instances: their modules may
import this one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from alicloud_sim.records import Record
from alicloud_sim.world import on_removed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from alicloud_sim.world import World

STATUSES = ("Available", "Associating", "InUse", "Unassociating", "Releasing")
HOLDERS = ("instance", "eni", "load_balancer")


@dataclass
class Eip(Record):
    """An elastic IP address; instance_id is "" while it is free.

    `locks` are the reasons of OperationLocks: financial, security.
    """

    kind: ClassVar[str] = "eip"
    prefix: ClassVar[str] = "eip"

    ip_address: str = ""
    name: str = ""
    description: str = ""
    bandwidth: int = 5
    isp: str = "BGP"
    internet_charge_type: str = "PayByTraffic"
    instance_id: str = ""
    instance_type: str = ""
    private_ip: str = ""
    resource_group_id: str = ""
    locks: tuple[str, ...] = ()


def held_by(world: World, instance_id: str) -> list[Eip]:
    """List the real EIPs that are bound to something, or just being bound or unbound."""
    return [eip for eip in world.all(Eip) if instance_id and eip.instance_id == instance_id]


def _unbind(world: World, gone: Record) -> None:
    """Unbind the EIPs of a released holder; they stay (semantics.md section 4: MEM)."""
    for eip in held_by(world, gone.id):
        world.jobs.cancel((eip.kind, eip.id))
        eip.status = "Unassociating"
        world.later("eip.unassociate", eip, freeing(eip))


def shown(rows: Iterable[Eip], instance_id: str) -> dict[str, Any]:
    """Write the EipAddress of a described instance: all empty without one that is InUse."""
    bound = (eip for eip in rows if (eip.instance_id, eip.status) == (instance_id, "InUse"))
    eip = next(bound, None)
    if eip is None:
        return {"AllocationId": "", "IpAddress": "", "InternetChargeType": ""}
    return {
        "AllocationId": eip.id,
        "IpAddress": eip.ip_address,
        "InternetChargeType": eip.internet_charge_type,
        "Bandwidth": eip.bandwidth,
    }


def freeing(eip: Eip) -> Callable[[], None]:
    """Tell how to make an EIP Available, for when its unbinding is done."""

    def free() -> None:
        eip.status = "Available"
        eip.instance_id = eip.instance_type = eip.private_ip = ""

    return free


for _kind in HOLDERS:
    on_removed(_kind, _unbind)
