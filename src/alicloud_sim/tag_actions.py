"""TagResources, UntagResources and ListTagResources as VPC and CLB have them.

ECS has older actions besides, in ecs/tagging. A type of resource that the cloud tags and the
simulator does not have is refused with 501.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import tags
from .errors import UnsupportedError
from .offsets import cut

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from .context import Ctx
    from .params import Params
    from .records import Record

MOST_RESOURCES = 50
MOST_TAGS = 20
PAGE = 50


class Taggable:
    """The types of resources that a product tags."""

    def __init__(self, kinds: Mapping[str, type[Record]], others: Collection[str] = ()) -> None:
        """Take the simulated types by their name, and the names of the types that are not."""
        self._kinds = kinds
        self._others = others

    def kind(self, ctx: Ctx, name: str) -> type[Record]:
        """Find the kind of record of a ResourceType.

        :raises ApiError: there is no such type
        """
        found = {known.lower(): kind for known, kind in self._kinds.items()}.get(name.lower())
        if found is not None:
            return found
        if name.lower() in {other.lower() for other in self._others}:
            raise UnsupportedError(f"ResourceType={name}")
        raise ctx.error(
            *("InvalidInstanceType.NotFound", "InvalidParam.ResourceType", "InvalidParameter"),
            message=f"The ResourceType {name} is not valid.",
        )

    def tag(self, ctx: Ctx, p: Params) -> None:
        """Tag resources, all or none.

        :raises ApiError: a resource that does not exist, or tags that are not valid
        """
        records = self._own(ctx, p)
        items = p.items("Tag")
        if not items:
            raise ctx.error("MissingParam.Tags", "MissingParam.TagKey", message="Tag is mandatory.")
        _check_count(ctx, len(items))
        worked_out = [(record, tags.read(ctx, items, record.tags)) for record in records]
        for record, merged in worked_out:
            record.tags = merged

    def untag(self, ctx: Ctx, p: Params) -> None:
        """Take tags off by their keys, or all of them with All=true; absent keys are ignored.

        :raises ApiError: a resource that does not exist, or neither keys nor All=true
        """
        records = self._own(ctx, p)
        keys, everything = p.texts("TagKey"), p.flag("All", False)
        _check_count(ctx, len(keys))
        if not keys and not everything:
            raise ctx.error(
                *("MissingParam.TagKey", "MissingParam", "InvalidParam.TagKey"),
                message="TagKey is mandatory without All=true.",
            )
        for record in records:
            kept = {} if not keys else {k: v for k, v in record.tags.items() if k not in keys}
            record.tags = kept

    def listed(self, ctx: Ctx, p: Params) -> dict[str, Any]:
        """List the tags of some resources, or of those that have the given tags.

        :raises ApiError: neither resources nor tags are named
        """
        kind = self.kind(ctx, p.text("ResourceType"))
        ids, wanted = p.texts("ResourceId"), p.items("Tag")
        if not ids and not wanted:
            raise ctx.error(
                *("BothEmpty.TagsAndResources", "MissingParam.TagOrResourceId"),
                message="ResourceId or Tag is mandatory.",
            )
        _check_ids(ctx, ids)
        _check_count(ctx, len(wanted))
        rows = [
            {
                "ResourceType": p.text("ResourceType"),
                "ResourceId": record.id,
                "TagKey": key,
                "TagValue": value,
            }
            for record in ctx.visible(kind)
            if (not ids or record.id in ids) and tags.match(record.tags, wanted)
            for key, value in record.tags.items()
        ]
        size = p.integer("MaxResults", PAGE) if "MaxResults" in ctx.spec.request else PAGE
        shown, token = cut(ctx, rows, p.text("NextToken"), size)
        return {"NextToken": token, "TagResources": {"TagResource": shown}}

    def _own(self, ctx: Ctx, p: Params) -> list[Record]:
        kind = self.kind(ctx, p.text("ResourceType"))
        ids = p.texts("ResourceId")
        _check_ids(ctx, ids)
        missing = ("InvalidInstanceIds.NotFound", "ResourceNotExist", "InvalidParameter")
        found = [ctx.need(kind, one, *missing) for one in ids]
        for record in found:
            if record.account != ctx.account:
                raise ctx.error(*missing, message=f"{record.id} is not yours.")
        return found


def _check_ids(ctx: Ctx, ids: list[str]) -> None:
    if len(ids) > MOST_RESOURCES:
        raise ctx.error(
            *("SizeLimitExceeded.ResourceId", "InvalidParameter"),
            message=f"A call takes at most {MOST_RESOURCES} resources.",
        )


def _check_count(ctx: Ctx, amount: int) -> None:
    if amount > MOST_TAGS:
        raise ctx.error(
            *("SizeLimitExceeded.TagNum", "SizeLimitExceeded.Tag", "SizeLimitExceeded.TagKey"),
            message=f"A call takes at most {MOST_TAGS} tags.",
        )
