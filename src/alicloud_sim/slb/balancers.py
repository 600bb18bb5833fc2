"""DescribeLoadBalancers and DescribeLoadBalancerAttribute (semantics.md section 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim import tags
from alicloud_sim.clock import iso_seconds
from alicloud_sim.paging import page

from .records import Backend, Listener, LoadBalancer, of_group
from .service import slb

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

STATUSES = ("active", "inactive", "locked")
MOST_VALUES = 10
MOST_TAGS = 10
NOT_FOUND = "InvalidLoadBalancerId.NotFound"


def need(ctx: Ctx, balancer_id: str) -> LoadBalancer:
    """Find the load balancer that a call changes.

    InvalidLoadBalancerId.NotFound is in the reference for EIPs only, but it is what this
    product answers (alibaba/terraform-provider issue 218, with its status 404).

    :raises ApiError: unknown
    """
    balancer = ctx.find(LoadBalancer, balancer_id)
    if balancer is None:
        raise ctx.error(NOT_FOUND, message="LoadBalancerId does not exist.")
    return balancer


def view(ctx: Ctx, balancer_id: str) -> LoadBalancer:
    """Find a load balancer as readers see it.

    :raises ApiError: unknown
    """
    balancer = ctx.view(LoadBalancer, balancer_id)
    if balancer is None:
        raise ctx.error(NOT_FOUND, message="LoadBalancerId does not exist.")
    return balancer


@slb.action(
    "DescribeLoadBalancers",
    params="RegionId ServerId AddressIPVersion LoadBalancerStatus LoadBalancerId LoadBalancerName"
    " ServerIntranetAddress AddressType InternetChargeType VpcId VSwitchId NetworkType Address"
    " MasterZoneId SlaveZoneId Tags PayType ResourceGroupId PageNumber PageSize Tag",
)
def describe_load_balancers(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List load balancers; all filters have to fit, an unknown id is simply not listed.

    LoadBalancerId, LoadBalancerName and ServerIntranetAddress take up to ten values, with
    commas between them.
    """
    status = p.text("LoadBalancerStatus")
    if status and status not in STATUSES:
        raise ctx.error("InvalidParameter", message=f"There is no status {status}.")
    for name in ("LoadBalancerId", "LoadBalancerName", "ServerIntranetAddress"):
        if len(_values(p, name)) > MOST_VALUES:
            raise ctx.error("InvalidParameter", message=f"{name} takes {MOST_VALUES} values.")
    backends = ctx.visible(Backend)
    pairs = _tag_filter(ctx, p)
    rows = [
        balancer
        for balancer in ctx.visible(LoadBalancer)
        if _fits(balancer, p)
        and _serves(p, [b for b in backends if b.load_balancer_id == balancer.id])
        and all(pair in balancer.tags.items() for pair in pairs)
        and tags.match(balancer.tags, p.items("Tag"))
    ]
    shown = page(ctx, p, rows)
    return {"LoadBalancers": {"LoadBalancer": [_brief(b) for b in shown.rows]}, **shown.fields}


def _values(p: Params, name: str) -> list[str]:
    return [value.strip() for value in p.text(name).split(",") if value.strip()]


def _tag_filter(ctx: Ctx, p: Params) -> list[tuple[str, str]]:
    """Read the older filter Tags: a JSON list of tagKey and tagValue."""
    given = p.json_list("Tags") or []
    if len(given) > MOST_TAGS or any(not isinstance(one, dict) for one in given):
        raise ctx.error("InvalidTag", "InvalidParameter", message="The specified Tags is invalid.")
    return [(str(one.get("tagKey", "")), str(one.get("tagValue", ""))) for one in given]


