"""ModifyInstanceAttribute, ModifyInstanceMetadataOptions, DescribeUserData."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim import settings
from alicloud_sim.ecs import groups
from alicloud_sim.ecs.images import Image
from alicloud_sim.ecs.service import ecs

from . import billing, options, text_parameters
from .record import SETTLED, Instance, check_status, need

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

CHANGEABLE = (
    "InstanceName Description HostName Password UserData DeletionProtection SecurityGroupIds"
    " CreditSpecification"
)


@ecs.action("ModifyInstanceAttribute", params=f"InstanceId {CHANGEABLE}")
def modify_instance_attribute(ctx: Ctx, p: Params) -> None:
    """Change what is given, all or nothing.

    Not in the reference: a call that changes nothing is a MissingParameter; an empty text is
    an absent one, so nothing can be emptied.
    """
    instance = need(ctx, p.text("InstanceId"))
    if not any(p.given(name) for name in CHANGEABLE.split()):
        raise ctx.error("MissingParameter", message="There is nothing to change.")
    text_parameters.check_name(ctx, p.text("InstanceName"))
    text_parameters.check_description(ctx, p.text("Description"))
    text_parameters.check_host_name(ctx, p.text("HostName"), instance.os_type)
    text_parameters.check_password(ctx, p.text("Password"), instance.os_type)
    if p.given("Password"):
        check_status(ctx, instance, SETTLED)
    if p.given("CreditSpecification") and p.text("CreditSpecification") not in _modes(instance):
        raise ctx.error("InvalidParameter.CreditSpecification", message="It is not supported.")
    if p.flag("DeletionProtection"):
        billing.check_protection(ctx, instance.charge_type, instance.spot_strategy)
    _check_user_data(ctx, p, instance)
    wanted = _check_groups(ctx, p, instance)
    _apply(p, instance)
    if wanted:
        groups.put(ctx.world, instance, wanted)


def _modes(instance: Instance) -> tuple[str, ...]:
    return ("Standard", "Unlimited") if instance.credit_specification else ()


def _check_user_data(ctx: Ctx, p: Params, instance: Instance) -> None:
    """Refuse new user data unless the instance is Stopped.

    The text of 2026 no longer demands that; the world's setting
    "user_data.needs_stopped": false follows it.
    """
    if not p.given("UserData"):
        return
    text_parameters.check_user_data(ctx, p.text("UserData"))
    if settings.on(ctx.world, "user_data.needs_stopped", default=True):
        check_status(ctx, instance, ("Stopped",))


def _check_groups(ctx: Ctx, p: Params, instance: Instance) -> list[str]:
    """Check the groups that are to replace all that the instance is in."""
    wanted = p.texts("SecurityGroupIds")
    if not wanted:
        return []
    check_status(ctx, instance, SETTLED)
    found = groups.find(ctx, wanted)
    if any(group.vpc_id != instance.vpc_id for group in found):
        raise ctx.error(
            "InvalidSecurityGroupVpc.NotBelongToOneVpc",
            message="A security group belongs to another VPC.",
        )
    groups.check_set(ctx, found)
    joined = [group for group in found if group.id not in instance.security_group_ids]
    groups.check_room(ctx, joined)
    return wanted


def _apply(p: Params, instance: Instance) -> None:
    instance.name = p.text("InstanceName", instance.name)
    instance.description = p.text("Description", instance.description)
    instance.host_name = p.text("HostName", instance.host_name)
    instance.user_data = p.text("UserData", instance.user_data)
    instance.has_password = instance.has_password or p.given("Password")
    instance.deletion_protection = p.flag("DeletionProtection", instance.deletion_protection)
    instance.credit_specification = p.text("CreditSpecification", instance.credit_specification)


@ecs.action(
    "ModifyInstanceMetadataOptions",
    params="RegionId InstanceId HttpEndpoint HttpTokens HttpPutResponseHopLimit",
)
def modify_metadata_options(ctx: Ctx, p: Params) -> None:
    """Change how the metadata of an instance is served; at once, in any settled status.

    The statuses are not in the reference.
    """
    if not p.given("InstanceId"):
        raise ctx.error("MissingParameter", message="InstanceId is mandatory.")
    instance = need(ctx, p.text("InstanceId"))
    check_status(ctx, instance, SETTLED, "OperationConflict")
    image = ctx.world.get(Image, instance.image_id)
    fields = options.metadata(ctx, p, image.imds_version if image else "v2")
    instance.http_endpoint = fields["http_endpoint"]
    if p.given("HttpPutResponseHopLimit"):
        instance.http_hop_limit = fields["http_hop_limit"]
    if p.given("HttpTokens"):
        instance.http_tokens = fields["http_tokens"]


@ecs.action("DescribeUserData", params="RegionId InstanceId")
def describe_user_data(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Show the user data as it was given, in Base64; "" when there is none."""
    instance = ctx.view(Instance, p.text("InstanceId"))
    if instance is None:
        raise ctx.error("InvalidInstanceId.NotFound", message="The instance does not exist.")
    return {
        "InstanceId": instance.id,
        "RegionId": instance.region,
        "UserData": instance.user_data,
    }
