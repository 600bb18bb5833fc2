"""Binding and unbinding EIPs, for the VPC actions and the deprecated ECS ones alike.

Available -> Associating -> InUse -> Unassociating -> Available; in between an EIP can only
be queried: InvalidBindingStatus, and IncorrectEipStatus for the wrong one of the two settled
states (the reference has both codes; which when is not in it). Holders: EcsInstance,
NetworkInterface (secondary) and SlbInstance; Nat, HaVip and IpAddress are not simulated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_sim.ecs.enis.record import PRIMARY, Eni
from alicloud_sim.ecs.instances.record import SETTLED, Instance
from alicloud_sim.errors import UnsupportedError
from alicloud_sim.slb.records import LoadBalancer

from .eip_record import Eip, freeing, held_by

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx

TYPES = ("EcsInstance", "SlbInstance", "Nat", "HaVip", "NetworkInterface", "IpAddress")
DEFAULT_TYPE = "EcsInstance"
KINDS: dict[str, type[Instance | Eni | LoadBalancer]] = {
    "EcsInstance": Instance,
    "NetworkInterface": Eni,
    "SlbInstance": LoadBalancer,
}


def bind(ctx: Ctx, eip_id: str, holder_id: str, holder_type: str, private_ip: str = "") -> None:
    """Bind a free EIP: Associating, then InUse.

    :raises ApiError: EIP or holder unknown or not in a state for it, or the holder has one
    """
    _check_type(ctx, holder_type)
    eip = _need(ctx, eip_id, "Available")
    holder = ctx.find(KINDS[holder_type], holder_id)
    if holder is None:
        elsewhere = ctx.world.get(KINDS[holder_type], holder_id)
        if elsewhere is not None and elsewhere.account == ctx.account:
            raise ctx.error(
                *("InvalidParameter.Mismatch", "InvalidParameter"),
                message="Specified elastic IP address and ECS instance are not in the same region.",
            )
        raise ctx.error(
            *("InvalidInstanId.NotFound", "InvalidInstance.NotExist"),
            message="Specified instance does not exist.",
        )
    if held_by(ctx.world, holder.id):
        raise ctx.error(
            "InvalidAssociation.Duplicated", message="Specified instance already is associated."
        )
    address = _check_holder(ctx, holder)
    if private_ip and private_ip not in address:
        raise ctx.error("InvalidParameter", message="The specified PrivateIpAddress is not valid.")
    eip.instance_id, eip.instance_type = holder.id, holder_type
    eip.private_ip = private_ip or address[0]
    ctx.begin("eip.associate", eip, "Associating", "InUse")


def _check_type(ctx: Ctx, holder_type: str) -> None:
    if holder_type not in TYPES:
        raise ctx.error(
            "InvalidInstanceType.ValueNotSupported",
            message="The specified value of InstanceType is not supported.",
        )
    if holder_type not in KINDS:
        raise UnsupportedError(f"InstanceType={holder_type}")


def _need(ctx: Ctx, eip_id: str, status: str) -> Eip:
    """Find the EIP of a call in the state that the change starts from."""
    eip = ctx.find(Eip, eip_id)
    if eip is None:
        raise ctx.error(
            "InvalidAllocationId.NotFound", message="Specified allocation ID is not found."
        )
    if eip.locks:
        raise ctx.error(
            *("Forbidden.FinancialLocked", "InvalidEIPStatus.BizDisabled"),
            message="The EIP has been locked.",
        )
    if eip.status not in ("Available", "InUse"):
        raise ctx.error("InvalidBindingStatus", message="The eip binding status invalid.")
    if eip.status != status:
        raise ctx.error(
            "IncorrectEipStatus",
            message="Current elastic IP status does not support this operation.",
        )
    return eip


def _check_holder(ctx: Ctx, holder: Instance | Eni | LoadBalancer) -> list[str]:
    """Refuse a holder that cannot take an EIP; tell the private addresses of one that can."""
    if isinstance(holder, LoadBalancer):
        if not holder.vpc_id:
            raise ctx.error(
                *("InvalidParameter.InstanceTypeNotSupport", "InvalidParameter"),
                message="The specified instance type is not support.",
            )
        return [holder.address]
    if isinstance(holder, Eni):
        if holder.type == PRIMARY or holder.status not in ("Available", "InUse"):
            raise ctx.error(
                "InvalidStatus.EniStatusNotSupport",
                message=f"The {holder.type} interface is {holder.status}.",
            )
        return [holder.private_ip, *holder.secondary_ips]
    check_instance(ctx, holder)
    if holder.public_ip:
        raise ctx.error(
            "EIP_CAN_NOT_ASSOCIATE_WITH_PUBLIC_IP",
            message="instance already bind natpublicip,cannot bind eip.",
        )
    if holder.bandwidth_out > 0:
        raise ctx.error(
            "Forbidden.InstanceBandwidthNotZero",
            message="Eip can not bind with instance when it's bandwidth is not zero.",
        )
    return [holder.private_ip]


def check_instance(ctx: Ctx, instance: Instance) -> None:
    """Refuse an instance that is neither Running nor Stopped, or is being released.

    :raises ApiError: Pending, on its way between the two, or on its way out
    """
    if instance.status == "Pending":
        raise ctx.error(
            "InvalidStatus.EcsStatusNotSupport",
            message="The special instance status Pending is not support operate",
        )
    if instance.status not in SETTLED or instance.releasing:
        raise ctx.error(
            "IncorrectInstanceStatus",
            message="Current instance status does not support this operation.",
        )


def unbind(ctx: Ctx, eip_id: str, holder_id: str, holder_type: str) -> None:
    """Unbind an EIP: Unassociating, then Available; a holder that is named has to hold it.

    Not in the reference: an existing holder that does not hold it is InvalidParameter.

    :raises ApiError: not bound, bound to something else, or its holder in no state for it
    """
    if holder_type:
        _check_type(ctx, holder_type)
    eip = _need(ctx, eip_id, "InUse")
    if holder_id and holder_id != eip.instance_id:
        known = any(ctx.find(kind, holder_id) for kind in KINDS.values())
        raise ctx.error(
            *(() if known else ("InvalidInstanceId.NotFound",)),
            "InvalidParameter",
            message=f"The EIP is not bound to {holder_id}.",
        )
    if holder_type not in ("", eip.instance_type):
        raise ctx.error("InvalidParameter", message=f"The EIP is bound to an {eip.instance_type}.")
    holder = ctx.find(Instance, eip.instance_id)
    if holder is not None:
        check_instance(ctx, holder)
    ctx.begin("eip.unassociate", eip, "Unassociating", freeing(eip))
