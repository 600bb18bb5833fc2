"""The probes of tests/live work: against the simulator each observes what the ledger says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alicloud_sim.ledger import load
from live.probes import PROBES
from live.simulated import Account, resources

if TYPE_CHECKING:
    from pathlib import Path

    from alicloud_sim import Simulator

pytestmark = pytest.mark.slow

ASSUMED = {rule.id: rule.assumed for rule in load() if rule.assumed}
FILE = "tests/live/test_probes.py"


@pytest.fixture
def account(sim: Simulator, tmp_path: Path) -> Account:
    """Give an account in real time, in which every change is seen under way."""
    sim.resume()
    sim.set_pace("instant", grace=0.2)
    sim.set_pace(nlb__lock=0.3, nlb__change=0.5)
    return Account(sim, tmp_path)


def test_every_probe_observes_what_is_assumed(account: Account, sim: Simulator) -> None:
    """A row per rule in the table, none of them differs, and nothing is left in the account."""
    before = resources(sim)
    run = account.run(account.everything, FILE)
    assert (run.status, run.counts) == (0, {"passed": len(ASSUMED)}), run.output
    table = run.output.partition("rules that the simulator assumes")[2]
    rows = [[cell.strip() for cell in line.split(" | ")] for line in table.splitlines()]
    shown = {row[0]: row[1:] for row in rows if row[0] in ASSUMED}
    assert shown == {rule: [assumed, assumed] for rule, assumed in ASSUMED.items()}
    assert "DIFFERS" not in table
    assert resources(sim) == before


def test_a_rule_that_differs_is_marked(account: Account, sim: Simulator) -> None:
    """A cloud that answers otherwise makes the run fail, and the table shows how."""
    sim.add_fault(kind="error", action="CreateImage", code="MissingParameter", status=400)
    run = account.run(account.essential, FILE, "-k", "create-image-no-id")
    assert run.status == 1
    row = next(line for line in run.output.splitlines() if line.startswith("create-image-no-id |"))
    cells = [cell.strip() for cell in row.split(" | ")]
    assert cells == ["create-image-no-id", "InvalidParameter.AllEmpty", "MissingParameter  DIFFERS"]


def test_each_expected_outcome_has_a_probe() -> None:
    """And no probe is about anything else."""
    assert set(PROBES) == set(ASSUMED)
