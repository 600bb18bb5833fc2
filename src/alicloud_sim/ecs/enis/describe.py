"""DescribeNetworkInterfaces, and how answers word an interface (semantics.md section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim import tags
from alicloud_sim.clock import iso_seconds
from alicloud_sim.ecs import filters
from alicloud_sim.ecs.service import ecs
from alicloud_sim.paging import newest_first, page
from alicloud_sim.vpc import eip_record
from alicloud_sim.vpc.eip_record import Eip

from . import prefixes
from .record import PRIMARY, SECONDARY, STATUSES, Eni

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

MOST_PER_PAGE = 500


@ecs.action(
    "DescribeNetworkInterfaces",
    params="RegionId Tag ResourceGroupId VSwitchId VpcId PrimaryIpAddress SecurityGroupId"
    " NetworkInterfaceName Type InstanceId ServiceManaged Status PrivateIpAddress"
    " NetworkInterfaceId PageNumber PageSize NextToken MaxResults",
)
def describe_network_interfaces(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List interfaces; all filters have to fit, unknown ids are not listed.

    PrivateIpAddress.N filters by primary and secondary addresses, within a vSwitch or VPC
    only (not in the reference: which of the two suffices).
    """
    filters.check(ctx, p.text("Type"), (PRIMARY, SECONDARY), "InvalidOperation.InvalidEniType")
    filters.check(ctx, p.text("Status"), STATUSES, "InvalidOperation.InvalidEniState")
    if p.texts("PrivateIpAddress") and not (p.given("VSwitchId") or p.given("VpcId")):
        raise ctx.error("InvalidVpc.Empty", message="PrivateIpAddress needs a VpcId.")
    _check_page(ctx, p)
    rows = [eni for eni in ctx.visible(Eni) if _fits(eni, p)]
    shown = page(ctx, p, newest_first(rows))
    eips = ctx.visible(Eip)
    sets = {"NetworkInterfaceSet": [_listed(eni, eips) for eni in shown.rows]}
    return {"NetworkInterfaceSets": sets, **shown.fields}


def _check_page(ctx: Ctx, p: Params) -> None:
    """Refuse pages that are not there; the catalogue has no limits for this action."""
    if p.integer("PageNumber", 1) < 1:
        raise ctx.error("InvalidOperation.InvalidEniPageNumber", message="It begins with 1.")
    for name in ("PageSize", "MaxResults"):
        if not 1 <= p.integer(name, 1) <= MOST_PER_PAGE:
            raise ctx.error("InvalidParameter", message=f"{name} is 1 to {MOST_PER_PAGE}.")


def _fits(eni: Eni, p: Params) -> bool:
    texts = {
        "ResourceGroupId": eni.resource_group_id,
        "VSwitchId": eni.vswitch_id,
        "VpcId": eni.vpc_id,
        "PrimaryIpAddress": eni.private_ip,
        "NetworkInterfaceName": eni.name,
        "Type": eni.type,
        "InstanceId": eni.instance_id,
        "Status": eni.status,
    }
    own = {eni.private_ip, *eni.secondary_ips}
    addresses, ids = p.texts("PrivateIpAddress"), p.texts("NetworkInterfaceId")
    return (
        all(p.text(name) in ("", held) for name, held in texts.items())
        and p.text("SecurityGroupId") in ("", *eni.security_group_ids)
        and (not addresses or bool(own & set(addresses)))
        and (not ids or eni.id in ids)
        and not p.flag("ServiceManaged", False)
        and tags.match(eni.tags, p.items("Tag"))
    )


def worded(eni: Eni) -> dict[str, Any]:
    """Word what the list and the answer of CreateNetworkInterface have in common."""
    return {
        "NetworkInterfaceId": eni.id,
        "NetworkInterfaceName": eni.name,
        "Description": eni.description,
        "Type": eni.type,
        "Status": eni.status,
        "ZoneId": eni.zone_id,
        "VpcId": eni.vpc_id,
        "VSwitchId": eni.vswitch_id,
        "MacAddress": eni.mac,
        "PrivateIpAddress": eni.private_ip,
        "PrivateIpSets": {"PrivateIpSet": private_ips(eni)},
        "Ipv6Sets": {"Ipv6Set": [{"Ipv6Address": address} for address in eni.ipv6_addresses]},
        **prefixes.worded(eni),
        "SecurityGroupIds": {"SecurityGroupId": list(eni.security_group_ids)},
        "ResourceGroupId": eni.resource_group_id,
        "OwnerId": eni.account,
        "ServiceManaged": False,
        "Tags": {"Tag": tags.shown(eni.tags)},
    }


def private_ips(eni: Eni) -> list[dict[str, Any]]:
    """Word the addresses of an interface, the primary one first."""
    return [
        {"PrivateIpAddress": address, "Primary": address == eni.private_ip}
        for address in (eni.private_ip, *eni.secondary_ips)
    ]


def _listed(eni: Eni, eips: list[Eip]) -> dict[str, Any]:
    """Word a row of the list; an EIP of its own is the interface's public address."""
    eip = eip_record.shown(eips, eni.id)
    public = {"PublicIpAddress": eip["IpAddress"], "AllocationId": eip["AllocationId"]}
    return {
        **worded(eni),
        "CreationTime": iso_seconds(eni.created),
        "InstanceId": eni.instance_id,
        "DeleteOnRelease": eni.delete_on_release,
        "QueueNumber": 1,
        "AssociatedPublicIp": public if public["AllocationId"] else {},
        "Attachment": {
            "InstanceId": eni.instance_id,
            "DeviceIndex": eni.device_index,
            "TrunkNetworkInterfaceId": "",
        }
        if eni.instance_id
        else {},
    }
