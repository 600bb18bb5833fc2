"""CreateNetworkInterface and DeleteNetworkInterface, ModifyNetworkInterfaceAttribute.

The world's setting "eni.delete_hangs" picks interfaces (true, or ids and names) that stay
Deleting when they are deleted; a second DeleteNetworkInterface deletes them ("a long Deleting
means failure: delete again", semantics.md section 9).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim import names, settings, tags
from alicloud_sim.ecs import groups, resource_groups
from alicloud_sim.ecs.instances import placement
from alicloud_sim.ecs.service import ecs
from alicloud_sim.errors import UnsupportedError

from . import addresses, ipv4, ipv6, prefixes
from .describe import worded
from .record import PRIMARY, SECONDARY, Eni, mac_of

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.ecs.security_groups import SecurityGroup
    from alicloud_sim.params import Params
    from alicloud_sim.vpc.networks import VSwitch

MOST_SECONDARY = 49


@ecs.action(
    "CreateNetworkInterface",
    params="RegionId VSwitchId PrimaryIpAddress SecurityGroupId SecurityGroupIds"
    " NetworkInterfaceName Description InstanceType SecondaryPrivateIpAddressCount"
    " PrivateIpAddress Ipv4Prefix Ipv6Address Ipv6Prefix ResourceGroupId DeleteOnRelease Tag",
)
def create_network_interface(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Make a secondary interface: Creating, then Available."""
    if p.text("InstanceType", SECONDARY) != SECONDARY:
        raise UnsupportedError("InstanceType")
    _check_texts(ctx, p)
    resource_groups.check(ctx, p.text("ResourceGroupId"))
    switch = placement.need_switch(ctx, p.text("VSwitchId"))
    found = _groups(ctx, p, switch)
    most = ctx.world.quotas.get("eni.count")
    if most is not None and len(ctx.records(Eni)) >= most:
        raise ctx.error("MaxEniCountExceeded", message=f"The quota is {most} interfaces.")
    private_ip, secondary_ips = _addresses(ctx, p, switch)
    ipv4.check_alone(ctx, secondary_ips, p.texts("Ipv4Prefix"))
    ipv6_addresses = ipv6.checked(ctx, switch, p.texts("Ipv6Address"))
    ipv6_prefixes = ipv6.checked_prefixes(ctx, switch, p.texts("Ipv6Prefix"))
    eni = Eni(
        id=ctx.new_id(Eni),
        account=ctx.account,
        region=ctx.region,
        name=p.text("NetworkInterfaceName"),
        description=p.text("Description"),
        zone_id=switch.zone_id,
        vpc_id=switch.vpc_id,
        vswitch_id=switch.id,
        private_ip=private_ip,
        secondary_ips=secondary_ips,
        ipv4_prefixes=prefixes.checked(ctx, switch, p.texts("Ipv4Prefix"), 4),
        ipv6_addresses=ipv6_addresses,
        ipv6_prefixes=ipv6_prefixes,
        security_group_ids=[group.id for group in found],
        delete_on_release=p.flag("DeleteOnRelease", True),
        resource_group_id=p.text("ResourceGroupId"),
        tags=tags.read(ctx, p.items("Tag")),
    )
    eni.mac = mac_of(private_ip, eni.id)
    ctx.begin("eni.create", ctx.add(eni), "Creating", "Available")
    return worded(eni)


def _check_texts(ctx: Ctx, p: Params) -> None:
    names.check_name(ctx, p.text("NetworkInterfaceName"), "InvalidParams.NetworkInterfaceName")
    names.check_description(ctx, p.text("Description"))


def _groups(ctx: Ctx, p: Params, switch: VSwitch) -> list[SecurityGroup]:
    found = groups.find(ctx, placement.group_ids(ctx, p))
    if any(group.vpc_id != switch.vpc_id for group in found):
        raise ctx.error("InvalidOperation.VpcMismatch", message="A group is in another VPC.")
    groups.check_set(ctx, found)
    groups.check_room(ctx, found)
    return found


