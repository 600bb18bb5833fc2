"""AddTags, RemoveTags, DescribeTags: marked as going away, and still served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.ecs.service import ecs

from . import resources

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

PAGE = 50
COUNTED = {
    "instance": "Instance",
    "disk": "Disk",
    "snapshot": "Snapshot",
    "image": "Image",
    "securitygroup": "Securitygroup",
    "eni": "Eni",
    "keypair": "KeyPair",
}
"""ResourceType, and its field of ResourceTypeCount."""


@ecs.action("AddTags", params="RegionId ResourceType ResourceId Tag")
def add_tags(ctx: Ctx, p: Params) -> None:
    """Tag one resource; a present key gets the new value."""
    kind = resources.need_kind(ctx, p.text("ResourceType"))
    record = resources.need_own(ctx, kind, [p.text("ResourceId")])[0]
    record.tags = resources.merged(ctx, record, p.items("Tag"))


@ecs.action("RemoveTags", params="RegionId ResourceType ResourceId Tag")
def remove_tags(ctx: Ctx, p: Params) -> None:
    """Take tags off one resource: by key, and by value too where one is given.

    A call without tags is refused with InvalidTagCount (not in the reference).
    """
    kind = resources.need_kind(ctx, p.text("ResourceType"))
    record = resources.need_own(ctx, kind, [p.text("ResourceId")])[0]
    if not p.items("Tag"):
        raise ctx.error("InvalidTagCount", message="There is no tag to remove.")
    for item in p.items("Tag"):
        key, value = item.text("Key"), item.text("Value")
        if record.tags.get(key) is not None and value in ("", record.tags[key]):
            record.tags = {k: v for k, v in record.tags.items() if k != key}


@ecs.action("DescribeTags", params="RegionId ResourceType ResourceId Tag PageNumber PageSize")
def describe_tags(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List the tags in use in the region, and how many resources of each type have them."""
    types = [p.text("ResourceType")] if p.given("ResourceType") else list(COUNTED)
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for resource_type in types:
        for record in ctx.visible(resources.need_kind(ctx, resource_type)):
            if record.account != ctx.account or p.text("ResourceId") not in ("", record.id):
                continue
            for pair in record.tags.items():
                if _fits(pair, p):
                    count = counts.setdefault(pair, {})
                    count[COUNTED[resource_type]] = count.get(COUNTED[resource_type], 0) + 1
    number, size = p.integer("PageNumber", 1), p.integer("PageSize", PAGE)
    shown = list(counts.items())[(number - 1) * size : number * size]
    rows = [
        {"TagKey": key, "TagValue": value, "ResourceTypeCount": count}
        for (key, value), count in shown
    ]
    return {
        "Tags": {"Tag": rows},
        "TotalCount": len(counts),
        "PageNumber": number,
        "PageSize": size,
    }


def _fits(pair: tuple[str, str], p: Params) -> bool:
    """Whether a tag is one of those asked for; none is no filter."""
    items = p.items("Tag")
    return not items or any(
        item.text("Key") == pair[0] and item.text("Value") in ("", pair[1]) for item in items
    )
