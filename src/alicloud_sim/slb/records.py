"""What a classic load balancer consists of: itself, listeners, vServer groups, backends.

Each is a record of its own, so that seeds can name them one by one. Statuses of a load
balancer: active, inactive, locked (semantics.md section 10). A backend of the default group
has no vserver_group_id.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from alicloud_sim.records import Record
from alicloud_sim.world import on_removed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alicloud_sim.world import World


@dataclass
class LoadBalancer(Record):
    """A classic load balancer; without a VPC it faces the internet.

    Until `busy_until` its last change is being carried out: `busy_group` is the vServer
    group that was changed ("" the default group), `busy_servers` what was added.
    """

    kind: ClassVar[str] = "load_balancer"
    prefix: ClassVar[str] = "lb"

    status: str = "active"
    name: str = ""
    address: str = ""
    address_type: str = "intranet"
    vpc_id: str = ""
    vswitch_id: str = ""
    master_zone_id: str = ""
    slave_zone_id: str = ""
    spec: str = "slb.s1.small"
    bandwidth: int = 5120
    internet_charge_type: str = "paybytraffic"
    delete_protection: str = "off"
    modification_protection: str = "NonProtection"
    instance_charge_type: str = "PayBySpec"
    resource_group_id: str = ""
    busy_until: float = 0.0
    busy_group: str = ""
    busy_servers: list[str] = field(default_factory=list)


@dataclass
class Listener(Record):
    """A port of a load balancer; without a vServer group it serves the default group.

    `settings` are the other parameters it was made with, by the names that answers have.
    """

    kind: ClassVar[str] = "slb_listener"
    prefix: ClassVar[str] = "lsn"

    status: str = "running"
    load_balancer_id: str = ""
    port: int = 80
    protocol: str = "tcp"
    backend_port: int = 80
    vserver_group_id: str = ""
    health_check: bool = True
    bandwidth: int = -1
    scheduler: str = "wrr"
    description: str = ""
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass
class VServerGroup(Record):
    """A group of backends with ports of their own."""

    kind: ClassVar[str] = "vserver_group"
    prefix: ClassVar[str] = "rsp"

    load_balancer_id: str = ""
    name: str = ""


@dataclass
class Backend(Record):
    """A server behind a load balancer; `port` counts in vServer groups only."""

    kind: ClassVar[str] = "slb_backend"
    prefix: ClassVar[str] = "rs"

    load_balancer_id: str = ""
    vserver_group_id: str = ""
    server_id: str = ""
    type: str = "ecs"
    ip: str = ""
    vpc_id: str = ""
    port: int = 0
    weight: int = 100
    description: str = ""


def of_group(rows: Iterable[Backend], balancer_id: str, group_id: str) -> list[Backend]:
    """Keep the backends of a vServer group, or of the default group ("")."""
    wanted = (balancer_id, group_id)
    return [row for row in rows if (row.load_balancer_id, row.vserver_group_id) == wanted]


def _leave(world: World, gone: Record) -> None:
    """Take a released instance or interface out of all its groups (semantics.md: MEM)."""
    for backend in world.all(Backend):
        if backend.server_id == gone.id:
            world.remove(backend)


def _dissolve(world: World, gone: Record) -> None:
    """Remove what belongs to a deleted load balancer."""
    parts: list[Listener | Backend | VServerGroup] = []
    parts += world.all(Listener)
    parts += world.all(Backend)
    parts += world.all(VServerGroup)
    for record in parts:
        if record.load_balancer_id == gone.id:
            world.remove(record)


on_removed(LoadBalancer.kind, _dissolve)
on_removed("instance", _leave)
on_removed("eni", _leave)
