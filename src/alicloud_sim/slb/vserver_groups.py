"""DescribeVServerGroups and DescribeVServerGroupAttribute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim import tags
from alicloud_sim.clock import iso_seconds

from . import balancers
from .records import Backend, Listener, VServerGroup, of_group
from .service import slb

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

NOT_FOUND = "The specified VServerGroupId does not exist."


@slb.action(
    "DescribeVServerGroups",
    params="RegionId LoadBalancerId IncludeRule IncludeListener Tag Description",
)
def describe_vserver_groups(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List the groups of a load balancer, all on one page; Description filters by name.

    Forwarding rules are not simulated: no group has any.
    """
    balancer = balancers.view(ctx, p.text("LoadBalancerId"))
    if any(not item.given("Key") for item in p.items("Tag")):
        raise ctx.error(
            *("MissingParam.TagKey", "MissingParameter"), message="The param of TagKey is missing."
        )
    groups = [
        group
        for group in ctx.visible(VServerGroup)
        if group.load_balancer_id == balancer.id
        and p.text("Description") in ("", group.name)
        and tags.match(group.tags, p.items("Tag"))
    ]
    return {"VServerGroups": {"VServerGroup": [_group(ctx, p, group) for group in groups]}}


def _group(ctx: Ctx, p: Params, group: VServerGroup) -> dict[str, Any]:
    ctx.world.observe(group)
    associated: dict[str, Any] = {}
    if p.flag("IncludeListener"):
        associated["Listeners"] = {
            "Listener": [
                {"Port": listener.port, "Protocol": listener.protocol}
                for listener in ctx.visible(Listener)
                if listener.vserver_group_id == group.id
            ]
        }
    if p.flag("IncludeRule"):
        associated["Rules"] = {"Rule": []}
    return {
        "VServerGroupId": group.id,
        "VServerGroupName": group.name,
        "ServerCount": len(of_group(ctx.visible(Backend), group.load_balancer_id, group.id)),
        "CreateTime": iso_seconds(group.created),
        "AssociatedObjects": associated,
        "Tags": {"Tag": tags.shown(group.tags)},
    }


@slb.action("DescribeVServerGroupAttribute", params="RegionId VServerGroupId")
def describe_vserver_group_attribute(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Describe one group and its servers."""
    group = ctx.view(VServerGroup, p.text("VServerGroupId"))
    if group is None:
        raise ctx.error("InvalidParameter", message=NOT_FOUND)
    behind = of_group(ctx.visible(Backend), group.load_balancer_id, group.id)
    return {
        "VServerGroupId": group.id,
        "VServerGroupName": group.name,
        "LoadBalancerId": group.load_balancer_id,
        "CreateTime": iso_seconds(group.created),
        "BackendServers": {
            "BackendServer": [{**server(one), "ServerIp": one.ip} for one in behind]
        },
        "Tags": {"Tag": tags.shown(group.tags)},
    }


def server(backend: Backend) -> dict[str, Any]:
    """Write a server of a group as all answers of vServer groups have it."""
    return {
        "ServerId": backend.server_id,
        "Type": backend.type,
        "Port": backend.port,
        "Weight": backend.weight,
        "Description": backend.description or None,
    }
