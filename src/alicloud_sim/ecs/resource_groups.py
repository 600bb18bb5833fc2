"""Resource groups, as far as ECS checks that one exists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from alicloud_sim.records import Record

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx


@dataclass
class ResourceGroup(Record):
    """A resource group of an account, of all regions."""

    kind: ClassVar[str] = "resource_group"
    prefix: ClassVar[str] = "rg"

    name: str = ""


def check(ctx: Ctx, group_id: str) -> None:
    """Refuse a resource group that does not exist; "" is none.

    :raises ApiError: InvalidResourceGroup.NotFound
    """
    if group_id and ctx.find(ResourceGroup, group_id) is None:
        raise ctx.error(
            *("InvalidResourceGroup.NotFound", "InvalidResourceGroupId", "InvalidParameter"),
            message=f"The resource group {group_id} does not exist.",
        )
