"""vSwitches: CreateVSwitch, DeleteVSwitch and the lists, of VPC and (deprecated) of ECS.

Both products have the same rules; their answers and some codes differ (semantics.md 9).
"""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Any

from alicloud_sim import names, tags
from alicloud_sim.clock import iso_seconds
from alicloud_sim.ecs.enis import addresses
from alicloud_sim.paging import newest_first, page

from .networks import Vpc, VSwitch
from .service import vpc

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

MASKS = range(16, 30)
FORBIDDEN = tuple(
    IPv4Network(block)
    for block in ("100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4")
)
CREATE = "RegionId ZoneId CidrBlock VpcId VSwitchName Description"
LIST = "RegionId VpcId VSwitchId ZoneId IsDefault PageNumber PageSize"


def create(ctx: Ctx, p: Params, given: dict[str, str]) -> dict[str, Any]:
    """Make a vSwitch: Pending, then Available; one at a time in a VPC.

    :raises ApiError: malformed, overlapping, or the VPC is busy
    """
    check_texts(ctx, p)
    zone = ctx.zone(p.text("ZoneId"))
    owner = ctx.need(Vpc, p.text("VpcId"), "InvalidVpcId.NotFound")
    if owner.status != "Available":
        raise ctx.error("IncorrectVpcStatus", message=f"The VPC is {owner.status}.")
    others = [switch for switch in ctx.records(VSwitch) if switch.vpc_id == owner.id]
    _check_block(ctx, p.text("CidrBlock"), owner, others)
    if any(other.status == "Pending" for other in others):
        raise ctx.error(
            *("OperationDenied.OtherSubnetCreating", "TaskConflict"),
            message="Another vSwitch of the VPC is being created.",
        )
    most = ctx.world.quotas.get("vswitch.count")
    if most is not None and len(others) >= most:
        raise ctx.error("QuotaExceeded.VSwitch", message=f"The quota is {most} vSwitches.")
    switch = VSwitch(
        id=ctx.new_id(VSwitch),
        account=ctx.account,
        region=ctx.region,
        name=p.text("VSwitchName"),
        description=p.text("Description"),
        vpc_id=owner.id,
        zone_id=zone.id,
        cidr_block=p.text("CidrBlock"),
        tags=given,
    )
    ctx.begin("vswitch.create", ctx.add(switch), "Pending", "Available")
    return {"VSwitchId": switch.id}


def check_texts(ctx: Ctx, p: Params) -> None:
    """Refuse a name or a description of a bad form.

    :raises ApiError: malformed
    """
    names.check_name(ctx, p.text("VSwitchName"), "InvalidVSwitchName.Malformed", shortest=1)
    names.check_description(
        ctx,
        p.text("Description"),
        *("InvalidVSwitchDiscription.Malformed", "InvalidDescription.Malformed"),
        shortest=1,
    )


def _check_block(ctx: Ctx, block: str, owner: Vpc, others: list[VSwitch]) -> None:
    """Refuse a block that is malformed, too small or large, elsewhere or taken."""
    try:
        network = IPv4Network(block)
    except ValueError:
        raise ctx.error(
            "InvalidCidrBlock.Malformed", message=f"The CidrBlock {block} is malformed."
        ) from None
    if network.prefixlen not in MASKS:
        raise ctx.error("InvalidCirdrBlock.MaskLength", message="A mask has 16 to 29 bits.")
    outside = not network.subnet_of(IPv4Network(owner.cidr_block))
    if outside or any(network.overlaps(other) for other in FORBIDDEN):
        raise ctx.error(
            "InvalidCidrBlock.Malformed", message=f"{block} is not inside {owner.cidr_block}."
        )
    if any(network.overlaps(IPv4Network(other.cidr_block)) for other in others):
        raise ctx.error("InvalidCidrBlock.Overlapped", message=f"{block} overlaps another one.")


