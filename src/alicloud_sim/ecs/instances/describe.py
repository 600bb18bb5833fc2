"""DescribeInstances, DescribeInstanceStatus, DescribeInstanceAttribute (semantics.md 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim import tags
from alicloud_sim.ecs import filters
from alicloud_sim.ecs.instance_types import InstanceType
from alicloud_sim.ecs.service import ecs
from alicloud_sim.paging import chosen, newest_first, page
from alicloud_sim.vpc.eip_record import Eip

from . import answer_fields
from .record import LOCK_REASONS, STATUSES, Instance, locks_of

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

KNOWN = {
    "Status": (STATUSES, "InvalidStatus.NotFound"),
    "InstanceNetworkType": (("vpc", "classic"), "InvalidNetworkType.NotFound"),
    "InstanceChargeType": (("PostPaid", "PrePaid"), "InvalidInstanceChargeType.NotFound"),
    "InternetChargeType": (
        ("PayByTraffic", "PayByBandwidth"),
        "InvalidInternetChargeType.ValueNotSupported",
    ),
    "LockReason": (LOCK_REASONS, "InvalidLockReason.NotFound"),
}


@ecs.action(
    "DescribeInstances",
    params="RegionId VpcId VSwitchId ZoneId InstanceNetworkType SecurityGroupId InstanceIds"
    " PageNumber PageSize NextToken MaxResults PrivateIpAddresses PublicIpAddresses"
    " EipAddresses InstanceChargeType InternetChargeType InstanceName ImageId Status LockReason"
    " IoOptimized InstanceType InstanceTypeFamily KeyPairName ResourceGroupId DryRun"
    " HttpEndpoint HttpTokens Tag AdditionalAttributes",
)
def describe_instances(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List instances, the newest first; all filters have to fit, unknown ids are not listed.

    AdditionalAttributes changes nothing: all that is simulated is always shown.
    """
    for name, (known, code) in KNOWN.items():
        filters.check(ctx, p.text(name), known, code)
    ctx.dry_run(p.flag("DryRun"))
    rows = [instance for instance in ctx.visible(Instance) if _fits(ctx, instance, p)]
    rows = _with_eip(ctx, rows, p.ids("EipAddresses"))
    shown = page(ctx, p, newest_first(chosen(rows, p.ids("InstanceIds"))))
    return {"Instances": {"Instance": answer_fields.listed(ctx, shown.rows)}, **shown.fields}


def _fits(ctx: Ctx, instance: Instance, p: Params) -> bool:
    kind = ctx.world.get(InstanceType, instance.instance_type)
    texts = {
        "VpcId": instance.vpc_id,
        "VSwitchId": instance.vswitch_id,
        "ZoneId": instance.zone_id,
        "InstanceNetworkType": "vpc",
        "InstanceChargeType": instance.charge_type,
        "InternetChargeType": instance.internet_charge_type,
        "ImageId": instance.image_id,
        "Status": instance.status,
        "InstanceType": instance.instance_type,
        "InstanceTypeFamily": kind.family if kind else "",
        "KeyPairName": instance.key_pair_name,
        "ResourceGroupId": instance.resource_group_id,
        "HttpEndpoint": instance.http_endpoint,
        "HttpTokens": instance.http_tokens,
    }
    several = {
        "SecurityGroupId": instance.security_group_ids,
        "LockReason": locks_of(ctx.world, instance),
    }
    return (
        all(p.text(name) in ("", held) for name, held in texts.items())
        and all(not p.text(name) or p.text(name) in held for name, held in several.items())
        and _addresses_fit(instance, p)
        and p.flag("IoOptimized", True)
        and filters.name_fits(instance.name, p.text("InstanceName"))
        and tags.match(instance.tags, p.items("Tag"))
    )


def _addresses_fit(instance: Instance, p: Params) -> bool:
    held = {
        "PrivateIpAddresses": instance.private_ip,
        "PublicIpAddresses": instance.public_ip,
    }
    wanted = {name: p.ids(name) for name in held}
    return all(ips is None or held[name] in ips for name, ips in wanted.items())


def _with_eip(ctx: Ctx, rows: list[Instance], ips: list[str] | None) -> list[Instance]:
    """Keep the instances that have one of the EIPs; None is no filter."""
    if ips is None:
        return rows
    holders = {eip.instance_id for eip in ctx.visible(Eip) if eip.ip_address in ips}
    return [row for row in rows if row.id in holders]


@ecs.action("DescribeInstanceStatus", params="RegionId ZoneId InstanceId PageNumber PageSize")
def describe_instance_status(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List the statuses of instances, some or all."""
    zone_id, ids = p.text("ZoneId"), p.texts("InstanceId")
    if zone_id:
        ctx.zone(zone_id)
    rows = [
        instance
        for instance in ctx.visible(Instance)
        if zone_id in ("", instance.zone_id) and (not ids or instance.id in ids)
    ]
    shown = page(ctx, p, newest_first(rows))
    statuses = [{"InstanceId": row.id, "Status": row.status} for row in shown.rows]
    return {"InstanceStatuses": {"InstanceStatus": statuses}, **shown.fields}


@ecs.action("DescribeInstanceAttribute", params="InstanceId")
def describe_instance_attribute(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Show one instance."""
    instance = ctx.view(Instance, p.text("InstanceId"))
    if instance is None:
        raise ctx.error("InvalidInstanceId.NotFound", message="The instance does not exist.")
    return answer_fields.attributes(ctx, instance)
