"""A call that is told to stop while it makes something does not go on for minutes."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

from alicloud_cpi.signals import PATIENCE
from alicloud_sim.ecs.instances.record import Instance
from support.cpi import Started
from support.gate import Gate, Moment

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Answer
    from support.vms import Vms

# What a process needs besides, on a busy machine.
SLACK = 5.0


def start(vms: Vms) -> Started:
    """Start a create_vm in real time."""
    vms.sim.resume()
    vms.sim.set_pace("instant", grace=0.2)
    text = vms.cpi.request("create_vm", vms.arguments())
    return Started(["--config", str(vms.cpi.path)], text)


def stopped(started: Started) -> tuple[Answer, float]:
    """Stop the call; return its answer and how long that took."""
    start = time.monotonic()
    answer = started.answer(signal.SIGTERM)
    assert answer.type == "CloudError"
    assert answer.message.startswith("The CPI was stopped by SIGTERM")
    return answer, time.monotonic() - start


def test_between_refusals(vms: Vms, sim: Simulator) -> None:
    """Nothing was made, and nothing is waited for: a throttled call ends at once."""
    sim.add_fault(kind="error", action="CreateInstance", code="Throttling.User", count=0)
    started = start(vms)
    while not sim.calls("CreateInstance"):
        time.sleep(0.05)
    answer, took = stopped(started)
    assert took < SLACK
    assert answer.message == "The CPI was stopped by SIGTERM"
    assert vms.left() == {}


def test_an_answer_that_does_not_come(vms: Vms, sim: Simulator) -> None:
    """The id is waited for as long as a supervisor waits; then the message says what may be."""
    gate = Gate.at(sim)
    gate.close("ecs", "CreateInstance", 1, Moment.AFTER)
    started = start(vms)
    assert gate.reached.wait(30)
    answer, took = stopped(started)
    gate.open()
    assert PATIENCE - 1 < took < PATIENCE + SLACK
    assert answer.message.endswith("The VM may have been created")
    assert vms.make() in vms.ids(Instance)
    assert len(vms.ids(Instance)) == 1
