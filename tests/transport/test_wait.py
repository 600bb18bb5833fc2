"""Waits: soon after the state is there, seldom when it takes long, never beyond the deadline."""

from __future__ import annotations

import itertools
import statistics
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_cpi.cloud.wait import Budget, WaitTimeout, gap, wait_for
from alicloud_cpi.cloud.wire import retry
from alicloud_cpi.cloud.wire.failures import ApiError
from alicloud_cpi.errors import CloudError

if TYPE_CHECKING:
    from collections.abc import Callable

    from alicloud_cpi.cloud import Cloud
    from alicloud_sim import Simulator
    from support.cpi import Cpi


class Timeline:
    """A clock of the test's own: sleeping is the only thing that takes time."""

    def __init__(self) -> None:
        self.time = 1000.0

    def now(self) -> float:
        """Tell the time."""
        return self.time

    def wall(self) -> float:
        """Tell the same time."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        assert seconds >= 0
        self.time += seconds


def waited(
    read: Callable[[float], Any],
    until: Callable[[Any], bool],
    timeout: float = 600,
    clock: Timeline | None = None,
) -> tuple[Any, list[float]]:
    """Wait; return the outcome and the times of the polls. ``read`` is given the time."""
    clock = clock or Timeline()
    polls: list[float] = []

    def poll() -> Any:
        polls.append(clock.now() - 1000)
        return read(polls[-1])

    try:
        outcome = wait_for("the thing", poll, until, state=str, budget=Budget(timeout), clock=clock)
    except CloudError as error:
        return error, polls
    return outcome, polls


def polls_of_a_wait_for(seconds: float, timeout: float = 86_400) -> list[float]:
    """Return when a wait polls whose state comes after so many seconds."""
    return waited(lambda now: now >= seconds, bool, timeout)[1]


def failure(code: str, status: int = 400) -> ApiError:
    """Make a failed read."""
    return ApiError(action="Read", subject="", region="r", code=code, text="", status=status)


# The schedule


def test_the_first_poll_comes_soon() -> None:
    """Most changes that are quick at all are done within a fraction of a second."""
    assert polls_of_a_wait_for(0) == [pytest.approx(0.3)]


def test_the_first_poll_comes_as_soon_on_a_clock_that_runs() -> None:
    """Some time has always passed between the start of a wait and its first pause."""

    class Running(Timeline):
        def now(self) -> float:
            self.time += 1e-6
            return self.time

    _, polls = waited(lambda _: True, bool, clock=Running())
    assert polls == [pytest.approx(0.3, abs=0.01)]


def test_at_most_twelve_polls_fall_into_the_first_ten_seconds() -> None:
    """32 workers at once stay within a limit of some calls a second."""
    polls = polls_of_a_wait_for(100)
    assert 10 <= sum(at <= 10 for at in polls) <= 12


def test_gaps_never_shrink_and_end_at_twenty_seconds() -> None:
    """A long wait asks seldom: an hour takes less than 250 requests."""
    polls = polls_of_a_wait_for(3600)
    gaps = [later - sooner for sooner, later in itertools.pairwise(polls)]
    assert gaps == pytest.approx(sorted(gaps))
    assert gaps[-1] == pytest.approx(20)
    assert len(polls) < 250


@pytest.mark.parametrize("seconds", [*range(1, 60), 90, 119, 240, 599, 1234, 3599])
def test_a_wait_ends_soon_after_its_state_is_there(seconds: int) -> None:
    """What the Go CPI adds is up to 5 or 10 seconds per wait."""
    late = polls_of_a_wait_for(seconds)[-1] - seconds
    assert late <= max(0.9, 0.08 * seconds)
    assert late <= 20


def test_half_of_all_waits_end_within_half_a_second_or_a_twentieth_of_the_wait() -> None:
    """Waits of up to ten seconds by the clock, longer ones by their length."""
    polls = polls_of_a_wait_for(3600)

    def late(seconds: float) -> float:
        return next(at for at in polls if at >= seconds) - seconds

    assert statistics.median(late(tenths / 10) for tenths in range(1, 101)) <= 0.5
    assert statistics.median(late(seconds) / seconds for seconds in range(11, 600)) <= 0.05


def test_the_schedule_depends_on_the_time_waited_alone() -> None:
    """So it is a pure function, and slow reads count as waiting."""
    assert gap(0) == 0.3
    assert gap(0.5) == pytest.approx(0.55)
    assert gap(4) == 0.9
    assert gap(50) == pytest.approx(4)
    assert gap(10_000) == 20


# How it ends


@pytest.mark.parametrize("timeout", [0.1, 1, 5, 60, 300, 3600])
def test_a_wait_ends_at_its_deadline_with_the_last_state(timeout: float) -> None:
    """The last look is at the deadline itself, not a gap before it, and never after."""
    error, polls = waited(lambda now: f"state at {now:.1f}", lambda _: False, timeout)
    assert isinstance(error, WaitTimeout)
    assert error.message == (
        f"Gave up waiting for the thing after {timeout:.0f} s; last state: state at {timeout:.1f}"
    )
    assert polls[-1] == pytest.approx(timeout)
    assert not error.ok_to_retry


def test_a_state_that_comes_at_the_last_moment_counts() -> None:
    """The wait looks once more before it gives up."""
    assert waited(lambda now: now >= 10, bool, 10)[0] is True


def test_slow_reads_count_against_the_deadline() -> None:
    """Deadlines are times, not numbers of polls."""
    clock = Timeline()
    error, polls = waited(lambda _: clock.sleep(50), lambda _: False, 120, clock)
    assert isinstance(error, WaitTimeout)
    assert len(polls) == 3


def test_a_failed_state_ends_the_wait_at_once() -> None:
    """``until`` raises when the state can no longer come."""

    def until(state: str) -> bool:
        if state == "failed":
            raise CloudError("it has failed")
        return False

    error, polls = waited(lambda now: "failed" if now > 3 else "busy", until)
    assert error.message == "it has failed"
    assert polls[-1] < 4


def test_the_outcome_that_was_waited_for_is_returned() -> None:
    """Not the one before, and not a later one."""
    assert waited(int, lambda state: state >= 5)[0] == 5


@pytest.mark.parametrize("code", ["InternalError", "LostAnswer", "Unreachable", "Throttling"])
def test_a_read_that_fails_in_passing_does_not_end_the_wait(code: str) -> None:
    """The VM that is waited for must not be deleted because a look at it failed."""

    def read(now: float) -> bool:
        if now < 30:
            raise failure(code)
        return True

    assert waited(read, bool)[0] is True


@pytest.mark.parametrize("code", ["Forbidden.RAM", "InvalidParameter"])
def test_a_read_that_is_refused_for_good_ends_the_wait(code: str) -> None:
    """It would be refused until the deadline."""

    def read(_: float) -> bool:
        raise failure(code)

    error, polls = waited(read, bool)
    assert error.code == code
    assert len(polls) == 1


def test_reads_that_fail_until_the_deadline_are_a_wait_in_vain() -> None:
    """The message says that nothing was seen."""

    def read(_: float) -> bool:
        raise failure("InternalError", 500)

    error, _ = waited(read, bool, 60)
    assert isinstance(error, WaitTimeout)
    assert "last state: nothing yet" in error.message


def test_a_throttled_wait_asks_half_as_often() -> None:
    """It is one of those who ask too much."""

    def read(_: float) -> bool:
        raise failure("Throttling")

    throttled = waited(read, bool, 100)[1]
    plain = waited(lambda _: False, bool, 100)[1]
    assert len(throttled) < 0.7 * len(plain)


def test_repeats_within_a_read_end_with_the_wait(cpi: Cpi, cloud: Cloud, sim: Simulator) -> None:
    """A read that is repeated for minutes must not stretch a wait of one minute."""
    sim.add_fault(kind="error", code="Throttling", count=0)
    start = cpi.clock.now()
    with pytest.raises(WaitTimeout):
        wait_for(
            "a disk",
            lambda: cloud.disks.find("d-1"),
            bool,
            state=str,
            budget=Budget(60),
            clock=cpi.clock,
        )
    assert cpi.clock.now() - start == pytest.approx(60)


def test_a_deadline_holds_within_its_block_alone(cpi: Cpi, cloud: Cloud, sim: Simulator) -> None:
    """One within another only shortens it, and what comes after a wait has its own time."""
    sim.add_fault(kind="error", code="Throttling", count=0)

    def seconds_of_a_read() -> float:
        start = cpi.clock.now()
        with pytest.raises(ApiError):
            cloud.disks.find("d-1")
        return cpi.clock.now() - start

    now = cpi.clock.now()
    with retry.at_most_until(now + 20):
        with retry.at_most_until(now + 5):
            assert seconds_of_a_read() == pytest.approx(5)
        with retry.at_most_until(now + 500):
            assert seconds_of_a_read() == pytest.approx(15)
    assert seconds_of_a_read() == pytest.approx(300)
