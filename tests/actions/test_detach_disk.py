"""detach_disk takes a disk from a VM and returns when it is free."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.storage import SETTINGS, refused

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage


@pytest.mark.parametrize("status", ["Running", "Stopped"])
def test_free_afterwards(cpi: Cpi, storage: Storage, status: str) -> None:
    """The disk is Available when the call returns; the VM stays as it is."""
    vm = storage.vm(status=status)
    disk_cid = storage.attached(vm)
    assert cpi.ok("detach_disk", vm, disk_cid) is None
    disk = storage.found(disk_cid)
    assert (disk.status, disk.instance_id) == ("Available", "")
    assert storage.vm_status(vm) == status
    assert storage.settings(vm) == SETTINGS


def test_repeat(cpi: Cpi, storage: Storage) -> None:
    """The same call again is DiskNotAttached, so that the Director sees a mismatch."""
    vm = storage.vm()
    disk_cid = storage.attached(vm)
    cpi.ok("detach_disk", vm, disk_cid)
    refused(cpi.call("detach_disk", vm, disk_cid), "DiskNotAttached", disk_cid, vm)
    assert storage.asked("DetachDisk") == 1


def test_never_attached(cpi: Cpi, storage: Storage) -> None:
    """A free disk is DiskNotAttached."""
    vm, disk_cid = storage.vm(), storage.disk()
    refused(cpi.call("detach_disk", vm, disk_cid), "DiskNotAttached", disk_cid, vm)


def test_attached_elsewhere(cpi: Cpi, storage: Storage) -> None:
    """A disk of another VM is DiskNotAttached and stays there."""
    vm, other = storage.vm(), storage.vm()
    disk_cid = storage.attached(other)
    refused(cpi.call("detach_disk", vm, disk_cid), "DiskNotAttached", disk_cid, vm)
    disk = storage.found(disk_cid)
    assert (disk.status, disk.instance_id) == ("In_use", other)


def test_missing_disk(cpi: Cpi, storage: Storage) -> None:
    """A disk that is not there is DiskNotFound."""
    refused(cpi.call("detach_disk", storage.vm(), "d-gone"), "DiskNotFound", "d-gone")


def test_missing_vm(cpi: Cpi, storage: Storage) -> None:
    """A VM that is not there is VMNotFound."""
    refused(cpi.call("detach_disk", "i-gone", storage.disk()), "VMNotFound", "i-gone")


def test_cut_off_call(cpi: Cpi, storage: Storage) -> None:
    """A repeat that finds the disk Detaching from this VM waits for that and succeeds."""
    vm = storage.vm()
    disk_cid = storage.attached(vm)
    storage.busy(disk_cid, "Detaching", "Available", instance_id="", device="")
    cpi.ok("detach_disk", vm, disk_cid)
    assert storage.found(disk_cid).status == "Available"
    assert storage.asked("DetachDisk") == 0


def test_detaching_from_another_vm(cpi: Cpi, storage: Storage) -> None:
    """A disk that is leaving another VM was never this one's: DiskNotAttached."""
    vm, other = storage.vm(), storage.vm()
    disk_cid = storage.attached(other)
    storage.busy(disk_cid, "Detaching", "Available", instance_id="", device="")
    refused(cpi.call("detach_disk", vm, disk_cid), "DiskNotAttached", disk_cid, vm)


@pytest.mark.parametrize("status", ["Attaching", "ReIniting", "Modifying"])
def test_waits_for_a_changing_disk(cpi: Cpi, storage: Storage, status: str) -> None:
    """A disk that the cloud is at work on is detached once that is over."""
    vm = storage.vm()
    disk_cid = storage.attached(vm)
    storage.busy(disk_cid, status, "In_use")
    cpi.ok("detach_disk", vm, disk_cid)
    assert storage.found(disk_cid).status == "Available"


