"""VMs through real processes in real time, as the Director starts them and as it kills them."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.ecs.instances.record import Instance
from support.cpi import Started

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms

PATIENCE_SECONDS = 60


@pytest.fixture(autouse=True)
def real_time(sim: Simulator) -> Iterator[None]:
    """Let the simulator's clock run: a process of its own waits in real time."""
    sim.resume()
    sim.set_pace("instant", grace=0.2)
    yield
    sim.clear_faults()


class Underway(Started):
    """A call of the CPI that is under way, to be stopped at a certain moment."""

    def __init__(self, cpi: Cpi, method: str, *arguments: Any) -> None:
        super().__init__(["--config", str(cpi.path)], cpi.request(method, arguments))

    def when(self, condition: Callable[[], bool], *numbers: signal.Signals) -> None:
        """Send signals to the process as soon as something is the case."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < give_up, "it never came to that"
            assert self._process.poll() is None, self._process.communicate()
            time.sleep(0.005)
        for number in numbers:
            self._process.send_signal(number)

    def killed(self) -> None:
        """Wait for the process to be dead without an answer."""
        stdout, _ = self._process.communicate(timeout=PATIENCE_SECONDS)
        assert (stdout, self._process.returncode) == (b"", -signal.SIGKILL)


def in_create_instance(sim: Simulator) -> Callable[[], bool]:
    """Tell when CreateInstance is under way: its answer comes late."""
    sim.add_fault(kind="delay", action="CreateInstance", seconds=1)
    return lambda: sim.gateway.faults.list()[0]["hit"] == 1


def in_the_wait_for(sim: Simulator, status: str) -> Callable[[], bool]:
    """Tell when the VM is in a status that takes long to pass."""
    sim.set_pace(instance__create=1 if status == "Pending" else 0)
    sim.set_pace(instance__start=60 if status == "Starting" else 0)

    def reached() -> bool:
        return any(vm.status == status for vm in sim.world.all(Instance))

    return reached


def test_a_life(vms: Vms, cpi: Cpi) -> None:
    """A VM is made, found, named, rebooted and deleted, each by a process of its own."""
    made = cpi.process("create_vm", *vms.arguments(ephemeral_disk={"size": 20480}))
    assert made.error is None, made.stderr
    cid = made.result[0]
    assert cpi.process("has_vm", cid).result is True
    assert cpi.process("set_vm_metadata", cid, {"name": "web/0", "index": 0}).error is None
    assert cpi.process("get_disks", cid).result == []
    vms.sim.set_pace(instance__reboot=1)
    assert cpi.process("reboot_vm", cid).error is None
    assert (vms.vm(cid).name, vms.vm(cid).status) == ("web.0", "Running")
    assert cpi.process("delete_vm", cid).error is None
    assert cpi.process("has_vm", cid).result is False
    assert vms.left() == {}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stopped_while_the_vm_is_being_made(
    vms: Vms, cpi: Cpi, sim: Simulator, number: signal.Signals
) -> None:
    """A signal while CreateInstance is under way waits for the VM's id: the VM is taken back."""
    condition = in_create_instance(sim)
    call = Underway(cpi, "create_vm", *vms.arguments())
    call.when(condition, number)
    answer = call.answer()
    assert answer.type == "CloudError"
    assert f"stopped by {number.name}" in answer.message
    assert "Cleaned up: VM 'i-" in answer.message
    assert not answer.ok_to_retry
    assert len(sim.calls("CreateInstance")) == 1
    assert vms.left() == {}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stopped_while_waiting(vms: Vms, cpi: Cpi, sim: Simulator, number: signal.Signals) -> None:
    """A signal in the midst of a wait ends it at once: the VM is taken back."""
    condition = in_the_wait_for(sim, "Pending")
    call = Underway(cpi, "create_vm", *vms.arguments(ephemeral_disk={"size": 20480}))
    call.when(condition, number)
    answer = call.answer()
    assert f"stopped by {number.name}" in answer.message
    assert sim.calls("StartInstance") == []
    assert vms.left() == {}


def test_stopped_twice(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """A second signal, also another one, does not interrupt the clean-up of the first."""
    condition = in_create_instance(sim)
    sim.add_fault(kind="delay", action="DeleteInstance", seconds=1)
    call = Underway(cpi, "create_vm", *vms.arguments())
    call.when(condition, signal.SIGTERM)
    call.when(lambda: sim.gateway.faults.list()[1]["hit"] == 1, signal.SIGTERM, signal.SIGINT)
    assert "stopped by SIGTERM. Cleaned up: VM 'i-" in call.answer().message
    assert vms.left() == {}


def test_stopped_and_what_stays(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """What cannot be taken back after a signal is named."""
    condition = in_create_instance(sim)
    sim.add_fault(kind="error", action="DeleteInstance", code="Forbidden.RAM", status=403, count=0)
    call = Underway(cpi, "create_vm", *vms.arguments())
    call.when(condition, signal.SIGTERM)
    answer = call.answer()
    (left,) = vms.ids(Instance)
    assert f"LEFT BEHIND, delete by hand: VM '{left}'" in answer.message


@pytest.mark.parametrize("status", ["Pending", "Starting"])
def test_killed(vms: Vms, cpi: Cpi, sim: Simulator, status: str) -> None:
    """A call that was killed, and took nothing back, is completed by the same call again."""
    condition = in_the_wait_for(sim, status)
    arguments = vms.arguments(ephemeral_disk={"size": 20480})
    call = Underway(cpi, "create_vm", *arguments)
    call.when(condition, signal.SIGKILL)
    call.killed()
    (made,) = vms.ids(Instance)
    if status == "Starting":
        sim.advance(60)
    answer = cpi.process("create_vm", *arguments)
    assert answer.result[0] == made, answer.stderr
    assert vms.ids(Instance) == [made]
    assert vms.vm(made).status == "Running"
    assert vms.settings(made)["disks"]["ephemeral"].endswith(vms.data_disk(made).serial_number)


def test_killed_while_deleting(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """A delete_vm that was killed is completed by the same call again."""
    cid = cpi.process("create_vm", *vms.arguments()).result[0]
    sim.set_pace(instance__delete=1)
    call = Underway(cpi, "delete_vm", cid)
    call.when(lambda: vms.vm(cid).releasing, signal.SIGKILL)
    call.killed()
    assert cpi.process("delete_vm", cid).error is None
    assert vms.left() == {}


def test_at_the_same_time(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """Calls for different VMs run side by side and do not meet."""
    sim.set_pace(instance__create=1)
    networks = [vms.names.networks(ip=f"10.0.1.{20 + number}") for number in range(3)]
    calls = [
        Underway(cpi, "create_vm", *vms.arguments(agent=f"agent-{number}", networks=network))
        for number, network in enumerate(networks)
    ]
    cids = [call.answer().result[0] for call in calls]
    assert sorted(vms.ids(Instance)) == sorted(cids)
    assert [vms.vm(cid).private_ip for cid in cids] == ["10.0.1.20", "10.0.1.21", "10.0.1.22"]
