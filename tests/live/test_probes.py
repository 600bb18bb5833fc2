"""Each assumed rule of the simulator, asked of the account: the table shows what it observed.

Chosen only if this file is named: ./scripts/test tests/live/test_probes.py
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from alicloud_sim.ledger import load
from live.bench import Bench
from live.probes import PROBES
from live.story import Story

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from live.cloud import Cloud
    from live.executable import Cpi
    from live.settings import Live

RULES = {rule.id: rule for rule in load() if rule.assumed}


@pytest.fixture(scope="module")
def bench(
    live: Live, live_cpi: Cpi, cloud: Cloud, request: pytest.FixtureRequest
) -> Iterator[Bench]:
    """Give what probes share; in the end it is taken away."""
    with Story(live, live_cpi, cloud, lambda: request.getfixturevalue("stemcell")) as story:
        yield Bench(live, story)


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(rule, marks=pytest.mark.needs(*PROBES[rule].needs), id=rule)
        for rule in RULES
        if rule in PROBES
    ],
)
def test_assumed(bench: Bench, record_property: Callable[[str, object], None], rule: str) -> None:
    """The cloud does what the simulator assumes."""
    assumed = RULES[rule].assumed
    observed = PROBES[rule].run(bench)
    record_property("probe", json.dumps([rule, assumed, observed]))
    assert observed == assumed
