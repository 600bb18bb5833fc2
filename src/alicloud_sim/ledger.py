"""Where the simulator's rules come from: api/rules.json, and how it is shown.

A rule is documented, observed in a public report, or assumed. An assumed rule names the module
that has it, and what a probe is to observe (tests/live/probes.py) or how to check it by hand.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENTED, OBSERVED, ASSUMED = SOURCES = ("documented", "observed", "assumed")

RULES = Path(__file__).with_name("api") / "rules.json"


@dataclass(frozen=True)
class Rule:
    """One rule of the simulated cloud; the last three are for assumed ones."""

    id: str
    service: str
    action: str
    rule: str
    source: str
    reference: str
    module: str = ""
    assumed: str = ""
    by_hand: str = ""


def load() -> list[Rule]:
    """Read all rules."""
    return [Rule(**row) for row in json.loads(RULES.read_text("utf-8"))]


def sections() -> Iterator[str]:
    """Write the sections of COVERAGE.md: a table per kind of source."""
    rules = load()
    yield "## Sources of the rules"
    yield (
        "What the simulator does, and how it is known; `api/rules.json` has the same.\n"
        "Assumed rules are what a first user with an account should check:\n"
        "`./scripts/test tests/live/test_probes.py` does it for those with an expected outcome\n"
        "(`tests/live/README.md`)."
    )
    counts = [f"{sum(rule.source == kind for rule in rules)} {kind}" for kind in SOURCES]
    yield f"{len(rules)} rules: {', '.join(counts)}."
    for kind in (DOCUMENTED, OBSERVED):
        yield f"### {kind.capitalize()}"
        yield _table(
            ("Service", "Action", "Rule", "Source"),
            [
                (rule.service, rule.action, rule.rule, rule.reference)
                for rule in rules
                if rule.source == kind
            ],
        )
    yield f"### {ASSUMED.capitalize()}"
    yield _table(
        ("Service", "Action", "Rule", "Why it is assumed", "Check"),
        [
            (rule.service, rule.action, rule.rule, rule.reference, _check(rule))
            for rule in rules
            if rule.source == ASSUMED
        ],
    )


def _check(rule: Rule) -> str:
    return f"Probe `{rule.id}`: {rule.assumed}" if rule.assumed else rule.by_hand


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
