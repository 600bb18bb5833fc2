"""AddBackendServers, RemoveBackendServers, SetBackendServers: the default group.

Each answers the whole group as it is then; Add and Set give weights as texts, Remove and
the describes as numbers (semantics.md section 10, answer shapes).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import backend_changes, balancers, busy, entries
from .service import slb

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

    from .records import LoadBalancer

DEFAULT = ""


@slb.action("AddBackendServers", params="RegionId LoadBalancerId BackendServers")
def add_backend_servers(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Put servers behind a load balancer; one that is there already is refused."""
    balancer = balancers.need(ctx, p.text("LoadBalancerId"))
    wanted = entries.read(ctx, p.json_list("BackendServers"), ports=False)
    busy.check(ctx, balancer, DEFAULT, [entry.server_id for entry in wanted])
    backend_changes.add(ctx, balancer, DEFAULT, wanted)
    return _answer(ctx, balancer, as_text=True)


@slb.action("RemoveBackendServers", params="RegionId LoadBalancerId BackendServers")
def remove_backend_servers(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Take servers from behind a load balancer; absent ones are ignored."""
    balancer = balancers.need(ctx, p.text("LoadBalancerId"))
    leaving = entries.read(ctx, p.json_list("BackendServers"), ports=False)
    busy.check(ctx, balancer, DEFAULT)
    backend_changes.remove(ctx, balancer, DEFAULT, leaving)
    return _answer(ctx, balancer, as_text=False)


@slb.action("SetBackendServers", params="RegionId LoadBalancerId BackendServers")
def set_backend_servers(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Set weights of servers that are there, nothing else."""
    balancer = balancers.need(ctx, p.text("LoadBalancerId"))
    weighed = entries.read(ctx, p.json_list("BackendServers"), ports=False)
    busy.check(ctx, balancer, DEFAULT)
    backend_changes.weigh(ctx, balancer, DEFAULT, weighed)
    return _answer(ctx, balancer, as_text=True)


def _answer(ctx: Ctx, balancer: LoadBalancer, *, as_text: bool) -> dict[str, Any]:
    rows = [
        {
            "ServerId": backend.server_id,
            "Type": backend.type,
            "Weight": str(backend.weight) if as_text else backend.weight,
            "Description": backend.description or None,
        }
        for backend in backend_changes.members(ctx, balancer, DEFAULT)
    ]
    return {"LoadBalancerId": balancer.id, "BackendServers": {"BackendServer": rows}}
