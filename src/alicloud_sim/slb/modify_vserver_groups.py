"""The changes of vServer groups: add, remove and replace servers, set weights and the name.

An unknown group is InvalidParameter with the text "The specified VServerGroupId does not
exist.", by which clients know it (reference, errors.json; the text: documentation of 2021).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import backend_changes, balancers, busy, entries
from .records import LoadBalancer, VServerGroup
from .service import slb
from .vserver_groups import NOT_FOUND, server

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

    from .entries import Entry


def _need(ctx: Ctx, group_id: str) -> tuple[VServerGroup, LoadBalancer]:
    """Find the group that a call changes, and its load balancer."""
    group = ctx.find(VServerGroup, group_id)
    if group is None:
        raise ctx.error("InvalidParameter", message=NOT_FOUND)
    return group, balancers.need(ctx, group.load_balancer_id)


def _answer(ctx: Ctx, group: VServerGroup, balancer: LoadBalancer) -> dict[str, Any]:
    rows = [server(backend) for backend in backend_changes.members(ctx, balancer, group.id)]
    return {"VServerGroupId": group.id, "BackendServers": {"BackendServer": rows}}


@slb.action("AddVServerGroupBackendServers", params="RegionId VServerGroupId BackendServers")
def add_vserver_group_backend_servers(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Put servers into a group, each with a port; a server may come with several ports."""
    group, balancer = _need(ctx, p.text("VServerGroupId"))
    wanted = entries.read(ctx, p.json_list("BackendServers"), ports=True)
    busy.check(ctx, balancer, group.id)
    backend_changes.add(ctx, balancer, group.id, wanted)
    return _answer(ctx, group, balancer)


@slb.action("RemoveVServerGroupBackendServers", params="RegionId VServerGroupId BackendServers")
def remove_vserver_group_backend_servers(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Take servers with a port out of a group; absent ones are ignored."""
    group, balancer = _need(ctx, p.text("VServerGroupId"))
    leaving = entries.read(ctx, p.json_list("BackendServers"), ports=True)
    busy.check(ctx, balancer, group.id)
    backend_changes.remove(ctx, balancer, group.id, leaving)
    answer = _answer(ctx, group, balancer)
    for row in answer["BackendServers"]["BackendServer"]:
        del row["Description"]
    return answer


@slb.action(
    "ModifyVServerGroupBackendServers",
    params="RegionId VServerGroupId OldBackendServers NewBackendServers",
)
def modify_vserver_group_backend_servers(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Put new servers in the place of old ones; the same server and port twice is refused.

    Not in the reference: both lists are needed, and old servers have to be in the group.
    """
    group, balancer = _need(ctx, p.text("VServerGroupId"))
    leaving = entries.read(ctx, p.json_list("OldBackendServers"), ports=True)
    wanted = entries.read(ctx, p.json_list("NewBackendServers"), ports=True)
    _check_repeated(ctx, leaving)
    _check_repeated(ctx, wanted)
    busy.check(ctx, balancer, group.id)
    present = [backend for backend, _ in backend_changes.named(ctx, balancer, group.id, leaving)]
    if len(present) < len(leaving):
        raise ctx.error("InvalidParameter", message=entries.INVALID)
    backend_changes.add(ctx, balancer, group.id, wanted, without=present)
    return _answer(ctx, group, balancer)


def _check_repeated(ctx: Ctx, given: list[Entry]) -> None:
    if len(entries.first_of_each(given)) < len(given):
        raise ctx.error(
            "InvalidParameter",
            message="The specified BackendServers contain duplicated value of ServerID and Port.",
        )


@slb.action(
    "SetVServerGroupAttribute", params="RegionId VServerGroupId VServerGroupName BackendServers"
)
def set_vserver_group_attribute(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Set the name of a group, or weights of servers that are in it, or both.

    Servers that are not in it are ignored (not in the reference, which says so of
    SetBackendServers).
    """
    group, balancer = _need(ctx, p.text("VServerGroupId"))
    if not p.given("VServerGroupName") and not p.given("BackendServers"):
        raise ctx.error(
            "MissingParameter",
            message="The VServerGroupName or BackendServers is required at lease one.",
        )
    given = p.json_list("BackendServers")
    weighed = entries.read(ctx, given, ports=True) if given is not None else []
    busy.check(ctx, balancer, group.id)
    group.name = p.text("VServerGroupName") or group.name
    if weighed:
        backend_changes.weigh(ctx, balancer, group.id, weighed)
    return {**_answer(ctx, group, balancer), "VServerGroupName": group.name}
