"""DeleteInstance: asynchronous, an instance is listed until it is gone (semantics.md 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_sim import settings
from alicloud_sim.ecs.disks.record import held_by
from alicloud_sim.ecs.service import ecs

from .power import expired
from .record import Instance, need
from .release import release

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

MOVING = ("Attaching", "Detaching")


@ecs.action("DeleteInstance", params="InstanceId Force TerminateSubscription DryRun ForceStop")
def delete_instance(ctx: Ctx, p: Params) -> None:
    """Release an instance: Stopped, or with Force=true Running too.

    Force cuts the power at once; with ForceStop=false it is stopped in an orderly way first.
    Financial and other locks than the one for security do not hinder a release.
    """
    instance = need(ctx, p.text("InstanceId"))
    check_delete(ctx, p, instance)
    ctx.dry_run(p.flag("DryRun"))
    delete(ctx, instance, force_stop=p.flag("ForceStop", True))


def check_delete(ctx: Ctx, p: Params, instance: Instance) -> None:
    """Refuse an instance that cannot be released.

    :raises ApiError: a subscription, protected, in a wrong status, or with a disk on its way
    """
    _check_charge(ctx, instance, ended=p.flag("TerminateSubscription", False))
    if instance.deletion_protection:
        raise ctx.error("InvalidOperation.DeletionProtection", message="It is protected.")
    force = p.flag("Force", False)
    if instance.status == "Pending":
        raise ctx.error(
            "IncorrectInstanceStatus.Initializing", message="The instance is initializing."
        )
    if instance.status not in (("Running", "Stopped") if force else ("Stopped",)):
        raise ctx.error(
            "IncorrectInstanceStatus",
            message=f"The current status {instance.status} does not support this operation.",
        )
    if any(disk.status in MOVING for disk in held_by(ctx.world, instance.id)):
        raise ctx.error("OperationConflict", message="A disk is being attached or detached.")


def delete(ctx: Ctx, instance: Instance, *, force_stop: bool) -> None:
    """Release an instance that was checked."""
    instance.releasing = True
    if instance.status == "Running" and not force_stop:
        _stop_first(ctx, instance)
    else:
        instance.status = "Stopped"
        _go(ctx, instance)


def _check_charge(ctx: Ctx, instance: Instance, *, ended: bool) -> None:
    """Refuse a subscription unless it is over and TerminateSubscription=true."""
    if instance.charge_type == "PrePaid" and not (ended and expired(ctx, instance)):
        raise ctx.error("ChargeTypeViolation", message="The instance is a subscription.")


def _stop_first(ctx: Ctx, instance: Instance) -> None:
    """Stop it in an orderly way, which may hang, and release it afterwards."""
    if settings.picks(ctx.world, "instance.stop_hangs", instance.id, instance.name):
        instance.status = "Stopping"
        return

    def stopped() -> None:
        instance.status = "Stopped"
        _go(ctx, instance)

    ctx.begin("instance.stop", instance, "Stopping", stopped)


def _go(ctx: Ctx, instance: Instance) -> None:
    ctx.world.later("instance.delete", instance, lambda: release(ctx.world, instance))
