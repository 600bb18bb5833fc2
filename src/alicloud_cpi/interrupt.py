"""SIGTERM and SIGINT: stop, but not between making something and knowing its id.

The first signal raises ``Interrupted`` where the program is, so that what was made is taken back
on the way out. While a request that makes something is under way, it waits for the answer.
"""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from alicloud_cpi.errors import Interrupted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


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


@contextmanager
def held() -> Iterator[None]:
    """Let no signal stop the program within this block; one that came stops it at the end.

    Also where the block failed: nobody further out may take the failure for a reason to go on.
    """
    _State.holds += 1
    try:
        yield
    finally:
        _State.holds -= 1
        if _State.waiting and not _State.holds:
            name, _State.waiting = _State.waiting, None
            raise Interrupted(name)


def _on_signal(number: int, _frame: FrameType | None) -> None:
    ignore()
    name = signal.Signals(number).name
    if _State.holds:
        _State.waiting = name
        return
    raise Interrupted(name)
