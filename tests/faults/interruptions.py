"""Calls that are told to stop, or killed, at every request that they make. Nothing is listed.

A call is a process of its own. One of its requests is held up in the simulated cloud, before its
effect or after it, and then the process is signalled.

SIGTERM and SIGINT: there is one answer and exit status 0, soon, and what was made is gone, or kept
by design and named in the answer.
SIGKILL: whatever remains is listed by ``alicloud-cpi leftovers``. Either way the same call again
ends as if nothing had happened, beside what a killed call left where its arguments do not say
which one was meant. The CPI keeps nothing outside the cloud: a call that is killed between two
requests leaves what one leaves that is killed in the second, which never arrives.
"""

from __future__ import annotations

import contextlib
import io
import json
import signal
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from alicloud_cpi import leftovers
from faults import matrix_state
from support.gate import Gate, Moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from faults.matrix import Case, Matrix, Outcome, Step, Undisturbed
    from faults.matrix_scenarios import Request
    from support.cpi import Answer, Started

# Methods that make something; what create_vm made is found again by its ClientToken, what
# create_network made by its range and tags.
FOUND_AGAIN = ("create_vm", "create_network")
MADE_AGAIN = ("create_disk", "create_stemcell", "snapshot_disk")

# A copy of a stemcell is found again by its name, though the method makes another stemcell.
_COPIED = "create_stemcell, light copied"

# A finished snapshot of a disk that there is looks like any other.
NOT_LISTED = ("snapshot_disk",)

# How long a change waits for somebody to see it under way: what is deleted unseen waits, too.
GRACE_SECONDS = 5.0

# How long a stopped call may go on: on the simulator's clock, and on the machine's.
LONGEST_SECONDS = 60.0
LONGEST_REAL_SECONDS = 20.0

# How long a signal takes to come through to a process that waits for the cloud.
_DELIVERY_SECONDS = 0.03


class Interruption(NamedTuple):
    """What happens to a call, and when."""

    number: signal.Signals
    moment: Moment

    @property
    def name(self) -> str:
        """What it is called in a table."""
        return f"{self.number.name} {self.moment.value}"


_MOMENTS = (Moment.NEVER, Moment.BEFORE, Moment.AFTER)
_STOPS = [(number, moment) for number in (signal.SIGTERM, signal.SIGINT) for moment in _MOMENTS]
# A request that is under way when its process dies arrives, or does not, or late.
_KILLS = [(signal.SIGKILL, moment) for moment in (Moment.NEVER, Moment.AFTER, Moment.LATE)]
INTERRUPTIONS = {how.name: how for how in (Interruption(*pair) for pair in [*_STOPS, *_KILLS])}


KILLS = [name for name, how in INTERRUPTIONS.items() if how.number == signal.SIGKILL]


def creates(scenario: str) -> bool:
    """Whether the call creates something."""
    return scenario.startswith((*FOUND_AGAIN, *MADE_AGAIN))


def interruptions_of(scenario: str) -> list[str]:
    """Return what interrupts a call; a request arrives late only where it may create something."""
    return [
        name
        for name, how in INTERRUPTIONS.items()
        if creates(scenario) or how.moment is not Moment.LATE
    ]


def _is_made_again(scenario: str) -> bool:
    """Whether a repeat of the call makes another one of what it makes."""
    return scenario.startswith(MADE_AGAIN) and scenario != _COPIED


class _Found(NamedTuple):
    """What is wrong with how an interrupted call ended."""

    problems: list[str]
    leak: str


