"""DescribeLoadBalancer<Protocol>ListenerAttribute and DescribeLoadBalancerListeners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim import tags
from alicloud_sim.offsets import cut

from . import balancers, listener_settings
from .modify_listeners import PROTOCOLS
from .records import Listener
from .service import slb

if TYPE_CHECKING:
    from collections.abc import Callable

    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

PAGE = 20
NOT_FOUND = "The load balancer has no such listener at the specified port."


def _core(listener: Listener) -> dict[str, Any]:
    return {
        "LoadBalancerId": listener.load_balancer_id,
        "ListenerPort": listener.port,
        "BackendServerPort": listener.backend_port,
        "VServerGroupId": listener.vserver_group_id,
        "Status": listener.status,
        "Bandwidth": listener.bandwidth,
        "Scheduler": listener.scheduler,
        "Description": listener.description,
        "AclStatus": "off",
    }


def _settings(listener: Listener) -> dict[str, Any]:
    """Tell the settings; a listener of the seed has the usual ones."""
    usual = {
        listener_settings.ANSWERS.get(name, name): value
        for name, value in listener_settings.USUAL[listener.protocol].items()
    }
    return {**usual, **listener.settings}


def _describer(protocol: str) -> Callable[[Ctx, Params], dict[str, Any]]:
    """Make the handler of DescribeLoadBalancer<Protocol>ListenerAttribute."""

    def describe(ctx: Ctx, p: Params) -> dict[str, Any]:
        balancer = balancers.view(ctx, p.text("LoadBalancerId"))
        for listener in ctx.visible(Listener):
            known = (listener.load_balancer_id, listener.port, listener.protocol)
            if known == (balancer.id, p.integer("ListenerPort"), protocol):
                ctx.world.observe(listener)
                row = {**_settings(listener), **_core(listener)}
                row["Tags"] = {"Tag": tags.shown(listener.tags)}
                return {name: value for name, value in row.items() if name in ctx.spec.response}
        raise ctx.error("ListenerNotFound", message=NOT_FOUND)

    describe.__doc__ = f"Describe one {protocol.upper()} listener."
    return describe


for _protocol in PROTOCOLS:
    slb.action(
        f"DescribeLoadBalancer{_protocol.upper()}ListenerAttribute",
        params="RegionId LoadBalancerId ListenerPort",
    )(_describer(_protocol))


@slb.action(
    "DescribeLoadBalancerListeners",
    params="RegionId LoadBalancerId ListenerProtocol ListenerPort Description Tag"
    " NextToken MaxResults",
)
def describe_load_balancer_listeners(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List listeners of some load balancers, or of all."""
    protocol = p.text("ListenerProtocol").lower()
    if protocol not in ("", *PROTOCOLS):
        raise ctx.error("IllegalParam.ListenerProtocol", message=f"There is no {protocol}.")
    ids = p.texts("LoadBalancerId")
    rows = [
        one
        for one in ctx.visible(Listener)
        if (not ids or one.load_balancer_id in ids)
        and protocol in ("", one.protocol)
        and p.integer("ListenerPort") in (None, one.port)
        and p.text("Description") in ("", one.description)
        and tags.match(one.tags, p.items("Tag"))
    ]
    size = p.integer("MaxResults", PAGE)
    shown, token = cut(ctx, rows, p.text("NextToken"), size)
    for one in shown:
        ctx.world.observe(one)
    shape = ctx.spec.response["Listeners"][0]
    return {
        "Listeners": [_row(one, shape) for one in shown],
        "NextToken": token,
        "TotalCount": len(rows),
        "MaxResults": size,
    }


def _row(listener: Listener, shape: dict[str, Any]) -> dict[str, Any]:
    config = f"{listener.protocol.upper()}ListenerConfig"
    own = {
        name: str(value).lower() if isinstance(value, bool) else value  # texts here
        for name, value in _settings(listener).items()
        if name in shape[config]
    }
    plain = [{"TagKey": key, "TagValue": value} for key, value in listener.tags.items()]
    return {
        **_core(listener),
        "ListenerProtocol": listener.protocol,
        config: own,
        "Tags": plain,
    }
