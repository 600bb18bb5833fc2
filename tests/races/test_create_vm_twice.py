"""Two identical create_vm at once, in any order of their requests, also with one of them stopped.

There is one VM at most. An answer with a VM is true: the VM runs and has all that an undisturbed
call gives it. Where no call answers with a VM, nothing is left.
"""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import currently_in_test_context, given, note
from hypothesis import strategies as st

from alicloud_sim.ecs.images import Image
from alicloud_sim.ecs.instances.record import Instance
from faults import matrix_state
from faults.matrix import Matrix
from faults.matrix_scenarios import SCENARIOS
from races import racing
from races.racing import Stop

if TYPE_CHECKING:
    from races.racing import Track
    from support.cpi import Answer

CREATING = [name for name in SCENARIOS if name.startswith("create_vm")]

schedules = racing.schedules(2)
stops = st.builds(
    Stop,
    st.integers(0, 1),
    st.integers(0, 50),
    st.sampled_from([signal.SIGTERM, signal.SIGINT, signal.SIGKILL]),
)


@pytest.fixture(scope="module")
def matrix(track: Track) -> Matrix:
    """Give what an undisturbed call leaves."""
    return Matrix(track.bench)


def race(
    track: Track,
    scenario: str,
    schedule: list[int],
    stop: Stop | None,
    fault: dict[str, Any] | None = None,
) -> list[Answer]:
    """Race a call against itself; returns the answers that came."""
    track.prepare()
    request = SCENARIOS[scenario](track.bench)
    track.begin()
    answers = track.race([request, request], schedule, stop, fault)
    for answer in answers if currently_in_test_context() else ():
        note(f"{answer and (answer.result or answer.message)}\n{answer and answer.stderr}")
    return [answer for answer in answers if answer is not None]


def kept(track: Track, answers: list[Answer]) -> set[str]:
    """Return what errors name as kept, with the snapshots that such an image got since."""
    told = " ".join(answer.message.partition("Kept for the next call: ")[2] for answer in answers)
    named = set(re.findall(r"\b[a-z]+-2z[a-z0-9]+", told))
    for image in track.bench.storage.all(Image):
        named |= set(image.snapshot_ids) if image.id in named else set()
    return named


def judge(track: Track, matrix: Matrix, scenario: str, answers: list[Answer]) -> None:
    """Expect that the cloud holds exactly what the answers say."""
    vms = {str(answer.result[0]) for answer in answers if not answer.error}
    assert all(answer.type in ("", "CloudError", "VMCreationFailed") for answer in answers)
    assert sorted(vms) == sorted(vm.id for vm in track.bench.storage.all(Instance))
    assert not any("LEFT BEHIND" in answer.message for answer in answers)
    found = track.state(set() if vms else kept(track, answers))
    expected = matrix.undisturbed(scenario).state if vms else track.untouched
    assert matrix_state.difference(expected, found) == ""


@pytest.mark.parametrize("scenario", CREATING)
def test_both_answer_with_the_same_vm(track: Track, matrix: Matrix, scenario: str) -> None:
    """However their requests alternate."""
    matrix.undisturbed(scenario)

    @racing.few
    @given(schedule=schedules)
    def run(schedule: list[int]) -> None:
        answers = race(track, scenario, schedule, None)
        judge(track, matrix, scenario, answers)
        assert [answer.message for answer in answers] == ["", ""]

    run()


@pytest.mark.parametrize("scenario", CREATING)
def test_one_is_stopped(track: Track, matrix: Matrix, scenario: str) -> None:
    """At any moment, by a signal that lets it clean up, or by SIGKILL."""
    matrix.undisturbed(scenario)

    @racing.few
    @given(schedule=schedules, stop=stops)
    def run(schedule: list[int], stop: Stop) -> None:
        answers = race(track, scenario, schedule, stop)
        judge(track, matrix, scenario, answers)
        if stop.number == signal.SIGKILL:
            assert any(not answer.error for answer in answers)

    run()


@pytest.mark.parametrize(
    ("scenario", "schedule", "stop"),
    [
        ("create_vm", 7 * [0] + 7 * [1], 1),
        # The other call protects the VM, too.
        ("create_vm, new deployment set", 7 * [0] + 40 * [1], 4),
    ],
)
def test_a_stopped_call_does_not_delete_what_another_one_starts_meanwhile(
    track: Track, matrix: Matrix, scenario: str, schedule: list[int], stop: int
) -> None:
    """It has seen the VM Stopped, the other call starts it, then the deletion arrives."""
    matrix.undisturbed(scenario)
    answers = race(track, scenario, schedule, Stop(0, stop, signal.SIGINT))
    judge(track, matrix, scenario, answers)
    assert "returned it, too" in answers[0].message


