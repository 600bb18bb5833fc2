"""CreatePolicy, GetPolicy, DeletePolicy, ListPolicies, UpdatePolicyDescription."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from alicloud_sim.clock import iso_seconds

from . import documents, rules, tag_resources
from .records import (
    CUSTOM,
    FIRST_VERSION,
    SYSTEM,
    SYSTEM_POLICIES,
    RamPolicy,
    attachments,
    find_policy,
)
from .service import ram

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params


@ram.action("CreatePolicy", params="PolicyName PolicyDocument Description Tag")
def create_policy(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Make a policy of the account."""
    name = rules.check_name(ctx, p, "PolicyName")
    if not p.given("PolicyDocument"):
        raise ctx.error("MissingParameter", message="PolicyDocument is mandatory.")
    documents.check_policy(ctx, p.text("PolicyDocument"))
    description = rules.check_description(ctx, p.text("Description"))
    given = tag_resources.read(ctx, p.json_list("Tag") or [])
    own = ctx.records(RamPolicy)
    if any(policy.name == name for policy in own):
        raise ctx.error("EntityAlreadyExists.Policy", message="The policy already exists.")
    most = ctx.world.quotas.get("ram_policy.count")
    if most is not None and len(own) >= most:
        raise ctx.error("LimitExceeded.Policy", message=f"The quota is {most} policies.")
    policy = RamPolicy(
        id=ctx.new_id(RamPolicy),
        account=ctx.account,
        region="",
        name=name,
        description=description,
        versions={FIRST_VERSION: p.text("PolicyDocument")},
        version_times={FIRST_VERSION: ctx.now},
        tags=given,
    )
    return {"Policy": _shown(ctx, policy_row(ctx, CUSTOM, ctx.add(policy)))}


def check_type(ctx: Ctx, policy_type: str) -> str:
    """Refuse a type that is none.

    :raises ApiError: InvalidParameter.PolicyType
    """
    if policy_type not in (CUSTOM, SYSTEM):
        raise ctx.error(
            "InvalidParameter.PolicyType", message='The parameter - "PolicyType" is incorrect.'
        )
    return policy_type


def find(ctx: Ctx, policy_type: str, name: str) -> RamPolicy:
    """Find a policy of the account, or one of the cloud's own.

    :raises ApiError: EntityNotExist.Policy
    """
    if check_type(ctx, policy_type) == CUSTOM:
        return find_policy(ctx, name)
    if name not in SYSTEM_POLICIES:
        raise ctx.error("EntityNotExist.Policy", message=f"The policy {name} does not exist.")
    return _system(name)


def _system(name: str) -> RamPolicy:
    """Make one of the cloud's own policies, which no world keeps."""
    statement = {"Effect": "Allow", "Action": SYSTEM_POLICIES[name], "Resource": "*"}
    document = json.dumps({"Version": "1", "Statement": [statement]})
    return RamPolicy(id="", account="", region="", name=name, versions={FIRST_VERSION: document})


def policy_row(ctx: Ctx, policy_type: str, policy: RamPolicy) -> dict[str, Any]:
    """Write all that any answer tells of a policy."""
    return {
        "PolicyName": policy.name,
        "PolicyType": policy_type,
        "Description": policy.description,
        "DefaultVersion": policy.default_version,
        "PolicyDocument": policy.document,
        "AttachmentCount": len(attachments(ctx, policy_type, policy.name)),
        "CreateDate": iso_seconds(policy.created),
        "UpdateDate": iso_seconds(policy.updated or policy.created),
    }


def version_row(policy: RamPolicy, version: str) -> dict[str, Any]:
    """Write one version of a policy."""
    return {
        "VersionId": version,
        "IsDefaultVersion": version == policy.default_version,
        "PolicyDocument": policy.versions[version],
        "CreateDate": iso_seconds(policy.version_times.get(version, policy.created)),
    }


def _shown(ctx: Ctx, row: dict[str, Any]) -> dict[str, Any]:
    shape = ctx.spec.response["Policy"]
    return {name: value for name, value in row.items() if name in shape}


@ram.action("GetPolicy", params="PolicyType PolicyName")
def get_policy(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Show one policy and its version."""
    policy = find(ctx, p.text("PolicyType"), p.text("PolicyName"))
    version = version_row(policy, policy.default_version)
    row = policy_row(ctx, p.text("PolicyType"), policy)
    return {"Policy": _shown(ctx, row), "DefaultPolicyVersion": version}


@ram.action("DeletePolicy", params="PolicyName")
def delete_policy(ctx: Ctx, p: Params) -> None:
    """Delete a policy that is attached to nothing and has no version but the default."""
    policy = find_policy(ctx, p.text("PolicyName"))
    if len(policy.versions) > 1:
        raise ctx.error(
            "DeleteConflict.Policy.Version",
            message="The policy can not have any version except the default version.",
        )
    if attachments(ctx, CUSTOM, policy.name):
        raise ctx.error(
            "DeleteConflict.Policy.Role", message="The policy can not be attached to any role."
        )
    ctx.world.remove(policy)


@ram.action("UpdatePolicyDescription", params="PolicyName NewDescription")
def update_policy_description(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Change the description."""
    policy = find_policy(ctx, p.text("PolicyName"))
    policy.description = rules.check_description(ctx, p.text("NewDescription"))
    policy.updated = ctx.now
    return {"Policy": _shown(ctx, policy_row(ctx, CUSTOM, policy))}


@ram.action("ListPolicies", params="PolicyType Marker MaxItems")
def list_policies(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List policies: of the account, of the cloud, or both."""
    wanted = check_type(ctx, p.text("PolicyType")) if p.given("PolicyType") else ""
    rows = [(CUSTOM, policy) for policy in ctx.visible(RamPolicy)] if wanted != SYSTEM else []
    if wanted != CUSTOM:
        rows += [(SYSTEM, _system(name)) for name in SYSTEM_POLICIES]
    shown, fields = rules.page(ctx, p, rows)
    shape = ctx.spec.response["Policies"]["Policy"][0]
    found = [policy_row(ctx, kind, policy) for kind, policy in shown]
    kept = [{name: value for name, value in row.items() if name in shape} for row in found]
    return {"Policies": {"Policy": kept}, **fields}
