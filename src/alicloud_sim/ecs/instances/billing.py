"""What an instance costs: charge type, spot, bandwidth (semantics.md section 4).

read() checks these parameters of CreateInstance and RunInstances and gives the fields of the
record that follow from them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.ecs import prices

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.ecs.instance_types import InstanceType
    from alicloud_sim.params import Params

NAMES = (
    "InstanceChargeType Period PeriodUnit AutoRenew AutoRenewPeriod SpotStrategy SpotPriceLimit"
    " SpotDuration SpotInterruptionBehavior InternetChargeType InternetMaxBandwidthIn"
    " InternetMaxBandwidthOut DeletionProtection"
)
PERIODS = {"Month": (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 24, 36, 48, 60), "Week": (1, 2, 3, 4)}
RENEWALS = {"Month": (1, 2, 3, 6, 12, 24, 36, 48, 60), "Week": (1, 2, 3)}
DAYS = {"Month": 30, "Week": 7}
SPOT = ("NoSpot", "SpotWithPriceLimit", "SpotAsPriceGo")
SPOT_DURATIONS = range(7)
PRICE_DIGITS = 3
MOST_OUT = 100
SMALL_IN = 10


def read(ctx: Ctx, p: Params, kind: InstanceType) -> dict[str, Any]:
    """Check how the instance is paid for.

    :raises ApiError: values or combinations that are not sold
    """
    fields = {**_charge(ctx, p), **_spot(ctx, p, kind), **_bandwidth(ctx, p)}
    fields["deletion_protection"] = p.flag("DeletionProtection", False)
    if fields["deletion_protection"]:
        check_protection(ctx, fields["charge_type"], fields["spot_strategy"])
    return fields


def check_protection(ctx: Ctx, charge_type: str, spot_strategy: str) -> None:
    """Refuse protection against deletion but for plain pay-as-you-go instances.

    :raises ApiError: InvalidChargeType.ValueNotSupported
    """
    if charge_type != "PostPaid" or spot_strategy != "NoSpot":
        raise ctx.error(
            "InvalidChargeType.ValueNotSupported",
            message="DeletionProtection is for pay-as-you-go instances that are not spot.",
        )


def _charge(ctx: Ctx, p: Params) -> dict[str, Any]:
    charge = p.text("InstanceChargeType", "PostPaid")
    if charge not in ("PostPaid", "PrePaid"):
        raise ctx.error("InvalidInstanceChargeType.NotFound", message=f"No such type {charge}.")
    if charge == "PostPaid":
        return {"charge_type": charge}
    unit = p.text("PeriodUnit", "Month")
    if unit not in PERIODS:
        raise ctx.error(
            "InvalidPeriodUnit.ValueNotSupported",
            "InvalidPeriodType.ValueNotSupported",
            message=f"The specified PeriodUnit {unit} is not supported.",
        )
    period = p.integer("Period")
    if period is None or period not in PERIODS[unit]:
        raise ctx.error("InvalidPeriod", message=f"The specified Period {period} is not valid.")
    renew = p.flag("AutoRenew", False)
    if renew and p.integer("AutoRenewPeriod", 1) not in RENEWALS[unit]:
        raise ctx.error(
            "InvalidAutoRenewPeriod.ValueNotSupported",
            message="The specified AutoRenewPeriod is not supported.",
        )
    expires = ctx.now + period * DAYS[unit] * 86400
    return {"charge_type": charge, "expires": expires, "auto_renew": renew}


def _spot(ctx: Ctx, p: Params, kind: InstanceType) -> dict[str, Any]:
    strategy = p.text("SpotStrategy", SPOT[0])
    if strategy not in SPOT:
        raise ctx.error("InvalidSpotStrategy", message=f"The strategy {strategy} is not valid.")
    if strategy == SPOT[0]:
        return {"spot_strategy": strategy}
    if p.text("InstanceChargeType", "PostPaid") == "PrePaid":
        raise ctx.error("InvalidSpotPrepaid", message="A spot instance cannot be PrePaid.")
    limit = 0.0
    if strategy == "SpotWithPriceLimit":
        limit = _price_limit(ctx, p, kind)
    if p.integer("SpotDuration", 1) not in SPOT_DURATIONS:
        raise ctx.error("InvalidSpotDuration", message="The SpotDuration is not supported.")
    behavior = p.text("SpotInterruptionBehavior", "Terminate")
    if behavior not in ("Terminate", "Stop"):
        raise ctx.error("InvalidSpotInterruptionBehavior", message=f"{behavior} is not valid.")
    return {
        "spot_strategy": strategy,
        "spot_price_limit": limit,
        "spot_duration": p.integer("SpotDuration", 1),
        "spot_interruption": behavior,
    }


def _price_limit(ctx: Ctx, p: Params, kind: InstanceType) -> float:
    """Read the highest price; one has to be given (not in the reference: it has no default)."""
    limit = p.number("SpotPriceLimit")
    if limit is None or limit <= 0 or round(limit, PRICE_DIGITS) != limit:
        raise ctx.error("InvalidSpotPriceLimit", message="The SpotPriceLimit is not valid.")
    market = prices.spot(ctx.world, kind)
    if limit < market:
        raise ctx.error(
            "InvalidSpotPriceLimit.LowerThanPublicPrice",
            message=f"The SpotPriceLimit {limit} is lower than the market price {market}.",
        )
    return limit


def _bandwidth(ctx: Ctx, p: Params) -> dict[str, Any]:
    charge = p.text("InternetChargeType", "PayByTraffic")
    if charge not in ("PayByTraffic", "PayByBandwidth"):
        raise ctx.error(
            "InvalidInternetChargeType.ValueNotSupported", message=f"{charge} is not supported."
        )
    out = p.integer("InternetMaxBandwidthOut", 0)
    if not 0 <= out <= MOST_OUT:
        raise ctx.error(
            "InvalidInternetMaxBandwidthOut.Malformed",
            message=f"The InternetMaxBandwidthOut {out} is not within 0 and {MOST_OUT}.",
        )
    most_in = max(SMALL_IN, out)
    into = p.integer("InternetMaxBandwidthIn")
    if into is not None and not 1 <= into <= most_in:
        raise ctx.error(
            "InvalidInternetMaxBandwidthIn.Malformed",
            message=f"The InternetMaxBandwidthIn {into} is not within 1 and {most_in}.",
        )
    return {
        "internet_charge_type": charge,
        "bandwidth_out": out,
        "bandwidth_in": most_in if into is None else into,
    }
