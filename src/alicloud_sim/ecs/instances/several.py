"""StartInstances, StopInstances, RebootInstances and DeleteInstances: several in one call.

BatchOptimization=AllTogether (the default) changes all of them or none. SuccessFirst changes
those that it can, and the answer tells about each. A passed dry run is DRYRUN.SUCCESS here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.ecs.service import ecs
from alicloud_sim.errors import ApiError

from . import delete, power
from .record import Instance, need

if TYPE_CHECKING:
    from collections.abc import Callable

    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

MOST = 100
TOGETHER = "AllTogether"
SEPARATELY = "SuccessFirst"


@ecs.action("StartInstances", params="RegionId InstanceId BatchOptimization DryRun")
def start_instances(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Start Stopped instances."""
    return _each(
        ctx,
        p,
        lambda instance: power.check_start(ctx, instance),
        lambda instance: power.start(ctx, instance),
    )


@ecs.action(
    "StopInstances", params="RegionId InstanceId BatchOptimization DryRun ForceStop StoppedMode"
)
def stop_instances(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Stop Running instances."""
    mode, force = p.text("StoppedMode"), p.flag("ForceStop", False)
    return _each(
        ctx,
        p,
        lambda instance: power.check_stop(ctx, instance, mode, force=force),
        lambda instance: power.begin_stop(ctx, instance, mode or "KeepCharging", force=force),
    )


@ecs.action("RebootInstances", params="RegionId InstanceId BatchOptimization DryRun ForceReboot")
def reboot_instances(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Restart Running instances."""
    force = p.flag("ForceReboot", False)
    return _each(
        ctx,
        p,
        lambda instance: power.check_reboot(ctx, instance, force=force),
        lambda instance: power.begin_reboot(ctx, instance, force=force),
    )


@ecs.action(
    "DeleteInstances",
    params="RegionId InstanceId DryRun Force ForceStop TerminateSubscription",
)
def delete_instances(ctx: Ctx, p: Params) -> None:
    """Release instances, all or none."""
    found = [need(ctx, i, "InvalidInstanceIds.NotFound") for i in _ids(ctx, p)]
    for instance in found:
        delete.check_delete(ctx, p, instance)
    _dry_run(ctx, p)
    for instance in found:
        delete.delete(ctx, instance, force_stop=p.flag("ForceStop", True))


def _ids(ctx: Ctx, p: Params) -> list[str]:
    ids = p.texts("InstanceId")
    if len(ids) > MOST:
        raise ctx.error(
            "InvalidParameter.TooManyInstanceIds", message=f"At most {MOST} instances in a call."
        )
    return list(dict.fromkeys(ids))


def _dry_run(ctx: Ctx, p: Params) -> None:
    if p.flag("DryRun"):
        raise ctx.error("DRYRUN.SUCCESS", message="This request is a dryrun request.")


def _each(
    ctx: Ctx,
    p: Params,
    check: Callable[[Instance], None],
    change: Callable[[Instance], None],
) -> dict[str, Any]:
    """Check and change each instance, in the way that BatchOptimization says."""
    way = p.text("BatchOptimization", TOGETHER)
    if way not in (TOGETHER, SEPARATELY):
        raise ctx.error("InvalidParameter", message=f"There is no BatchOptimization {way}.")
    ids = _ids(ctx, p)
    if way == TOGETHER:
        for instance_id in ids:
            check(need(ctx, instance_id))
    _dry_run(ctx, p)
    rows = [_one(ctx, instance_id, check, change) for instance_id in ids]
    return {"InstanceResponses": {"InstanceResponse": rows}}


def _one(
    ctx: Ctx,
    instance_id: str,
    check: Callable[[Instance], None],
    change: Callable[[Instance], None],
) -> dict[str, Any]:
    """Change one instance and tell how that went."""
    instance = ctx.find(Instance, instance_id)
    before = instance.status if instance else ""
    result = {"Code": "200", "Message": "success"}
    try:
        instance = need(ctx, instance_id)
        check(instance)
        change(instance)
    except ApiError as error:
        result = {"Code": error.code, "Message": error.message}
    return {
        **result,
        "InstanceId": instance_id,
        "PreviousStatus": before,
        "CurrentStatus": instance.status if instance else "",
    }