def _addresses(ctx: Ctx, p: Params, switch: VSwitch) -> tuple[str, list[str]]:
    """Work out the primary address and the others: given, counted, or none."""
    given, count = p.texts("PrivateIpAddress"), p.integer("SecondaryPrivateIpAddressCount", 0)
    if given and count:
        raise ctx.error("InvalidParameter.Conflict", message="Give addresses or their count.")
    if count > MOST_SECONDARY:
        raise ctx.error("MaxEniPrivateIpsCountExceeded", message="They are too many.")
    asked = [p.text("PrimaryIpAddress"), *given] if p.given("PrimaryIpAddress") else given
    if len(set(asked)) != len(asked):
        raise ctx.error("InvalidIp.IpRepeated", message="An address is given twice.")
    for address in asked:
        addresses.check(ctx, switch, address)
    primary = p.text("PrimaryIpAddress") or addresses.pick(ctx, switch, given)
    others = list(given)
    for _ in range(count):
        others.append(addresses.pick(ctx, switch, [primary, *others]))
    return primary, others


@ecs.action("DeleteNetworkInterface", params="RegionId NetworkInterfaceId")
def delete_network_interface(ctx: Ctx, p: Params) -> None:
    """Delete a free interface: Deleting, then gone.

    A primary one goes with its instance and cannot be deleted, also when it stays behind.
    """
    eni = ctx.need(Eni, p.text("NetworkInterfaceId"), "InvalidEniId.NotFound")
    if eni.type == PRIMARY:
        raise ctx.error(
            "InvalidOperation.InvalidEniType", message="A primary interface cannot be deleted."
        )
    if eni.status != "Available" and not eni.delete_hung:
        raise ctx.error(
            "InvalidOperation.InvalidEniState",
            message=f"The current status {eni.status} of the interface does not allow it.",
        )
    hangs = settings.picks(ctx.world, "eni.delete_hangs", eni.id, eni.name)
    if hangs and not eni.delete_hung:
        eni.status, eni.delete_hung = "Deleting", True
        return
    eni.delete_hung = False
    ctx.begin("eni.delete", eni, "Deleting", lambda: ctx.world.remove(eni))


@ecs.action(
    "ModifyNetworkInterfaceAttribute",
    params="RegionId NetworkInterfaceId NetworkInterfaceName Description SecurityGroupId"
    " DeleteOnRelease",
)
def modify_network_interface_attribute(ctx: Ctx, p: Params) -> None:
    """Change what is given; of a primary interface only name and description.

    Its security groups are those of its instance, and it always goes with that.
    """
    eni = ctx.need(Eni, p.text("NetworkInterfaceId"), "InvalidEniId.NotFound")
    _check_texts(ctx, p)
    wanted = p.texts("SecurityGroupId")
    if eni.type == PRIMARY and (wanted or p.given("DeleteOnRelease")):
        raise ctx.error(
            "InvalidOperation.PrimaryEniOnlySupportModifyNameAndDesc",
            message="Only name and description of a primary interface can be changed.",
        )
    if eni.status not in ("Available", "InUse"):
        raise ctx.error("InvalidOperation.InvalidEniState", message=f"It is {eni.status}.")
    if wanted:
        found = groups.find(ctx, wanted)
        if any(group.vpc_id != eni.vpc_id for group in found):
            raise ctx.error("InvalidOperation.VpcMismatch", message="A group is in another VPC.")
        groups.check_set(ctx, found)
        groups.check_room(ctx, [g for g in found if g.id not in eni.security_group_ids])
        eni.security_group_ids = wanted
    eni.name = p.text("NetworkInterfaceName", eni.name)
    eni.description = p.text("Description", eni.description)
    eni.delete_on_release = p.flag("DeleteOnRelease", eni.delete_on_release)
