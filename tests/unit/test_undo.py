"""What a failed call made is taken back, or named: nothing is ever lost."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from alicloud_cpi import interrupt
from alicloud_cpi.errors import CloudError, CpiError, Interrupted
from alicloud_cpi.undo import Undo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def taken_back() -> list[str]:
    """Give the list of what was taken back."""
    return []


@pytest.fixture
def listening() -> Iterator[None]:
    """Answer signals as the executable does, for one test."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    interrupt.listen()
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def refusing(text: str) -> Callable[[], None]:
    """Make a clean-up that fails."""

    def refuse() -> None:
        raise CloudError(text)

    return refuse


def test_success_keeps_everything(taken_back: list[str]) -> None:
    """What a call made stays when it ends well."""
    with Undo() as undo:
        assert undo.make("disk", lambda: "d-1", taken_back.append) == "d-1"
    assert taken_back == []


def fail(undo: Undo, failure: BaseException) -> None:
    """End a call that has made what ``undo`` knows of."""
    with undo:
        raise failure


def test_newest_first(taken_back: list[str]) -> None:
    """A failure takes back what was made, newest first, and its message says so."""
    undo = Undo()
    undo.make("VM", lambda: "i-1", taken_back.append)
    undo.make("disk", lambda: "d-1", taken_back.append)
    with pytest.raises(CloudError) as raised:
        fail(undo, CloudError("It broke.", ok_to_retry=True))
    assert taken_back == ["d-1", "i-1"]
    assert raised.value.message == "It broke. Cleaned up: disk 'd-1', VM 'i-1'"
    assert raised.value.ok_to_retry


def test_nothing_made_nothing_said() -> None:
    """A failure before anything was made is told as it is."""
    with pytest.raises(CloudError) as raised:
        fail(Undo(), CloudError("It broke."))
    assert raised.value.message == "It broke."


def test_what_failed_to_be_made_is_not_taken_back(taken_back: list[str]) -> None:
    """Only what there is can be taken back."""

    def refuse() -> str:
        raise CloudError("no stock")

    with pytest.raises(CloudError, match=r"^no stock$"), Undo() as undo:
        undo.make("VM", refuse, taken_back.append)
    assert taken_back == []


def test_forget(taken_back: list[str]) -> None:
    """What is gone already is not taken back."""
    undo = Undo()
    undo.make("VM", lambda: "i-1", taken_back.append)
    undo.forget()
    undo.make("VM", lambda: "i-2", taken_back.append)
    with pytest.raises(CloudError):
        fail(undo, CloudError("It broke."))
    assert taken_back == ["i-2"]


def test_what_stays_is_named(taken_back: list[str]) -> None:
    """A clean-up that fails ends no other one; what it left is named, and no repeat is offered."""
    undo = Undo()
    undo.make("VM", lambda: "i-1", taken_back.append)
    undo.push("disk 'd-1'", refusing("no permission"))
    with pytest.raises(CloudError) as raised:
        fail(undo, CloudError("It broke.", ok_to_retry=True))
    assert taken_back == ["i-1"]
    assert "It broke. Cleaned up: VM 'i-1'" in raised.value.message
    assert "LEFT BEHIND, delete by hand: disk 'd-1' (no permission)" in raised.value.message
    assert not raised.value.ok_to_retry


def test_a_bug_takes_back_too(taken_back: list[str]) -> None:
    """An exception that nobody foresaw takes back what was made, and goes on as it is."""
    undo = Undo()
    undo.make("VM", lambda: "i-1", taken_back.append)
    with pytest.raises(KeyError):
        fail(undo, KeyError("x"))
    assert taken_back == ["i-1"]


def test_a_bug_with_something_left() -> None:
    """Where a bug leaves something behind, the answer names it; the bug's own text stays out."""
    undo = Undo()
    undo.push("VM 'i-1'", refusing("no permission"))
    with pytest.raises(CpiError) as raised:
        fail(undo, ValueError("secret"))
    assert "LEFT BEHIND, delete by hand: VM 'i-1' (no permission)" in raised.value.message
    assert "ValueError" in raised.value.message
    assert "secret" not in raised.value.message


def test_a_bug_in_the_clean_up(taken_back: list[str]) -> None:
    """A clean-up that breaks counts as one that failed; its text is not shown."""

    def break_down() -> None:
        raise ValueError("secret")

    undo = Undo()
    undo.make("VM", lambda: "i-1", taken_back.append)
    undo.push("disk 'd-1'", break_down)
    with pytest.raises(CloudError) as raised:
        fail(undo, CloudError("It broke"))
    assert "LEFT BEHIND, delete by hand: disk 'd-1' (ValueError)" in raised.value.message
    assert taken_back == ["i-1"]


def kill(*numbers: signal.Signals) -> None:
    """Send signals to this process."""
    for number in numbers:
        os.kill(os.getpid(), number)


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_takes_back(number: signal.Signals, taken_back: list[str]) -> None:
    """A signal stops the call where it is, and takes back what was made."""
    undo = Undo()
    undo.make("VM", lambda: "i-1", taken_back.append)
    with pytest.raises(Interrupted) as raised, undo:
        kill(number)
    assert taken_back == ["i-1"]
    assert raised.value.message == f"The CPI was stopped by {number.name}. Cleaned up: VM 'i-1'"


@pytest.mark.usefixtures("listening")
def test_a_signal_waits_for_an_id(taken_back: list[str]) -> None:
    """A signal while something is being made waits until its id is known: it is taken back."""

    def make() -> str:
        kill(signal.SIGTERM)
        return "i-1"

    with pytest.raises(Interrupted), Undo() as undo:
        undo.make("VM", make, taken_back.append)
    assert taken_back == ["i-1"]


@pytest.mark.usefixtures("listening")
def test_later_signals_are_ignored(taken_back: list[str]) -> None:
    """A second signal does not stop the clean-up that the first one began."""

    def take_back() -> None:
        kill(signal.SIGTERM, signal.SIGINT)
        taken_back.append("i-1")

    undo = Undo()
    undo.push("VM 'i-1'", take_back)
    with pytest.raises(Interrupted), undo:
        kill(signal.SIGINT)
    assert taken_back == ["i-1"]


@pytest.mark.usefixtures("listening")
def test_a_signal_and_a_failure_while_making(taken_back: list[str]) -> None:
    """Where making fails after a signal came, the signal still stops the call: nobody goes on."""

    def refuse() -> str:
        kill(signal.SIGTERM)
        raise CloudError("no stock")

    with pytest.raises(Interrupted), Undo() as undo:
        undo.make("VM", refuse, taken_back.append)
    assert taken_back == []
    with interrupt.held():
        pass
