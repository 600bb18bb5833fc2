"""Which servers may stand behind a load balancer, and with which address.

A server has to exist in the region and to run; behind a load balancer in a VPC it has to
be of that VPC; behind one that faces the internet all have to be of one VPC. Not in the
reference, but on the documentation's page of common error codes: ObtainIpFail for servers
that are not there or do not run, InvalidBackendServers.Inconsistent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alicloud_sim.ecs.enis.record import Eni
from alicloud_sim.ecs.instances.record import Instance
from alicloud_sim.errors import ApiError, UnsupportedError

from .records import Backend

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx

    from .entries import Entry
    from .records import LoadBalancer

NOT_THERE = (
    "The specified BackendServers is invalid; some of the specified backend servers do not "
    "exist or are not running."
)
OTHER_NETWORK = "The specified load balancer does not support the network type of the ECS instance."
SEVERAL_NETWORKS = (
    "All BackendServers on one Specified LoadBalancer have to be in the same vpc or all classic"
)


@dataclass(frozen=True)
class Found:
    """Where a server is reached."""

    ip: str
    vpc_id: str


def find(ctx: Ctx, balancer: LoadBalancer, entry: Entry) -> Found:
    """Find the server of an entry.

    :raises ApiError: not there, not running, or of another network
    """
    if entry.type == "eci":
        raise UnsupportedError("BackendServers.Type=eci")
    found = _interface(ctx, balancer, entry) if entry.type == "eni" else _instance(ctx, entry)
    if balancer.vpc_id and found.vpc_id != balancer.vpc_id:
        raise ctx.error("InvalidParameter", message=OTHER_NETWORK)
    behind = [b for b in ctx.world.all(Backend) if b.load_balancer_id == balancer.id]
    if any(backend.vpc_id not in ("", found.vpc_id) for backend in behind):
        raise ctx.error("InvalidBackendServers.Inconsistent", message=SEVERAL_NETWORKS)
    return found


def _instance(ctx: Ctx, entry: Entry) -> Found:
    """Find an instance; a ServerIp has to be its own."""
    instance = ctx.find(Instance, entry.server_id)
    if instance is None:
        raise ctx.error("InvalidServerId.NotExist", "ObtainIpFail", message=NOT_THERE)
    if instance.status != "Running":
        raise ApiError("ObtainIpFail", NOT_THERE)
    if entry.ip not in ("", instance.private_ip):
        raise ctx.error("InvalidParameter", message="The Ip is not Supported.")
    return Found(instance.private_ip, instance.vpc_id)


def _interface(ctx: Ctx, balancer: LoadBalancer, entry: Entry) -> Found:
    """Find an interface; only load balancers with a specification take one, by its address."""
    if not balancer.spec:
        raise ctx.error(
            *(f"OperationUnsupported.{ctx.spec.name}", "InvalidParameter"),
            message="This type of backend server is not allowed.",
        )
    eni = ctx.find(Eni, entry.server_id)
    if eni is None:
        raise ctx.error("InvalidServerId.NotExist", "ObtainIpFail", message=NOT_THERE)
    if eni.status != "InUse":
        raise ApiError("ObtainIpFail", NOT_THERE)
    if entry.ip not in (eni.private_ip, *eni.secondary_ips):
        raise ctx.error("InvalidParameter", message="The Rs IP is empty.")
    return Found(entry.ip, eni.vpc_id)
