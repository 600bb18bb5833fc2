"""The options of a new instance that do not depend on others: read() gives record fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim import settings
from alicloud_sim.ecs import ram_roles, resource_groups
from alicloud_sim.ecs.key_pairs import KeyPair

from . import text_parameters

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.ecs.images import Image
    from alicloud_sim.ecs.instance_types import InstanceType
    from alicloud_sim.params import Params

NAMES = (
    "InstanceName Description HostName Password KeyPairName UserData RamRoleName ResourceGroupId"
    " HttpEndpoint HttpTokens HttpPutResponseHopLimit CreditSpecification"
    " SecurityEnhancementStrategy"
)
BURSTABLE = ("ecs.t5", "ecs.t6")
HOPS = range(1, 65)


def read(ctx: Ctx, p: Params, kind: InstanceType, image: Image) -> dict[str, Any]:
    """Check names, log-in, user data, role and metadata options of a new instance.

    :raises ApiError: what is malformed, unknown or does not go with type or image
    """
    text_parameters.check_name(ctx, p.text("InstanceName"))
    text_parameters.check_description(ctx, p.text("Description"))
    text_parameters.check_host_name(ctx, p.text("HostName"), image.os_type)
    text_parameters.check_password(ctx, p.text("Password"), image.os_type)
    text_parameters.check_user_data(ctx, p.text("UserData"))
    resource_groups.check(ctx, p.text("ResourceGroupId"))
    ram_roles.check(ctx, p.text("RamRoleName"))
    return {
        "name": p.text("InstanceName"),
        "description": p.text("Description"),
        "host_name": p.text("HostName"),
        "has_password": p.given("Password"),
        "key_pair_name": _key_pair(ctx, p.text("KeyPairName"), image),
        "user_data": p.text("UserData"),
        "ram_role_name": p.text("RamRoleName"),
        "resource_group_id": p.text("ResourceGroupId"),
        "credit_specification": _credit(ctx, p.text("CreditSpecification"), kind),
        **metadata(ctx, p, image.imds_version),
    }


def _key_pair(ctx: Ctx, name: str, image: Image) -> str:
    """Check the key pair, which Windows ignores."""
    if name and name not in {pair.name for pair in ctx.records(KeyPair)}:
        raise ctx.error("InvalidKeyPairName.NotFound", message=f"There is no key pair {name}.")
    return name if image.os_type != "windows" else ""


def _credit(ctx: Ctx, mode: str, kind: InstanceType) -> str:
    """Check the mode of burstable types: Standard unless told otherwise; others have none."""
    burstable = kind.family in BURSTABLE
    if mode and (not burstable or mode not in ("Standard", "Unlimited")):
        raise ctx.error(
            "InvalidParameter.CreditSpecification",
            message=f"The CreditSpecification {mode} is not supported by {kind.id}.",
        )
    return mode or ("Standard" if burstable else "")


def metadata(ctx: Ctx, p: Params, imds_version: str) -> dict[str, Any]:
    """Check how the instance's metadata is served; token-only needs an image that has v2.

    The hop limit is open to invited accounts only, as with the world's setting
    "metadata.hop_limit".

    :raises ApiError: unknown values, or an image that knows only the old way
    """
    for name, known in (
        ("HttpEndpoint", ("enabled", "disabled")),
        ("HttpTokens", ("optional", "required")),
    ):
        if p.text(name, known[0]) not in known:
            raise ctx.error(f"Invalid{name}.NotSupported", message=f"{p.text(name)} is not valid.")
    if p.text("HttpTokens") == "required" and imds_version != "v2":
        raise ctx.error(
            "InvalidHttpTokens.NotSupported", message="The image does not support HttpTokens."
        )
    hops = p.integer("HttpPutResponseHopLimit")
    invited = settings.on(ctx.world, "metadata.hop_limit", default=False)
    if hops is not None and not (invited and hops in HOPS):
        raise ctx.error(
            "InvalidHttpPutResponseHopLimit.NotSupported",
            message="HttpPutResponseHopLimit is 1 to 64, for invited accounts.",
        )
    return {
        "http_hop_limit": hops or 1,
        "http_endpoint": p.text("HttpEndpoint", "enabled"),
        "http_tokens": p.text("HttpTokens", "optional"),
    }
