"""attach_disk and detach_disk, and the settings in the VM's user data.

From stemcell api_version 2 on the Director tells the agent of disks, and user data is left alone.
An older agent reads its disks from user data when it boots: the VM is stopped meanwhile, and runs
again whatever happens.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.ecs.instances.record import Instance
from support.storage import SETTINGS, VIRTIO, refused
from support.world import OTHER_ZONE

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage

# API version of the call, of the VM's stemcell (None: the context says nothing of it).
OLD = [(2, 1), (3, 1), (1, 2), (1, 1), (1, None)]
NEW = [(2, 2), (2, 3), (3, 2), (2, None), (3, None)]
WRITES = ("StopInstance", "ModifyInstanceAttribute", "StartInstance")


def speak(cpi: Cpi, versions: tuple[int, int | None]) -> None:
    """Let the following calls come from such a Director for such a stemcell."""
    cpi.api_version, cpi.stemcell_api_version = versions


def with_disks(**disks: str) -> dict[str, Any]:
    """Word settings with these persistent disks."""
    settings = copy.deepcopy(SETTINGS)
    settings["disks"]["persistent"] = disks  # type: ignore[index]
    return settings


def hint(disk_cid: str) -> str:
    """Tell where a disk appears."""
    return VIRTIO + disk_cid.removeprefix("d-")


@pytest.mark.parametrize("versions", NEW)
@pytest.mark.parametrize("user_data", ["settings", "none", "unreadable"])
def test_new_stemcell(
    cpi: Cpi, storage: Storage, versions: tuple[int, int | None], user_data: str
) -> None:
    """User data is neither read nor written, whatever is in it; the VM runs on."""
    speak(cpi, versions)
    vm, disk_cid = storage.vm(), storage.disk()
    record = storage.get(Instance, vm)
    record.user_data = {"settings": record.user_data, "none": "", "unreadable": "!"}[user_data]
    before = record.user_data
    assert cpi.ok("attach_disk", vm, disk_cid) == hint(disk_cid)
    cpi.ok("detach_disk", vm, disk_cid)
    assert storage.get(Instance, vm).user_data == before
    assert [storage.asked(action) for action in ("DescribeUserData", *WRITES)] == [0, 0, 0, 0]


@pytest.mark.parametrize("versions", OLD)
def test_old_stemcell(cpi: Cpi, storage: Storage, versions: tuple[int, int | None]) -> None:
    """The disk is written into the settings, and out of them again, keeping all else."""
    speak(cpi, versions)
    before = with_disks(**{"d-other": "/dev/vdd"})
    vm, disk_cid = storage.vm(before), storage.disk()
    assert cpi.ok("attach_disk", vm, disk_cid) == hint(disk_cid)
    assert storage.settings(vm) == with_disks(**{"d-other": "/dev/vdd", disk_cid: hint(disk_cid)})
    assert (storage.vm_status(vm), storage.found(disk_cid).status) == ("Running", "In_use")
    cpi.ok("detach_disk", vm, disk_cid)
    assert storage.settings(vm) == before
    assert (storage.vm_status(vm), storage.found(disk_cid).status) == ("Running", "Available")


def test_settings_without_disks(cpi: Cpi, storage: Storage) -> None:
    """Settings that have no map of disks yet get one."""
    speak(cpi, (2, 1))
    vm, disk_cid = storage.vm({"agent_id": "agent-1", "disks": None}), storage.disk()
    cpi.ok("attach_disk", vm, disk_cid)
    assert storage.settings(vm) == {
        "agent_id": "agent-1",
        "disks": {"persistent": {disk_cid: hint(disk_cid)}},
    }


def test_vm_is_down_meanwhile(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """The VM is stopped before anything changes and started when everything has."""
    speak(cpi, (2, 1))
    vm = storage.vm()
    disk_cid = storage.disk()
    cpi.ok("attach_disk", vm, disk_cid)
    writes = [c["action"] for c in sim.calls() if not c["action"].startswith("Describe")]
    assert writes == ["StopInstance", "AttachDisk", "ModifyInstanceAttribute", "StartInstance"]
    stop = sim.calls("StopInstance")[0]["params"]
    assert stop["StoppedMode"] == "KeepCharging"


def test_repeat_with_an_old_stemcell(cpi: Cpi, storage: Storage) -> None:
    """A repeat finds disk and settings as wanted, and leaves the VM alone."""
    speak(cpi, (2, 1))
    vm, disk_cid = storage.vm(), storage.disk()
    first = cpi.ok("attach_disk", vm, disk_cid)
    assert cpi.ok("attach_disk", vm, disk_cid) == first
    assert storage.asked("StopInstance") == 1


def test_attached_but_not_in_the_settings(cpi: Cpi, storage: Storage) -> None:
    """A call that was cut off after the attachment is finished by its repeat."""
    speak(cpi, (2, 1))
    vm = storage.vm()
    disk_cid = storage.attached(vm)
    assert cpi.ok("attach_disk", vm, disk_cid) == hint(disk_cid)
    assert storage.settings(vm) == with_disks(**{disk_cid: hint(disk_cid)})
    assert storage.vm_status(vm) == "Running"


def test_detached_but_still_in_the_settings(cpi: Cpi, storage: Storage) -> None:
    """A call that was cut off while Detaching is finished by its repeat."""
    speak(cpi, (2, 1))
    vm = storage.vm()
    disk_cid = storage.attached(vm)
    cpi.sim.world.get(Instance, vm)
    cpi.ok("attach_disk", vm, disk_cid)
    storage.busy(disk_cid, "Detaching", "Available", instance_id="", device="")
    cpi.ok("detach_disk", vm, disk_cid)
    assert storage.settings(vm) == SETTINGS
    assert storage.vm_status(vm) == "Running"


def test_stopped_vm_is_started(cpi: Cpi, storage: Storage) -> None:
    """Settings are read at boot, and a call that was cut off has left the VM down."""
    speak(cpi, (2, 1))
    vm, disk_cid = storage.vm(status="Stopped"), storage.disk()
    cpi.ok("attach_disk", vm, disk_cid)
    assert storage.settings(vm) == with_disks(**{disk_cid: hint(disk_cid)})
    assert storage.vm_status(vm) == "Running"
    assert storage.asked("StopInstance") == 0


@pytest.mark.parametrize("method", ["attach_disk", "detach_disk"])
@pytest.mark.parametrize("user_data", ["", "!", "e30="])
def test_no_settings(cpi: Cpi, storage: Storage, method: str, user_data: str) -> None:
    """Without readable settings the call fails, and nothing at all is changed."""
    speak(cpi, (2, 1))
    vm = storage.vm()
    storage.get(Instance, vm).user_data = user_data
    disk_cid = storage.attached(vm) if method == "detach_disk" else storage.disk()
    before = storage.found(disk_cid).status
    refused(cpi.call(method, vm, disk_cid), "CloudError", vm)
    assert storage.found(disk_cid).status == before
    assert storage.get(Instance, vm).user_data == user_data
    assert storage.vm_status(vm) == "Running"


@pytest.mark.parametrize("method", ["attach_disk", "detach_disk"])
@pytest.mark.parametrize("code", ["Forbidden.RAM", "Throttling.User", "InternalError"])
def test_failed_read_of_settings(cpi: Cpi, storage: Storage, method: str, code: str) -> None:
    """A read of the settings that fails, fails the call: nothing is wiped."""
    speak(cpi, (2, 1))
    vm = storage.vm()
    disk_cid = storage.attached(vm) if method == "detach_disk" else storage.disk()
    storage.refuse("DescribeUserData", code, status=403)
    refused(cpi.call(method, vm, disk_cid), "CloudError", code)
    assert storage.settings(vm) == SETTINGS
    assert [storage.asked(action) for action in WRITES] == [0, 0, 0]


def test_failed_attachment(cpi: Cpi, storage: Storage) -> None:
    """When the attachment is refused in the middle, the VM runs again with its old settings."""
    speak(cpi, (2, 1))
    vm, disk_cid = storage.vm(), storage.disk(zone_id=OTHER_ZONE)
    refused(cpi.call("attach_disk", vm, disk_cid), "CloudError", "ResourcesNotInSameZone")
    assert storage.vm_status(vm) == "Running"
    assert storage.settings(vm) == SETTINGS


@pytest.mark.parametrize("method", ["attach_disk", "detach_disk"])
def test_failed_write_of_settings(cpi: Cpi, storage: Storage, method: str) -> None:
    """When the settings cannot be written the call fails, the VM runs, and a repeat mends it."""
    speak(cpi, (2, 1))
    vm = storage.vm()
    disk_cid = storage.attached(vm) if method == "detach_disk" else storage.disk()
    storage.refuse("ModifyInstanceAttribute", "InvalidParameter", count=1)
    refused(cpi.call(method, vm, disk_cid), "CloudError", "InvalidParameter")
    assert storage.vm_status(vm) == "Running"
    if method == "attach_disk":
        cpi.ok(method, vm, disk_cid)
        assert storage.settings(vm) == with_disks(**{disk_cid: hint(disk_cid)})


def test_vm_that_does_not_stop(cpi: Cpi, storage: Storage) -> None:
    """A guest that does not listen is powered off, and started again afterwards."""
    speak(cpi, (2, 1))
    vm, disk_cid = storage.vm(), storage.disk()
    storage.set(instance__stop_hangs=True)
    cpi.ok("attach_disk", vm, disk_cid)
    assert storage.vm_status(vm) == "Running"
    assert storage.settings(vm) == with_disks(**{disk_cid: hint(disk_cid)})


@pytest.mark.parametrize("action", [*WRITES, "AttachDisk", "DetachDisk"])
def test_lost_answers(cpi: Cpi, storage: Storage, action: str) -> None:
    """Whichever answer gets lost, both calls end well and the VM runs."""
    speak(cpi, (2, 1))
    vm, disk_cid = storage.vm(), storage.disk()
    storage.lose_answer(action)
    assert cpi.ok("attach_disk", vm, disk_cid) == hint(disk_cid)
    assert storage.settings(vm) == with_disks(**{disk_cid: hint(disk_cid)})
    storage.lose_answer(action)
    cpi.ok("detach_disk", vm, disk_cid)
    assert storage.settings(vm) == SETTINGS
    assert storage.vm_status(vm) == "Running"


def test_read_lag(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """Reads that lag behind do not mislead the calls that stop and start the VM."""
    speak(cpi, (2, 1))
    vm, disk_cid = storage.vm(), storage.disk()
    sim.set_pace(disk__attach=2, disk__detach=2, instance__stop=2, instance__start=2)
    sim.set_lag(3)
    cpi.ok("attach_disk", vm, disk_cid)
    assert storage.settings(vm) == with_disks(**{disk_cid: hint(disk_cid)})
    cpi.ok("detach_disk", vm, disk_cid)
    assert storage.settings(vm) == SETTINGS
    assert storage.vm_status(vm) == "Running"
