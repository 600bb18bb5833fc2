"""DescribeEipAddresses, AssociateEipAddress, UnassociateEipAddress of VPC 2016-04-28.

They take a ClientToken; the deprecated ECS versions of the three (ecs_eips.py) do not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim import tags
from alicloud_sim.clock import iso_seconds
from alicloud_sim.errors import UnsupportedError
from alicloud_sim.paging import Page, newest_first, page

from . import eip_changes
from .eip_record import STATUSES, Eip
from .service import vpc

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

MOST_VALUES = 50
CHARGE_TYPES = ("PostPaid", "PrePaid")
LOCK_REASONS = ("financial", "security")
MODES = ("NAT", "MULTI_BINDED", "BINDED")
FILTERS = "RegionId Status EipAddress AllocationId ISP PageNumber PageSize LockReason"
FILTERS += " AssociatedInstanceType AssociatedInstanceId ChargeType"


def rows(ctx: Ctx, p: Params) -> Page[Eip]:
    """List the EIPs that fit the filters both versions have; unknown ones are not listed.

    EipAddress and AllocationId take up to fifty values, with commas between them.

    :raises ApiError: a filter value that is none
    """
    for name, known, code in (
        ("Status", STATUSES, "InvalidParameter"),
        (
            "AssociatedInstanceType",
            eip_changes.TYPES,
            "InvalidIAssociatedInstanceType.ValueNotSupported",
        ),
        ("ChargeType", CHARGE_TYPES, "InvalidChargeType.ValueNotSupported"),
        ("LockReason", LOCK_REASONS, "InvalidLockReason.NotFound"),
    ):
        if p.text(name) and p.text(name) not in known:
            raise ctx.error(code, message=f"The specified value of {name} is not supported.")
    for name in ("EipAddress", "AllocationId"):
        if len(_values(p, name)) > MOST_VALUES:
            raise ctx.error("InvalidParameter", message=f"{name} takes {MOST_VALUES} values.")
    found = [eip for eip in ctx.visible(Eip) if _fits(eip, p) and _fits_vpc(ctx, eip, p)]
    return page(ctx, p, newest_first(found))


def _values(p: Params, name: str) -> list[str]:
    return [value.strip() for value in p.text(name).split(",") if value.strip()]


def _fits(eip: Eip, p: Params) -> bool:
    return (
        p.text("Status") in ("", eip.status)
        and eip.ip_address in (_values(p, "EipAddress") or [eip.ip_address])
        and eip.id in (_values(p, "AllocationId") or [eip.id])
        and p.text("ISP") in ("", eip.isp)
        and p.text("AssociatedInstanceType") in ("", eip.instance_type)
        and p.text("AssociatedInstanceId") in ("", eip.instance_id)
        and p.text("ChargeType") in ("", "PostPaid")
        and (not p.given("LockReason") or p.text("LockReason") in eip.locks)
    )


def _fits_vpc(ctx: Ctx, eip: Eip, p: Params) -> bool:
    """Whether an EIP fits the filters that only the VPC version has."""
    if ctx.spec.product != "Vpc":
        return True
    return (
        p.text("EipName") in ("", eip.name)
        and p.text("ResourceGroupId") in ("", eip.resource_group_id)
        and tags.match(eip.tags, p.items("Tag"))
    )


def brief(eip: Eip) -> dict[str, Any]:
    """Write what both versions tell of an EIP; Bandwidth is a text."""
    return {
        "AllocationId": eip.id,
        "IpAddress": eip.ip_address,
        "Status": eip.status,
        "InstanceId": eip.instance_id,
        "InstanceType": eip.instance_type,
        "RegionId": eip.region,
        "Bandwidth": str(eip.bandwidth),
        "EipBandwidth": str(eip.bandwidth),
        "InternetChargeType": eip.internet_charge_type,
        "ChargeType": "PostPaid",
        "AllocationTime": iso_seconds(eip.created),
        "ExpiredTime": "",
        "OperationLocks": {"LockReason": [{"LockReason": reason} for reason in eip.locks]},
    }


@vpc.action("DescribeHighDefinitionMonitorLogAttribute", params="RegionId InstanceId InstanceType")
def describe_high_definition_monitor_log_attribute(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Tell where an EIP's second-level monitoring goes: nowhere, as it is not simulated."""
    eip = ctx.view(Eip, p.text("InstanceId"))
    if eip is None:
        raise ctx.error("InvalidAllocationId.NotFound", message="There is no such EIP.")
    return {
        "Success": "true",
        "InstanceId": eip.id,
        "InstanceType": "EIP",
        "LogProject": "",
        "LogStore": "",
    }


@vpc.action("DescribeEipAddresses", params=f"{FILTERS} EipName ResourceGroupId Tag DryRun")
def describe_eip_addresses(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List EIPs, the newest first; all filters have to fit."""
    ctx.dry_run(p.flag("DryRun"))
    shown = rows(ctx, p)
    found = [
        {
            **brief(eip),
            "Name": eip.name,
            "Description": eip.description,
            "ISP": eip.isp,
            "Netmode": "public",
            "Mode": "NAT" if eip.instance_type == "NetworkInterface" else None,
            "PrivateIpAddress": eip.private_ip if eip.instance_type == "NetworkInterface" else "",
            "InstanceRegionId": eip.region if eip.instance_id else "",
            "BusinessStatus": "FinancialLocked" if eip.locks else "Normal",
            "BizType": "Default",
            "DeletionProtection": False,
            "ServiceManaged": 0,
            "HasReservationData": "false",
            "ResourceGroupId": eip.resource_group_id,
            "Tags": {"Tag": [{"Key": key, "Value": value} for key, value in eip.tags.items()]},
        }
        for eip in shown.rows
    ]
    return {"EipAddresses": {"EipAddress": found}, **shown.fields}


@vpc.action(
    "AssociateEipAddress",
    params="RegionId AllocationId InstanceId InstanceType PrivateIpAddress Mode",
)
def associate_eip_address(ctx: Ctx, p: Params) -> None:
    """Bind an EIP; the answer comes before the binding is done.

    Mode and PrivateIpAddress are for interfaces only; an interface without a
    PrivateIpAddress takes its primary one (not in the reference).
    """
    holder_type, mode = p.text("InstanceType", eip_changes.DEFAULT_TYPE), p.text("Mode")
    if mode and mode not in MODES:
        raise ctx.error("IllegalParam.Mode", "InvalidParameter", message="The Mode is not valid.")
    if mode not in ("", "NAT"):
        raise UnsupportedError(f"Mode={mode}")
    eip_changes.bind(
        ctx,
        p.text("AllocationId"),
        p.text("InstanceId"),
        holder_type,
        p.text("PrivateIpAddress"),
    )


@vpc.action("UnassociateEipAddress", params="Force RegionId AllocationId InstanceId InstanceType")
def unassociate_eip_address(ctx: Ctx, p: Params) -> None:
    """Unbind an EIP; the answer comes before it is done. Force only means NAT gateways."""
    eip_changes.unbind(ctx, p.text("AllocationId"), p.text("InstanceId"), p.text("InstanceType"))
