"""ListServerGroups, ListServerGroupServers, the three changes of servers, ListAsynJobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.clock import iso_seconds
from alicloud_sim.server_groups import changes, listing

from .records import ALB, AlbJob
from .service import alb

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

HEALTH_CHECK = {
    "HealthCheckEnabled": True,
    "HealthCheckProtocol": "HTTP",
    "HealthCheckPath": "/",
    "HealthCheckMethod": "HEAD",
    "HealthCheckCodes": ["http_2xx", "http_3xx"],
    "HealthCheckConnectPort": 0,
    "HealthCheckInterval": 2,
    "HealthCheckTimeout": 5,
    "HealthyThreshold": 3,
    "UnhealthyThreshold": 3,
}


@alb.action(
    "ListServerGroups",
    params="ServerGroupIds ServerGroupNames ResourceGroupId NextToken MaxResults VpcId"
    " ServerGroupType Tag",
)
def list_server_groups(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List server groups; an unknown id is simply not listed."""
    shown = listing.groups(ctx, p, ALB)
    rows = [
        {
            **listing.group(ctx, ALB, row),
            "HealthCheckConfig": HEALTH_CHECK,
            "StickySessionConfig": {"StickySessionEnabled": False},
            "ConfigManagedEnabled": False,
            "UpstreamKeepaliveEnabled": False,
            "Ipv6Enabled": False,
            "CrossZoneEnabled": True,
            "CreateTime": iso_seconds(row.created),
        }
        for row in shown.rows
    ]
    return {"ServerGroups": rows, **shown.fields}


@alb.action("ListServerGroupServers", params="ServerGroupId ServerIds NextToken MaxResults")
def list_server_group_servers(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List the servers of a group, or of all groups.

    An unknown group has none: the action documents no code for it.
    """
    shown = listing.servers(ctx, p, ALB, [])
    rows = [{**listing.server(row), "RemoteIpEnabled": row.remote_ip} for row in shown.rows]
    return {"Servers": rows, **shown.fields}


@alb.action("AddServersToServerGroup", params="ServerGroupId Servers DryRun")
def add_servers_to_server_group(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Put up to 200 servers into a group; a server may come with several ports."""
    return {"JobId": changes.add(ctx, p, ALB)}


@alb.action("RemoveServersFromServerGroup", params="ServerGroupId Servers DryRun")
def remove_servers_from_server_group(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Take servers out of a group, by id, type and port."""
    return {"JobId": changes.remove(ctx, p, ALB)}


@alb.action("UpdateServerGroupServersAttribute", params="ServerGroupId Servers DryRun")
def update_server_group_servers_attribute(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Change weights and descriptions of servers that are in a group."""
    return {"JobId": changes.update(ctx, p, ALB)}


@alb.action(
    "ListAsynJobs",
    params="JobIds ResourceType ResourceIds ApiName BeginTime EndTime NextToken MaxResults",
)
def list_asyn_jobs(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List jobs; times are milliseconds. An unknown id is simply not listed."""
    begin, end = p.integer("BeginTime", 0), p.integer("EndTime")
    ids, groups = p.texts("JobIds"), p.texts("ResourceIds")
    rows = [
        job
        for job in ctx.visible(AlbJob)
        if job.id in (ids or [job.id])
        and job.group_id in (groups or [job.group_id])
        and p.text("ApiName") in ("", job.api)
        and p.text("ResourceType") in ("", "servergroup")
        and begin <= _milliseconds(job.created)
        and (end is None or _milliseconds(job.created) <= end)
    ]
    shown = listing.cut(ctx, p, rows)
    return {"Jobs": [_job(job) for job in shown.rows], **shown.fields}


def _milliseconds(moment: float) -> int:
    return int(moment * 1000)


def _job(job: AlbJob) -> dict[str, Any]:
    failed = job.status == "Failed"
    return {
        "Id": job.id,
        "ApiName": job.api,
        "Status": job.status,
        "OperateType": job.operation,
        "ResourceType": "servergroup",
        "ResourceId": job.group_id,
        "CreateTime": _milliseconds(job.created),
        "ModifyTime": _milliseconds(job.ended or job.created),
        "ErrorCode": "SystemBusy" if failed else None,
        "ErrorMessage": "System is busy, please try again later." if failed else None,
    }