@pytest.mark.parametrize(
    ("turns", "stop"),
    [
        ([(1, 12), (0, 15), (1, 17), (0, 1), (1, 12), (0, 20)], None),  # the interface
        ([(1, 6), (0, 6), (1, 12), (0, 8)], Stop(0, 50, signal.SIGKILL)),  # the address
        ([(1, 2), (0, 1), (1, 14), (0, 21), (1, 27)], None),  # the IPv6 address
    ],
)
def test_the_other_call_attaches_or_binds_first(
    track: Track, matrix: Matrix, turns: list[tuple[int, int]], stop: Stop | None
) -> None:
    """A refusal is no failure where what it was about is where it belongs."""
    name = "create_vm, several interfaces"
    matrix.undisturbed(name)
    answers = race(track, name, [lane for lane, count in turns for _ in range(count)], stop)
    judge(track, matrix, name, answers)
    assert {answer.message for answer in answers} == {""}


def test_a_vm_is_deleted_while_its_interfaces_are_looked_at(track: Track, matrix: Matrix) -> None:
    """An error of the Director's, with what was cleaned up."""
    name = "create_vm, several interfaces"
    matrix.undisturbed(name)
    turns = [(0, 2), (1, 6), (0, 17), (1, 29), (0, 10)]
    schedule = [lane for lane, count in turns for _ in range(count)]
    judge(track, matrix, name, race(track, name, schedule, Stop(1, 28, signal.SIGINT)))


@pytest.mark.parametrize(
    ("scenario", "ahead", "stop"),
    [("create_vm", 8, 6), ("create_vm, everything", 18, 14)],
)
def test_a_stopped_call_does_not_delete_what_another_one_returns_meanwhile(
    track: Track, matrix: Matrix, scenario: str, ahead: int, stop: int
) -> None:
    """It has started the VM and seen no other call return it; one does, then it deletes the VM."""
    matrix.undisturbed(scenario)
    schedule = ahead * [0] + 60 * [1]
    answers = race(track, scenario, schedule, Stop(0, stop, signal.SIGTERM))
    judge(track, matrix, scenario, answers)
    assert "returned it, too" in answers[0].message
    refused = r"DeleteInstance region=cn-beijing [0-9.]+ s InvalidOperation\.DeletionProtection"
    assert re.search(refused, answers[0].stderr)
    assert answers[1].message == ""


@pytest.mark.parametrize(("first", "kinds"), [(6, ["ALB"]), (5, ["NLB", "ALB"])])
def test_a_stopped_call_cannot_put_the_vm_of_another_one_back(
    track: Track, matrix: Matrix, first: int, kinds: list[str]
) -> None:
    """The error says what the VM misses, and not that it is to be deleted."""
    name = "create_vm, everything"
    matrix.undisturbed(name)
    refusal = {"kind": "error", "code": "Forbidden.RAM", "status": 403}
    fault = {**refusal, "action": "AddServersToServerGroup", "nth": first, "count": 2}
    stop = Stop(0, 14, signal.SIGTERM)
    answers = race(track, name, 18 * [0] + 60 * [1], stop, fault)
    assert answers[1].result[0] == track.bench.storage.all(Instance)[0].id
    assert "LEFT BEHIND" not in answers[0].message
    assert "returned it, too; add it to its " in answers[0].message
    told = re.findall("([AN]LB) server groups: [^;]*Forbidden.RAM", answers[0].message)
    assert told == kinds


def test_a_call_does_not_return_a_vm_that_a_stopped_one_has_deleted(
    track: Track, matrix: Matrix
) -> None:
    """It has seen the VM Running; then the call that started it deletes it."""
    matrix.undisturbed("create_vm")
    schedule, stop = 8 * [0] + 4 * [1] + 40 * [0], Stop(0, 12, signal.SIGTERM)
    answers = race(track, "create_vm", schedule, stop)
    judge(track, matrix, "create_vm", answers)
    assert "Cleaned up: VM" in answers[0].message
    assert "was deleted by the call that started it" in answers[1].message
    assert answers[1].ok_to_retry
