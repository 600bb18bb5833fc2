"""CreateLoadBalancer, DeleteLoadBalancer and the changes of a load balancer itself.

Only pay-as-you-go is simulated. A load balancer is active at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim import tags
from alicloud_sim.ecs import resource_groups
from alicloud_sim.ecs.enis import addresses
from alicloud_sim.ecs.instances import public_addresses
from alicloud_sim.errors import UnsupportedError
from alicloud_sim.vpc.networks import Vpc, VSwitch

from . import balancers
from .records import LoadBalancer
from .service import slb

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

SPECS = tuple(
    f"slb.{size}"
    for size in ("s1.small", "s2.small", "s2.medium", "s3.small", "s3.medium", "s3.large")
)
INTERNET, INTRANET = "internet", "intranet"
CHARGES = ("paybytraffic", "paybybandwidth")
MOST_BANDWIDTH = 5120
LONGEST_NAME = 80
STATUSES = ("active", "inactive")
SWITCH = ("on", "off")
PROTECTIONS = ("NonProtection", "ConsoleProtection")
CHARGE_TYPES = ("PayBySpec", "PayByCLCU")


@slb.action(
    "CreateLoadBalancer",
    params="RegionId AddressType InternetChargeType Bandwidth LoadBalancerName VpcId VSwitchId"
    " MasterZoneId SlaveZoneId LoadBalancerSpec ResourceGroupId PayType AddressIPVersion Address"
    " Tag DeleteProtection InstanceChargeType ModificationProtectionStatus"
    " ModificationProtectionReason",
)
def create_load_balancer(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Make a load balancer: in a vSwitch, or one that faces the internet."""
    _check_name(ctx, p.text("LoadBalancerName"))
    _check_supported(p)
    kind = _check_choice(
        ctx, p, "AddressType", (INTERNET, INTRANET), INTRANET if p.given("VSwitchId") else INTERNET
    )
    protection = _check_choice(ctx, p, "DeleteProtection", SWITCH, "off")
    spec = _spec(ctx, p)
    charge, bandwidth = _bandwidth(ctx, p, kind)
    place = _place(ctx, p) if kind == INTRANET else None
    zones = _zones(ctx, p, place)
    resource_groups.check(ctx, p.text("ResourceGroupId"))
    given = tags.read(ctx, p.items("Tag"))
    _check_quota(ctx)
    made = LoadBalancer(
        id=ctx.new_id(LoadBalancer),
        account=ctx.account,
        region=ctx.region,
        name=p.text("LoadBalancerName"),
        address=_address(ctx, p, place),
        address_type=kind,
        vpc_id=place.vpc_id if place else "",
        vswitch_id=place.id if place else "",
        master_zone_id=zones[0],
        slave_zone_id=zones[1],
        spec=spec,
        bandwidth=bandwidth,
        internet_charge_type=charge,
        delete_protection=protection,
        modification_protection=_modification(ctx, p),
        instance_charge_type=p.text("InstanceChargeType", CHARGE_TYPES[0]),
        resource_group_id=p.text("ResourceGroupId"),
        tags=given,
    )
    return _answer(ctx.add(made))


def _answer(made: LoadBalancer) -> dict[str, Any]:
    return {
        "LoadBalancerId": made.id,
        "LoadBalancerName": made.name,
        "Address": made.address,
        "AddressIPVersion": "ipv4",
        "NetworkType": "vpc" if made.vpc_id else "classic",
        "VpcId": made.vpc_id,
        "VSwitchId": made.vswitch_id,
        "ResourceGroupId": made.resource_group_id,
    }


def _check_name(ctx: Ctx, name: str) -> None:
    if len(name) > LONGEST_NAME or name.startswith(("http://", "https://")):
        raise ctx.error("InvalidParameter", message="The LoadBalancerName is not valid.")


def _check_quota(ctx: Ctx) -> None:
    most = ctx.world.quotas.get("load_balancer.count")
    if most is not None and len(ctx.records(LoadBalancer)) >= most:
        raise ctx.error("OverQuota", message=f"The quota is {most} load balancers.")


def _check_supported(p: Params) -> None:
    """Refuse ways of paying and addresses that are not simulated."""
    for name, known in (
        ("PayType", "PayOnDemand"),
        ("AddressIPVersion", "ipv4"),
    ):
        if p.text(name, known) != known:
            raise UnsupportedError(f"{name}={p.text(name)}")


def _check_choice(ctx: Ctx, p: Params, name: str, known: tuple[str, ...], usual: str) -> str:
    value = p.text(name, usual).lower()
    if value not in known:
        raise ctx.error("InvalidParameter", message=f"{name} is one of {', '.join(known)}.")
    return value


def _spec(ctx: Ctx, p: Params) -> str:
    charge = p.text("InstanceChargeType", CHARGE_TYPES[0])
    if charge not in CHARGE_TYPES:
        raise ctx.error("IllegalParam.InstanceChargeType", message=f"There is no {charge}.")
    if charge == CHARGE_TYPES[1]:
        return ""  # it is paid for by use, and has no size
    spec = p.text("LoadBalancerSpec")
    if not spec:
        raise ctx.error(
            "ShareSlbHaltSales",
            message="The share instance has been discontinued: give a LoadBalancerSpec.",
        )
    if spec not in SPECS:
        raise ctx.error("IllegalParam.SpecType", message=f"There is no LoadBalancerSpec {spec}.")
    return spec


