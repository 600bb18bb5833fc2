"""The ledger of rules: every one has a source, and every assumption in the source is in it."""

from __future__ import annotations

import re
from pathlib import Path

import alicloud_sim
from alicloud_sim.ledger import ASSUMED, SOURCES, load
from alicloud_sim.registry import RPC_SERVICES

ROOT = Path(alicloud_sim.__file__).parent
RULES = load()

# What a docstring says of a rule that no source has.
ASSUMPTION = re.compile(r"not\s+in\s+the\s+reference|is\s+not\s+in\s+it\b", re.IGNORECASE)

# Services without the actions of an RPC, and rules for all of them.
OTHERS = {"all", "Oss", "Metadata"}
ANY = {"any", "any with a ClientToken"}


def test_every_rule_has_a_source() -> None:
    """Kind and reference; ids name one rule each."""
    assert {rule.source for rule in RULES} == set(SOURCES)
    assert [rule.id for rule in RULES if not (rule.rule and rule.reference)] == []
    assert len({rule.id for rule in RULES}) == len(RULES)


def test_every_assumed_rule_can_be_checked() -> None:
    """By a probe with an expected outcome, or by hand; other rules need neither."""
    for rule in RULES:
        checks = [bool(rule.assumed), bool(rule.by_hand)]
        assert sum(checks) == (rule.source == ASSUMED), rule.id
        assert rule.module or rule.source != ASSUMED, rule.id


def test_every_assumption_in_the_source_is_in_the_ledger() -> None:
    """A module whose text says "not in the reference" has a rule there; each module exists."""
    saying = {
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.py")
        if ASSUMPTION.search(path.read_text("utf-8"))
    } - {"ledger.py"}
    named = {rule.module for rule in RULES if rule.module}
    assert saying - named == set()
    assert [module for module in named if not (ROOT / module).is_file()] == []


def test_every_rule_names_an_action_that_is_simulated() -> None:
    """Of its service."""
    for rule in RULES:
        if rule.service in OTHERS or rule.action in ANY:
            continue
        actions = RPC_SERVICES[rule.service].actions
        assert set(rule.action.split(", ")) <= set(actions), rule.id
