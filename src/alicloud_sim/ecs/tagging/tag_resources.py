"""TagResources, UntagResources, ListTagResources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.ecs.service import ecs
from alicloud_sim.offsets import cut

from . import resources

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

MOST_RESOURCES = 50
PAGE = 50


@ecs.action("TagResources", params="RegionId ResourceType ResourceId Tag")
def tag_resources(ctx: Ctx, p: Params) -> None:
    """Tag up to 50 resources with up to 20 tags, all or none."""
    kind = resources.need_kind(ctx, p.text("ResourceType"))
    _check_ids(ctx, p)
    resources.check_count(ctx, len(p.items("Tag")))
    records = resources.need_own(ctx, kind, p.texts("ResourceId"))
    worked_out = [(r, resources.merged(ctx, r, p.items("Tag"))) for r in records]
    for record, tags in worked_out:
        record.tags = tags


def _check_ids(ctx: Ctx, p: Params) -> None:
    if len(p.texts("ResourceId")) > MOST_RESOURCES:
        raise ctx.error("NumberExceed.ResourceIds", message=f"At most {MOST_RESOURCES} resources.")


@ecs.action("UntagResources", params="RegionId ResourceType ResourceId TagKey All")
def untag_resources(ctx: Ctx, p: Params) -> None:
    """Take tags off by their keys, or with All=true all of them; absent keys are ignored.

    Not in the reference: keys together with All=true are Param.Conflict, neither of the two
    is MissingParameter.Tags.
    """
    kind = resources.need_kind(ctx, p.text("ResourceType"))
    _check_ids(ctx, p)
    keys, everything = p.texts("TagKey"), p.flag("All", False)
    resources.check_count(ctx, len(keys))
    if keys and everything:
        raise ctx.error("Param.Conflict", message="TagKey and All=true exclude each other.")
    if not keys and not everything:
        raise ctx.error("MissingParameter.Tags", message="TagKey is mandatory without All=true.")
    for record in resources.need_own(ctx, kind, p.texts("ResourceId")):
        record.tags = {k: v for k, v in record.tags.items() if not everything and k not in keys}


@ecs.action("ListTagResources", params="RegionId ResourceType ResourceId Tag TagFilter NextToken")
def list_tag_resources(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List tags of resources: of some, or of those that have all the given tags.

    Pages of 50 rows (not in the reference); unknown ids are not listed.
    """
    kind = resources.need_kind(ctx, p.text("ResourceType"))
    _check_ids(ctx, p)
    ids, wanted = p.texts("ResourceId"), _wanted(p)
    resources.check_count(ctx, len(wanted))
    if not ids and not wanted:
        raise ctx.error("BothEmpty.TagsAndResources", message="ResourceId or Tag is mandatory.")
    records = [
        record
        for record in ctx.visible(kind)
        if record.account == ctx.account
        and (not ids or record.id in ids)
        and all(_has(record.tags, key, values) for key, values in wanted)
    ]
    rows = [(r, key, value) for r in records for key, value in r.tags.items()]
    shown, token = cut(ctx, rows, p.text("NextToken"), PAGE)
    found = [
        {
            "ResourceType": p.text("ResourceType"),
            "ResourceId": record.id,
            "TagKey": key,
            "TagValue": value,
        }
        for record, key, value in shown
    ]
    return {"NextToken": token, "TagResources": {"TagResource": found}}


def _wanted(p: Params) -> list[tuple[str, list[str]]]:
    """Read both filters: keys, each with the values that fit; no values is any value."""
    plain = [(i.text("Key"), [i.text("Value")] if i.given("Value") else []) for i in p.items("Tag")]
    return plain + [(i.text("TagKey"), i.texts("TagValues")) for i in p.items("TagFilter")]


def _has(tags: dict[str, str], key: str, values: list[str]) -> bool:
    return key in tags and (not values or tags[key] in values)
