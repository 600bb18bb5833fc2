"""CreateInstance and RunInstances (semantics.md section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.ecs.service import ecs
from alicloud_sim.errors import ApiError

from . import order, power, public_addresses
from .build import build

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

    from .order import Order
    from .record import Instance

MOST_AT_ONCE = 100


@ecs.action("CreateInstance", params=order.NAMES)
def create_instance(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Make one instance: Pending, then Stopped; it starts only with StartInstance.

    It gets no public address, whatever its bandwidth.
    """
    wanted = order.read(ctx, p)
    ctx.dry_run(p.flag("DryRun"))
    instance = build(ctx, wanted)
    return {"InstanceId": instance.id, **_bill(ctx, wanted)}


def _bill(ctx: Ctx, wanted: Order) -> dict[str, Any]:
    """Name the order of a subscription; pay-as-you-go instances have none."""
    if wanted.fields["charge_type"] == "PostPaid":
        return {}
    return {"OrderId": str(10**14 + int(ctx.request_id[:8], 16))}


@ecs.action(
    "RunInstances",
    params=f"{order.NAMES} SecurityGroupIds Amount MinAmount"
    " SystemDisk.Encrypted SystemDisk.KMSKeyId SystemDisk.ProvisionedIops"
    " SystemDisk.BurstingEnabled DataDisk.ProvisionedIops DataDisk.BurstingEnabled",
)
def run_instances(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Make and start instances: as many as there are, from MinAmount to Amount.

    Each one is Pending, Starting, then Running by itself, and gets a public address if
    InternetMaxBandwidthOut is above 0. One private address serves one instance only.
    """
    most = p.integer("Amount", 1)
    least = p.integer("MinAmount", most)
    _check_amounts(ctx, p, most, least)
    wanted = order.read(ctx, p, least)
    ctx.dry_run(p.flag("DryRun"))
    made: list[Instance] = []
    for _ in range(_possible(ctx, p, wanted, most, least)):
        made.append(build(ctx, wanted, lambda instance: power.begin_start(ctx, instance)))
        if made[-1].bandwidth_out > 0:
            made[-1].public_ip = public_addresses.new(ctx.world)
    ids = [instance.id for instance in made]
    return {"InstanceIdSets": {"InstanceIdSet": ids}, **_bill(ctx, wanted)}


def _check_amounts(ctx: Ctx, p: Params, most: int, least: int) -> None:
    if not 1 <= most <= MOST_AT_ONCE:
        raise ctx.error("InvalidParam.Amount", message=f"Amount is 1 to {MOST_AT_ONCE}.")
    if least > most:
        raise ctx.error("InvalidMinAmount.Malformed", message="MinAmount is above Amount.")
    if most > 1 and p.given("PrivateIpAddress"):
        raise ctx.error("InvalidParam.IpAssign", message="PrivateIpAddress is for one instance.")
    if most > 1 and p.flag("DryRun"):
        raise ctx.error("DryRun.InvalidAmount", message="A dry run is for one instance.")


def _possible(ctx: Ctx, p: Params, wanted: Order, most: int, least: int) -> int:
    """Tell how many instances stock, quotas and addresses allow; the least was checked."""
    for amount in range(most, least, -1):
        try:
            order.check_amount(ctx, p, wanted, amount)
        except ApiError:
            continue
        return amount
    return least
