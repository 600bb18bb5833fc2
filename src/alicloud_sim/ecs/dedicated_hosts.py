"""Dedicated hosts, as far as instances are placed on them: they are seeded, not allocated."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from alicloud_sim import tags
from alicloud_sim.clock import iso_minutes
from alicloud_sim.ecs.instance_types import InstanceType
from alicloud_sim.ecs.instances.record import Instance
from alicloud_sim.ecs.service import ecs
from alicloud_sim.paging import chosen, newest_first, page
from alicloud_sim.records import Record

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params
    from alicloud_sim.world import World


@dataclass
class DedicatedHost(Record):
    """A host of one account; `auto_placement` "on" lets Tenancy=host choose it."""

    kind: ClassVar[str] = "dedicated_host"
    prefix: ClassVar[str] = "dh"

    name: str = ""
    host_type: str = "ddh.g6"
    zone_id: str = ""
    families: list[str] = field(default_factory=list)
    vcpus: int = 104
    memory_gib: float = 384.0
    charge_type: str = "PostPaid"
    expires: float | None = None
    auto_placement: str = "on"


def on_host(world: World, host_id: str) -> list[Instance]:
    """List the instances on a host."""
    return [one for one in world.all(Instance) if one.dedicated_host_id == host_id]


def free(world: World, host: DedicatedHost) -> tuple[int, float]:
    """Tell the vCPUs and the memory that a host has left."""
    kinds = [world.get(InstanceType, one.instance_type) for one in on_host(world, host.id)]
    used = [kind for kind in kinds if kind is not None]
    return (
        host.vcpus - sum(kind.cpus for kind in used),
        host.memory_gib - sum(kind.memory_gib for kind in used),
    )


def fits(world: World, host: DedicatedHost, kind: InstanceType, amount: int) -> bool:
    """Whether a host has room for instances of a type."""
    vcpus, memory = free(world, host)
    return amount * kind.cpus <= vcpus and amount * kind.memory_gib <= memory


@ecs.action(
    "DescribeDedicatedHosts",
    params="RegionId DedicatedHostIds DedicatedHostName Status DedicatedHostType ZoneId Tag"
    " PageNumber PageSize MaxResults NextToken",
)
def describe_dedicated_hosts(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List hosts; all filters have to fit."""
    ids = p.ids("DedicatedHostIds")
    rows = [
        host
        for host in chosen(ctx.visible(DedicatedHost), ids)
        if p.text("DedicatedHostName") in ("", host.name)
        and p.text("Status") in ("", host.status)
        and p.text("DedicatedHostType") in ("", host.host_type)
        and p.text("ZoneId") in ("", host.zone_id)
        and tags.match(host.tags, p.items("Tag"))
    ]
    shown = page(ctx, p, newest_first(rows))
    hosts = [_worded(ctx, host) for host in shown.rows]
    return {"DedicatedHosts": {"DedicatedHost": hosts}, **shown.fields}


def _worded(ctx: Ctx, host: DedicatedHost) -> dict[str, Any]:
    vcpus, memory = free(ctx.world, host)
    return {
        "DedicatedHostId": host.id,
        "DedicatedHostName": host.name,
        "DedicatedHostType": host.host_type,
        "Status": host.status,
        "RegionId": host.region,
        "ZoneId": host.zone_id,
        "ChargeType": host.charge_type,
        "CreationTime": iso_minutes(host.created),
        "ExpiredTime": iso_minutes(host.expires) if host.expires else "",
        "AutoPlacement": host.auto_placement,
        "Capacity": {
            "TotalVcpus": host.vcpus,
            "AvailableVcpus": vcpus,
            "TotalMemory": host.memory_gib,
            "AvailableMemory": memory,
        },
        "SupportedInstanceTypeFamilies": {"SupportedInstanceTypeFamily": list(host.families)},
        "Instances": {
            "Instance": [
                {"InstanceId": one.id, "InstanceType": one.instance_type}
                for one in on_host(ctx.world, host.id)
            ]
        },
        "Tags": {"Tag": tags.shown(host.tags)},
    }
