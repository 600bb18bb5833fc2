"""ModifyInstanceSpec, ModifyInstanceNetworkSpec and AllocatePublicIpAddress.

ModifyInstanceSpec changes the type of a Stopped pay-as-you-go instance, or its bandwidth. The type
changes at once; one call changes one of the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.ecs.disks.record import held_by
from alicloud_sim.ecs.images import Image
from alicloud_sim.ecs.instance_types import InstanceType
from alicloud_sim.ecs.service import ecs
from alicloud_sim.vpc import eip_record

from . import hardware, public_addresses
from .record import SETTLED, Instance, check_status, need

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

MOST_BANDWIDTH = 100
BANDWIDTHS = ("InternetMaxBandwidthOut", "InternetMaxBandwidthIn")


@ecs.action(
    "ModifyInstanceSpec",
    params="InstanceId InstanceType InternetMaxBandwidthOut InternetMaxBandwidthIn DryRun",
)
def modify_instance_spec(ctx: Ctx, p: Params) -> None:
    """Change the type of a Stopped instance, or the bandwidth of a Running or Stopped one."""
    instance = need(ctx, p.text("InstanceId"))
    if instance.charge_type != "PostPaid":
        raise ctx.error("ChargeTypeViolation", message="It is a subscription.")
    widths = any(p.given(name) for name in BANDWIDTHS)
    if p.given("InstanceType") and widths:
        raise ctx.error("InvalidParameter.Mismatch", message="Too many parameters in one request.")
    if p.given("InstanceType"):
        _check_type(ctx, instance, p.text("InstanceType"))
        ctx.dry_run(p.flag("DryRun"))
        _move(ctx, instance, p.text("InstanceType"))
    elif widths:
        _check_bandwidth(ctx, p, instance)
        ctx.dry_run(p.flag("DryRun"))
        _widen(ctx, p, instance)
    else:
        raise ctx.error("MissingParameter", message="InstanceType is mandatory.")


def _check_type(ctx: Ctx, instance: Instance, type_id: str) -> None:
    kind = ctx.need(InstanceType, type_id, "InvalidInstanceType.ValueNotSupported")
    check_status(ctx, instance, ("Stopped",), "InvalidInstanceStatus.NotStopped")
    if instance.zone_id not in kind.zones:
        raise ctx.error(
            "InvalidInstanceType.ValueNotSupported",
            message="The specified zone does not offer the specified instancetype.",
        )
    image = ctx.world.get(Image, instance.image_id)
    if image is not None:
        hardware.check_fits(ctx, image, kind)
    disks = held_by(ctx.world, instance.id)
    if len(disks) > kind.most_disks:
        raise ctx.error(
            "InstanceTypeNotSupported.TooManyDisksAttached",
            message=f"The type {type_id} takes {kind.most_disks} disks.",
        )
    if any(disk.category not in kind.disk_categories for disk in disks):
        raise ctx.error(
            "InvalidInstanceType.NotSupportDiskCategory",
            message=f"The type {type_id} does not support the category of a disk.",
        )
    hardware.check_stock(ctx, instance.zone_id, type_id)


def _move(ctx: Ctx, instance: Instance, type_id: str) -> None:
    if instance.stopped_mode != "StopCharging" and not instance.is_reserved:
        hardware.take(ctx.world, instance.zone_id, instance.instance_type, -1)
        hardware.take(ctx.world, instance.zone_id, type_id)
    instance.instance_type = type_id


def _check_bandwidth(ctx: Ctx, p: Params, instance: Instance) -> None:
    check_status(ctx, instance, SETTLED)
    width = p.integer("InternetMaxBandwidthOut", 0)
    if not 0 <= width <= MOST_BANDWIDTH:
        raise ctx.error(
            *("InvalidBandwidth.ValueNotSupported", "InvalidParameter"),
            message=f"A bandwidth is 0 to {MOST_BANDWIDTH}.",
        )
    if width and eip_record.held_by(ctx.world, instance.id):
        raise ctx.error(
            "InvalidInstance.EipNotSupport",
            message="The specified instance with eip is not supported.",
        )


def _widen(ctx: Ctx, p: Params, instance: Instance, *, address: bool = True) -> None:
    """Set the bandwidths; with the first one outwards a public address may come."""
    instance.bandwidth_out = p.integer("InternetMaxBandwidthOut", instance.bandwidth_out)
    instance.bandwidth_in = p.integer("InternetMaxBandwidthIn", instance.bandwidth_in)
    if address and instance.bandwidth_out > 0 and not instance.public_ip:
        instance.public_ip = public_addresses.new(ctx.world)


@ecs.action(
    "ModifyInstanceNetworkSpec",
    params="InstanceId InternetMaxBandwidthOut InternetMaxBandwidthIn NetworkChargeType"
    " AllocatePublicIp",
)
def modify_instance_network_spec(ctx: Ctx, p: Params) -> None:
    """Change the bandwidth and how traffic is paid for."""
    instance = need(ctx, p.text("InstanceId"))
    charge = p.text("NetworkChargeType", instance.internet_charge_type)
    if charge not in ("PayByTraffic", "PayByBandwidth"):
        raise ctx.error(
            *("InvalidInternetChargeType.ValueNotSupported", "InvalidParameter"),
            message=f"There is no NetworkChargeType {charge}.",
        )
    _check_bandwidth(ctx, p, instance)
    instance.internet_charge_type = charge
    _widen(ctx, p, instance, address=p.flag("AllocatePublicIp", False))


@ecs.action("AllocatePublicIpAddress", params="InstanceId")
def allocate_public_ip_address(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Give an instance with a bandwidth a public address, once."""
    instance = need(ctx, p.text("InstanceId"))
    check_status(ctx, instance, SETTLED)
    if instance.public_ip:
        raise ctx.error("AllocatedAlready", message="It has a public address already.")
    if instance.bandwidth_out < 1:
        raise ctx.error(
            "AllocateIpInvalidInstanceBandwidth", message="Its InternetMaxBandwidthOut is 0."
        )
    if eip_record.held_by(ctx.world, instance.id):
        raise ctx.error("InvalidOperation.AllocateFailed", message="It has an EIP.")
    instance.public_ip = public_addresses.new(ctx.world)
    return {"IpAddress": instance.public_ip}
