"""A spread of the interruptions: requests of every call, each with another signal or moment.

All of them, every request with every interruption, are run by scripts/faults.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faults.interruptions import (
    FOUND_AGAIN,
    INTERRUPTIONS,
    MADE_AGAIN,
    Interruptions,
    interruptions_of,
)
from faults.matrix import Case, Matrix, Step
from faults.matrix_scenarios import SCENARIOS, Bench
from support.gate import Moment

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

# No multiple of anything in their numbers, 8 and 9: neighbours differ, and all are used.
_STRIDE = 5
# So many requests apart in calls that make something; so many of each other call.
_MAKING, _OTHERS = 2, 2


@pytest.fixture(scope="module")
def matrix() -> Iterator[Matrix]:
    """Give a matrix on a bench of its own."""
    with Bench() as bench:
        yield Matrix(bench)


@pytest.fixture(scope="module")
def interruptions(matrix: Matrix) -> Interruptions:
    """Give what interrupts calls of the matrix."""
    return Interruptions(matrix)


def spread(matrix: Matrix, scenario: str) -> list[Case]:
    """Choose requests, most of them of calls that make something, and what interrupts each."""
    names, offset = interruptions_of(scenario), list(SCENARIOS).index(scenario)
    steps = matrix.undisturbed(scenario).steps
    making = scenario.startswith((*FOUND_AGAIN, *MADE_AGAIN))
    every = min(_MAKING, len(steps)) if making else max(1, len(steps) // _OTHERS)
    return [
        Case(scenario, step, names[(offset + _STRIDE * number) % len(names)])
        for number, step in enumerate(steps[offset % min(every, len(steps)) :: every])
    ]


@pytest.mark.parametrize("scenario", list(SCENARIOS))
def test_interrupted(matrix: Matrix, interruptions: Interruptions, scenario: str) -> None:
    """What was made is gone, or listed after a kill, and the same call again ends well."""
    cases = spread(matrix, scenario)
    assert cases, "a call that asks for nothing is not interrupted"
    bad = [outcome for outcome in map(interruptions.run, cases) if not outcome.is_good]
    assert not bad, "\n\n".join(
        f"{outcome.case.name}\n{outcome.failure}\n{outcome.leak}\n{outcome.told}" for outcome in bad
    )


def test_every_interruption_is_in_the_spread(matrix: Matrix) -> None:
    """None is left out, however the calls change."""
    used = {case.fault for scenario in SCENARIOS for case in spread(matrix, scenario)}
    assert used == set(INTERRUPTIONS)


def test_what_is_not_taken_back_is_found(interruptions: Interruptions) -> None:
    """A stopped call whose clean-up is refused leaves its disk, which is seen and named."""
    forbidden = {"kind": "error", "code": "Forbidden.RAM", "status": 403, "count": 0}
    case = Case("create_disk", Step("ecs", "CreateDisk", 1), f"SIGTERM {Moment.AFTER.value}")
    outcome = interruptions.run(case, [{"action": "DeleteDisk", **forbidden}])
    assert outcome.leak.startswith("+ disk ")
    assert "LEFT BEHIND, delete by hand: disk 'd-" in outcome.failure