class Interruptions:
    """Runs the calls of a matrix and interrupts them."""

    def __init__(self, matrix: Matrix) -> None:
        self._matrix = matrix
        self._bench = matrix.bench
        self._sim = matrix.bench.sim
        self._gate = Gate.at(self._sim)

    def run(self, case: Case, rules: Sequence[dict[str, Any]] = ()) -> Outcome:
        """Interrupt the call at its request, then make it again undisturbed.

        :param rules: faults that the interrupted call meets besides
        """
        # Learnt first: that starts the bench afresh, too.
        expected = self._matrix.undisturbed(case.scenario)
        request, began = self._matrix.prepared(case.scenario)
        self._sim.set_pace(grace=GRACE_SECONDS)
        for rule in rules:
            self._sim.add_fault(**rule)
        killed = INTERRUPTIONS[case.fault].number == signal.SIGKILL
        end = self._killed if killed else self._stopped
        answers, expected, found = end(case, request, expected, began)
        self._sim.clear_faults()
        if not answers or answers[0].error:
            answers.append(self._again(request))
        outcome = self._matrix.judged(case, answers, expected, began)
        if INTERRUPTIONS[case.fault].moment is Moment.LATE:
            found = self._arrived(case, request, found, began)
        failure = "; ".join(filter(None, [*found.problems, outcome.failure]))
        return outcome._replace(failure=failure, leak=found.leak + outcome.leak)

    def _killed(
        self, case: Case, request: Request, expected: Undisturbed, began: float
    ) -> tuple[list[Answer], Undisturbed, _Found]:
        """Kill the call; what remains is listed, and may stay beside what a repeat makes."""
        before, ids = matrix_state.state(self._sim, began), set(self._records())
        self._interrupted(request, case.step, INTERRUPTIONS[case.fault]).end()
        self._bench.settle()
        problems = [] if request.method in NOT_LISTED else self._unlisted(ids)
        if _is_made_again(case.scenario):
            kept = matrix_state.state(self._sim, began) - before
            expected = expected._replace(state=expected.state + kept)
        return [], expected, _Found(problems, "")

    def _arrived(self, case: Case, request: Request, found: _Found, began: float) -> _Found:
        """Let the request of the killed call have its effect: there is none, or it is listed."""
        step = case.step
        before, ids = matrix_state.state(self._sim, began), set(self._records())
        self._let_go(step, self._count(step) + 1)
        self._bench.settle()
        if request.method in NOT_LISTED:
            return found
        if _is_made_again(case.scenario):
            return found._replace(problems=[*found.problems, *self._unlisted(ids)])
        late = matrix_state.difference(before, matrix_state.state(self._sim, began))
        return found._replace(leak=found.leak + late)

    def _stopped(
        self, case: Case, request: Request, expected: Undisturbed, began: float
    ) -> tuple[list[Answer], Undisturbed, _Found]:
        """Stop the call; it answers soon, and what it made is gone, or named as kept."""
        before, how = matrix_state.state(self._sim, began), INTERRUPTIONS[case.fault]
        ids = set(self._records())
        process = self._interrupted(request, case.step, how)
        problems: list[str] = []
        answer = self._answer(process, how, problems)
        leak = ""
        if request.method in (*FOUND_AGAIN, *MADE_AGAIN):
            ended = before if answer.error else expected.state
            kept = self._kept(answer, ids)
            leak = matrix_state.difference(ended, matrix_state.state(self._sim, began, kept))
            problems += [answer.message] if leak else []
        return [answer], expected, _Found(problems, leak)

    def _kept(self, answer: Answer, before: set[str]) -> set[str]:
        """Return what is new and named as kept, and the snapshots that such an image got since."""
        named = answer.message.partition("Kept for the next call: ")[2]
        records = self._records()
        kept = {found for found in set(records) - before if f"'{found}'" in named}
        whole = " ".join(records[found] for found in kept)
        return kept | {found for found in set(records) - before if f'"{found}"' in whole}

    def _again(self, request: Request) -> Answer:
        answer = self._bench.cpi.call(request.method, *request.arguments)
        # The disk is off: the Director takes that for an answer.
        off = request.method == "detach_disk" and answer.type == "DiskNotAttached"
        return answer._replace(error=None) if off else answer

    def _interrupted(self, request: Request, step: Step, how: Interruption) -> Started:
        """Start the call and signal it while the cloud is at work on its request."""
        asked_before = self._count(step)
        self._gate.close(*step, how.moment)
        process = self._bench.cpi.started(request.method, *request.arguments)
        assert self._gate.reached.wait(LONGEST_REAL_SECONDS), f"{step} was never asked for"
        process.send(how.number)
        time.sleep(_DELIVERY_SECONDS)
        if how.moment is not Moment.LATE:
            self._let_go(step, asked_before + step.nth)
        return process

    def _count(self, step: Step) -> int:
        """Count the requests of this action that are over."""
        return sum(call["service"] == step.service for call in self._sim.calls(step.action))

    def _let_go(self, step: Step, count: int) -> None:
        """Wait until the held request has had its effect, if it is to have one."""
        self._gate.open()
        for _ in range(int(LONGEST_REAL_SECONDS / _DELIVERY_SECONDS)):
            if self._count(step) >= count:
                return
            time.sleep(_DELIVERY_SECONDS)
        raise AssertionError(f"{step} never came to its end")

    def _answer(self, process: Started, how: Interruption, problems: list[str]) -> Answer:
        """Read the answer of a call that was told to stop; note what is wrong with it."""
        start, since = time.monotonic(), self._sim.world.clock.now()
        answer = process.answer()
        real, took = time.monotonic() - start, self._sim.world.clock.now() - since
        if real > LONGEST_REAL_SECONDS or took > LONGEST_SECONDS:
            problems.append(f"it went on for {took:.0f} s, {real:.0f} s of them real")
        if answer.error and (answer.type, answer.ok_to_retry) != ("CloudError", False):
            problems.append(f"{answer.type}, ok_to_retry {answer.ok_to_retry}")
        if answer.error and f"stopped by {how.number.name}" not in answer.message:
            problems.append(answer.message)
        self._bench.settle()
        return answer

    def _unlisted(self, before: set[str]) -> list[str]:
        """Name what is new and neither listed by ``leftovers`` nor part of what is."""
        shown = io.StringIO()
        with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(io.StringIO()):
            assert leftovers.run(str(self._bench.cpi.path), self._bench.cpi.clock) == 0
        listed = {json.loads(line)["id"] for line in shown.getvalue().splitlines()}
        records = self._records()
        unlisted, parts = set(records) - before, listed
        # Such as the snapshot of an image that a listed VM uses.
        while parts:
            whole = " ".join(records.get(found, "") for found in parts)
            parts = {
                new
                for new in unlisted
                if new in whole or any(found in records[new] for found in parts)
            }
            unlisted -= parts
        return [f"not listed: {new}" for new in sorted(unlisted)]

    def _records(self) -> dict[str, str]:
        """Return every resource there is, as text by id."""
        records: dict[str, dict[str, Any]] = self._sim.state()["records"]
        return {
            record_id: f"{record_id} {json.dumps(row)}"
            for kind, rows in records.items()
            if kind not in matrix_state.PASSING
            for record_id, row in rows.items()
        }