def _bandwidth(ctx: Ctx, p: Params, kind: str) -> tuple[str, int]:
    """Tell how traffic is paid for, and how much of it there is."""
    charge = _check_choice(ctx, p, "InternetChargeType", CHARGES, CHARGES[0])
    if kind == INTRANET or charge == CHARGES[0]:
        return CHARGES[0], MOST_BANDWIDTH
    bandwidth = p.integer("Bandwidth", 0)
    if not 1 <= bandwidth <= MOST_BANDWIDTH:
        raise ctx.error(
            "InvalidParameter.Bandwidth", message=f"Bandwidth is 1 to {MOST_BANDWIDTH}."
        )
    return charge, bandwidth


def _place(ctx: Ctx, p: Params) -> VSwitch:
    """Find the vSwitch of a load balancer that does not face the internet."""
    if p.given("VpcId"):
        ctx.need(Vpc, p.text("VpcId"), "InvalidVpcId.NotExist")
    if not p.given("VSwitchId"):
        raise ctx.error("MissingParam.VSwitchId", message="The parameter VSwitchId is required.")
    switch = ctx.need(VSwitch, p.text("VSwitchId"), "VSwitchNotExist")
    if p.text("VpcId", switch.vpc_id) != switch.vpc_id:
        raise ctx.error(
            "InvalidVSwitchId.NotFound", message="The vSwitch is not in the specified VPC."
        )
    return switch


def _zones(ctx: Ctx, p: Params, place: VSwitch | None) -> tuple[str, str]:
    """Tell the zones: as given, else that of the vSwitch and another one."""
    known = list(ctx.world.regions[ctx.region].zones)
    master = p.text("MasterZoneId", place.zone_id if place else known[0])
    others = [zone for zone in known if zone != master] or [master]
    slave = p.text("SlaveZoneId", others[0])
    if master not in known or slave not in known:
        raise ctx.error("InvalidParameter", message=f"There is no zone {master} or {slave}.")
    return master, slave


def _address(ctx: Ctx, p: Params, place: VSwitch | None) -> str:
    if place is None:
        return public_addresses.new(ctx.world)
    if p.given("Address"):
        addresses.check(ctx, place, p.text("Address"))
        return p.text("Address")
    if not addresses.available(ctx.world, place):
        raise ctx.error("VSwitchAvailableIpNotExist", message="The vSwitch is full.")
    return addresses.pick(ctx, place)


@slb.action("DeleteLoadBalancer", params="RegionId LoadBalancerId")
def delete_load_balancer(ctx: Ctx, p: Params) -> None:
    """Delete a load balancer with its listeners, its groups and its tags."""
    balancer = balancers.need(ctx, p.text("LoadBalancerId"))
    if balancer.delete_protection == "on":
        raise ctx.error(
            "OperationDenied.DeleteProtectionIsOn",
            message="The loadbalancer can not be deleted: DeleteProtection is enabled.",
        )
    ctx.world.remove(balancer)


@slb.action("SetLoadBalancerName", params="RegionId LoadBalancerId LoadBalancerName")
def set_load_balancer_name(ctx: Ctx, p: Params) -> None:
    """Change the name."""
    _check_name(ctx, p.text("LoadBalancerName"))
    balancers.need(ctx, p.text("LoadBalancerId")).name = p.text("LoadBalancerName")


@slb.action("SetLoadBalancerStatus", params="RegionId LoadBalancerId LoadBalancerStatus")
def set_load_balancer_status(ctx: Ctx, p: Params) -> None:
    """Let it pass traffic, or not."""
    balancer = balancers.need(ctx, p.text("LoadBalancerId"))
    if balancer.status == "locked":
        raise ctx.error("ActionNotAllowed", message="The load balancer is locked.")
    balancer.status = _check_choice(ctx, p, "LoadBalancerStatus", STATUSES, "")


@slb.action("SetLoadBalancerDeleteProtection", params="RegionId LoadBalancerId DeleteProtection")
def set_load_balancer_delete_protection(ctx: Ctx, p: Params) -> None:
    """Protect it against deletion, or not any more."""
    balancer = balancers.need(ctx, p.text("LoadBalancerId"))
    balancer.delete_protection = _check_choice(ctx, p, "DeleteProtection", SWITCH, "")


@slb.action(
    "SetLoadBalancerModificationProtection",
    params="RegionId LoadBalancerId ModificationProtectionStatus ModificationProtectionReason",
)
def set_load_balancer_modification_protection(ctx: Ctx, p: Params) -> None:
    """Protect it against changes with the console; calls are not hindered."""
    balancer = balancers.need(ctx, p.text("LoadBalancerId"))
    balancer.modification_protection = _modification(ctx, p)


def _modification(ctx: Ctx, p: Params) -> str:
    status = p.text("ModificationProtectionStatus", PROTECTIONS[0])
    if status not in PROTECTIONS:
        raise ctx.error(
            "InvalidParam.ModificationProtectionStatus",
            message=f"ModificationProtectionStatus is one of {', '.join(PROTECTIONS)}.",
        )
    return status


@slb.action("ModifyLoadBalancerInstanceSpec", params="RegionId LoadBalancerId LoadBalancerSpec")
def modify_load_balancer_instance_spec(ctx: Ctx, p: Params) -> None:
    """Change the size."""
    balancer = balancers.need(ctx, p.text("LoadBalancerId"))
    if p.text("LoadBalancerSpec") not in SPECS:
        raise ctx.error("InvalidParameter", message="There is no such LoadBalancerSpec.")
    balancer.spec = p.text("LoadBalancerSpec")