def test_long_change_of_spec(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """A disk whose category changes for half an hour is waited for, whatever shows it."""
    vm = storage.vm()
    disk_cid = storage.attached(vm)
    sim.set_pace(disk__attach=1700)
    storage.busy(disk_cid, "Modifying", "In_use")
    cpi.ok("detach_disk", vm, disk_cid)
    assert storage.found(disk_cid).status == "Available"


def test_refused_while_its_spec_changes(cpi: Cpi, storage: Storage) -> None:
    """A refusal because of a change of spec, which only its task shows, is waited out."""
    vm = storage.vm()
    disk_cid = storage.attached(vm)
    storage.begin_spec_change(disk_cid, seconds=1500)
    storage.refuse("DetachDisk", "IncorrectDiskStatus", status=403)
    cpi.ok("detach_disk", vm, disk_cid)
    assert storage.found(disk_cid).status == "Available"


def test_too_many_at_once(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """A refusal because other disks are leaving the VM is repeated until they have left."""
    vm = storage.vm()
    first, second = storage.attached(vm), storage.attached(vm, device="/dev/xvdd")
    sim.seed({"quotas": {"instance.detaching": 1}})
    storage.busy(first, "Detaching", "Available", instance_id="", device="")
    cpi.ok("detach_disk", vm, second)
    assert storage.found(second).status == "Available"


def test_never_free(cpi: Cpi, storage: Storage) -> None:
    """A detachment that does not end is given up with the last state seen."""
    vm = storage.vm()
    disk_cid = storage.attached(vm)
    storage.set(disk__stuck__Detaching=True)
    refused(cpi.call("detach_disk", vm, disk_cid), "CloudError", "Gave up", disk_cid, "Detaching")


@pytest.mark.parametrize("kind", ["lost", "reset", "truncated", "empty", "html", "status"])
def test_lost_answer(cpi: Cpi, sim: Simulator, storage: Storage, kind: str) -> None:
    """When the answer of DetachDisk gets lost, a look tells that it need not be repeated."""
    vm = storage.vm()
    disk_cid = storage.attached(vm)
    sim.add_fault(kind=kind, action="DetachDisk", effect=True)
    cpi.ok("detach_disk", vm, disk_cid)
    assert storage.found(disk_cid).status == "Available"
    assert storage.asked("DetachDisk") == 1


@pytest.mark.parametrize("disturbance", ["none", "lost"])
def test_read_lag(cpi: Cpi, sim: Simulator, storage: Storage, disturbance: str) -> None:
    """Reads that lag behind neither end the call early nor let it fail."""
    vm = storage.vm()
    disk_cid = storage.attached(vm)
    sim.set_pace(disk__detach=2)
    sim.set_lag(3)
    if disturbance == "lost":
        storage.lose_answer("DetachDisk")
    cpi.ok("detach_disk", vm, disk_cid)
    assert storage.found(disk_cid).status == "Available"
    refused(cpi.call("detach_disk", vm, disk_cid), "DiskNotAttached")


def test_repeat_under_read_lag(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """A repeat right after a cut-off call succeeds although reads still show the disk attached."""
    vm = storage.vm()
    disk_cid = storage.attached(vm)
    sim.set_lag(3)
    disk = storage.found(disk_cid)
    disk.instance_id, disk.device, disk.status = "", "", "Available"
    sim.world.commit()
    cpi.ok("detach_disk", vm, disk_cid)
    assert storage.found(disk_cid).status == "Available"


def test_moves_to_another_vm_under_read_lag(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """Detached here, attached there, deleted at last: no call is misled by what reads show."""
    old, new, disk_cid = storage.vm(), storage.vm(), storage.disk()
    sim.set_lag(3)
    cpi.ok("attach_disk", old, disk_cid)
    cpi.ok("detach_disk", old, disk_cid)
    cpi.ok("attach_disk", new, disk_cid)
    assert storage.found(disk_cid).instance_id == new
    cpi.ok("detach_disk", new, disk_cid)
    cpi.ok("delete_disk", disk_cid)
    assert storage.disks() == []
