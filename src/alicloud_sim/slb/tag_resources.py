"""TagResources, UntagResources and ListTagResources of CLB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.tag_actions import Taggable

from .certificates import ServerCertificate
from .records import LoadBalancer, VServerGroup
from .service import slb

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

TAGGABLE = Taggable(
    {"instance": LoadBalancer, "certificate": ServerCertificate, "vservergroup": VServerGroup},
    others=("acl", "listener", "masterslaveservergroup"),
)


@slb.action("TagResources", params="RegionId ResourceType ResourceId Tag")
def tag_resources(ctx: Ctx, p: Params) -> None:
    """Tag load balancers, vServer groups or certificates."""
    TAGGABLE.tag(ctx, p)


@slb.action("UntagResources", params="RegionId ResourceType ResourceId TagKey All")
def untag_resources(ctx: Ctx, p: Params) -> None:
    """Take tags off."""
    TAGGABLE.untag(ctx, p)


@slb.action("ListTagResources", params="RegionId ResourceType ResourceId Tag NextToken")
def list_tag_resources(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List tags of resources."""
    return TAGGABLE.listed(ctx, p)
