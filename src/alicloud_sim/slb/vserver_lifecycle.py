"""CreateVServerGroup and DeleteVServerGroup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim import tags

from . import backend_changes, balancers, busy, entries
from .records import Backend, Listener, VServerGroup, of_group
from .service import slb
from .vserver_groups import server

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

LONGEST_NAME = 80


@slb.action(
    "CreateVServerGroup", params="RegionId LoadBalancerId VServerGroupName BackendServers Tag"
)
def create_vserver_group(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Make a group, with servers or without."""
    balancer = balancers.need(ctx, p.text("LoadBalancerId"))
    busy.check(ctx, balancer, "")
    name = p.text("VServerGroupName")
    if len(name) > LONGEST_NAME:
        raise ctx.error("InvalidParameter", message="The VServerGroupName is too long.")
    given = p.json_list("BackendServers")
    wanted = entries.read(ctx, given, ports=True) if given else []
    group = VServerGroup(
        id=ctx.new_id(VServerGroup),
        account=ctx.account,
        region=ctx.region,
        load_balancer_id=balancer.id,
        name=name,
        tags=tags.read(ctx, p.items("Tag")),
    )
    if wanted:
        backend_changes.add(ctx, balancer, group.id, wanted)
    ctx.add(group)
    behind = of_group(ctx.world.all(Backend), balancer.id, group.id)
    return {
        "VServerGroupId": group.id,
        "BackendServers": {"BackendServer": [server(one) for one in behind]},
    }


@slb.action("DeleteVServerGroup", params="RegionId VServerGroupId")
def delete_vserver_group(ctx: Ctx, p: Params) -> None:
    """Delete a group that no listener uses."""
    group = ctx.need(VServerGroup, p.text("VServerGroupId"), "InvalidParameter")
    balancer = balancers.need(ctx, group.load_balancer_id)
    busy.check(ctx, balancer, group.id)
    if any(one.vserver_group_id == group.id for one in ctx.world.all(Listener)):
        raise ctx.error("RspoolVipExist", message="A listener uses the vServer group.")
    for backend in of_group(ctx.world.all(Backend), balancer.id, group.id):
        ctx.world.remove(backend)
    ctx.world.remove(group)
