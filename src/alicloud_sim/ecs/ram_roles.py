"""RAM roles that instances may take, as far as ECS checks them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from alicloud_sim.records import Record

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx

ECS_SERVICE = "ecs.aliyuncs.com"


@dataclass
class RamRole(Record):
    """A RAM role of an account; callers know it by its name."""

    kind: ClassVar[str] = "ram_role"
    prefix: ClassVar[str] = "role"

    name: str = ""
    trusted_service: str = ECS_SERVICE


def check(ctx: Ctx, name: str) -> None:
    """Refuse a role that an instance cannot take; "" is none.

    :raises ApiError: no such role, or one that does not trust ECS
    """
    if not name:
        return
    role = next((role for role in ctx.records(RamRole) if role.name == name), None)
    if role is None:
        raise ctx.error("InvalidRamRole.NotFound", message=f"The RAM role {name} does not exist.")
    if role.trusted_service != ECS_SERVICE:
        raise ctx.error("InvalidRamRole.NotEcsRole", message=f"The role {name} is not for ECS.")
