"""What a failed call made is taken back, or named: nothing is ever lost."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from alicloud_cpi import signals
from alicloud_cpi.errors import CloudError, CpiError, Interrupted
from alicloud_cpi.rollback import Rollback

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def deleted() -> list[str]:
    """Give the list of what was taken back."""
    return []


@pytest.fixture
def listening() -> None:
    """Answer signals as the executable does, for one test."""
    signals.handle()


def refusing(text: str) -> Callable[[], None]:
    """Make a clean-up that fails."""

    def refuse() -> None:
        raise CloudError(text)

    return refuse


def test_success_keeps_everything(deleted: list[str]) -> None:
    """What a call made stays when it ends well."""
    with Rollback() as rollback:
        assert rollback.create("disk", lambda: "d-1", deleted.append) == "d-1"
    assert deleted == []


def fail(rollback: Rollback, failure: BaseException) -> None:
    """End a call that has made what ``rollback`` knows of."""
    with rollback:
        raise failure


def test_newest_first(deleted: list[str]) -> None:
    """A failure takes back what was made, newest first, and its message says so."""
    rollback = Rollback()
    rollback.create("VM", lambda: "i-1", deleted.append)
    rollback.create("disk", lambda: "d-1", deleted.append)
    with pytest.raises(CloudError) as raised:
        fail(rollback, CloudError("It broke.", ok_to_retry=True))
    assert deleted == ["d-1", "i-1"]
    assert raised.value.message == "It broke. Cleaned up: disk 'd-1', VM 'i-1'"
    assert raised.value.ok_to_retry


def test_nothing_made_nothing_said() -> None:
    """A failure before anything was made is told as it is."""
    with pytest.raises(CloudError) as raised:
        fail(Rollback(), CloudError("It broke."))
    assert raised.value.message == "It broke."


def test_what_failed_to_be_made_is_not_deleted(deleted: list[str]) -> None:
    """Only what there is can be taken back."""

    def refuse() -> str:
        raise CloudError("no stock")

    with pytest.raises(CloudError, match=r"^no stock$"), Rollback() as rollback:
        rollback.create("VM", refuse, deleted.append)
    assert deleted == []


def test_forget(deleted: list[str]) -> None:
    """What is gone already is not taken back."""
    rollback = Rollback()
    rollback.create("VM", lambda: "i-1", deleted.append)
    rollback.dismiss()
    rollback.create("VM", lambda: "i-2", deleted.append)
    with pytest.raises(CloudError):
        fail(rollback, CloudError("It broke."))
    assert deleted == ["i-2"]


def test_what_stays_is_named(deleted: list[str]) -> None:
    """A clean-up that fails ends no other one; what it left is named, and no repeat is offered."""
    rollback = Rollback()
    rollback.create("VM", lambda: "i-1", deleted.append)
    rollback.push("disk 'd-1'", refusing("no permission"))
    with pytest.raises(CloudError) as raised:
        fail(rollback, CloudError("It broke.", ok_to_retry=True))
    assert deleted == ["i-1"]
    assert "It broke. Cleaned up: VM 'i-1'" in raised.value.message
    assert "LEFT BEHIND, delete by hand: disk 'd-1' (no permission)" in raised.value.message
    assert not raised.value.ok_to_retry


def test_a_bug_takes_back_too(deleted: list[str]) -> None:
    """An exception that nobody foresaw takes back what was made, and goes on as it is."""
    rollback = Rollback()
    rollback.create("VM", lambda: "i-1", deleted.append)
    with pytest.raises(KeyError):
        fail(rollback, KeyError("x"))
    assert deleted == ["i-1"]


def test_a_bug_with_something_left() -> None:
    """Where a bug leaves something behind, the answer names it; the bug's own text stays out."""
    rollback = Rollback()
    rollback.push("VM 'i-1'", refusing("no permission"))
    with pytest.raises(CpiError) as raised:
        fail(rollback, ValueError("secret"))
    assert "LEFT BEHIND, delete by hand: VM 'i-1' (no permission)" in raised.value.message
    assert "ValueError" in raised.value.message
    assert "secret" not in raised.value.message


def test_a_bug_in_the_clean_up(deleted: list[str]) -> None:
    """A clean-up that breaks counts as one that failed; its text is not shown."""

    def break_down() -> None:
        raise ValueError("secret")

    rollback = Rollback()
    rollback.create("VM", lambda: "i-1", deleted.append)
    rollback.push("disk 'd-1'", break_down)
    with pytest.raises(CloudError) as raised:
        fail(rollback, CloudError("It broke"))
    assert "LEFT BEHIND, delete by hand: disk 'd-1' (ValueError)" in raised.value.message
    assert deleted == ["i-1"]


def kill(*numbers: signal.Signals) -> None:
    """Send signals to this process."""
    for number in numbers:
        os.kill(os.getpid(), number)


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_takes_back(number: signal.Signals, deleted: list[str]) -> None:
    """A signal stops the call where it is, and takes back what was made."""
    rollback = Rollback()
    rollback.create("VM", lambda: "i-1", deleted.append)
    with pytest.raises(Interrupted) as raised, rollback:
        kill(number)
    assert deleted == ["i-1"]
    assert raised.value.message == f"The CPI was stopped by {number.name}. Cleaned up: VM 'i-1'"


@pytest.mark.usefixtures("listening")
def test_a_signal_waits_for_an_id(deleted: list[str]) -> None:
    """A signal while something is being made waits until its id is known: it is taken back."""

    def make() -> str:
        kill(signal.SIGTERM)
        return "i-1"

    with pytest.raises(Interrupted), Rollback() as rollback:
        rollback.create("VM", make, deleted.append)
    assert deleted == ["i-1"]


@pytest.mark.usefixtures("listening")
def test_later_signals_are_ignored(deleted: list[str]) -> None:
    """A second signal does not stop the clean-up that the first one began."""

    def take_back() -> None:
        kill(signal.SIGTERM, signal.SIGINT)
        deleted.append("i-1")

    rollback = Rollback()
    rollback.push("VM 'i-1'", take_back)
    with pytest.raises(Interrupted), rollback:
        kill(signal.SIGINT)
    assert deleted == ["i-1"]


@pytest.mark.usefixtures("listening")
def test_a_signal_and_a_failure_while_making(deleted: list[str]) -> None:
    """Where making fails after a signal came, the signal still stops the call: nobody goes on."""

    def refuse() -> str:
        kill(signal.SIGTERM)
        raise CloudError("no stock")

    with pytest.raises(Interrupted), Rollback() as rollback:
        rollback.create("VM", refuse, deleted.append)
    assert deleted == []
    with signals.deferred():
        pass
