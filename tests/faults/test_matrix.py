"""A spread of the fault matrix: every request of every call once, each with another trouble.

The whole of it, every request with every trouble, is run by scripts/faults.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faults.matrix import FAULTS, LOST, Case, Matrix, Step
from faults.matrix_scenarios import SCENARIOS, Bench

if TYPE_CHECKING:
    from collections.abc import Iterator

# A step that is no multiple of anything in the number of faults: neighbours differ, all are used.
_STRIDE = 5


@pytest.fixture(scope="module")
def matrix() -> Iterator[Matrix]:
    """Give a matrix on a bench of its own."""
    with Bench() as bench:
        yield Matrix(bench)


def spread(matrix: Matrix, scenario: str) -> list[Case]:
    """Choose a trouble for every request; every second change of something loses its answer."""
    names, offset = list(FAULTS), list(SCENARIOS).index(scenario)
    chosen = []
    for number, step in enumerate(matrix.undisturbed(scenario).steps):
        turn = names[(offset + _STRIDE * number) % len(names)]
        lost = not step.only_reads and (offset + number) % 2
        chosen.append(Case(scenario, step, LOST if lost else turn))
    return chosen


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_trouble_that_passes(matrix: Matrix, scenario: str) -> None:
    """The call ends well, at once or the second time; nothing is left, doubled, damaged or told."""
    cases = spread(matrix, scenario)
    assert cases, "a call that asks for nothing is not disturbed"
    bad = [outcome for outcome in map(matrix.run, cases) if not outcome.is_good]
    assert not bad, "\n\n".join(
        f"{outcome.case.name}\n{outcome.failure}\n{outcome.leak}\n{outcome.told}" for outcome in bad
    )


def test_every_trouble_is_in_the_spread(matrix: Matrix) -> None:
    """No kind of trouble is left out, however the calls change."""
    used = {case.fault for scenario in SCENARIOS for case in spread(matrix, scenario)}
    assert used == set(FAULTS)


def test_a_leak_is_found(matrix: Matrix) -> None:
    """A disk that a failed call could not take back is one too many after the second call."""
    case = Case("create_disk", Step("ecs", "DescribeDisks", 1), "no permission")
    forbidden = {"kind": "error", "code": "Forbidden.RAM", "status": 403, "count": 0}
    rules = [forbidden, {**forbidden, "action": "DeleteDisk"}]
    outcome = matrix.run(case, rules)
    assert (outcome.failure, outcome.at_once) == ("", False)
    assert outcome.leak.startswith("+ disk ")


def test_damage_is_found(matrix: Matrix) -> None:
    """A disk that was to outlive its VM, and is gone with it, is missed."""
    case = Case("delete_vm, everything", Step("ecs", "ModifyDiskAttribute", 1), "no effect")
    outcome = matrix.run(case, [{"kind": "status", "status": 500, "count": 0}])
    assert outcome.is_good, "the second call keeps the disk"
    case = case._replace(step=Step("ecs", "DescribeDisks", 1))
    # A cloud that answers without what was asked for is no passing trouble.
    outcome = matrix.run(case, [{"kind": "error", "code": "Forbidden.RAM", "status": 403}])
    assert not outcome.at_once


def test_a_failure_is_found(matrix: Matrix) -> None:
    """A call that does not end well the second time either is no success."""
    case = Case("has_disk", Step("ecs", "DescribeDisks", 1), "role gone")
    matrix.undisturbed(case.scenario)
    found = matrix.run(case, [{"kind": "error", "code": "Forbidden.RAM", "status": 403}])
    assert (found.is_good, found.at_once) == (True, False)
