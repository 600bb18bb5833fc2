"""ModifySecurityGroupRule and ModifySecurityGroupEgressRule.

A rule that is named by its id is changed in what the call gives; what it leaves out stays. A
rule that is described gets the call's description, and nothing else of it changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_sim.params import Params

from . import group_authorize, group_lifecycle, group_rules
from .service import ecs

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx

    from .security_groups import SecurityGroupRule

IDENTIFIED = "SecurityGroupRuleId"


@ecs.action("ModifySecurityGroupRule", params=f"{group_rules.plain('ingress')} {IDENTIFIED}")
def modify_security_group_rule(ctx: Ctx, p: Params) -> None:
    """Change an ingress rule."""
    _modify(ctx, p, "ingress")


@ecs.action("ModifySecurityGroupEgressRule", params=f"{group_rules.plain('egress')} {IDENTIFIED}")
def modify_security_group_egress_rule(ctx: Ctx, p: Params) -> None:
    """Change an egress rule."""
    _modify(ctx, p, "egress")


def _modify(ctx: Ctx, p: Params, direction: str) -> None:
    group = group_lifecycle.need(ctx, p)
    rules = group_authorize.held(ctx, group, direction)
    if not p.given(IDENTIFIED):
        (rule,) = group_authorize.by_content(ctx, p, group, rules, direction)
        rule.description = p.text("Description", rule.description)
        return
    old = next((rule for rule in rules if rule.id == p.text(IDENTIFIED)), None)
    if old is None:
        raise ctx.error("InvalidSecurityGroupRuleId.NotFound", message="There is no such rule.")
    (new,) = group_rules.read(ctx, _merged(ctx, p, old), group, direction)
    if any(rule.identity == new.identity for rule in rules if rule is not old):
        raise ctx.error("InvalidOperation.RuleDuplicate", message="There is such a rule already.")
    new.id, new.created, new.tags = old.id, old.created, old.tags
    ctx.world.remove(old)
    ctx.add(new)


def _merged(ctx: Ctx, p: Params, old: SecurityGroupRule) -> Params:
    """Put what a call gives over what the rule has.

    :raises ApiError: the other end would be of another kind, a group instead of a block
    """
    before = group_rules.written(old)
    given = {name: p.text(name) for name in before if p.given(name)}
    ends = [name for name in given if name.endswith(("CidrIp", "GroupId"))]
    if any(not before[name] for name in ends):
        raise ctx.error(
            "InvalidOperation.ModifySgRuleEntityType",
            message="The kind of a rule's source or destination cannot be changed.",
        )
    kept = {name: value for name, value in {**before, **given}.items() if value}
    return Params(kept, frozenset(before))
