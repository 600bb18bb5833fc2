"""ListServerGroups, ListServerGroupServers, the three changes of servers, GetJobStatus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.server_groups import changes, listing
from alicloud_sim.server_groups.entries import illegal

from .records import NLB, NlbJob, NlbServerGroup
from .service import nlb

if TYPE_CHECKING:
    from collections.abc import Callable

    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

MOST_FILTER_VALUES = 40
HEALTH_CHECK = {
    "HealthCheckEnabled": True,
    "HealthCheckType": "TCP",
    "HealthCheckConnectPort": 0,
    "HealthyThreshold": 2,
    "UnhealthyThreshold": 2,
    "HealthCheckConnectTimeout": 5,
    "HealthCheckInterval": 10,
}


@nlb.action(
    "ListServerGroups",
    params="ServerGroupIds ServerGroupNames ResourceGroupId ServerGroupType VpcId Tag NextToken"
    " MaxResults RegionId",
)
def list_server_groups(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List server groups; an unknown id is simply not listed."""
    shown = listing.groups(ctx, p, NLB)
    rows = [
        {
            **listing.group(ctx, NLB, row),
            "RegionId": row.region,
            "AddressIPVersion": "ipv4",
            "AnyPortEnabled": row.any_port,
            "ConnectionDrainEnabled": False,
            "PreserveClientIpEnabled": True,
            "AliUid": int(row.account),
            "HealthCheck": HEALTH_CHECK,
        }
        for row in shown.rows
    ]
    return {"ServerGroups": rows, **shown.fields}


@nlb.action(
    "ListServerGroupServers",
    params="ServerGroupId ServerIds ServerIps NextToken MaxResults RegionId",
)
def list_server_group_servers(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List the servers of a group, or of all groups; the filters take 40 values each."""
    group_id = p.text("ServerGroupId")
    if group_id and ctx.view(NlbServerGroup, group_id) is None:
        raise ctx.error(
            *changes.NOT_FOUND, message="The specified resource of serverGroup is not found."
        )
    for name in ("ServerIds", "ServerIps"):
        if len(p.texts(name)) > MOST_FILTER_VALUES:
            raise illegal(ctx, name)
    shown = listing.servers(ctx, p, NLB, p.texts("ServerIps"))
    rows = [{**listing.server(row), "ZoneId": row.zone_id} for row in shown.rows]
    return {"Servers": rows, **shown.fields}


def _changed(ctx: Ctx, p: Params, change: Callable[[Ctx, Params, Any], str]) -> dict[str, Any]:
    return {"JobId": change(ctx, p, NLB), "ServerGroupId": p.text("ServerGroupId")}


@nlb.action("AddServersToServerGroup", params="ServerGroupId Servers RegionId DryRun")
def add_servers_to_server_group(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Put up to 200 servers into a group; a server may come with several ports."""
    return _changed(ctx, p, changes.add)


@nlb.action("RemoveServersFromServerGroup", params="ServerGroupId Servers RegionId DryRun")
def remove_servers_from_server_group(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Take servers out of a group, by id, type and port."""
    return _changed(ctx, p, changes.remove)


@nlb.action("UpdateServerGroupServersAttribute", params="ServerGroupId Servers RegionId DryRun")
def update_server_group_servers_attribute(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Change weights and descriptions of servers that are in a group."""
    return _changed(ctx, p, changes.update)


@nlb.action("GetJobStatus", params="JobId")
def get_job_status(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Tell how a job is going; one that lagging readers do not see yet is Processing."""
    job = ctx.need(NlbJob, p.text("JobId"), "ResourceNotFound.JobId")
    seen = ctx.view(NlbJob, job.id)
    return {"Status": seen.status if seen else "Processing"}
