"""Waits end soon after the state is reached, poll seldom when it takes long, and have a deadline.

The schedule's properties are tested, not its constants.
"""

from __future__ import annotations

import itertools
import statistics
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_cpi.aliyun import retry
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.aliyun.waiter import WaitTimeout, poll_interval, wait_for
from alicloud_cpi.errors import CloudError

if TYPE_CHECKING:
    from collections.abc import Callable

    from alicloud_cpi.services import Services
    from alicloud_sim import Simulator
    from support.cpi import Cpi


class FakeClock:
    """A clock that only moves when something sleeps."""

    def __init__(self) -> None:
        self.time = 1000.0

    def now(self) -> float:
        """Return the time."""
        return self.time

    def wall(self) -> float:
        """Return the same time."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Move the time."""
        assert seconds >= 0
        self.time += seconds


def waited(
    read: Callable[[float], Any],
    until: Callable[[Any], bool],
    timeout: float = 600,
    clock: FakeClock | None = None,
    **options: Any,
) -> tuple[Any, list[float]]:
    """Wait; return the result or error, and the times of the reads. ``read`` gets the time."""
    clock = clock or FakeClock()
    reads: list[float] = []

    def timed_read() -> Any:
        reads.append(clock.now() - 1000)
        return read(reads[-1])

    try:
        result = wait_for(
            "the resource", timed_read, until, state=str, timeout=timeout, clock=clock, **options
        )
    except CloudError as error:
        return error, reads
    return result, reads


def reads_of_a_wait_for(seconds: float) -> list[float]:
    """Return the times of the reads of a wait whose state is reached after so many seconds."""
    return waited(lambda now: now >= seconds, bool, 86_400)[1]


def lateness(seconds: float) -> float:
    """Return how many seconds after its state is reached a wait ends."""
    return reads_of_a_wait_for(seconds)[-1] - seconds


def failure(code: str, status: int = 400) -> ApiError:
    """Return the error of a failed read."""
    return ApiError(action="Read", subject="", region="r", code=code, text="", status=status)


# The schedule


def test_the_first_read_comes_at_once() -> None:
    """Many changes are complete when the request returns."""
    assert reads_of_a_wait_for(0) == [0]


def test_a_state_that_was_read_just_now_is_read_again_after_a_pause() -> None:
    """The result of the first read is known."""
    _, reads = waited(lambda _: True, bool, read_before=True)
    assert reads == [poll_interval(0)]


def test_the_second_read_comes_within_a_second() -> None:
    """Most quick changes take less than a second."""
    assert 0 < poll_interval(0) <= 1


@pytest.mark.parametrize(("seconds", "most"), [(1, 4), (10, 14), (60, 30), (600, 90), (3600, 400)])
def test_the_number_of_requests_is_bounded(seconds: float, most: int) -> None:
    """32 workers that wait at once stay within a quota of some requests a second."""
    assert len([at for at in reads_of_a_wait_for(4000) if at <= seconds]) <= most


def test_intervals_never_shrink_and_are_at_most_ten_seconds() -> None:
    """They grow with the time waited."""
    intervals = [later - sooner for sooner, later in itertools.pairwise(reads_of_a_wait_for(3600))]
    assert intervals == pytest.approx(sorted(intervals))
    assert intervals[-1] == pytest.approx(10)


@pytest.mark.parametrize("seconds", [*range(1, 60), 90, 119, 240, 599, 1234, 3599])
def test_a_wait_ends_soon_after_its_state_is_reached(seconds: int) -> None:
    """The Go CPI's waits end up to 5 or 10 s late, also the short ones."""
    assert lateness(seconds) <= max(1, 0.2 * seconds)
    assert lateness(seconds) <= 10


def test_half_of_all_waits_end_within_a_second_or_a_tenth_of_the_wait() -> None:
    """Short waits are late by a fixed time, longer ones by a part of their length."""
    assert statistics.median(lateness(tenths / 10) for tenths in range(1, 101)) <= 0.75
    assert statistics.median(lateness(seconds) / seconds for seconds in range(11, 300, 7)) <= 0.1


def test_intervals_depend_on_the_time_waited_only() -> None:
    """Slow reads count as waiting: the next interval is as long as after as much sleep."""
    clock = FakeClock()
    _, reads = waited(lambda _: clock.sleep(20), lambda _: False, 300, clock)
    intervals = [later - sooner - 20 for sooner, later in itertools.pairwise(reads)]
    expected = [poll_interval(at + 20) for at in reads[:-1]]
    assert intervals[:-1] == pytest.approx(expected[:-1])


