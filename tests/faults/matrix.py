"""The fault matrix: every request of every method, disturbed in every way. Nothing in it is listed.

A scenario is run once undisturbed, to learn which requests it makes and what it leaves behind.
Then it is run again from the same start for each request and each kind of trouble. All of these
troubles pass, so a call has to end well, at once or when the Director makes it again; the cloud
has to be as after the undisturbed run, and no output may hold a secret.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from faults import matrix_state
from faults.matrix_scenarios import SCENARIOS, Bench, Request
from support import canaries

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from support.cpi import Answer

# No call of the matrix may take longer, on the simulator's clock.
LONGEST_SECONDS = 900.0

RESET = "connection reset"
LOST = "answer lost"
LAG = "reads 3 s old"
LOST_UNSEEN = "answer lost, reads 3 s old"
FAULTS: dict[str, dict[str, Any]] = {
    RESET: {"kind": "reset"},
    LOST: {"kind": "lost"},
    "HTTP 500": {"kind": "status", "status": 500},
    "HTTP 500 after the effect": {"kind": "status", "status": 500, "effect": True},
    "HTTP 502, HTML page": {"kind": "html"},
    "HTTP 503": {"kind": "status", "status": 503},
    "Throttling.User": {"kind": "error", "code": "Throttling.User", "status": 400, "count": 3},
    "InternalError": {"kind": "error", "code": "InternalError", "status": 500},
    "ServiceUnavailable": {"kind": "error", "code": "ServiceUnavailable", "status": 503},
    "answer cut off": {"kind": "truncated"},
    "empty body": {"kind": "empty"},
    "no connection, 5 times": {"kind": "reset", "count": 5},
    # The look for the effect sees nothing of it yet.
    LOST_UNSEEN: {"kind": "lost"},
}
LAG_SECONDS = 3.0


# Each costs the whole read time-out of its action in real time: only the full run has them.
STALL = "no answer (stall)"
STALLED = (
    ("has_disk", "DescribeDisks"),
    ("attach_disk", "AttachDisk"),
    ("create_disk", "CreateDisk"),
)
_RULES = {**FAULTS, STALL: {"kind": "stall", "effect": True}}


class Step(NamedTuple):
    """One request to the cloud: the nth of its action."""

    service: str
    action: str
    nth: int

    @property
    def only_reads(self) -> bool:
        """Whether the request changes nothing."""
        return self.action.startswith(("Describe", "List", "Get", "Head"))


class Case(NamedTuple):
    """One call with one trouble in it."""

    scenario: str
    step: Step
    fault: str

    @property
    def name(self) -> str:
        """What a test is called."""
        return f"{self.scenario}: {self.step.action} {self.step.nth}, {self.fault}"


class Undisturbed(NamedTuple):
    """What a scenario does when nothing goes wrong."""

    steps: list[Step]
    result: str
    state: Counter[str]


class Outcome(NamedTuple):
    """How a case ended; everything but ``at_once`` is empty when it ended well."""

    case: Case
    at_once: bool
    failure: str = ""
    leak: str = ""
    told: str = ""

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.failure or self.leak or self.told)


class Matrix:
    """The cases, and a bench on which they are run."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.undisturbed = cache(self._undisturbed)

    def cases(self, scenario: str, faults: Iterable[str] = tuple(FAULTS)) -> list[Case]:
        """List every request of a scenario with every one of these troubles."""
        steps = self.undisturbed(scenario).steps
        return [Case(scenario, step, fault) for step in steps for fault in faults]

    def run(self, case: Case, rules: Sequence[dict[str, Any]] = ()) -> Outcome:
        """Make the disturbed call, and once more where it failed; compare what there is then."""
        expected = self.undisturbed(case.scenario)
        request, began = self.prepared(case.scenario)
        service, action, nth = case.step
        # What the preparation asked for does not count: rules count from when they are added.
        for rule in rules or [_RULES[case.fault]]:
            where = {"service": service, "action": action, "nth": nth}
            self.bench.sim.add_fault(**{**where, **rule})
        self.bench.sim.set_lag(LAG_SECONDS if case.fault == LOST_UNSEEN else 0)
        answers = [self._call(request)]
        if answers[0].error is not None:
            self.bench.sim.clear_faults()
            answers.append(self._call(request))
        self.bench.sim.set_lag(0)
        return self.judged(case, answers, expected, began)

    def lagging(self, scenario: str) -> Outcome:
        """Make the call while every read shows the cloud as it was three seconds ago."""
        expected = self.undisturbed(scenario)
        request, began = self.prepared(scenario)
        self.bench.sim.set_lag(LAG_SECONDS)
        answer = self._call(request)
        self.bench.sim.set_lag(0)
        case = Case(scenario, Step("*", "*", 1), LAG)
        return self.judged(case, [answer], expected, began)

    def _undisturbed(self, scenario: str) -> Undisturbed:
        request, began = self.prepared(scenario)
        before = len(self.bench.sim.calls())
        answer = self._call(request)
        assert answer.error is None, f"{scenario}: {answer.error}"
        count: Counter[tuple[str, str]] = Counter()
        steps = []
        for call in self.bench.sim.calls()[before:]:
            name = (str(call["service"]), str(call["action"]))
            count[name] += 1
            steps.append(Step(*name, count[name]))
        result = matrix_state.plain(self.bench.sim, answer.result)
        self.bench.settle()
        return Undisturbed(steps, result, matrix_state.state(self.bench.sim, began))

    def prepared(self, scenario: str) -> tuple[Request, float]:
        """Start afresh in the state in which the call is made; returns the request and the time."""
        self.bench.reset()
        request = SCENARIOS[scenario](self.bench)
        self.bench.settle()
        # So that the times of the preparation are before the call, also when the call takes none.
        self.bench.sim.advance(1)
        return request, self.bench.sim.world.clock.now()

    def _call(self, request: Request) -> Answer:
        return self.bench.cpi.call(request.method, *request.arguments)

    def judged(
        self, case: Case, answers: list[Answer], expected: Undisturbed, began: float
    ) -> Outcome:
        """Compare the last answer and the cloud with those of the undisturbed run."""
        sim, last = self.bench.sim, answers[-1]
        took = sim.world.clock.now() - began
        failure = f"{last.type}: {last.message}" if last.error else ""
        if not failure:
            result = matrix_state.plain(sim, last.result)
            failure = "" if result == expected.result else f"{result} is not {expected.result}"
        if not failure and took > LONGEST_SECONDS:
            failure = f"it took {took:.0f} s"
        if answers[0].type == "CpiError":
            failure = f"a typed error was due: {answers[0].message}"
        self.bench.settle()
        leak = matrix_state.difference(expected.state, matrix_state.state(sim, began))
        failure = "; ".join([failure, *sim.bugs]) if sim.bugs else failure
        told = [found for answer in answers if (found := _told(answer))]
        return Outcome(case, answers[0].error is None, failure, leak, "".join(told))


def _told(answer: Answer) -> str:
    """Return where an output shows a secret, or nothing."""
    with contextlib.suppress(AssertionError):
        canaries.search(answer)
        return ""
    return "an output holds a secret"
