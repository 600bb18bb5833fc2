"""Adding, removing and weighing backends, of a default group ("") or a vServer group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import busy, servers
from .entries import first_of_each
from .records import Backend, of_group

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx

    from .entries import Entry
    from .records import LoadBalancer
    from .servers import Found


def members(ctx: Ctx, balancer: LoadBalancer, group_id: str) -> list[Backend]:
    """List the real backends of a group, in the order they were added."""
    return of_group(ctx.world.all(Backend), balancer.id, group_id)


def _same(backend: Backend, entry: Entry) -> bool:
    """Whether an entry means a backend: server, port, and address if it names one."""
    return (
        (backend.server_id, backend.port, backend.type) == (entry.server_id, entry.port, entry.type)
    ) and entry.ip in ("", backend.ip)


def add(
    ctx: Ctx,
    balancer: LoadBalancer,
    group_id: str,
    wanted: list[Entry],
    without: list[Backend] | None = None,
) -> None:
    """Put servers into a group, instead of some that are to leave; all of them or none.

    What a call names twice counts once. One that is there already is refused (reference);
    the code for it, InvalidParameter, is not in the reference, nor that vServer groups
    refuse likewise.

    :raises ApiError: present already, or a server that may not be there
    """
    leaving = without or []
    staying = [b for b in members(ctx, balancer, group_id) if b not in leaving]
    made: list[Backend] = []
    for entry in first_of_each(wanted):
        if any(_same(backend, entry) for backend in staying):
            raise ctx.error("InvalidParameter", message="The resource already exists.")
        found = servers.find(ctx, balancer, entry)
        if any((b.ip, b.port) == (found.ip, entry.port) for b in (*staying, *made)):
            raise ctx.error(
                *("InvalidBackendServers.ServerIpConflict", "InvalidParameter"),
                message=f"The address {found.ip} is there already with another id.",
            )
        made.append(_backend(ctx, balancer, group_id, entry, found))
    for backend in leaving:
        ctx.world.remove(backend)
    for backend in made:
        ctx.add(backend)
    busy.begin(ctx, balancer, group_id, [backend.server_id for backend in made])


def _backend(
    ctx: Ctx, balancer: LoadBalancer, group_id: str, entry: Entry, found: Found
) -> Backend:
    return Backend(
        id=ctx.new_id(Backend),
        account=ctx.account,
        region=ctx.region,
        load_balancer_id=balancer.id,
        vserver_group_id=group_id,
        server_id=entry.server_id,
        type=entry.type,
        ip=found.ip,
        vpc_id=found.vpc_id,
        port=entry.port,
        weight=entry.weight,
        description=entry.description,
    )


def named(
    ctx: Ctx, balancer: LoadBalancer, group_id: str, entries: list[Entry]
) -> list[tuple[Backend, Entry]]:
    """Pair the backends that entries mean with them; entries that are not there drop out."""
    pairs = []
    for backend in members(ctx, balancer, group_id):
        entry = next((entry for entry in entries if _same(backend, entry)), None)
        if entry is not None:
            pairs.append((backend, entry))
    return pairs


def remove(ctx: Ctx, balancer: LoadBalancer, group_id: str, entries: list[Entry]) -> None:
    """Take servers out of a group; those that are not there are ignored."""
    leaving = named(ctx, balancer, group_id, entries)
    for backend, _ in leaving:
        ctx.world.remove(backend)
    if leaving:
        busy.begin(ctx, balancer, group_id)


def weigh(ctx: Ctx, balancer: LoadBalancer, group_id: str, entries: list[Entry]) -> None:
    """Set the weights of servers that are there; others are ignored."""
    present = named(ctx, balancer, group_id, entries)
    for backend, entry in present:
        backend.weight = entry.weight
    if present:
        busy.begin(ctx, balancer, group_id)
