"""The load balancers and EIPs of a fresh world, the same in each region.

A classic load balancer in the VPC with listeners 80 (default group) and 443 (a vServer
group), two NLB server groups and one of ALB, of type Instance, and two EIPs. Their ids are
constants of the region: load_balancer, vserver_group, nlb_server_group.1 and .2,
alb_server_group, eip.1 and .2, and the EIPs' addresses eip.1.address and eip.2.address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .alb.records import AlbServerGroup
from .nlb.records import NlbServerGroup
from .slb.records import Listener, LoadBalancer, VServerGroup
from .vpc.eip_record import Eip

if TYPE_CHECKING:
    from collections.abc import Callable

    from .world import World

    Fixed = Callable[[str, str], str]

ADDRESS = "10.0.1.240"
PUBLIC = {"cn-beijing": "203.0.113", "cn-hangzhou": "198.51.100"}


def add_balancers(
    world: World, account: str, region: str, zones: tuple[str, ...], fixed: Fixed
) -> None:
    """Add everything of a region that has its VPC; `fixed` makes an id of prefix and name."""
    names = _classic(world, account, region, zones, fixed)
    vpc_id = world.constants[f"{region}.vpc"]
    for number in (1, 2):
        group_id = fixed("sgp", f"simnlbgroup{number}")
        group = NlbServerGroup(group_id, account, region, name=f"bosh-{number}", vpc_id=vpc_id)
        names[f"nlb_server_group.{number}"] = world.add(group).id
        address = f"{PUBLIC[region]}.{10 + number}"
        eip = Eip(fixed("eip", f"simeip{number}"), account, region, ip_address=address)
        names[f"eip.{number}"] = world.add(eip).id
        names[f"eip.{number}.address"] = address
    alb = AlbServerGroup(fixed("sgp", "simalbgroup"), account, region, name="bosh", vpc_id=vpc_id)
    names["alb_server_group"] = world.add(alb).id
    world.constants |= {f"{region}.{name}": value for name, value in names.items()}


def _classic(
    world: World, account: str, region: str, zones: tuple[str, ...], fixed: Fixed
) -> dict[str, str]:
    """Add the classic load balancer and tell its constants."""
    balancer = LoadBalancer(
        fixed("lb", "simbalancer"),
        account,
        region,
        name="bosh",
        address=ADDRESS,
        vpc_id=world.constants[f"{region}.vpc"],
        vswitch_id=world.constants[f"{region}.vswitch.{zones[0]}"],
        master_zone_id=zones[0],
        slave_zone_id=zones[-1],
    )
    group = VServerGroup(
        fixed("rsp", "simvgroup"), account, region, name="bosh", load_balancer_id=balancer.id
    )
    world.add(balancer)
    world.add(group)
    for port, group_id in ((80, ""), (443, group.id)):
        listener = Listener(fixed("lsn", f"sim{port}"), account, region)
        listener.load_balancer_id, listener.vserver_group_id = balancer.id, group_id
        listener.port = listener.backend_port = port
        world.add(listener)
    return {"load_balancer": balancer.id, "vserver_group": group.id}
