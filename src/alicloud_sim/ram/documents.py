"""The form of RAM's policy documents."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.errors import ApiError

LONGEST = 6144
PRINCIPALS = ("RAM", "Service", "Federated")
ACTION = re.compile(r"\*|[\w-]+:[\w*?:/-]+|\*:[\w*?]+")


def statements(ctx: Ctx, text: str) -> list[dict[str, Any]]:
    """Read the statements of a policy.

    :raises ApiError: too long, or malformed
    """
    if len(text.encode()) > LONGEST:
        raise ctx.error(
            *("InvalidParameter.PolicyDocument.Length", "MalformedPolicyDocument"),
            message=f"A policy has at most {LONGEST} bytes.",
        )
    try:
        document = json.loads(text)
    except ValueError:
        raise malformed(ctx, "it is no JSON") from None
    if not isinstance(document, dict) or document.get("Version") != "1":
        raise malformed(ctx, "its Version has to be 1")
    found = document.get("Statement")
    if not isinstance(found, list) or not found or not all(isinstance(s, dict) for s in found):
        raise malformed(ctx, "its Statement has to be a list of objects")
    for statement in found:
        if statement.get("Effect") not in ("Allow", "Deny"):
            raise malformed(ctx, "an Effect is Allow or Deny")
        actions = _texts(ctx, statement, "NotAction" if "NotAction" in statement else "Action")
        if not all(ACTION.fullmatch(action) for action in actions):
            raise malformed(ctx, f"an Action is <service>:<action>, not {actions}")
    return found


def check_policy(ctx: Ctx, text: str) -> None:
    """Refuse what is no policy that can be attached.

    :raises ApiError: malformed
    """
    for statement in statements(ctx, text):
        if "Principal" in statement:
            raise malformed(ctx, "a policy that is attached has no Principal")
        _texts(ctx, statement, "NotResource" if "NotResource" in statement else "Resource")


def principals(ctx: Ctx, text: str) -> list[str]:
    """Read who may take a role.

    :raises ApiError: malformed, or nobody
    """
    found: list[str] = []
    for statement in statements(ctx, text):
        principal = statement.get("Principal")
        if not isinstance(principal, dict) or not principal.keys() <= set(PRINCIPALS):
            raise malformed(ctx, f"a Principal is an object with {', '.join(PRINCIPALS)}")
        for kind in principal:
            found += _texts(ctx, principal, kind)
    if not found:
        raise malformed(ctx, "it has no Principal")
    return found


def _texts(ctx: Ctx, statement: dict[str, Any], name: str) -> list[str]:
    """Read a text or a list of texts."""
    value = statement.get(name)
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not values or not all(isinstance(v, str) for v in values):
        raise malformed(ctx, f"its {name} has to be a text or a list of texts")
    return values


def malformed(ctx: Ctx, why: str) -> ApiError:
    """Word the refusal of a document."""
    return ctx.error("MalformedPolicyDocument", message=f"The policy is not valid: {why}.")
