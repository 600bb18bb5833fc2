"""AttachPolicyToRole, DetachPolicyFromRole, and the lists of both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.clock import iso_seconds
from alicloud_sim.ecs.ram_roles import RamRole
from alicloud_sim.sts.keys import arn_of, role_id

from . import policies
from .records import RamAttachment, attachments, find_role
from .service import ram

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params


def _present(ctx: Ctx, p: Params) -> RamAttachment | None:
    """Find role and policy, and what attaches one to the other."""
    role = find_role(ctx, p.text("RoleName"))
    policies.find(ctx, p.text("PolicyType"), p.text("PolicyName"))
    held = attachments(ctx, p.text("PolicyType"), p.text("PolicyName"))
    return next((one for one in held if one.role_name == role.name), None)


@ram.action("AttachPolicyToRole", params="PolicyType PolicyName RoleName")
def attach_policy_to_role(ctx: Ctx, p: Params) -> None:
    """Attach a policy to a role; twice is refused."""
    if _present(ctx, p) is not None:
        raise ctx.error(
            "EntityAlreadyExists.Role.Policy",
            message="The role has already been attached this policy.",
        )
    made = RamAttachment(
        id=ctx.new_id(RamAttachment),
        account=ctx.account,
        region="",
        role_name=p.text("RoleName"),
        policy_type=p.text("PolicyType"),
        policy_name=p.text("PolicyName"),
    )
    ctx.add(made)


@ram.action("DetachPolicyFromRole", params="PolicyType PolicyName RoleName")
def detach_policy_from_role(ctx: Ctx, p: Params) -> None:
    """Take a policy from a role."""
    found = _present(ctx, p)
    if found is None:
        raise ctx.error(
            "EntityNotExist.Role.Policy", message="The policy is not attached to the role."
        )
    ctx.world.remove(found)


@ram.action("ListPoliciesForRole", params="RoleName")
def list_policies_for_role(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List the policies of a role."""
    role = find_role(ctx, p.text("RoleName"))
    rows = [
        {
            "PolicyName": one.policy_name,
            "PolicyType": one.policy_type,
            "DefaultVersion": policies.find(ctx, one.policy_type, one.policy_name).default_version,
            "Description": policies.find(ctx, one.policy_type, one.policy_name).description,
            "AttachDate": iso_seconds(one.created),
        }
        for one in ctx.visible(RamAttachment)
        if one.role_name == role.name
    ]
    return {"Policies": {"Policy": rows}}


@ram.action("ListEntitiesForPolicy", params="PolicyType PolicyName")
def list_entities_for_policy(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List what a policy is attached to: roles, as users and groups are not simulated."""
    policies.find(ctx, p.text("PolicyType"), p.text("PolicyName"))
    by_name = {role.name: role for role in ctx.records(RamRole)}
    rows = [
        {
            "RoleName": one.role_name,
            "RoleId": role_id(by_name[one.role_name]),
            "Arn": arn_of(by_name[one.role_name]),
            "Description": by_name[one.role_name].description,
            "AttachDate": iso_seconds(one.created),
        }
        for one in attachments(ctx, p.text("PolicyType"), p.text("PolicyName"))
    ]
    return {"Roles": {"Role": rows}, "Users": {"User": []}, "Groups": {"Group": []}}
