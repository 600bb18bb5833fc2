"""What happens to an instance when its host is maintained, and its private pool: it has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.ecs.service import ecs
from alicloud_sim.paging import newest_first, page

from .record import Instance, need

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

ACTIONS = ("AutoRecover", "AutoRedeploy", "Stop")


@ecs.action(
    "DescribeInstanceMaintenanceAttributes", params="RegionId InstanceId PageNumber PageSize"
)
def describe_instance_maintenance_attributes(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Tell what is done with instances, of some or of all."""
    ids = p.texts("InstanceId")
    rows = [one for one in ctx.visible(Instance) if not ids or one.id in ids]
    shown = page(ctx, p, newest_first(rows))
    found = [
        {
            "InstanceId": one.id,
            "NotifyOnMaintenance": one.notify_on_maintenance,
            "ActionOnMaintenance": {
                "Value": one.action_on_maintenance,
                "DefaultValue": ACTIONS[0],
                "SupportedValues": {"SupportedValue": list(ACTIONS)},
            },
            "MaintenanceWindows": {"MaintenanceWindow": []},
        }
        for one in shown.rows
    ]
    return {"MaintenanceAttributes": {"MaintenanceAttribute": found}, **shown.fields}


@ecs.action(
    "ModifyInstanceMaintenanceAttributes",
    params="RegionId InstanceId ActionOnMaintenance NotifyOnMaintenance",
)
def modify_instance_maintenance_attributes(ctx: Ctx, p: Params) -> None:
    """Choose what is done with instances."""
    wanted = p.text("ActionOnMaintenance")
    if wanted not in ("", *ACTIONS):
        raise ctx.error("InvalidParameter", message=f"There is no ActionOnMaintenance {wanted}.")
    found = [need(ctx, one) for one in p.texts("InstanceId")]
    for one in found:
        one.action_on_maintenance = wanted or one.action_on_maintenance
        one.notify_on_maintenance = p.flag("NotifyOnMaintenance", one.notify_on_maintenance)


@ecs.action(
    "DescribeInstanceAttachmentAttributes", params="RegionId InstanceIds PageNumber PageSize"
)
def describe_instance_attachment_attributes(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Tell the private pools of instances: open ones, as others are not simulated."""
    ids = p.ids("InstanceIds") or []
    rows = [one for one in ctx.visible(Instance) if one.id in ids]
    shown = page(ctx, p, newest_first(rows))
    found = [
        {
            "InstanceId": one.id,
            "PrivatePoolOptionsMatchCriteria": "Open",
            "PrivatePoolOptionsId": "",
        }
        for one in shown.rows
    ]
    return {"Instances": {"Instance": found}, **shown.fields}
