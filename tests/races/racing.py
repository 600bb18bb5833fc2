"""Races: calls whose requests come in any order that a test chooses.

A schedule is a list of numbers of lanes: each entry lets that lane's call make one request. What
the schedule does not say happens in the end, one call after the other. The schedules are the same
in every run, and few; RACES=200 runs so many others of each test.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from hypothesis import Phase, settings
from hypothesis import strategies as st

from faults import matrix_state
from faults.interruptions import GRACE_SECONDS
from support.lanes import Lane, Lanes

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from hypothesis.strategies import SearchStrategy

    from faults.matrix_scenarios import Bench, Request
    from support.cpi import Answer
    from support.forked import Forker


# A race takes half a second: the first schedule that fails is shown as it is.
few = settings(
    derandomize="RACES" not in os.environ,
    max_examples=int(os.environ.get("RACES", "4")),
    phases=[Phase.explicit, Phase.generate],
)


class Stop(NamedTuple):
    """A signal that a call gets when the race has gone on for so many entries of its schedule."""

    lane: int
    after: int
    number: signal.Signals


class Track:
    """A bench, and races on it."""

    def __init__(self, bench: Bench, forker: Forker) -> None:
        self.bench = bench
        self.forker = forker
        self.began = 0.0
        # What there is before the calls.
        self.untouched = Counter[str]()

    def prepare(self) -> None:
        """Start afresh, on a clock that only waits of the calls move."""
        self.bench.reset()

    def begin(self) -> None:
        """Let what was prepared settle: from now on things are made by the calls."""
        self.bench.settle()
        self.bench.sim.set_pace(grace=GRACE_SECONDS)
        self.bench.sim.advance(1)
        self.began = self.bench.sim.world.clock.now()
        self.untouched = self.state()

    def race(
        self,
        requests: Sequence[Request],
        schedule: Sequence[int],
        stop: Stop | None = None,
        fault: Mapping[str, Any] | None = None,
    ) -> list[Answer | None]:
        """Run these calls at once; returns their answers, None of a killed one."""
        lanes = Lanes(self.bench.sim, self.forker)
        if fault:
            lanes.add(**fault)
        running = [
            lanes.start(lanes.lane(self.bench.cpi, str(number)), self.bench.cpi, *_flat(request))
            for number, request in enumerate(requests)
        ]
        for entry, number in enumerate([*schedule, -1]):
            if stop and entry == min(stop.after, len(schedule)):
                running[stop.lane].stop(stop.number)
            if number >= 0 and not running[number].is_over:
                lanes.step(running[number])
        answers = [lanes.finish(lane) for lane in self._in_order(running, schedule)]
        by_lane = dict(zip(self._in_order(running, schedule), answers, strict=True))
        self.bench.settle()
        assert self.bench.sim.bugs == []
        return [by_lane[lane] for lane in running]

    def state(self, but: Collection[str] = ()) -> Counter[str]:
        """Return what there is, but for these ids."""
        return matrix_state.state(self.bench.sim, self.began, but)

    def _in_order(self, running: list[Lane], schedule: Sequence[int]) -> list[Lane]:
        """Let the lane that the schedule named last go to its end first."""
        last = schedule[-1] if schedule else 0
        return [running[last], *(lane for lane in running if lane is not running[last])]


def schedules(lanes: int) -> SearchStrategy[list[int]]:
    """Generate schedules: one call makes a few requests, then another one does."""
    turns = st.tuples(st.integers(0, lanes - 1), st.integers(1, 12))
    return st.lists(turns, max_size=12).map(
        lambda found: [lane for lane, count in found for _ in range(count)]
    )


def _flat(request: Request) -> list[Any]:
    return [request.method, *request.arguments]
