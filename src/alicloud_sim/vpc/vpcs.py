"""CreateVpc, DeleteVpc and the descriptions, of VPC and (deprecated) of ECS.

Every VPC has a router and a system route table, made and deleted with it.
"""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Any

from alicloud_sim import names, tags
from alicloud_sim.clock import iso_seconds
from alicloud_sim.ecs import resource_groups
from alicloud_sim.ecs.security_groups import SecurityGroup
from alicloud_sim.errors import UnsupportedError
from alicloud_sim.paging import newest_first, page

from .networks import Vpc, VSwitch
from .service import vpc

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

DEFAULT_BLOCK = "172.16.0.0/12"
MASKS = range(8, 29)
FORBIDDEN = tuple(
    IPv4Network(block)
    for block in ("100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4")
)
MOST_USER_CIDRS = 3
CREATE = "RegionId CidrBlock VpcName Description UserCidr"
LIST = "RegionId VpcId IsDefault PageNumber PageSize"


def create(ctx: Ctx, p: Params, given: dict[str, str], group_id: str = "") -> dict[str, Any]:
    """Make a VPC: Pending, then Available.

    :raises ApiError: malformed, or the quota "vpc.count" is used up
    """
    check_texts(ctx, p)
    block = _block(ctx, p.text("CidrBlock", DEFAULT_BLOCK))
    cidrs = _user_cidrs(ctx, p.text("UserCidr"))
    most = ctx.world.quotas.get("vpc.count")
    if most is not None and len(ctx.records(Vpc)) >= most:
        raise ctx.error("QuotaExceeded.Vpc", message=f"The quota is {most} VPCs.")
    if "DryRun" in ctx.spec.request:
        ctx.dry_run(p.flag("DryRun"))
    made = Vpc(
        id=ctx.new_id(Vpc),
        account=ctx.account,
        region=ctx.region,
        name=p.text("VpcName"),
        description=p.text("Description"),
        cidr_block=block,
        user_cidrs=cidrs,
        resource_group_id=group_id,
        tags=given,
    )
    ctx.begin("vpc.create", ctx.add(made), "Pending", "Available")
    return {"VpcId": made.id, "VRouterId": made.router_id, "RouteTableId": made.route_table_id}


def check_texts(ctx: Ctx, p: Params) -> None:
    """Refuse a name or a description of a bad form.

    :raises ApiError: malformed
    """
    names.check_name(ctx, p.text("VpcName"), "InvalidVpcName.Malformed", shortest=1)
    names.check_description(
        ctx, p.text("Description"), "InvalidVpcDiscription.Malformed", shortest=1
    )


def _block(ctx: Ctx, block: str) -> str:
    """Refuse a block that is none, too large or small, or kept by the cloud for itself."""
    try:
        network = IPv4Network(block)
    except ValueError:
        raise ctx.error("InvalidParameter", message="Specified CIDR block is not valid") from None
    if network.prefixlen not in MASKS or any(network.overlaps(other) for other in FORBIDDEN):
        raise ctx.error("InvalidParameter", message="Specified CIDR block is not valid")
    return block


def _user_cidrs(ctx: Ctx, text: str) -> list[str]:
    found = [one.strip() for one in text.split(",") if one.strip()]
    if len(found) > MOST_USER_CIDRS:
        raise ctx.error("InvalidUserCidr.Quota", message="At most 3 user CIDR blocks.")
    for one in found:
        try:
            network = IPv4Network(one)
        except ValueError:
            raise ctx.error("IllegalParam.UserCidr", message=f"{one} is no CIDR block.") from None
        if network.overlaps(FORBIDDEN[0]):
            raise ctx.error("InvalidUserCidr.Malformed", message=f"{one} overlaps 100.64.0.0/10.")
    return found


def delete(ctx: Ctx, p: Params) -> None:
    """Delete a VPC in which nothing is left.

    :raises ApiError: unknown, still being made, or vSwitches or security groups are in it
    """
    found = ctx.need(Vpc, p.text("VpcId"), "InvalidVpcId.NotFound")
    if found.status != "Available":
        raise ctx.error("IncorrectVpcStatus", message=f"The VPC is {found.status}.")
    if any(switch.vpc_id == found.id for switch in ctx.world.all(VSwitch)):
        raise ctx.error(
            "DependencyViolation.VSwitch", message="Specified object has dependent vSwitches."
        )
    if any(group.vpc_id == found.id for group in ctx.world.all(SecurityGroup)):
        raise ctx.error(
            "DependencyViolation.SecurityGroup",
            message="Specified object has dependent security groups.",
        )
    if "DryRun" in ctx.spec.request:
        ctx.dry_run(p.flag("DryRun"))
    ctx.world.remove(found)


