"""Listeners: made, changed, started, stopped and deleted.

A new one is stopped. Starting and stopping take "slb.listener" seconds. TCP, HTTP and HTTPS
share the ports; UDP has its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_sim import tags

from . import balancers, busy, certificates, listener_settings
from .records import Listener, LoadBalancer, VServerGroup
from .service import slb

if TYPE_CHECKING:
    from collections.abc import Callable

    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

PROTOCOLS = ("tcp", "udp", "http", "https")
CORE = "RegionId LoadBalancerId ListenerPort BackendServerPort Bandwidth Scheduler VServerGroupId"
CHANGED = "RegionId LoadBalancerId ListenerPort Bandwidth Scheduler Description"
CHANGED += " VServerGroup VServerGroupId"
WHICH = "RegionId LoadBalancerId ListenerPort ListenerProtocol"
SETTLED = ("running", "stopped")


def _creator(protocol: str) -> Callable[[Ctx, Params], None]:
    """Make the handler of CreateLoadBalancer<Protocol>Listener."""

    def create(ctx: Ctx, p: Params) -> None:
        balancer = balancers.need(ctx, p.text("LoadBalancerId"))
        busy.check(ctx, balancer, "")
        port = p.integer("ListenerPort", 0)
        if any(_same_port(other, port, protocol) for other in of(ctx, balancer)):
            raise ctx.error(
                "InvalidParameter.ListenerPortConflict",
                message="There is conflict listener port exists.",
            )
        listener = Listener(
            id=ctx.new_id(Listener),
            account=ctx.account,
            region=ctx.region,
            status="stopped",
            load_balancer_id=balancer.id,
            port=port,
            protocol=protocol,
            vserver_group_id=_group(ctx, p, balancer),
            backend_port=p.integer("BackendServerPort", 0),
            bandwidth=p.integer("Bandwidth", -1),
            scheduler=listener_settings.scheduler(ctx, p, protocol),
            description=p.text("Description"),
            settings=listener_settings.read(ctx, p, protocol),
            tags=tags.read(ctx, p.items("Tag")),
        )
        if protocol == "https":
            certificates.need(ctx, p.text("ServerCertificateId"))
        listener.health_check = listener.settings.get("HealthCheck") == "on"
        ctx.add(listener)

    create.__doc__ = f"Make a {protocol.upper()} listener."
    return create


def _same_port(other: Listener, port: int, protocol: str) -> bool:
    return other.port == port and (other.protocol == "udp") == (protocol == "udp")


def _group(ctx: Ctx, p: Params, balancer: LoadBalancer) -> str:
    """Read the vServer group; without one the default group serves, at a port that is given."""
    group_id = p.text("VServerGroupId")
    if not group_id:
        if not p.given("BackendServerPort"):
            raise ctx.error(
                "MissingParameter",
                message="The BackendServerPort or VServerGroupId is required at least one.",
            )
        return ""
    return _check_group(ctx, balancer.id, group_id)


def _check_group(ctx: Ctx, balancer_id: str, group_id: str) -> str:
    """Refuse a vServer group that the load balancer does not have."""
    group = ctx.find(VServerGroup, group_id)
    if group is None or group.load_balancer_id != balancer_id:
        raise ctx.error(
            *("ResourceNotFound.VServerGroup", "InvalidParameter.VServerGroupId"),
            message=f"The load balancer has no vServer group {group_id}.",
        )
    return group_id


def _changer(protocol: str) -> Callable[[Ctx, Params], None]:
    """Make the handler of SetLoadBalancer<Protocol>ListenerAttribute."""

    def change(ctx: Ctx, p: Params) -> None:
        listener = _need(ctx, p, protocol)
        settings = listener_settings.read_change(ctx, p, protocol)
        scheduler = listener_settings.scheduler(ctx, p, protocol, listener.scheduler)
        group_id = listener.vserver_group_id
        if p.text("VServerGroup") == "off":
            group_id = ""
        elif p.given("VServerGroupId"):
            group_id = _check_group(ctx, listener.load_balancer_id, p.text("VServerGroupId"))
        if settings.get("ServerCertificateId"):
            certificates.need(ctx, settings["ServerCertificateId"])
        listener.vserver_group_id, listener.scheduler = group_id, scheduler
        listener.settings = {**listener.settings, **settings}
        listener.bandwidth = p.integer("Bandwidth", listener.bandwidth)
        listener.description = p.text("Description", listener.description)
        listener.health_check = listener.settings.get("HealthCheck", "on") == "on"

    change.__doc__ = f"Change a {protocol.upper()} listener."
    return change


for _protocol in PROTOCOLS:
    slb.action(
        f"CreateLoadBalancer{_protocol.upper()}Listener",
        params=f"{CORE} Description Tag {listener_settings.names(_protocol)}",
    )(_creator(_protocol))
    slb.action(
        f"SetLoadBalancer{_protocol.upper()}ListenerAttribute",
        params=f"{CHANGED} {listener_settings.names_of_change(_protocol)}",
    )(_changer(_protocol))


def of(ctx: Ctx, balancer: LoadBalancer) -> list[Listener]:
    """List the real listeners of a load balancer."""
    return [one for one in ctx.records(Listener) if one.load_balancer_id == balancer.id]


def _need(ctx: Ctx, p: Params, protocol: str = "") -> Listener:
    """Find the listener that a call changes.

    :raises ApiError: none at the port, or two and no protocol given
    """
    balancer = balancers.need(ctx, p.text("LoadBalancerId"))
    busy.check(ctx, balancer, "")
    found = [
        one
        for one in of(ctx, balancer)
        if one.port == p.integer("ListenerPort") and protocol in ("", one.protocol)
    ]
    if not found:
        raise ctx.error(
            *("ResourceNotFound.Listener", "ListenerNotFound"),
            message="The load balancer has no listener at the specified port.",
        )
    if len(found) > 1:
        raise ctx.error(
            "TooManyListeners", message="More than 1 listener is found, please be more specified."
        )
    return found[0]


@slb.action("StartLoadBalancerListener", params=WHICH)
def start_load_balancer_listener(ctx: Ctx, p: Params) -> None:
    """Start a stopped listener: starting, then running."""
    listener = _need(ctx, p, p.text("ListenerProtocol").lower())
    if listener.status != "stopped":
        raise ctx.error("Operation.NotAllowed", message=f"The listener is {listener.status}.")
    ctx.begin("slb.listener", listener, "starting", "running")


@slb.action("StopLoadBalancerListener", params=WHICH)
def stop_load_balancer_listener(ctx: Ctx, p: Params) -> None:
    """Stop a running listener: stopping, then stopped."""
    listener = _need(ctx, p, p.text("ListenerProtocol").lower())
    if listener.status != "running":
        raise ctx.error("Operation.NotAllowed", message=f"The listener is {listener.status}.")
    ctx.begin("slb.listener", listener, "stopping", "stopped")


@slb.action("DeleteLoadBalancerListener", params=WHICH)
def delete_load_balancer_listener(ctx: Ctx, p: Params) -> None:
    """Delete a listener that is running or stopped."""
    listener = _need(ctx, p, p.text("ListenerProtocol").lower())
    if listener.status not in SETTLED:
        raise ctx.error("Operation.NotAllowed", message=f"The listener is {listener.status}.")
    ctx.world.remove(listener)
