"""CreateRole, GetRole, UpdateRole, DeleteRole, ListRoles."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from alicloud_sim.clock import iso_seconds
from alicloud_sim.ecs.ram_roles import RamRole
from alicloud_sim.sts.keys import arn_of, role_id

from . import documents, rules, tag_resources
from .records import RamAttachment, find_role
from .service import ram

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

SHORTEST_SESSION, LONGEST_SESSION = 3600, 43200


@ram.action(
    "CreateRole", params="RoleName AssumeRolePolicyDocument Description MaxSessionDuration Tag"
)
def create_role(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Make a role that the principals of the document may take."""
    name = rules.check_name(ctx, p, "RoleName")
    if not p.given("AssumeRolePolicyDocument"):
        raise ctx.error("MissingParameter", message="AssumeRolePolicyDocument is mandatory.")
    first, *others = documents.principals(ctx, p.text("AssumeRolePolicyDocument"))
    description = rules.check_description(ctx, p.text("Description"))
    seconds = _session(ctx, p.integer("MaxSessionDuration", SHORTEST_SESSION))
    given = tag_resources.read(ctx, p.json_list("Tag") or [])
    own = ctx.records(RamRole)
    if any(role.name == name for role in own):
        raise ctx.error("EntityAlreadyExists.Role", message="The role already exists.")
    most = ctx.world.quotas.get("ram_role.count")
    if most is not None and len(own) >= most:
        raise ctx.error("LimitExceeded.Role", message=f"The quota is {most} roles.")
    role = RamRole(
        id=ctx.new_id(RamRole),
        account=ctx.account,
        region="",
        name=name,
        trusted_service=first,
        other_principals=others,
        description=description,
        document=p.text("AssumeRolePolicyDocument"),
        max_session_seconds=seconds,
        tags=given,
    )
    return {"Role": _row(ctx.add(role), ctx.spec.response["Role"])}


def _session(ctx: Ctx, seconds: int) -> int:
    if not SHORTEST_SESSION <= seconds <= LONGEST_SESSION:
        raise ctx.error(
            "InvalidParameter.MaxSessionDuration",
            message=f"MaxSessionDuration is {SHORTEST_SESSION} to {LONGEST_SESSION}.",
        )
    return seconds


def _document(role: RamRole) -> str:
    """Tell who may take a role; a role of the seed has no document of its own."""
    if role.document:
        return role.document
    kind = "RAM" if role.trusted_service.startswith("acs:") else "Service"
    statement = {
        "Action": "sts:AssumeRole",
        "Effect": "Allow",
        "Principal": {kind: list(role.principals)},
    }
    return json.dumps({"Statement": [statement], "Version": "1"})


def _row(role: RamRole, shape: dict[str, Any]) -> dict[str, Any]:
    row = {
        "RoleId": role_id(role),
        "RoleName": role.name,
        "Arn": arn_of(role),
        "Description": role.description,
        "AssumeRolePolicyDocument": _document(role),
        "MaxSessionDuration": role.max_session_seconds,
        "CreateDate": iso_seconds(role.created),
        "UpdateDate": iso_seconds(role.updated or role.created),
        "Tags": {"Tag": [{"TagKey": k, "TagValue": v} for k, v in role.tags.items()]},
    }
    return {name: value for name, value in row.items() if name in shape}


@ram.action("GetRole", params="RoleName")
def get_role(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Show one role."""
    return {"Role": _row(find_role(ctx, p.text("RoleName")), ctx.spec.response["Role"])}


@ram.action(
    "UpdateRole",
    params="RoleName NewAssumeRolePolicyDocument NewDescription NewMaxSessionDuration",
)
def update_role(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Change who may take a role, for how long, and its description."""
    role = find_role(ctx, p.text("RoleName"))
    text = p.text("NewAssumeRolePolicyDocument")
    trusted = documents.principals(ctx, text) if text else list(role.principals)
    seconds = _session(ctx, p.integer("NewMaxSessionDuration", role.max_session_seconds))
    description = rules.check_description(ctx, p.text("NewDescription", role.description))
    role.trusted_service, *role.other_principals = trusted
    role.document = text or role.document
    role.max_session_seconds, role.description = seconds, description
    role.updated = ctx.now
    return {"Role": _row(role, ctx.spec.response["Role"])}


@ram.action("DeleteRole", params="RoleName")
def delete_role(ctx: Ctx, p: Params) -> None:
    """Delete a role to which no policy is attached."""
    role = find_role(ctx, p.text("RoleName"))
    if any(one.role_name == role.name for one in ctx.records(RamAttachment)):
        raise ctx.error(
            "DeleteConflict.Role.Policy",
            message="The role can not have any attached policy while deleting the role.",
        )
    ctx.world.remove(role)


@ram.action("ListRoles", params="Marker MaxItems")
def list_roles(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List the roles of the account."""
    shown, fields = rules.page(ctx, p, ctx.visible(RamRole))
    shape = ctx.spec.response["Roles"]["Role"][0]
    return {"Roles": {"Role": [_row(role, shape) for role in shown]}, **fields}