def listed(ctx: Ctx, p: Params, rows: list[Vpc]) -> tuple[list[Vpc], dict[str, Any]]:
    """Cut the page of a list; VpcId may hold several ids with commas."""
    ids = [i for i in p.text("VpcId").split(",") if i]
    fitting = [
        found
        for found in rows
        if (not ids or found.id in ids) and p.flag("IsDefault") in (None, found.is_default)
    ]
    shown = page(ctx, p, newest_first(fitting))
    return shown.rows, shown.fields


def worded(ctx: Ctx, found: Vpc) -> dict[str, Any]:
    """Word what the lists of both products have in common."""
    switches = [s.id for s in ctx.visible(VSwitch) if s.vpc_id == found.id]
    return {
        "VpcId": found.id,
        "VpcName": found.name,
        "Description": found.description,
        "Status": found.status,
        "RegionId": found.region,
        "CidrBlock": found.cidr_block,
        "IsDefault": found.is_default,
        "CreationTime": iso_seconds(found.created),
        "VRouterId": found.router_id,
        "UserCidrs": {"UserCidr": list(found.user_cidrs)},
        "VSwitchIds": {"VSwitchId": switches},
    }


def _full(ctx: Ctx, found: Vpc) -> dict[str, Any]:
    return {
        **worded(ctx, found),
        "OwnerId": int(found.account),
        "ResourceGroupId": found.resource_group_id,
        "Tags": {"Tag": [{"Key": k, "Value": v} for k, v in found.tags.items()]},
    }


@vpc.action("CreateVpc", params=f"{CREATE} ResourceGroupId Tag DryRun EnableIpv6")
def create_vpc(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Make a VPC; IPv6 is not simulated."""
    if p.flag("EnableIpv6"):
        raise UnsupportedError("EnableIpv6=true")
    group_id = p.text("ResourceGroupId")
    resource_groups.check(ctx, group_id)
    made = create(ctx, p, tags.read(ctx, p.items("Tag")), group_id)
    return {**made, "ResourceGroupId": group_id}


@vpc.action("DeleteVpc", params="RegionId VpcId DryRun ForceDelete")
def delete_vpc(ctx: Ctx, p: Params) -> None:
    """Delete a VPC; ForceDelete does not take vSwitches and security groups along."""
    delete(ctx, p)


@vpc.action("DescribeVpcs", params=f"{LIST} VpcName DryRun Tag ResourceGroupId")
def describe_vpcs(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List VPCs."""
    ctx.dry_run(p.flag("DryRun"))
    rows = [
        found
        for found in ctx.visible(Vpc)
        if p.text("VpcName") in ("", found.name)
        and p.text("ResourceGroupId") in ("", found.resource_group_id)
        and tags.match(found.tags, p.items("Tag"))
    ]
    shown, fields = listed(ctx, p, rows)
    return {"Vpcs": {"Vpc": [_full(ctx, found) for found in shown]}, **fields}


@vpc.action("DescribeVpcAttribute", params="RegionId VpcId IsDefault DryRun")
def describe_vpc_attribute(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Show one VPC, with the number of its vSwitches and route tables.

    The code for one that is not there is what public clients know of it, spelt like this.
    """
    found = ctx.view(Vpc, p.text("VpcId"))
    if found is None or p.flag("IsDefault") not in (None, found.is_default):
        raise ctx.error(
            "InvalidVpcID.NotFound", message=f"The specified {p.text('VpcId')} does not exist."
        )
    ctx.dry_run(p.flag("DryRun"))
    full = _full(ctx, found)
    counts = {"VSwitch": len(full["VSwitchIds"]["VSwitchId"]), "RouteTable": 1, "VRouter": 1}
    return {
        **full,
        "CloudResources": {
            "CloudResourceSetType": [
                {"ResourceType": name, "ResourceCount": count} for name, count in counts.items()
            ]
        },
    }


@vpc.action("ModifyVpcAttribute", params="RegionId VpcId VpcName Description")
def modify_vpc_attribute(ctx: Ctx, p: Params) -> None:
    """Change the name and the description."""
    check_texts(ctx, p)
    found = ctx.need(Vpc, p.text("VpcId"), "InvalidVpcId.NotFound")
    if found.status != "Available":
        raise ctx.error("IncorrectVpcStatus", message=f"The VPC is {found.status}.")
    found.name = p.text("VpcName", found.name)
    found.description = p.text("Description", found.description)
