"""The versions of a policy: made, shown, chosen as the default, deleted. It has at most five."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import documents, policies
from .records import RamPolicy, find_policy
from .service import ram

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

MOST = 5


@ram.action("CreatePolicyVersion", params="PolicyName PolicyDocument SetAsDefault")
def create_policy_version(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Add a version, the default from then on if the call says so."""
    policy = find_policy(ctx, p.text("PolicyName"))
    documents.check_policy(ctx, p.text("PolicyDocument"))
    if len(policy.versions) >= MOST:
        raise ctx.error(
            "LimitExceeded.Policy.Version", message=f"A policy has at most {MOST} versions."
        )
    version = f"v{max(int(known[1:]) for known in policy.versions) + 1}"
    policy.versions = {**policy.versions, version: p.text("PolicyDocument")}
    policy.version_times = {**policy.version_times, version: ctx.now}
    policy.updated = ctx.now
    if p.flag("SetAsDefault", False):
        policy.default_version = version
    return {"PolicyVersion": policies.version_row(policy, version)}


def _check(ctx: Ctx, policy: RamPolicy, version: str) -> str:
    if version not in policy.versions:
        raise ctx.error(
            "EntityNotExist.Policy.Version", message=f"The policy has no version {version}."
        )
    return version


@ram.action("GetPolicyVersion", params="PolicyType PolicyName VersionId")
def get_policy_version(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Show one version."""
    policy = policies.find(ctx, p.text("PolicyType"), p.text("PolicyName"))
    version = _check(ctx, policy, p.text("VersionId"))
    return {"PolicyVersion": policies.version_row(policy, version)}


@ram.action("ListPolicyVersions", params="PolicyType PolicyName")
def list_policy_versions(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List the versions of a policy."""
    policy = policies.find(ctx, p.text("PolicyType"), p.text("PolicyName"))
    rows = [policies.version_row(policy, version) for version in policy.versions]
    return {"PolicyVersions": {"PolicyVersion": rows}}


@ram.action("SetDefaultPolicyVersion", params="PolicyName VersionId")
def set_default_policy_version(ctx: Ctx, p: Params) -> None:
    """Choose the version that counts."""
    policy = find_policy(ctx, p.text("PolicyName"))
    policy.default_version = _check(ctx, policy, p.text("VersionId"))
    policy.updated = ctx.now


@ram.action("DeletePolicyVersion", params="PolicyName VersionId")
def delete_policy_version(ctx: Ctx, p: Params) -> None:
    """Delete a version that is not the default."""
    policy = find_policy(ctx, p.text("PolicyName"))
    version = _check(ctx, policy, p.text("VersionId"))
    if version == policy.default_version:
        raise ctx.error(
            "DeleteConflict.Policy.Version.Default",
            message="The default policy version can not be deleted.",
        )
    policy.versions = {v: text for v, text in policy.versions.items() if v != version}
