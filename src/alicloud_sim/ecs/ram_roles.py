"""RAM roles: who may take them, and what ECS checks of them. Package ram has their actions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from alicloud_sim.records import Record

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx

ECS_SERVICE = "ecs.aliyuncs.com"


@dataclass
class RamRole(Record):
    """A RAM role of an account; callers know it by its name.

    `document` is the policy that says who may take it, as it was given; `trusted_service`
    the first principal of it: a service, or an account's root.
    """

    kind: ClassVar[str] = "ram_role"
    prefix: ClassVar[str] = "role"

    name: str = ""
    trusted_service: str = ECS_SERVICE
    other_principals: list[str] = field(default_factory=list)
    description: str = ""
    document: str = ""
    max_session_seconds: int = 3600
    updated: float = 0.0

    @property
    def principals(self) -> tuple[str, ...]:
        """Who may take the role: services, and roots of accounts."""
        return (self.trusted_service, *self.other_principals)


def check(ctx: Ctx, name: str) -> None:
    """Refuse a role that an instance cannot take; "" is none.

    :raises ApiError: no such role, or one that does not trust ECS
    """
    if not name:
        return
    role = next((role for role in ctx.records(RamRole) if role.name == name), None)
    if role is None:
        raise ctx.error("InvalidRamRole.NotFound", message=f"The RAM role {name} does not exist.")
    if ECS_SERVICE not in role.principals:
        raise ctx.error("InvalidRamRole.NotEcsRole", message=f"The role {name} is not for ECS.")
