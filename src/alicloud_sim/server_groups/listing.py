"""What lists of groups and of servers have in common: filters, and pages by NextToken.

MaxResults 1-100, 20 by default (semantics.md section 10).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from alicloud_sim import tags
from alicloud_sim.paging import Page, page
from alicloud_sim.records import Record

from .entries import illegal

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

    from .records import Family, Server, ServerGroup

R = TypeVar("R", bound=Record)
PAGE_SIZE = 20
LARGEST_PAGE = 100
GROUP_TYPES = ("Instance", "Ip", "Fc")


def cut(ctx: Ctx, p: Params, rows: list[R]) -> Page[R]:
    """Cut the page that was asked for.

    :raises ApiError: MaxResults out of bounds, or a NextToken that is none
    """
    if not 1 <= p.integer("MaxResults", PAGE_SIZE) <= LARGEST_PAGE:
        raise illegal(ctx, "MaxResults")
    return page(ctx, p, rows, PAGE_SIZE, least=1)


def groups(ctx: Ctx, p: Params, family: Family[Any, Any, Any]) -> Page[ServerGroup]:
    """List groups; all filters have to fit."""
    ids, names = p.texts("ServerGroupIds"), p.texts("ServerGroupNames")
    if p.text("ServerGroupType", GROUP_TYPES[0]) not in GROUP_TYPES:
        raise illegal(ctx, "ServerGroupType")
    rows: list[ServerGroup] = [
        group
        for group in ctx.visible(family.group)
        if group.id in (ids or [group.id])
        and group.name in (names or [group.name])
        and p.text("VpcId") in ("", group.vpc_id)
        and p.text("ServerGroupType") in ("", group.type)
        and p.text("ResourceGroupId") in ("", group.resource_group_id)
        and tags.match(group.tags, p.items("Tag"))
    ]
    return cut(ctx, p, rows)


def servers(
    ctx: Ctx, p: Params, family: Family[Any, Any, Any], addresses: list[str]
) -> Page[Server]:
    """List servers of a group, or of all groups; `addresses` is a filter if not empty."""
    ids, group_id = p.texts("ServerIds"), p.text("ServerGroupId")
    rows: list[Server] = [
        server
        for server in ctx.visible(family.server)
        if group_id in ("", server.group_id)
        and server.server_id in (ids or [server.server_id])
        and server.ip in (addresses or [server.ip])
    ]
    return cut(ctx, p, rows)


def server(row: Server) -> dict[str, Any]:
    """Write a server as both products have it."""
    return {
        "ServerGroupId": row.group_id,
        "ServerId": row.server_id,
        "ServerType": row.server_type,
        "ServerIp": row.ip,
        "Port": row.port,
        "Weight": row.weight,
        "Description": row.description,
        "Status": row.status,
    }


def group(ctx: Ctx, family: Family[Any, Any, Any], row: ServerGroup) -> dict[str, Any]:
    """Write what both products tell of a group."""
    count = sum(1 for one in ctx.visible(family.server) if one.group_id == row.id)
    return {
        "ServerGroupId": row.id,
        "ServerGroupName": row.name,
        "ServerGroupType": row.type,
        "ServerGroupStatus": row.status,
        "VpcId": row.vpc_id,
        "Protocol": row.protocol,
        "Scheduler": row.scheduler,
        "ResourceGroupId": row.resource_group_id,
        "RelatedLoadBalancerIds": list(row.related_load_balancer_ids),
        "ServerCount": count,
        "Tags": [{"Key": key, "Value": value} for key, value in row.tags.items()],
    }
