"""What an instance runs on: deployment set, dedicated host, private pool.

read() checks these parameters of CreateInstance and RunInstances and gives the fields of the
record that follow from them; check_amount() what depends on the number of instances.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.ecs import deployment_sets
from alicloud_sim.ecs.dedicated_hosts import DedicatedHost, fits
from alicloud_sim.ecs.private_pools import CRITERIA, PrivatePool, has_room

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.ecs.instance_types import InstanceType
    from alicloud_sim.params import Params

NAMES = (
    "DeploymentSetId DeploymentSetGroupNo DedicatedHostId Tenancy Affinity"
    " PrivatePoolOptions.MatchCriteria PrivatePoolOptions.Id"
)
CHOICES = ("default", "host")


def read(
    ctx: Ctx, p: Params, kind: InstanceType, zone_id: str, billed: dict[str, Any]
) -> dict[str, Any]:
    """Check where an instance is to run; `billed` are the fields of its charge.

    A bid is ignored on a dedicated host.

    :raises ApiError: unknown, elsewhere, or excluding each other
    """
    set_id, number = p.text("DeploymentSetId"), p.integer("DeploymentSetGroupNo")
    deployment_sets.check_place(ctx, set_id, number, kind.id)
    host = _host(ctx, p, kind, zone_id, billed)
    if set_id and host:
        raise ctx.error("InvalidDeploymentOnHost", message="A set takes no host of one account.")
    fields: dict[str, Any] = {
        "deployment_set_id": set_id,
        "deployment_set_group_no": number or 0,
        "tenancy": "host" if host else "default",
        "affinity": p.text("Affinity", CHOICES[0]),
        "dedicated_host_id": host.id if host else "",
    }
    bids = billed["spot_strategy"] != "NoSpot" and not host
    pool = _pool(ctx, p, kind, zone_id, excluded=bids or host is not None, billed=billed)
    fields["private_pool_id"] = pool.id if pool else ""
    return {**fields, **({"spot_strategy": "NoSpot"} if host else {})}


def check_amount(
    ctx: Ctx, kind: InstanceType, zone_id: str, fields: dict[str, Any], amount: int
) -> bool:
    """Refuse more than set, host or pool have room for; tell whether stock is needed.

    :raises ApiError: one of them is full
    """
    deployment_sets.check_room(ctx, fields["deployment_set_id"], zone_id, amount)
    if fields["dedicated_host_id"]:
        host = ctx.need(DedicatedHost, fields["dedicated_host_id"])
        if not fits(ctx.world, host, kind, amount):
            raise ctx.error("LackResource", message=f"{host.id} has not enough resources.")
        return False
    if fields["private_pool_id"]:
        pool = ctx.need(PrivatePool, fields["private_pool_id"])
        if not has_room(ctx.world, pool, kind.id, zone_id, amount):
            raise ctx.error("Invalid.PrivatePoolOptions.NoStock", message=f"{pool.id} is empty.")
        return False
    return True


def _host(
    ctx: Ctx, p: Params, kind: InstanceType, zone_id: str, billed: dict[str, Any]
) -> DedicatedHost | None:
    """Find the dedicated host: the named one, or with Tenancy=host one that has room.

    Not in the reference: the codes for a host of another zone and for Tenancy=default with a
    host, and that Affinity alone is accepted.
    """
    tenancy, host_id = p.text("Tenancy"), p.text("DedicatedHostId")
    if p.text("Tenancy", CHOICES[0]) not in CHOICES:
        raise ctx.error("InvalidParam.Tenancy", message=f"The Tenancy {tenancy} is invalid.")
    if p.text("Affinity", CHOICES[0]) not in CHOICES:
        raise ctx.error("InvalidParameter.Affinity", message="The Affinity is invalid.")
    if host_id and tenancy == CHOICES[0]:
        raise ctx.error("InvalidParameter.Tenancy", message="A host needs the Tenancy host.")
    if not host_id:
        return _any_host(ctx, kind, zone_id) if tenancy == CHOICES[1] else None
    host = ctx.need(DedicatedHost, host_id, "InvalidDedicatedHostId.NotFound")
    if host.status != "Available":
        raise ctx.error("IncorrectDedicatedHostStatus", message=f"{host_id} is {host.status}.")
    if host.zone_id != zone_id:
        raise ctx.error("ResourcesNotInSameZone", message=f"{host_id} is in {host.zone_id}.")
    if kind.family not in host.families:
        raise ctx.error("DedicatedHostType.Unmatched", message=f"{host_id} takes no {kind.id}.")
    _check_charge(ctx, host, billed)
    return host


def _any_host(ctx: Ctx, kind: InstanceType, zone_id: str) -> DedicatedHost:
    for host in ctx.records(DedicatedHost):
        placed = host.status == "Available" and host.auto_placement == "on"
        suits = host.zone_id == zone_id and kind.family in host.families
        if placed and suits and fits(ctx.world, host, kind, 1):
            return host
    raise ctx.error("NoAvaliableDedicatedHost", message="No dedicated host is available.")


def _check_charge(ctx: Ctx, host: DedicatedHost, billed: dict[str, Any]) -> None:
    if billed["charge_type"] != "PrePaid":
        return
    if host.charge_type == "PostPaid":
        raise ctx.error(
            "ChargeTypeViolation.PostPaidDedicatedHost",
            message="Prepaid instance onto postpaid dedicated host is not allowed.",
        )
    if host.expires is not None and billed["expires"] > host.expires:
        raise ctx.error("InvalidPeriod.ExceededDedicatedHost", message="The host ends earlier.")


def _pool(
    ctx: Ctx,
    p: Params,
    kind: InstanceType,
    zone_id: str,
    *,
    excluded: bool,
    billed: dict[str, Any],
) -> PrivatePool | None:
    """Find the private pool: the named one, or with Open one that matches, if there is one.

    Not in the reference: which of the codes a pool that is full, elsewhere or not active
    gives, and that subscriptions take none.
    """
    options = p.fields("PrivatePoolOptions")
    criteria, pool_id = options.text("MatchCriteria", "None"), options.text("Id")
    if criteria not in CRITERIA or (excluded and criteria != "None"):
        raise ctx.error("Invalid.PrivatePoolOptions.MatchCriteria", message=f"No {criteria} here.")
    if criteria == "Target" and not pool_id:
        raise ctx.error("MissingParameter.PrivatePoolOptionsId", message="It is mandatory.")
    if criteria != "Target" and pool_id:
        raise ctx.error(
            "Invalid.PrivatePoolOptionsId",
            message="The Id should be null when MatchCriteria is not Target.",
        )
    if criteria == "None":
        return None
    if billed["charge_type"] == "PrePaid":
        raise ctx.error(
            "InvalidChargeType.CapacityReservationNotSupported", message="It is a subscription."
        )
    if criteria == "Open":
        return _open_pool(ctx, kind, zone_id)
    pool = ctx.need(PrivatePool, pool_id, "Invalid.PrivatePoolOptionsId")
    if pool.status != "Active":
        raise ctx.error("Invalid.PrivatePoolOptions.status", message=f"It is {pool.status}.")
    if not has_room(ctx.world, pool, kind.id, zone_id):
        raise ctx.error("Invalid.PrivatePoolOptions.NoStock", message=f"{pool_id} has none left.")
    return pool


def _open_pool(ctx: Ctx, kind: InstanceType, zone_id: str) -> PrivatePool | None:
    for pool in ctx.records(PrivatePool):
        usable = pool.status == "Active" and pool.match_criteria == "Open"
        if usable and has_room(ctx.world, pool, kind.id, zone_id):
            return pool
    return None
