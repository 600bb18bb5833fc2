"""Deployment sets: which hosts of a zone the instances of a group are spread over.

The world's quota "deployment_set.count" limits the sets of an account in a region, and
"deployment_set.instances_per_zone" the instances of one set (seven are documented). The
setting "deployment_set.unsupported" picks instance types that no set takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from alicloud_sim import names, settings
from alicloud_sim.clock import iso_seconds
from alicloud_sim.ecs.instances.record import Instance
from alicloud_sim.ecs.service import ecs
from alicloud_sim.paging import chosen, newest_first, page
from alicloud_sim.records import Record

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params
    from alicloud_sim.world import World

STRATEGIES = ("Availability", "AvailabilityGroup", "LowLatency")
GROUPS = "AvailabilityGroup"
GROUP_COUNTS = range(1, 8)
USUAL_GROUPS = 3
USUAL_INSTANCES = 7
ON_FAILURE = ("CancelMembershipAndStart", "KeepStopped")


@dataclass
class DeploymentSet(Record):
    """A deployment set; `group_count` is 0 but for the strategy AvailabilityGroup."""

    kind: ClassVar[str] = "deployment_set"
    prefix: ClassVar[str] = "ds"

    name: str = ""
    description: str = ""
    strategy: str = "Availability"
    group_count: int = 0


def members(world: World, set_id: str) -> list[Instance]:
    """List the instances in a set."""
    return [one for one in world.all(Instance) if one.deployment_set_id == set_id]


def room(world: World, set_id: str, zone_id: str) -> int:
    """Tell how many more instances a set takes in a zone."""
    most = world.quotas.get("deployment_set.instances_per_zone", USUAL_INSTANCES)
    return most - sum(one.zone_id == zone_id for one in members(world, set_id))


def check_place(ctx: Ctx, set_id: str, group_number: int | None, type_id: str) -> None:
    """Check the set that a new instance is to be in; "" is none.

    Not in the reference: a group number without a set of groups, or beyond them, is an
    InvalidParameter.

    :raises ApiError: no such set or group, or a type that sets do not take
    """
    if not set_id:
        if group_number is not None:
            raise ctx.error("InvalidParameter", message="DeploymentSetGroupNo needs a set.")
        return
    found = ctx.need(DeploymentSet, set_id, "InvalidDeploymentSetId.NotFound")
    if group_number is not None and not 1 <= group_number <= found.group_count:
        raise ctx.error("InvalidParameter", message=f"{set_id} has no group {group_number}.")
    if settings.picks(ctx.world, "deployment_set.unsupported", type_id):
        raise ctx.error(
            "InvalidInstanceType.NotSupported",
            message="The specified instanceType is not supported by the deployment set.",
        )


def check_room(ctx: Ctx, set_id: str, zone_id: str, amount: int) -> None:
    """Refuse more instances than a set takes in a zone.

    :raises ApiError: QuotaExceed.DeploymentSetInstanceQuotaFull
    """
    if set_id and room(ctx.world, set_id, zone_id) < amount:
        raise ctx.error(
            "QuotaExceed.DeploymentSetInstanceQuotaFull",
            message="instance quota in one deployment set exceeded.",
        )


@ecs.action(
    "CreateDeploymentSet",
    params="RegionId DeploymentSetName Description Strategy GroupCount"
    " OnUnableToRedeployFailedInstance",
)
def create_deployment_set(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Make a set, which can be used at once; several may have one name.

    Not in the reference: the codes for GroupCount and OnUnableToRedeployFailedInstance.
    """
    names.check_name(ctx, p.text("DeploymentSetName"), "InvalidDeploymentSetName.Malformed")
    names.check_description(ctx, p.text("Description"), "InvalidDescription.Malformed")
    strategy = p.text("Strategy", STRATEGIES[0])
    if strategy not in STRATEGIES:
        raise ctx.error("InvalidParameter.Strategy", message=f"{strategy} is not valid.")
    count = p.integer("GroupCount", USUAL_GROUPS)
    if count not in GROUP_COUNTS:
        raise ctx.error("InvalidParameter", message=f"The GroupCount {count} is not 1 to 7.")
    if p.text("OnUnableToRedeployFailedInstance", ON_FAILURE[0]) not in ON_FAILURE:
        raise ctx.error("InvalidParameter", message="OnUnableToRedeployFailedInstance is unknown.")
    most = ctx.world.quotas.get("deployment_set.count")
    if most is not None and len(ctx.records(DeploymentSet)) >= most:
        raise ctx.error("DEPLOYMENTSET.QUOTA_FULL", message="The deploymentSet quota is full")
    made = DeploymentSet(
        id=ctx.new_id(DeploymentSet),
        account=ctx.account,
        region=ctx.region,
        name=p.text("DeploymentSetName"),
        description=p.text("Description"),
        strategy=strategy,
        group_count=count if strategy == GROUPS else 0,
    )
    return {"DeploymentSetId": ctx.add(made).id}


@ecs.action(
    "DescribeDeploymentSets",
    params="RegionId DeploymentSetIds DeploymentSetName Strategy PageNumber PageSize",
)
def describe_deployment_sets(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List sets; a name has to be the whole name (not in the reference)."""
    ids = p.ids("DeploymentSetIds")
    rows = [
        one
        for one in chosen(ctx.visible(DeploymentSet), ids)
        if p.text("DeploymentSetName") in ("", one.name)
        and p.text("Strategy") in ("", one.strategy)
    ]
    shown = page(ctx, p, newest_first(rows))
    sets = [_worded(ctx, one) for one in shown.rows]
    return {"RegionId": ctx.region, "DeploymentSets": {"DeploymentSet": sets}, **shown.fields}


def _worded(ctx: Ctx, one: DeploymentSet) -> dict[str, Any]:
    inside = members(ctx.world, one.id)
    zones = sorted({member.zone_id for member in inside})
    return {
        "DeploymentSetId": one.id,
        "DeploymentSetName": one.name,
        "DeploymentSetDescription": one.description,
        "DeploymentStrategy": one.strategy,
        "Strategy": one.strategy,
        "Domain": "default",
        "Granularity": "host",
        "GroupCount": one.group_count,
        "CreationTime": iso_seconds(one.created),
        "InstanceAmount": len(inside),
        "InstanceIds": {"InstanceId": [member.id for member in inside]},
        "Capacities": {
            "Capacity": [
                {
                    "ZoneId": zone,
                    "UsedAmount": sum(member.zone_id == zone for member in inside),
                    "AvailableAmount": room(ctx.world, one.id, zone),
                }
                for zone in zones
            ]
        },
    }


@ecs.action("DeleteDeploymentSet", params="RegionId DeploymentSetId")
def delete_deployment_set(ctx: Ctx, p: Params) -> None:
    """Delete a set without instances."""
    found = ctx.need(DeploymentSet, p.text("DeploymentSetId"), "InvalidDeploymentSetId.NotFound")
    if members(ctx.world, found.id):
        raise ctx.error("DependencyViolation.NotEmpty", message="There are still instances in it.")
    ctx.world.remove(found)
