"""SIGTERM and SIGINT: stop, but not between making something and knowing its id.

The first signal raises ``Interrupted`` where the program is, so that what was made is taken back
on the way out. While a request that makes something is under way, it waits for the answer; not
for a pause in which nothing can have been made, and for no longer than who asked is patient.
"""

from __future__ import annotations

# What lies under ``signal``, which adds enums: they take half as long as all of ``info``.
import _signal as signal  # type: ignore[import-not-found]
import _thread

from alicloud_cpi.errors import Interrupted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

_SIGNALS = {signal.SIGTERM: "SIGTERM", signal.SIGINT: "SIGINT"}

# Seconds that a signal waits for an answer: process supervisors kill 15 to 20 s after they asked,
# and what is known to have been made is still to be taken back.
PATIENCE = 8

_FIRST_THREAD = _thread.get_ident()


class _State:
    """Signals belong to the process, and so does what is known of them."""

    listening = False
    holds = 0
    waiting: str | None = None


def listen() -> None:
    """Answer the first SIGTERM or SIGINT by stopping; later ones are ignored."""
    _State.listening = True
    for number in _SIGNALS:
        signal.signal(number, _on_signal)


def ignore() -> None:
    """Answer no signal any more: what the call was for is done, and its answer is on its way."""
    if _State.listening:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)


class held:  # noqa: N801 - reads as what it is used for
    """Let no signal stop the program within this block; one that came stops it at the end.

    Also where the block failed: nobody further out may take the failure for a reason to go on.

    :raises Interrupted: at the end; within the block, ``in_doubt``, once patience is over
    """

    def __enter__(self) -> None:
        _State.holds += 1

    def __exit__(self, *_: object) -> None:
        _State.holds -= 1
        if not _State.holds:
            _stop_if_told()


class let_through:  # noqa: N801 - likewise
    """Let a signal stop the program within this block, although it is inside a held one.

    For pauses in which it is certain that nothing has been made.
    """

    def __enter__(self) -> None:
        # Signals come to the first thread only, and what is held belongs to it.
        self._holds = _State.holds if _thread.get_ident() == _FIRST_THREAD else 0
        _State.holds -= self._holds
        try:
            if self._holds:
                _stop_if_told()
        except Interrupted:
            _State.holds += self._holds
            raise

    def __exit__(self, *_: object) -> None:
        _State.holds += self._holds


def _stop_if_told() -> None:
    if _State.waiting:
        name, _State.waiting = _State.waiting, None
        signal.alarm(0)
        raise Interrupted(name)


def _on_signal(number: int, _frame: FrameType | None) -> None:
    ignore()
    name = _SIGNALS[number]
    if not _State.holds:
        raise Interrupted(name)
    _State.waiting = name
    signal.signal(signal.SIGALRM, _on_impatience)
    signal.alarm(PATIENCE)


def _on_impatience(_number: int, _frame: FrameType | None) -> None:
    """Wait no longer for an answer: nobody knows then whether something was made."""
    if _State.waiting:
        name, _State.waiting = _State.waiting, None
        raise Interrupted(name, in_doubt=True)
