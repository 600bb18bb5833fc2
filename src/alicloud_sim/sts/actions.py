"""AssumeRole and GetCallerIdentity.

Not in the reference: the limits of DurationSeconds (900 seconds to the role's longest
session) and of RoleSessionName (2-64 of letters, digits, . @ - _), that a role which does
not trust the caller's account is NoPermission, and that permanent keys are a RAM user's.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Any

from alicloud_sim.clock import iso_seconds
from alicloud_sim.ecs.ram_roles import RamRole

from .keys import arn_of, issue, role_id
from .service import sts

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

ROLE_ARN = re.compile(r"acs:ram::\d+:role/[A-Za-z0-9.-]{1,64}")
SESSION_NAME = re.compile(r"[A-Za-z0-9.@_-]{2,64}")
SHORTEST_SESSION, USUAL_SESSION = 900, 3600
USER = "bosh"
FIRST_USER_ID = 200_000_000_000_000_000


@sts.action("AssumeRole", params="RoleArn RoleSessionName DurationSeconds")
def assume_role(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Give out temporary keys of a role that trusts the caller's account."""
    arn, session = p.text("RoleArn"), p.text("RoleSessionName")
    seconds = p.integer("DurationSeconds", USUAL_SESSION)
    if not ROLE_ARN.fullmatch(arn):
        raise ctx.error("InvalidParameter.RoleArn", message=f"The role {arn} is malformed.")
    if not SESSION_NAME.fullmatch(session):
        raise ctx.error("InvalidParameter.RoleSessionName", message=f"The name {session}.")
    role = next((one for one in ctx.world.all(RamRole) if arn_of(one) == arn), None)
    longest = ctx.world.quotas.get(
        "sts.max_session_seconds", role.max_session_seconds if role else USUAL_SESSION
    )
    if not SHORTEST_SESSION <= seconds <= longest:
        text = f"DurationSeconds has to be between {SHORTEST_SESSION} and {longest}."
        raise ctx.error("InvalidParameter.DurationSeconds", message=text)
    if role is None:
        raise ctx.error("EntityNotExist.Role", message=f"The role does not exist: {arn}.")
    if not {ctx.account, f"acs:ram::{ctx.account}:root"} & set(role.principals):
        text = "You are not authorized to do this action. You should be authorized by RAM."
        raise ctx.error("NoPermission", message=text)
    key = issue(ctx.world, role, session, seconds)
    return {
        "AssumedRoleUser": {
            "AssumedRoleId": f"{role_id(role)}:{session}",
            "Arn": _assumed(role.account, role.name, session),
        },
        "Credentials": {
            "AccessKeyId": key.id,
            "AccessKeySecret": key.secret,
            "SecurityToken": key.token,
            "Expiration": iso_seconds(ctx.now + seconds),
        },
    }


@sts.action("GetCallerIdentity")
def get_caller_identity(ctx: Ctx, _: Params) -> dict[str, Any]:
    """Tell who signed the call."""
    key = ctx.key
    if not key.role:
        user = str(FIRST_USER_ID + zlib.crc32(key.account.encode()))
        return {
            "IdentityType": "RAMUser",
            "AccountId": key.account,
            "PrincipalId": user,
            "UserId": user,
            "Arn": f"acs:ram::{key.account}:user/{USER}",
        }
    roles = (one for one in ctx.world.all(RamRole) if one.account == key.account)
    number = next((role_id(one) for one in roles if one.name == key.role), "")
    return {
        "IdentityType": "AssumedRoleUser",
        "AccountId": key.account,
        "PrincipalId": f"{number}:{key.session}",
        "RoleId": number,
        "Arn": _assumed(key.account, key.role, key.session),
    }


def _assumed(account: str, role: str, session: str) -> str:
    return f"acs:ram::{account}:assumed-role/{role}/{session}"
