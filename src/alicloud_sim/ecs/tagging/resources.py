"""Which resources can be tagged, and how their tags change (semantics.md section 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_sim import tags
from alicloud_sim.records import Record, kinds

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

KINDS = {
    "instance": "instance",
    "disk": "disk",
    "snapshot": "snapshot",
    "image": "image",
    "securitygroup": "security_group",
    "eni": "eni",
    "keypair": "key_pair",
}
"""ResourceType of the API, and the kind of record."""
MOST_TAGS = 20


def need_kind(ctx: Ctx, resource_type: str) -> type[Record]:
    """Find the kind of record of a ResourceType.

    :raises ApiError: InvalidResourceType.NotFound
    """
    name = KINDS.get(resource_type)
    if name is None:
        raise ctx.error(
            "InvalidResourceType.NotFound",
            message=f"The specified ResourceType {resource_type} does not exist.",
        )
    return kinds()[name]


def need_own(ctx: Ctx, kind: type[Record], ids: list[str]) -> list[Record]:
    """Find the resources that are to be changed: own ones, not those others share.

    :raises ApiError: InvalidResourceId.NotFound
    """
    found = [ctx.need(kind, i, "InvalidResourceId.NotFound", "InvalidParameter") for i in ids]
    for record in found:
        if record.account != ctx.account:
            raise ctx.error("InvalidResourceId.NotFound", message=f"{record.id} is not yours.")
    return found


def merged(ctx: Ctx, record: Record, items: list[Params]) -> dict[str, str]:
    """Work out the tags of a record with more of them; a present key gets the new value.

    :raises ApiError: malformed, too many, or a key that differs from a present one by case
    """
    present = {key.lower(): key for key in record.tags}
    for item in items:
        key = item.text("Key")
        if present.get(key.lower(), key) != key:
            raise ctx.error(
                *("TagKey.Duplication", "Duplicate.TagKey"),
                message=f"The key {key} differs from {present[key.lower()]} by case only.",
            )
    return tags.read(ctx, items, record.tags)


def check_count(ctx: Ctx, amount: int) -> None:
    """Refuse more than 20 tags in one call.

    :raises ApiError: NumberExceed.Tags, or InvalidTagCount of the older actions
    """
    if amount > MOST_TAGS:
        raise ctx.error(
            *("NumberExceed.Tags", "InvalidTagCount", "InvalidParameter"),
            message=f"A call takes at most {MOST_TAGS} tags.",
        )
