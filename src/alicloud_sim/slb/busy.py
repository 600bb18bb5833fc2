"""The time a load balancer needs for a change, in which it refuses the next one.

A change shows in describes at once, yet for "slb.change" seconds the whole load balancer is
being configured: changes of any of its groups are refused then. The reference has the codes
(BackendServer.configuring, OperationBusy, ServiceIsConfiguring, VServerGroupProcessing,
BackendServerProcessing); which of them when is not in it: the same vServer group answers
VServerGroupProcessing, a server that is just being added BackendServerProcessing where the
action has that code, everything else the first of the other three that the action has.
Removing what is not there configures nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_sim.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alicloud_sim.context import Ctx

    from .records import LoadBalancer


def check(ctx: Ctx, balancer: LoadBalancer, group_id: str, servers: Iterable[str] = ()) -> None:
    """Refuse a change while the load balancer is locked or carries out another one.

    :raises ApiError: locked or busy
    """
    if balancer.status == "locked":
        raise ctx.error(
            *("LbStatusNotSupport", "ActionNotAllowed"), message="Locked for any Business Reason."
        )
    if ctx.now >= balancer.busy_until:
        return
    if group_id and group_id == balancer.busy_group:
        raise ApiError(
            "VServerGroupProcessing",
            "A previous configuration of the VServer group is pending; please try again later.",
        )
    if "BackendServerProcessing" in ctx.spec.codes and set(servers) & set(balancer.busy_servers):
        raise ApiError(
            "BackendServerProcessing", "Backend Server is adding, please try again later."
        )
    raise ctx.error(
        *("BackendServer.configuring", "OperationBusy", "ServiceIsConfiguring"),
        message="A previous configuration of the load balancer is pending; please try again later.",
    )


def begin(ctx: Ctx, balancer: LoadBalancer, group_id: str, added: Iterable[str] = ()) -> None:
    """Note that a change has begun."""
    balancer.busy_until = ctx.now + ctx.world.pace.seconds("slb.change")
    balancer.busy_group = group_id
    balancer.busy_servers = list(added)
