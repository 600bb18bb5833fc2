"""AuthorizeSecurityGroup, RevokeSecurityGroup, and the same for egress.

A rule that is there already is not added again, and that is no error. Revoking one that is
not there is refused since July 2024.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import group_lifecycle, group_rules
from .security_groups import SecurityGroupRule
from .service import ecs

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

    from .security_groups import SecurityGroup

INGRESS = group_rules.params("ingress")
EGRESS = group_rules.params("egress")


@ecs.action("AuthorizeSecurityGroup", params=INGRESS)
def authorize_security_group(ctx: Ctx, p: Params) -> None:
    """Add ingress rules."""
    _authorize(ctx, p, "ingress")


@ecs.action("AuthorizeSecurityGroupEgress", params=EGRESS)
def authorize_security_group_egress(ctx: Ctx, p: Params) -> None:
    """Add egress rules."""
    _authorize(ctx, p, "egress")


@ecs.action("RevokeSecurityGroup", params=f"{INGRESS} SecurityGroupRuleId")
def revoke_security_group(ctx: Ctx, p: Params) -> None:
    """Remove ingress rules."""
    _revoke(ctx, p, "ingress")


@ecs.action("RevokeSecurityGroupEgress", params=f"{EGRESS} SecurityGroupRuleId")
def revoke_security_group_egress(ctx: Ctx, p: Params) -> None:
    """Remove egress rules."""
    _revoke(ctx, p, "egress")


def held(ctx: Ctx, group: SecurityGroup, direction: str = "") -> list[SecurityGroupRule]:
    """List the real rules of a group, of one direction or of both."""
    return [
        rule
        for rule in ctx.world.all(SecurityGroupRule)
        if rule.group_id == group.id and direction in ("", rule.direction)
    ]


def _authorize(ctx: Ctx, p: Params, direction: str) -> None:
    group = group_lifecycle.need(ctx, p)
    rules = held(ctx, group)
    present = {rule.identity for rule in rules}
    wanted = group_rules.read(ctx, p, group, direction)
    new = [rule for rule in wanted if rule.identity not in present]
    most = ctx.world.quotas.get("security_group.rules", group_rules.MOST_RULES)
    if len(rules) + len(new) > most:
        raise ctx.error("AuthorizationLimitExceed", message=f"A group has at most {most} rules.")
    for rule in new:
        rule.id = ctx.new_id(SecurityGroupRule)
        ctx.add(rule)


def _revoke(ctx: Ctx, p: Params, direction: str) -> None:
    group = group_lifecycle.need(ctx, p)
    rules = held(ctx, group, direction)
    for rule in _by_id(ctx, p, rules) or by_content(ctx, p, group, rules, direction):
        ctx.world.remove(rule)


def _by_id(ctx: Ctx, p: Params, rules: list[SecurityGroupRule]) -> list[SecurityGroupRule]:
    """Find the rules that a call names by their ids; none if it names none."""
    ids = p.texts("SecurityGroupRuleId")
    if len(set(ids)) != len(ids):
        raise ctx.error(
            "InvalidParam.SecurityGroupRuleIdRepeated", message="A rule's id is given twice."
        )
    by_id = {rule.id: rule for rule in rules}
    missing = [rule_id for rule_id in ids if rule_id not in by_id]
    if missing:
        raise ctx.error(
            "InvalidSecurityGroupRuleId.NotFound", message=f"The rule {missing[0]} does not exist."
        )
    return [by_id[rule_id] for rule_id in ids]


def by_content(
    ctx: Ctx, p: Params, group: SecurityGroup, rules: list[SecurityGroupRule], direction: str
) -> list[SecurityGroupRule]:
    """Find the rules that a call describes.

    :raises ApiError: the group has no such rule
    """
    by_identity = {rule.identity: rule for rule in rules}
    found = []
    for rule in group_rules.read(ctx, p, group, direction):
        if rule.identity not in by_identity:
            raise ctx.error(
                *("InvalidSecurityGroupRule.RuleNotExist", "SecurityGroupRule.NotFound"),
                message="The specified rule does not exist.",
            )
        found.append(by_identity[rule.identity])
    return found
