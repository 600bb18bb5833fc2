"""TagResources, UntagResources and ListTagResources: of roles and policies, by their names.

Lists come as JSON in one parameter: Tag=[{"Key": "a", "Value": "1"}].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim import tags
from alicloud_sim.ecs.ram_roles import RamRole
from alicloud_sim.offsets import cut
from alicloud_sim.params import Params

from .records import RamPolicy, find_policy, find_role
from .service import ram

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx

KINDS: dict[str, type[RamRole | RamPolicy]] = {"role": RamRole, "policy": RamPolicy}
MOST_NAMES = 50
PAGE = 100
FIELDS = frozenset(("Key", "Value"))


def _items(ctx: Ctx, given: list[Any]) -> list[Params]:
    """Turn the objects of a JSON list into what tags.py reads."""
    for one in given:
        if not isinstance(one, dict) or not one.keys() <= FIELDS or "Key" not in one:
            raise ctx.error("InvalidParameter", message="A tag is an object with Key and Value.")
    return [Params({k: str(v) for k, v in one.items()}, FIELDS) for one in given]


def read(ctx: Ctx, given: list[Any], present: dict[str, str] | None = None) -> dict[str, str]:
    """Check tags and add them to those present.

    :raises ApiError: malformed, repeated, or too many
    """
    return tags.read(ctx, _items(ctx, given), present)


def _kind(ctx: Ctx, p: Params) -> type[RamRole | RamPolicy]:
    kind = KINDS.get(p.text("ResourceType"))
    if kind is None:
        raise ctx.error("InvalidParameter.ResourceType", message="It is role or policy.")
    return kind


def _resources(ctx: Ctx, p: Params) -> list[RamRole | RamPolicy]:
    names = p.ids("ResourceNames") or []
    if not 1 <= len(names) <= MOST_NAMES:
        raise ctx.error("InvalidParameter", message=f"Give 1 to {MOST_NAMES} ResourceNames.")
    find = find_role if _kind(ctx, p) is RamRole else find_policy
    return [find(ctx, name) for name in names]


@ram.action("TagResources", params="ResourceType ResourceNames Tag")
def tag_resources(ctx: Ctx, p: Params) -> None:
    """Tag roles or policies, all or none."""
    found = _resources(ctx, p)
    worked_out = [(one, read(ctx, p.json_list("Tag") or [], one.tags)) for one in found]
    for one, merged in worked_out:
        one.tags = merged


@ram.action("UntagResources", params="ResourceType ResourceNames TagKeys All")
def untag_resources(ctx: Ctx, p: Params) -> None:
    """Take tags off by their keys, or all of them with All=true."""
    found, keys = _resources(ctx, p), p.ids("TagKeys") or []
    if not keys and not p.flag("All"):
        raise ctx.error("MissingParameter", message="TagKeys is mandatory without All=true.")
    for one in found:
        one.tags = {k: v for k, v in one.tags.items() if keys and k not in keys}


@ram.action("ListTagResources", params="ResourceType ResourceNames Tag NextToken PageSize")
def list_tag_resources(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List the tags of roles or policies: of some, of those with given tags, or of all."""
    kind, names = _kind(ctx, p), p.ids("ResourceNames")
    wanted = _items(ctx, p.json_list("Tag") or [])
    rows = [
        {
            "ResourceType": p.text("ResourceType"),
            "ResourceName": one.name,
            "TagKey": key,
            "TagValue": value,
        }
        for one in ctx.visible(kind)
        if (names is None or one.name in names) and tags.match(one.tags, wanted)
        for key, value in one.tags.items()
    ]
    shown, token = cut(ctx, rows, p.text("NextToken"), p.integer("PageSize", PAGE))
    return {"TagResources": shown, "NextToken": token}
