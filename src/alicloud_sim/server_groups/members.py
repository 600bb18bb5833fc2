"""Which servers may come into a group: they exist, are of its VPC, and their address is free.

Not in the reference: an instance that is still Pending, and an interface that is not InUse,
is IncorrectStatus.Eni; a stopped instance is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from alicloud_sim.ecs.enis.record import Eni, of_instance
from alicloud_sim.ecs.instances.record import Instance

from .entries import DEFAULT_WEIGHT, Entry, illegal_address

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx

    from .records import Family, Server, ServerGroup

DEFAULT_QUOTA = 1000


@dataclass(frozen=True)
class Place:
    """Where a server is reached."""

    ip: str
    zone_id: str


def place(ctx: Ctx, group: ServerGroup, entry: Entry) -> Place:
    """Find the server of an entry.

    :raises ApiError: unknown, of another VPC, not ready, or without that address
    """
    if entry.server_type == "Ip":
        return Place(entry.ip, "")
    addresses, vpc_id, zone_id = (
        _interface(ctx, entry) if entry.server_type == "Eni" else _instance(ctx, entry)
    )
    if vpc_id != group.vpc_id:
        raise ctx.error(
            "Mismatch.VpcId",
            message=f"The VpcId is mismatched for {entry.server_id} and {group.id}.",
        )
    if entry.ip and entry.ip not in addresses:
        raise illegal_address(ctx)
    return Place(entry.ip or addresses[0], zone_id)


def _instance(ctx: Ctx, entry: Entry) -> tuple[list[str], str, str]:
    instance = ctx.need(Instance, entry.server_id, "ResourceNotFound.Ecs")
    if instance.status == "Pending":
        raise ctx.error("IncorrectStatus.Eni", message="Eni status is invalid.")
    more = [ip for eni in of_instance(ctx.world, instance.id) for ip in _addresses(eni)]
    return [instance.private_ip, *more], instance.vpc_id, instance.zone_id


def _interface(ctx: Ctx, entry: Entry) -> tuple[list[str], str, str]:
    eni = ctx.need(Eni, entry.server_id, "ResourceNotFound.Eni")
    if eni.status != "InUse":
        raise ctx.error("IncorrectStatus.Eni", message="Eni status is invalid.")
    return _addresses(eni), eni.vpc_id, eni.zone_id


def _addresses(eni: Eni) -> list[str]:
    return [eni.private_ip, *eni.secondary_ips]


def make(
    ctx: Ctx, family: Family[Any, Any, Any], group: ServerGroup, wanted: list[Entry]
) -> list[Server]:
    """Make the servers that a call adds, without putting them into the world yet.

    :raises ApiError: one cannot be added, or the group is full
    """
    present = family.members(ctx.world, group.id)
    made: list[Server] = []
    for entry in wanted:
        found = place(ctx, group, entry)
        for other in (*present, *made):
            _check_apart(ctx, entry, found, other)
        made.append(
            family.server(
                id=ctx.new_id(family.server),
                account=ctx.account,
                region=ctx.region,
                group_id=group.id,
                server_id=entry.server_id,
                server_type=entry.server_type,
                ip=found.ip,
                port=entry.port,
                weight=DEFAULT_WEIGHT if entry.weight is None else entry.weight,
                description=entry.description or "",
                zone_id=found.zone_id,
                remote_ip=entry.remote_ip,
            )
        )
    most = ctx.world.quotas.get(f"{family.name}.servers", DEFAULT_QUOTA)
    if len(present) + len(made) > most:
        raise ctx.error(
            *("QuotaExceeded.QuotaInsufficient", "ResourceQuotaExceeded.LoadBalancerServersNum"),
            message=f"The quota of servers is exceeded, usage {len(present)}/{most}.",
        )
    return made


def _check_apart(ctx: Ctx, entry: Entry, found: Place, other: Server) -> None:
    """Refuse an address and port that another server of the group has."""
    if (found.ip, entry.port) != (other.ip, other.port):
        return
    if entry.server_id == other.server_id:
        raise ctx.error(
            *("Conflict.BackendServer", "ResourceInUse.IP"),
            message=f"There is already {other.server_id} having the same configuration.",
        )
    raise ctx.error("ResourceInUse.IP", message="The specified resource of IP is in use.")
