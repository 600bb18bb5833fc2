"""AllocateEipAddress, ReleaseEipAddress and ModifyEipAddressAttribute, for VPC and ECS.

A new EIP is Available at once. Only pay-as-you-go is simulated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim import names, tags
from alicloud_sim.ecs import resource_groups
from alicloud_sim.ecs.instances import public_addresses
from alicloud_sim.ecs.service import ecs
from alicloud_sim.errors import UnsupportedError

from .eip_record import Eip
from .service import vpc

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

DEFAULT_BANDWIDTH = "5"
MOST_BANDWIDTH = {"PayByTraffic": 200, "PayByBandwidth": 500}
LINES = ("BGP", "BGP_PRO")
CREATE = "RegionId Bandwidth ISP InternetChargeType"


def allocate(ctx: Ctx, p: Params, **fields: Any) -> dict[str, Any]:
    """Make an EIP.

    :raises ApiError: a value that is none, or the quota "eip.count" is used up
    """
    charge = p.text("InternetChargeType", "PayByBandwidth")
    if charge not in MOST_BANDWIDTH:
        raise ctx.error("InvalidParameter", message=f"There is no InternetChargeType {charge}.")
    line = p.text("ISP", LINES[0])
    if line not in LINES:
        raise ctx.error("IllegalParam.Isp", "InvalidParameter", message=f"There is no ISP {line}.")
    bandwidth = check_bandwidth(ctx, p.text("Bandwidth", DEFAULT_BANDWIDTH), charge)
    most = ctx.world.quotas.get("eip.count")
    if most is not None and len(ctx.records(Eip)) >= most:
        raise ctx.error("QuotaExceeded.Eip", message=f"The quota is {most} EIPs.")
    made = Eip(
        id=ctx.new_id(Eip),
        account=ctx.account,
        region=ctx.region,
        ip_address=public_addresses.new(ctx.world),
        bandwidth=bandwidth,
        isp=line,
        internet_charge_type=charge,
        **fields,
    )
    ctx.add(made)
    return {"AllocationId": made.id, "EipAddress": made.ip_address}


def check_bandwidth(ctx: Ctx, text: str, charge: str) -> int:
    """Read a bandwidth in Mbit/s.

    :raises ApiError: no number, or above what the way of charging allows
    """
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= MOST_BANDWIDTH[charge]:
        raise ctx.error(
            *("InvalidBandwidth.Malformed", "Abs.InvalidBandwidth.Malformed", "InvalidParameter"),
            message=f"Bandwidth is 1 to {MOST_BANDWIDTH[charge]}, not {text!r}.",
        )
    return int(text)


def need(ctx: Ctx, eip_id: str) -> Eip:
    """Find an EIP that may be changed.

    :raises ApiError: unknown
    """
    return ctx.need(Eip, eip_id, "InvalidAllocationId.NotFound")


def release(ctx: Ctx, p: Params) -> None:
    """Give an EIP back; it has to be Available.

    :raises ApiError: unknown, or bound to something
    """
    eip = need(ctx, p.text("AllocationId"))
    if eip.status != "Available":
        raise ctx.error(
            "IncorrectEipStatus",
            message="Current elastic IP status does not support this operation.",
        )
    ctx.world.remove(eip)


@vpc.action(
    "AllocateEipAddress",
    params=f"{CREATE} InstanceChargeType ResourceGroupId Name Description Tag",
)
def allocate_eip_address(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Make an EIP."""
    names.check_name(ctx, p.text("Name"), "InvalidParameter", shortest=1)
    names.check_description(ctx, p.text("Description"), "InvalidParameter", shortest=1)
    if p.text("InstanceChargeType", "PostPaid") != "PostPaid":
        raise UnsupportedError(f"InstanceChargeType={p.text('InstanceChargeType')}")
    group_id = p.text("ResourceGroupId")
    resource_groups.check(ctx, group_id)
    made = allocate(
        ctx,
        p,
        name=p.text("Name"),
        description=p.text("Description"),
        resource_group_id=group_id,
        tags=tags.read(ctx, p.items("Tag")),
    )
    return {**made, "ResourceGroupId": group_id}


@ecs.action("AllocateEipAddress", params=CREATE)
def allocate_eip_address_of_ecs(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Make an EIP; the deprecated version of ECS."""
    return allocate(ctx, p)


@vpc.action("ReleaseEipAddress", params="RegionId AllocationId")
def release_eip_address(ctx: Ctx, p: Params) -> None:
    """Give an EIP back."""
    release(ctx, p)


@ecs.action("ReleaseEipAddress", params="RegionId AllocationId")
def release_eip_address_of_ecs(ctx: Ctx, p: Params) -> None:
    """Give an EIP back; the deprecated version of ECS."""
    release(ctx, p)


@vpc.action("ModifyEipAddressAttribute", params="RegionId AllocationId Bandwidth Name Description")
def modify_eip_address_attribute(ctx: Ctx, p: Params) -> None:
    """Change the bandwidth, the name or the description."""
    eip = need(ctx, p.text("AllocationId"))
    names.check_name(ctx, p.text("Name"), "InvalidEipAddressName.Malformed", shortest=1)
    names.check_description(ctx, p.text("Description"), "InvalidDescription.Malformed", shortest=1)
    if p.given("Bandwidth"):
        eip.bandwidth = check_bandwidth(ctx, p.text("Bandwidth"), eip.internet_charge_type)
    eip.name = p.text("Name", eip.name)
    eip.description = p.text("Description", eip.description)