def _fits(balancer: LoadBalancer, p: Params) -> bool:
    """Whether the load balancer itself fits the filters."""
    held = {
        "AddressIPVersion": "ipv4",
        "LoadBalancerStatus": balancer.status,
        "AddressType": balancer.address_type,
        "InternetChargeType": balancer.internet_charge_type,
        "VpcId": balancer.vpc_id,
        "VSwitchId": balancer.vswitch_id,
        "NetworkType": _network_type(balancer),
        "Address": balancer.address,
        "MasterZoneId": balancer.master_zone_id,
        "SlaveZoneId": balancer.slave_zone_id,
        "PayType": "PayOnDemand",
        "ResourceGroupId": balancer.resource_group_id,
    }
    return (
        all(p.text(name) in ("", value) for name, value in held.items())
        and balancer.id in (_values(p, "LoadBalancerId") or [balancer.id])
        and balancer.name in (_values(p, "LoadBalancerName") or [balancer.name])
    )


def _serves(p: Params, behind: list[Backend]) -> bool:
    """Whether the servers behind a load balancer, in whatever group, fit the filters."""
    addresses = _values(p, "ServerIntranetAddress")
    return (not p.given("ServerId") or p.text("ServerId") in [b.server_id for b in behind]) and (
        not addresses or any(b.ip in addresses for b in behind)
    )


def _network_type(balancer: LoadBalancer) -> str:
    return "vpc" if balancer.vpc_id else "classic"


def _brief(balancer: LoadBalancer) -> dict[str, Any]:
    """Write what the list and the single description have in common."""
    return {
        "LoadBalancerId": balancer.id,
        "LoadBalancerName": balancer.name,
        "LoadBalancerStatus": balancer.status,
        "LoadBalancerSpec": balancer.spec,
        "Address": balancer.address,
        "AddressType": balancer.address_type,
        "AddressIPVersion": "ipv4",
        "NetworkType": _network_type(balancer),
        "VpcId": balancer.vpc_id,
        "VSwitchId": balancer.vswitch_id,
        "MasterZoneId": balancer.master_zone_id,
        "SlaveZoneId": balancer.slave_zone_id,
        "RegionId": balancer.region,
        "RegionIdAlias": balancer.region,
        "Bandwidth": balancer.bandwidth,
        "InternetChargeType": balancer.internet_charge_type,
        "PayType": "PayOnDemand",
        "InstanceChargeType": balancer.instance_charge_type,
        "DeleteProtection": balancer.delete_protection,
        "ModificationProtectionStatus": balancer.modification_protection,
        "ResourceGroupId": balancer.resource_group_id,
        "CreateTime": iso_seconds(balancer.created),
        "CreateTimeStamp": int(balancer.created * 1000),
        "Tags": {"Tag": tags.shown(balancer.tags)},
    }


@slb.action("DescribeLoadBalancerAttribute", params="RegionId LoadBalancerId")
def describe_load_balancer_attribute(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Describe one load balancer, its listeners and its default group."""
    balancer = view(ctx, p.text("LoadBalancerId"))
    listeners = [x for x in ctx.visible(Listener) if x.load_balancer_id == balancer.id]
    behind = of_group(ctx.visible(Backend), balancer.id, "")
    return {
        **_brief(balancer),
        "EndTime": "2999-09-08T16:00:00Z",
        "ListenerPorts": {"ListenerPort": [x.port for x in listeners]},
        "ListenerPortsAndProtocal": {
            "ListenerPortAndProtocal": [
                {"ListenerPort": x.port, "ListenerProtocal": x.protocol} for x in listeners
            ]
        },
        "ListenerPortsAndProtocol": {
            "ListenerPortAndProtocol": [
                {
                    "ListenerPort": x.port,
                    "ListenerProtocol": x.protocol,
                    "ListenerForward": "off",
                    "Description": x.description,
                }
                for x in listeners
            ]
        },
        "BackendServers": {"BackendServer": [_server(backend) for backend in behind]},
    }


def _server(backend: Backend) -> dict[str, Any]:
    return {
        "ServerId": backend.server_id,
        "Type": backend.type,
        "ServerIp": backend.ip,
        "Weight": backend.weight,
        "Description": backend.description or None,
    }
