"""DescribeHealthStatus: what the listeners' checks say of the servers behind them.

Not in the reference: a running server is normal, any other abnormal; while the load
balancer carries out a change, and at a listener without checks, it is unavailable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.ecs.enis.record import Eni
from alicloud_sim.ecs.instances.record import Instance

from . import balancers
from .records import Backend, Listener, of_group
from .service import slb

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

    from .records import LoadBalancer


@slb.action("DescribeHealthStatus", params="LoadBalancerId ListenerPort ListenerProtocol RegionId")
def describe_health_status(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Tell the health of each server, at one listener or at all of them."""
    balancer = balancers.view(ctx, p.text("LoadBalancerId"))
    rows = [
        {
            "ListenerPort": listener.port,
            "Protocol": listener.protocol,
            "ServerId": backend.server_id,
            "ServerIp": backend.ip,
            "Port": backend.port or listener.backend_port,
            "ServerHealthStatus": _health(ctx, balancer, listener, backend),
        }
        for listener in _listeners(ctx, p, balancer)
        for backend in of_group(ctx.visible(Backend), balancer.id, listener.vserver_group_id)
    ]
    return {"BackendServers": {"BackendServer": rows}}


def _listeners(ctx: Ctx, p: Params, balancer: LoadBalancer) -> list[Listener]:
    """Choose the listeners that are asked for.

    :raises ApiError: none at the port, or one of each protocol and no protocol given
    """
    port, protocol = p.integer("ListenerPort"), p.text("ListenerProtocol")
    found = [
        listener
        for listener in ctx.visible(Listener)
        if listener.load_balancer_id == balancer.id
        and port in (None, listener.port)
        and protocol in ("", listener.protocol)
    ]
    if port is not None and not found:
        raise ctx.error(
            "ListenerNotFound",
            message="You have not created a listener for the specified port of the load balancer.",
        )
    if port is not None and len(found) > 1:
        raise ctx.error(
            "TooManyListeners",
            message="More than 1 listener is found, please be more specified.",
        )
    return found


def _health(ctx: Ctx, balancer: LoadBalancer, listener: Listener, backend: Backend) -> str:
    if not listener.health_check or ctx.now < balancer.busy_until:
        return "unavailable"
    if backend.type == "eni":
        eni = ctx.find(Eni, backend.server_id)
        return "normal" if eni is not None and eni.status == "InUse" else "abnormal"
    instance = ctx.find(Instance, backend.server_id)
    return "normal" if instance is not None and instance.status == "Running" else "abnormal"
