"""What the executable meets: the simulator at its seed, in real time, without any delays.

A test that is about waiting sets the pace of what it waits for, or a ``grace``: the seconds for
which a change stays under way until a read has shown it so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.director import Director

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alicloud_sim import Simulator
    from support.vms import Vms


@pytest.fixture
def sim(running: Simulator) -> Iterator[Simulator]:
    """Give a simulator at its seed whose clock runs."""
    running.reset()
    running.set_pace("instant", grace=0)
    yield running
    assert running.bugs == []


@pytest.fixture
def director(vms: Vms) -> Director:
    """Give one who starts the executable for each call."""
    return Director(vms)
