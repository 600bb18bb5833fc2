"""AttachInstanceRamRole, DetachInstanceRamRole and DescribeInstanceRamRole.

An instance has at most one role; the answers tell about each instance. The code for one that has
another role is not in the reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.ecs import ram_roles
from alicloud_sim.ecs.service import ecs
from alicloud_sim.paging import newest_first, page

from .record import Instance

if TYPE_CHECKING:
    from collections.abc import Callable

    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

CONFLICT = "InvalidOperation.Conflict"


def _instances(ctx: Ctx, p: Params) -> list[Instance]:
    ids = p.ids("InstanceIds") or []
    if not ids:
        raise ctx.error("InvalidInstanceIds.Malformed", message="InstanceIds names none.")
    return [ctx.need(Instance, i, "InvalidInstanceId.NotFound") for i in ids]


def _results(ctx: Ctx, p: Params, key: str, change: Callable[[Instance], bool]) -> dict[str, Any]:
    """Change each instance and count those that could not be changed."""
    rows = []
    for instance in _instances(ctx, p):
        done = change(instance)
        rows.append(
            {
                "InstanceId": instance.id,
                "Success": done,
                "Code": "200" if done else CONFLICT,
                "Message": "success" if done else "The instance has another role.",
            }
        )
    return {
        "RamRoleName": p.text("RamRoleName"),
        "TotalCount": len(rows),
        "FailCount": sum(1 for row in rows if not row["Success"]),
        f"{key}s": {key: rows},
    }


@ecs.action("AttachInstanceRamRole", params="RegionId InstanceIds RamRoleName")
def attach_instance_ram_role(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Give a role to instances that have none, or this one."""
    name = p.text("RamRoleName")
    ram_roles.check(ctx, name)

    def attach(instance: Instance) -> bool:
        if instance.ram_role_name not in ("", name):
            return False
        instance.ram_role_name = name
        return True

    return _results(ctx, p, "AttachInstanceRamRoleResult", attach)


@ecs.action("DetachInstanceRamRole", params="RegionId InstanceIds RamRoleName")
def detach_instance_ram_role(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Take a role from instances: the one that is named, or whichever they have."""

    def detach(instance: Instance) -> bool:
        if p.text("RamRoleName") not in ("", instance.ram_role_name):
            return False
        instance.ram_role_name = ""
        return True

    return _results(ctx, p, "DetachInstanceRamRoleResult", detach)


@ecs.action(
    "DescribeInstanceRamRole", params="RegionId InstanceIds RamRoleName PageNumber PageSize"
)
def describe_instance_ram_role(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Tell the roles of instances: of some, or of all that have one of a name."""
    ids, name = p.ids("InstanceIds"), p.text("RamRoleName")
    if not ids and not name:
        raise ctx.error("InvalidParameter.AllEmpty", message="Give InstanceIds or RamRoleName.")
    rows = [
        instance
        for instance in ctx.visible(Instance)
        if (not ids or instance.id in ids) and name in ("", instance.ram_role_name)
    ]
    shown = page(ctx, p, newest_first(rows))
    found = [{"InstanceId": row.id, "RamRoleName": row.ram_role_name} for row in shown.rows]
    return {
        "RegionId": ctx.region,
        "InstanceRamRoleSets": {"InstanceRamRoleSet": found},
        "TotalCount": len(rows),
    }