# How a wait ends


@pytest.mark.parametrize("timeout", [0.1, 1, 5, 60, 300, 3600])
def test_a_wait_ends_at_its_deadline_with_the_last_state(timeout: float) -> None:
    """The last read is at the deadline itself, not an interval before it, and never after."""
    error, reads = waited(lambda now: f"state at {now:.1f}", lambda _: False, timeout)
    assert isinstance(error, WaitTimeout)
    assert error.message == (
        f"Gave up waiting for the resource after {timeout:.0f} s; "
        f"last state: state at {timeout:.1f}"
    )
    assert reads[-1] == pytest.approx(timeout)
    assert not error.ok_to_retry


def test_a_state_that_is_reached_at_the_deadline_counts() -> None:
    """The state is read once more before the wait gives up."""
    assert waited(lambda now: now >= 10, bool, 10)[0] is True


def test_slow_reads_count_against_the_deadline() -> None:
    """A deadline is a time, not a number of reads."""
    clock = FakeClock()
    error, reads = waited(lambda _: clock.sleep(50), lambda _: False, 120, clock)
    assert isinstance(error, WaitTimeout)
    assert len(reads) == 3


def test_an_error_of_until_ends_the_wait_at_once() -> None:
    """``until`` raises when the state can no longer be reached."""

    def until(state: str) -> bool:
        if state == "failed":
            raise CloudError("it failed")
        return False

    error, reads = waited(lambda now: "failed" if now > 3 else "busy", until)
    assert error.message == "it failed"
    assert reads[-1] < 4


def test_the_result_that_ended_the_wait_is_returned() -> None:
    """Not an earlier or a later one."""
    assert waited(int, lambda state: state >= 5)[0] == 5


@pytest.mark.parametrize("code", ["InternalError", "LostResponse", "Unreachable", "Throttling"])
def test_a_retryable_error_of_a_read_does_not_end_the_wait(code: str) -> None:
    """A VM must not be deleted because reading its state failed."""

    def read(now: float) -> bool:
        if now < 30:
            raise failure(code)
        return True

    assert waited(read, bool)[0] is True


@pytest.mark.parametrize("code", ["Forbidden.RAM", "InvalidParameter"])
def test_a_permanent_error_of_a_read_ends_the_wait(code: str) -> None:
    """It would be refused until the deadline."""

    def read(_: float) -> bool:
        raise failure(code)

    error, reads = waited(read, bool)
    assert error.code == code
    assert len(reads) == 1


def test_reads_that_fail_until_the_deadline_are_a_timeout() -> None:
    """The message says that no state was seen."""

    def read(_: float) -> bool:
        raise failure("InternalError", 500)

    error, _ = waited(read, bool, 60)
    assert isinstance(error, WaitTimeout)
    assert "last state: unknown" in error.message


def test_a_throttled_wait_polls_half_as_often() -> None:
    """Its own requests use up the quota."""

    def read(_: float) -> bool:
        raise failure("Throttling")

    throttled = waited(read, bool, 100)[1]
    plain = waited(lambda _: False, bool, 100)[1]
    assert len(throttled) < 0.7 * len(plain)


def test_retries_within_a_read_end_with_the_wait(
    cpi: Cpi, services: Services, sim: Simulator
) -> None:
    """A read that is retried for minutes must not extend a wait of one minute."""
    sim.add_fault(kind="error", code="Throttling", count=0)
    start = cpi.clock.now()
    with pytest.raises(WaitTimeout):
        wait_for(
            "a disk",
            lambda: services.disks.find("d-1"),
            bool,
            state=str,
            timeout=60,
            clock=cpi.clock,
        )
    assert cpi.clock.now() - start == pytest.approx(60)


def test_a_deadline_applies_to_its_block_only(cpi: Cpi, services: Services, sim: Simulator) -> None:
    """A nested one can only shorten it; what follows the block has its own time."""
    sim.add_fault(kind="error", code="Throttling", count=0)

    def seconds_of_a_read() -> float:
        start = cpi.clock.now()
        with pytest.raises(ApiError):
            services.disks.find("d-1")
        return cpi.clock.now() - start

    now = cpi.clock.now()
    with retry.deadline(now + 20):
        with retry.deadline(now + 5):
            assert seconds_of_a_read() == pytest.approx(5)
        with retry.deadline(now + 500):
            assert seconds_of_a_read() == pytest.approx(15)
    assert seconds_of_a_read() == pytest.approx(300)