def delete(ctx: Ctx, p: Params) -> None:
    """Delete a vSwitch in which nothing is left.

    :raises ApiError: unknown, still being made, or interfaces or held addresses are in it
    """
    switch = ctx.need(VSwitch, p.text("VSwitchId"), "InvalidVSwitchId.NotFound")
    if switch.status != "Available":
        raise ctx.error("IncorrectVSwitchStatus", message=f"The vSwitch is {switch.status}.")
    if addresses.in_use(ctx.world, switch.id) | addresses.held(ctx.world, switch.id):
        raise ctx.error("DependencyViolation", message="The vSwitch is not empty.")
    if "DryRun" in ctx.spec.request:
        ctx.dry_run(p.flag("DryRun"))
    ctx.world.remove(switch)


def listed(ctx: Ctx, p: Params, rows: list[VSwitch]) -> tuple[list[VSwitch], dict[str, Any]]:
    """Cut the page of a list; VSwitchId may hold several ids, separated by commas.

    Not in the reference: that it may.
    """
    ids = [i for i in p.text("VSwitchId").split(",") if i]
    fitting = [
        switch
        for switch in rows
        if (not ids or switch.id in ids)
        and p.text("VpcId") in ("", switch.vpc_id)
        and p.text("ZoneId") in ("", switch.zone_id)
        and p.flag("IsDefault") in (None, switch.is_default)
    ]
    shown = page(ctx, p, newest_first(fitting))
    return shown.rows, shown.fields


def worded(ctx: Ctx, switch: VSwitch) -> dict[str, Any]:
    """Word what the lists of both products have in common."""
    return {
        "VSwitchId": switch.id,
        "VSwitchName": switch.name,
        "Description": switch.description,
        "Status": switch.status,
        "VpcId": switch.vpc_id,
        "ZoneId": switch.zone_id,
        "CidrBlock": switch.cidr_block,
        "IsDefault": switch.is_default,
        "AvailableIpAddressCount": addresses.available(ctx.world, switch),
        "CreationTime": iso_seconds(switch.created),
        "ResourceGroupId": "",
    }


@vpc.action("CreateVSwitch", params=f"{CREATE} Tag")
def create_vswitch(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Make a vSwitch."""
    return create(ctx, p, tags.read(ctx, p.items("Tag")))


@vpc.action("DeleteVSwitch", params="RegionId VSwitchId DryRun")
def delete_vswitch(ctx: Ctx, p: Params) -> None:
    """Delete a vSwitch."""
    delete(ctx, p)


@vpc.action("ModifyVSwitchAttribute", params="RegionId VSwitchId VSwitchName Description")
def modify_vswitch_attribute(ctx: Ctx, p: Params) -> None:
    """Change the name and the description."""
    check_texts(ctx, p)
    switch = ctx.need(VSwitch, p.text("VSwitchId"), "InvalidVSwitchId.NotFound")
    switch.name = p.text("VSwitchName", switch.name)
    switch.description = p.text("Description", switch.description)


@vpc.action("DescribeVSwitches", params=f"{LIST} VSwitchName DryRun Tag")
def describe_vswitches(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List vSwitches."""
    ctx.dry_run(p.flag("DryRun"))
    rows = [
        switch
        for switch in ctx.visible(VSwitch)
        if p.text("VSwitchName") in ("", switch.name) and tags.match(switch.tags, p.items("Tag"))
    ]
    shown, fields = listed(ctx, p, rows)
    return {"VSwitches": {"VSwitch": [_full(ctx, switch) for switch in shown]}, **fields}


@vpc.action("DescribeVSwitchAttributes", params="RegionId VSwitchId DryRun")
def describe_vswitch_attributes(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Show one vSwitch."""
    switch = ctx.view(VSwitch, p.text("VSwitchId"))
    if switch is None:
        raise ctx.error("InvalidVSwitchId.NotFound", message="The vSwitch does not exist.")
    ctx.dry_run(p.flag("DryRun"))
    return _full(ctx, switch)


def _full(ctx: Ctx, switch: VSwitch) -> dict[str, Any]:
    plain = [{"Key": key, "Value": value} for key, value in switch.tags.items()]
    return {
        **worded(ctx, switch),
        "OwnerId": int(switch.account),
        "ShareType": "",
        "EnabledIpv6": bool(switch.ipv6_cidr_block),
        "Ipv6CidrBlock": switch.ipv6_cidr_block,
        "NetworkAclId": "",
        "Tags": {"Tag": plain},
    }
