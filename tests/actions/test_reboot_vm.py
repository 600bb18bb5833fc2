"""reboot_vm: orderly first, by force when that does not end, back once the VM is up again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.ecs.disks import Disk

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms


def reboots(sim: Simulator) -> list[str]:
    """List the reboots that were asked for: ForceStop of each."""
    return [call["params"]["ForceStop"] for call in sim.calls("RebootInstance")]


@pytest.fixture
def cid(vms: Vms, sim: Simulator) -> str:
    """Give a VM that has been up for an hour."""
    made = vms.make(ephemeral_disk={"size": 20480})
    sim.advance(3600)
    return made


@pytest.mark.parametrize("seconds", [0, 15, 200])
def test_orderly(vms: Vms, cpi: Cpi, sim: Simulator, cid: str, seconds: int) -> None:
    """The guest is asked to go down; reboot_vm returns when the VM is up again, and not before."""
    sim.set_pace(instance__reboot=seconds)
    before = sim.world.clock.now()
    assert cpi.ok("reboot_vm", cid) is None
    vm = vms.vm(cid)
    assert vm.status == "Running"
    assert vm.started_at >= before + seconds
    assert reboots(sim) == ["false"]


def test_again(vms: Vms, cpi: Cpi, sim: Simulator, cid: str) -> None:
    """Each call reboots the VM once more."""
    cpi.ok("reboot_vm", cid)
    first = vms.vm(cid).started_at
    sim.advance(1)
    cpi.ok("reboot_vm", cid)
    assert vms.vm(cid).started_at > first


def test_a_guest_that_hangs(vms: Vms, cpi: Cpi, sim: Simulator, cid: str) -> None:
    """A guest that does not go down is reset."""
    sim.seed({"settings": {"instance.reboot_hangs": True}})
    before = vms.vm(cid).started_at
    cpi.ok("reboot_vm", cid)
    assert vms.vm(cid).status == "Running"
    assert vms.vm(cid).started_at > before
    assert reboots(sim) == ["false", "true"]


def test_nothing_else_changes(vms: Vms, cpi: Cpi, cid: str) -> None:
    """Disks, address, settings and name stay."""
    disk = vms.attached(cid)
    vm = vms.vm(cid)
    before = (vm.private_ip, vm.user_data, vm.name, [disk.id for disk in vms.disks(cid)])
    cpi.ok("reboot_vm", cid)
    vm = vms.vm(cid)
    assert (vm.private_ip, vm.user_data, vm.name, [d.id for d in vms.disks(cid)]) == before
    assert disk in vms.ids(Disk)


def test_a_vm_that_is_down(vms: Vms, cpi: Cpi, sim: Simulator, cid: str) -> None:
    """A VM that is down is started."""
    vms.vm(cid).status = "Stopped"
    cpi.ok("reboot_vm", cid)
    assert vms.vm(cid).status == "Running"
    assert reboots(sim) == []


def test_a_vm_that_is_going_down(vms: Vms, cpi: Cpi, sim: Simulator, cid: str) -> None:
    """A VM that is going down is started when it is down."""
    vms.vm(cid).status = "Stopping"
    vms.becomes(cid, "Stopped", seconds=30)
    cpi.ok("reboot_vm", cid)
    assert vms.vm(cid).status == "Running"
    assert reboots(sim) == []


def test_a_vm_that_is_coming_up(vms: Vms, cpi: Cpi, sim: Simulator, cid: str) -> None:
    """A VM that is starting is rebooted once it runs: whoever asks wants a fresh start."""
    vms.vm(cid).status = "Starting"
    vms.becomes(cid, "Running", seconds=30)
    cpi.ok("reboot_vm", cid)
    assert vms.vm(cid).status == "Running"
    assert reboots(sim) == ["false"]


@pytest.mark.parametrize("status", ["Stopping", "Starting"])
def test_a_guest_that_hangs_already(vms: Vms, cpi: Cpi, cid: str, status: str) -> None:
    """A VM that hangs since an earlier call is switched off and started."""
    vm = vms.vm(cid)
    vm.status, vm.orderly = status, True
    before = vm.started_at
    cpi.ok("reboot_vm", cid)
    assert (vm.status, vm.orderly) == ("Running", False)
    assert vm.started_at > before


def test_a_vm_that_never_comes_back(vms: Vms, cpi: Cpi, sim: Simulator, cid: str) -> None:
    """A VM that comes back neither way is an error that says so."""
    sim.set_pace(instance__reboot=100000)
    answer = cpi.call("reboot_vm", cid)
    assert answer.type == "CloudError"
    assert cid in answer.message
    assert vms.vm(cid).status == "Starting"


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "lost"},
        {"kind": "lost", "effect": False},
        {"kind": "html"},
        {"kind": "error", "code": "Throttling.User", "count": 3},
        {"kind": "error", "code": "IncorrectInstanceStatus", "count": 2},
        {"kind": "error", "code": "InternalError", "status": 500},
    ],
    ids=["lost after", "lost before", "html", "throttled", "busy", "internal"],
)
@pytest.mark.parametrize("hangs", [False, True])
def test_trouble_on_the_way(
    vms: Vms, cpi: Cpi, sim: Simulator, cid: str, fault: dict[str, Any], *, hangs: bool
) -> None:
    """Trouble that passes costs no reboot: the VM has rebooted when the call ends well."""
    sim.set_pace(instance__reboot=20)
    sim.seed({"settings": {"instance.reboot_hangs": hangs}})
    sim.add_fault(action="RebootInstance", nth=2 if hangs else 1, **fault)
    before = vms.vm(cid).started_at
    cpi.ok("reboot_vm", cid)
    assert vms.vm(cid).status == "Running"
    assert vms.vm(cid).started_at > before


def test_lists_that_lag(vms: Vms, cpi: Cpi, sim: Simulator, cid: str) -> None:
    """With lists seconds behind, the old Running is not taken for the new one."""
    sim.set_lag(5)
    sim.set_pace(instance__reboot=20)
    before = sim.world.clock.now()
    cpi.ok("reboot_vm", cid)
    assert vms.vm(cid).started_at >= before + 20


@pytest.mark.parametrize("cid", ["i-2zenever0000000000000", "nonsense"])
def test_not_there(cpi: Cpi, cid: str) -> None:
    """A VM that is not there is VMNotFound."""
    answer = cpi.call("reboot_vm", cid)
    assert (answer.type, answer.message) == ("VMNotFound", f"VM '{cid}' not found")


def test_deleted(vms: Vms, cpi: Cpi) -> None:
    """A VM that was deleted is VMNotFound."""
    cid = vms.make()
    cpi.ok("delete_vm", cid)
    assert cpi.call("reboot_vm", cid).type == "VMNotFound"


@pytest.mark.parametrize("cid", ["", None])
def test_bad_cid(cpi: Cpi, cid: object) -> None:
    """A cid has to be a text that is not empty."""
    answer = cpi.call("reboot_vm", cid)
    assert answer.type == "CpiError"
    assert "vm_cid" in answer.message
