"""StartInstance, StopInstance, RebootInstance (semantics.md section 4).

The world's settings "instance.stop_hangs" and "instance.reboot_hangs" pick instances (true,
or ids and names) whose orderly stop, or reboot, never ends, as with a guest that does not
listen: they stay Stopping, or Starting. A call with ForceStop=true overtakes an orderly one
(not in the reference, which only calls it a power cut): StopInstance takes Stopping and
Starting then, RebootInstance takes Starting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_sim import settings
from alicloud_sim.ecs import kms_keys, prices
from alicloud_sim.ecs.disks.record import held_by, restarted
from alicloud_sim.ecs.instance_types import InstanceType
from alicloud_sim.ecs.service import ecs

from . import hardware
from .record import Instance, check_status, locks_of, need

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

STOPPED_MODES = ("", "KeepCharging", "StopCharging")
ARREARS = "financial"


@ecs.action("StartInstance", params="InstanceId DryRun")
def start_instance(ctx: Ctx, p: Params) -> None:
    """Start a Stopped instance: Starting, then Running.

    One that was stopped with StopCharging needs stock again, a spot instance a limit that
    is not below the market price.
    """
    instance = need(ctx, p.text("InstanceId"))
    check_start(ctx, instance)
    ctx.dry_run(p.flag("DryRun"))
    start(ctx, instance)


def check_start(ctx: Ctx, instance: Instance) -> None:
    """Refuse an instance that cannot be started.

    :raises ApiError: not Stopped, unpaid, without system disk, too dear, or sold out
    """
    check_status(ctx, instance, ("Stopped",))
    if _unpaid(ctx, instance):
        raise ctx.error("InstanceExpired", message="The instance has expired or is in arrears.")
    if not any(disk.type == "system" for disk in held_by(ctx.world, instance.id)):
        raise ctx.error("InvalidInstance.NotFoundSystemDisk", message="It has no system disk.")
    _check_keys(ctx, instance)
    _check_price(ctx, instance)
    if instance.stopped_mode == "StopCharging" and not instance.is_reserved:
        hardware.check_stock(ctx, instance.zone_id, instance.instance_type)


def start(ctx: Ctx, instance: Instance) -> None:
    """Start an instance that was checked; one that gave its vCPUs back takes them again."""
    if instance.stopped_mode == "StopCharging" and not instance.is_reserved:
        hardware.take(ctx.world, instance.zone_id, instance.instance_type)
    begin_start(ctx, instance)


def expired(ctx: Ctx, instance: Instance) -> bool:
    """Whether a subscription is over."""
    return instance.expires is not None and instance.expires <= ctx.now


def _unpaid(ctx: Ctx, instance: Instance) -> bool:
    return ARREARS in locks_of(ctx.world, instance) or expired(ctx, instance)


def _check_keys(ctx: Ctx, instance: Instance) -> None:
    """Refuse to start with an encrypted disk whose key ECS may not use."""
    for disk in held_by(ctx.world, instance.id):
        kms_keys.check_held(ctx, disk.kms_key_id, encrypted=disk.encrypted)


def _check_price(ctx: Ctx, instance: Instance) -> None:
    kind = ctx.world.get(InstanceType, instance.instance_type)
    limited = instance.spot_strategy == "SpotWithPriceLimit"
    if kind and limited and instance.spot_price_limit < prices.spot(ctx.world, kind):
        raise ctx.error(
            "OperationDenied.SpotPriceLowerThanPublicPrice",
            message="The price limit is lower than the market price.",
        )


def begin_start(ctx: Ctx, instance: Instance) -> None:
    """Start an instance that may be started."""
    instance.stopped_mode = "Not-applicable"
    ctx.begin("instance.start", instance, "Starting", lambda: _runs(ctx, instance))


def _runs(ctx: Ctx, instance: Instance) -> None:
    instance.status, instance.started_at, instance.orderly = "Running", ctx.now, False
    restarted(ctx.world, instance.id)


@ecs.action("StopInstance", params="InstanceId ConfirmStop ForceStop StoppedMode DryRun")
def stop_instance(ctx: Ctx, p: Params) -> None:
    """Stop a Running instance: Stopping, then Stopped; ForceStop=true is a power cut.

    StoppedMode=StopCharging frees the vCPUs of a pay-as-you-go instance; for a subscription
    it is refused (not in the reference).
    """
    instance = need(ctx, p.text("InstanceId"))
    force = p.flag("ForceStop", False)
    check_stop(ctx, instance, p.text("StoppedMode"), force=force)
    ctx.dry_run(p.flag("DryRun"))
    begin_stop(ctx, instance, p.text("StoppedMode") or "KeepCharging", force=force)


def check_stop(ctx: Ctx, instance: Instance, mode: str, *, force: bool) -> None:
    """Refuse an instance that cannot be stopped, or not in that way.

    :raises ApiError: not Running, or a mode that is none
    """
    overtaken = ("Stopping", "Starting") if force and instance.orderly else ()
    check_status(ctx, instance, ("Running", *overtaken))
    if mode not in STOPPED_MODES:
        raise ctx.error("InvalidParameter", message=f"The StoppedMode {mode} is not valid.")
    if mode == "StopCharging" and instance.charge_type == "PrePaid":
        raise ctx.error("InvalidInstanceId.NotSupport", message="It is a subscription.")


def begin_stop(ctx: Ctx, instance: Instance, mode: str, *, force: bool) -> None:
    """Stop an instance that may be stopped."""

    def stopped() -> None:
        instance.status, instance.stopped_mode, instance.orderly = "Stopped", mode, False
        if mode == "StopCharging" and not instance.is_reserved:
            hardware.take(ctx.world, instance.zone_id, instance.instance_type, -1)

    _drop_changes(ctx, instance)
    instance.orderly = not force
    if instance.orderly and settings.picks(ctx.world, "instance.stop_hangs", *_known(instance)):
        instance.status = "Stopping"
    else:
        ctx.begin("instance.stop", instance, "Stopping", stopped)


@ecs.action("RebootInstance", params="InstanceId ForceStop DryRun")
def reboot_instance(ctx: Ctx, p: Params) -> None:
    """Restart a Running instance, which shows Starting, then Running with a new StartTime."""
    instance = need(ctx, p.text("InstanceId"))
    force = p.flag("ForceStop", False)
    check_reboot(ctx, instance, force=force)
    ctx.dry_run(p.flag("DryRun"))
    begin_reboot(ctx, instance, force=force)


def check_reboot(ctx: Ctx, instance: Instance, *, force: bool) -> None:
    """Refuse an instance that cannot be restarted.

    :raises ApiError: not Running, or unpaid
    """
    overtaken = ("Starting",) if force and instance.orderly else ()
    check_status(ctx, instance, ("Running", *overtaken))
    if _unpaid(ctx, instance):
        raise ctx.error("InstanceExpiredOrInArrears", message="The instance has expired.")
    _check_keys(ctx, instance)


def begin_reboot(ctx: Ctx, instance: Instance, *, force: bool) -> None:
    """Restart an instance that may be restarted."""
    _drop_changes(ctx, instance)
    instance.orderly = not force
    hangs = settings.picks(ctx.world, "instance.reboot_hangs", *_known(instance))
    if instance.orderly and hangs:
        instance.status = "Starting"
    else:
        ctx.begin("instance.reboot", instance, "Starting", lambda: _runs(ctx, instance))


def _drop_changes(ctx: Ctx, instance: Instance) -> None:
    """Forget the orderly change that a forced one overtakes."""
    for key in ("instance.stop", "instance.reboot"):
        ctx.world.jobs.cancel((instance.kind, instance.id), key)


def _known(instance: Instance) -> tuple[str, str]:
    return instance.id, instance.name
