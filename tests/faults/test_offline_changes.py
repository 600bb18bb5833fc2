"""A VM that is stopped for a change, as old agents need it, runs again whatever goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms

FORBIDDEN: dict[str, Any] = {"kind": "error", "code": "Forbidden.RAM", "status": 403}


@pytest.fixture
def pair(vms: Vms, cpi: Cpi) -> list[str]:
    """Give a VM of an old stemcell and a free disk."""
    cpi.api_version, cpi.stemcell_api_version = 1, None
    return [vms.make(), vms.disk()]


def test_stop_refused(vms: Vms, cpi: Cpi, sim: Simulator, pair: list[str]) -> None:
    """A VM that may not be stopped is left as it is, and the refusal is told at once."""
    sim.add_fault(action="StopInstance", **FORBIDDEN)
    sim.gateway.calls.clear()
    before = sim.world.clock.now()
    answer = cpi.call("attach_disk", *pair)
    assert answer.message.startswith("StopInstance of ")
    assert vms.vm(pair[0]).status == "Running"
    assert sim.calls("StartInstance") == []
    assert sim.world.clock.now() - before < 10


@pytest.mark.parametrize("action", ["AttachDisk", "ModifyInstanceAttribute"])
def test_change_refused(vms: Vms, cpi: Cpi, sim: Simulator, pair: list[str], action: str) -> None:
    """When the change is refused the VM is started again, and the refusal is told."""
    sim.add_fault(action=action, **FORBIDDEN)
    answer = cpi.call("attach_disk", *pair)
    assert answer.message.startswith(f"{action} of ")
    assert vms.vm(pair[0]).status == "Running"


def test_not_started_again(vms: Vms, cpi: Cpi, sim: Simulator, pair: list[str]) -> None:
    """A VM that stays down after a failure is named beside the failure's cause."""
    sim.add_fault(action="AttachDisk", **FORBIDDEN)
    sim.add_fault(action="StartInstance", **FORBIDDEN)
    answer = cpi.call("attach_disk", *pair)
    assert answer.type == "CloudError"
    assert answer.message.startswith("AttachDisk of ")
    assert f"VM '{pair[0]}' is still down: StartInstance of " in answer.message
    assert vms.vm(pair[0]).status == "Stopped"


def test_start_refused(cpi: Cpi, sim: Simulator, pair: list[str]) -> None:
    """A VM that does not start after the change is an error, although the disk is attached."""
    sim.add_fault(action="StartInstance", **FORBIDDEN)
    answer = cpi.call("attach_disk", *pair)
    assert answer.message.startswith("StartInstance of ")
    assert cpi.ok("get_disks", pair[0]) == pair[1:]


def test_a_guest_that_does_not_go_down(vms: Vms, cpi: Cpi, sim: Simulator, pair: list[str]) -> None:
    """A guest that does not listen is switched off, and the VM is up again afterwards."""
    sim.seed({"settings": {"instance.stop_hangs": True}})
    cpi.ok("attach_disk", *pair)
    forced = [call["params"].get("ForceStop") for call in sim.calls("StopInstance")]
    assert forced == [None, "true"]
    assert vms.vm(pair[0]).status == "Running"


def test_a_vm_that_does_not_go_down(vms: Vms, cpi: Cpi, sim: Simulator, pair: list[str]) -> None:
    """A VM that goes down too late is up again at the end, and the wait is told."""
    sim.set_pace(instance__stop=680)
    answer = cpi.call("attach_disk", *pair)
    assert "Gave up waiting for VM" in answer.message
    assert vms.vm(pair[0]).status == "Running"


def test_a_bug_on_the_way(vms: Vms, cpi: Cpi, sim: Simulator, pair: list[str]) -> None:
    """Settings that have become too long for user data leave the VM running, too."""
    sim.seed({"settings": {"user_data.max_bytes": 100}})
    answer = cpi.call("attach_disk", *pair)
    assert "InvalidUserData.SizeExceeded" in answer.message
    assert vms.vm(pair[0]).status == "Running"


def test_started_by_the_repeat(vms: Vms, cpi: Cpi, sim: Simulator, pair: list[str]) -> None:
    """A VM that a failed or killed call left down is up again after the same call."""
    sim.add_fault(action="StartInstance", **FORBIDDEN)
    assert cpi.call("attach_disk", *pair).type == "CloudError"
    assert vms.vm(pair[0]).status == "Stopped"
    cpi.ok("attach_disk", *pair)
    assert vms.vm(pair[0]).status == "Running"


def test_a_detach_that_was_cut_off(vms: Vms, cpi: Cpi, sim: Simulator, pair: list[str]) -> None:
    """Its repeat takes the disk out of the settings and brings the VM up."""
    cpi.ok("attach_disk", *pair)
    sim.add_fault(action="ModifyInstanceAttribute", **FORBIDDEN)
    sim.add_fault(action="StartInstance", **FORBIDDEN)
    assert cpi.call("detach_disk", *pair).type == "CloudError"
    assert pair[1] in vms.settings(pair[0])["disks"]["persistent"]
    cpi.ok("detach_disk", *pair)
    assert vms.settings(pair[0])["disks"]["persistent"] == {}
    assert vms.vm(pair[0]).status == "Running"
    assert cpi.call("detach_disk", *pair).type == "DiskNotAttached"
