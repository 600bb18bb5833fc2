"""Policies and what they are attached to; roles are in ecs/ram_roles.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from alicloud_sim.ecs.ram_roles import RamRole
from alicloud_sim.records import Record

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx

FIRST_VERSION = "v1"
CUSTOM, SYSTEM = "Custom", "System"
SYSTEM_POLICIES = {
    "AdministratorAccess": "*",
    "ReadOnlyAccess": "*:Describe*",
    "AliyunECSFullAccess": "ecs:*",
    "AliyunECSReadOnlyAccess": "ecs:Describe*",
    "AliyunVPCFullAccess": "vpc:*",
    "AliyunVPCReadOnlyAccess": "vpc:Describe*",
    "AliyunEIPFullAccess": "vpc:*Eip*",
    "AliyunSLBFullAccess": "slb:*",
    "AliyunSLBReadOnlyAccess": "slb:Describe*",
    "AliyunOSSFullAccess": "oss:*",
    "AliyunOSSReadOnlyAccess": "oss:Get*",
    "AliyunRAMFullAccess": "ram:*",
    "AliyunRAMReadOnlyAccess": "ram:Get*",
    "AliyunSTSAssumeRoleAccess": "sts:AssumeRole",
    "AliyunECSImageImportDefaultRole": "oss:GetObject",
}
"""Some of the cloud's own policies, with what each is about; their texts here are shorter."""


@dataclass
class RamPolicy(Record):
    """A policy of an account; callers know it by its name.

    `versions` are its documents by version; the default one is what the policy says.
    """

    kind: ClassVar[str] = "ram_policy"
    prefix: ClassVar[str] = "policy"

    name: str = ""
    description: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    version_times: dict[str, float] = field(default_factory=dict)
    default_version: str = FIRST_VERSION
    updated: float = 0.0

    @property
    def document(self) -> str:
        """The document of the default version."""
        return self.versions.get(self.default_version, "")


@dataclass
class RamAttachment(Record):
    """A policy attached to a role, both by their names."""

    kind: ClassVar[str] = "ram_attachment"
    prefix: ClassVar[str] = "attachment"

    role_name: str = ""
    policy_type: str = CUSTOM
    policy_name: str = ""


def find_role(ctx: Ctx, name: str) -> RamRole:
    """Find a role by its name.

    :raises ApiError: EntityNotExist.Role
    """
    for role in ctx.records(RamRole):
        if role.name == name:
            return role
    raise ctx.error("EntityNotExist.Role", message=f"The role {name} does not exist.")


def find_policy(ctx: Ctx, name: str) -> RamPolicy:
    """Find a policy of the account by its name.

    :raises ApiError: EntityNotExist.Policy
    """
    for policy in ctx.records(RamPolicy):
        if policy.name == name:
            return policy
    raise ctx.error("EntityNotExist.Policy", message=f"The policy {name} does not exist.")


def attachments(ctx: Ctx, policy_type: str, policy_name: str) -> list[RamAttachment]:
    """List what a policy is attached to."""
    wanted = (policy_type, policy_name)
    return [a for a in ctx.records(RamAttachment) if (a.policy_type, a.policy_name) == wanted]
