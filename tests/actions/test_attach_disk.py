"""attach_disk makes a disk available to a VM and answers where it appears in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alicloud_sim.ecs.instances.record import Instance
from support.storage import NVME, SETTINGS, VIRTIO, refused
from support.world import OTHER_ZONE

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage


@pytest.mark.parametrize(
    ("instance_type", "path"), [("ecs.g6.large", VIRTIO), ("ecs.g8i.large", NVME)]
)
def test_hint(cpi: Cpi, storage: Storage, instance_type: str, path: str) -> None:
    """The hint is the disk's by-id path: virtio, or NVMe where the type requires that."""
    vm, disk_cid = storage.vm(instance_type=instance_type), storage.disk(category="cloud_essd")
    assert cpi.ok("attach_disk", vm, disk_cid) == path + disk_cid.removeprefix("d-")
    disk = storage.found(disk_cid)
    assert (disk.status, disk.instance_id, disk.delete_with_instance) == ("In_use", vm, False)
    assert cpi.sim.calls("AttachDisk")[0]["params"]["DeleteWithInstance"] == "false"


def test_disk_without_serial_number(cpi: Cpi, storage: Storage) -> None:
    """A disk from before serial numbers goes by its id."""
    disk_cid = storage.disk(serial=False)
    assert cpi.ok("attach_disk", storage.vm(), disk_cid) == VIRTIO + disk_cid.removeprefix("d-")


@pytest.mark.parametrize("status", ["Running", "Stopped"])
def test_vm_stays_as_it_is(cpi: Cpi, storage: Storage, status: str) -> None:
    """A VM is neither started nor stopped for a disk; its settings stay."""
    vm = storage.vm(status=status)
    cpi.ok("attach_disk", vm, storage.disk())
    assert storage.vm_status(vm) == status
    assert storage.settings(vm) == SETTINGS
    assert storage.asked("StopInstance") == storage.asked("StartInstance") == 0


def test_repeat(cpi: Cpi, storage: Storage) -> None:
    """The same call again answers the same hint at once and attaches nothing twice."""
    vm, disk_cid = storage.vm(), storage.disk()
    first = cpi.ok("attach_disk", vm, disk_cid)
    now = cpi.sim.world.clock.now()
    assert cpi.ok("attach_disk", vm, disk_cid) == first
    assert cpi.sim.world.clock.now() == now
    assert storage.asked("AttachDisk") == 1


def test_several_disks(cpi: Cpi, storage: Storage) -> None:
    """Each of several disks of a VM has a hint of its own."""
    vm, disks = storage.vm(), [storage.disk() for _ in range(4)]
    hints = [cpi.ok("attach_disk", vm, disk_cid) for disk_cid in disks]
    assert len(set(hints)) == 4
    assert sorted(cpi.ok("get_disks", vm)) == sorted(disks)


@pytest.mark.parametrize("status", ["Creating", "Detaching", "ReIniting"])
def test_waits_for_a_disk_that_will_be_free(cpi: Cpi, storage: Storage, status: str) -> None:
    """A disk that the cloud is at work on is attached once it is free."""
    vm, disk_cid = storage.vm(), storage.disk()
    storage.busy(disk_cid, status, "Available")
    assert cpi.ok("attach_disk", vm, disk_cid).startswith(VIRTIO)
    assert storage.found(disk_cid).instance_id == vm


def test_waits_while_detaching_from_another_vm(cpi: Cpi, storage: Storage) -> None:
    """A disk that is leaving another VM is waited for, as when a VM is recreated."""
    old, new = storage.vm(), storage.vm()
    disk_cid = storage.attached(old)
    storage.busy(disk_cid, "Detaching", "Available", instance_id="", device="")
    cpi.ok("attach_disk", new, disk_cid)
    assert storage.found(disk_cid).instance_id == new


def test_cut_off_call(cpi: Cpi, storage: Storage) -> None:
    """A repeat that finds the disk Attaching to this VM waits for that."""
    vm = storage.vm()
    disk_cid = storage.attached(vm)
    storage.busy(disk_cid, "Attaching", "In_use")
    assert cpi.ok("attach_disk", vm, disk_cid) == VIRTIO + disk_cid.removeprefix("d-")
    assert storage.asked("AttachDisk") == 0


def test_attaching_to_another_vm(cpi: Cpi, storage: Storage) -> None:
    """A disk that turns out to be on its way to another VM is an error, not a success."""
    vm, other = storage.vm(), storage.vm()
    disk_cid = storage.attached(other)
    storage.busy(disk_cid, "Attaching", "In_use")
    refused(cpi.call("attach_disk", vm, disk_cid), "CloudError", disk_cid, vm, other)


def test_attached_to_another_vm(cpi: Cpi, storage: Storage) -> None:
    """The error names the disk and both VMs, and nothing changes."""
    vm, other = storage.vm(), storage.vm()
    disk_cid = storage.attached(other)
    refused(cpi.call("attach_disk", vm, disk_cid), "CloudError", disk_cid, vm, other)
    assert storage.found(disk_cid).instance_id == other
    assert storage.asked("AttachDisk") == 0


def test_missing_vm(cpi: Cpi, storage: Storage) -> None:
    """A VM that is not there is VMNotFound; the disk stays free."""
    disk_cid = storage.disk()
    refused(cpi.call("attach_disk", "i-gone", disk_cid), "VMNotFound", "i-gone")
    assert storage.found(disk_cid).status == "Available"


def test_missing_disk(cpi: Cpi, storage: Storage) -> None:
    """A disk that is not there is DiskNotFound."""
    refused(cpi.call("attach_disk", storage.vm(), "d-gone"), "DiskNotFound", "d-gone")


def test_disk_goes_away_while_it_is_waited_for(cpi: Cpi, storage: Storage) -> None:
    """A disk that vanishes while it is Creating is DiskNotFound, at once."""
    vm, disk_cid = storage.vm(), storage.disk()
    disk = storage.found(disk_cid)
    storage.busy(disk_cid, "Creating", "Available")
    cpi.sim.world.jobs.cancel((disk.kind, disk.id))
    cpi.sim.world.later("disk.create", disk, lambda: cpi.sim.world.remove(disk))
    refused(cpi.call("attach_disk", vm, disk_cid), "DiskNotFound", disk_cid)


def test_just_made_disk(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """A disk that lists do not show yet is looked for a while before it is said to be gone."""
    sim.set_pace(disk__listed=3)
    disk_cid = storage.disk()
    assert cpi.ok("attach_disk", storage.vm(), disk_cid).startswith(VIRTIO)
    assert storage.found(disk_cid).status == "In_use"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"zone_id": OTHER_ZONE}, "ResourcesNotInSameZone"),
        ({"encrypted": True, "kms_key_id": "key-gone"}, "CMKNotEnabled"),
        ({"category": "elastic_ephemeral_disk_standard"}, "NotSupportDiskCategory"),
    ],
)
def test_refused_by_the_cloud(
    cpi: Cpi, storage: Storage, fields: dict[str, object], code: str
) -> None:
    """What the cloud refuses is an error with its code and both ids; the disk stays free."""
    vm, disk_cid = storage.vm(), storage.disk(**fields)
    refused(cpi.call("attach_disk", vm, disk_cid), "CloudError", code, vm, disk_cid)
    assert storage.found(disk_cid).status == "Available"


def test_busy_vm(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """A VM that takes one change of its disks at a time is waited for."""
    vm, disk_cid = storage.vm(), storage.disk()
    storage.set(instance__one_disk_change=True)
    storage.busy(storage.attached(vm), "Attaching", "In_use")
    cpi.ok("attach_disk", vm, disk_cid)
    assert sim.world.get(Instance, vm) is not None
    assert storage.found(disk_cid).instance_id == vm


def test_never_in_use(cpi: Cpi, storage: Storage) -> None:
    """An attachment that does not end is given up with the last state seen."""
    vm, disk_cid = storage.vm(), storage.disk()
    storage.set(disk__stuck__Attaching=True)
    refused(cpi.call("attach_disk", vm, disk_cid), "CloudError", "Gave up", disk_cid, "Attaching")


@pytest.mark.parametrize("kind", ["lost", "reset", "truncated", "empty", "html", "status"])
def test_lost_answer(cpi: Cpi, sim: Simulator, storage: Storage, kind: str) -> None:
    """When the answer of AttachDisk gets lost, a look tells that it need not be repeated."""
    sim.add_fault(kind=kind, action="AttachDisk", effect=True)
    vm, disk_cid = storage.vm(), storage.disk()
    assert cpi.ok("attach_disk", vm, disk_cid).startswith(VIRTIO)
    assert storage.found(disk_cid).instance_id == vm
    assert storage.asked("AttachDisk") == 1


def test_lost_request(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """When the request itself got lost, the look tells so and it is repeated."""
    sim.add_fault(kind="lost", action="AttachDisk", effect=False)
    vm, disk_cid = storage.vm(), storage.disk()
    cpi.ok("attach_disk", vm, disk_cid)
    assert storage.found(disk_cid).instance_id == vm
    assert storage.asked("AttachDisk") == 2


@pytest.mark.parametrize("disturbance", ["none", "lost"])
def test_read_lag(cpi: Cpi, sim: Simulator, storage: Storage, disturbance: str) -> None:
    """Reads that lag behind neither end the call early nor let it fail."""
    vm, disk_cid = storage.vm(), storage.disk()
    sim.set_pace(disk__attach=2)
    sim.set_lag(3)
    if disturbance == "lost":
        storage.lose_answer("AttachDisk")
    assert cpi.ok("attach_disk", vm, disk_cid).startswith(VIRTIO)
    assert storage.found(disk_cid).status == "In_use"


@pytest.mark.parametrize("status", ["Attaching", "In_use"])
def test_repeat_under_read_lag(cpi: Cpi, sim: Simulator, storage: Storage, status: str) -> None:
    """A repeat right after a cut-off call succeeds although reads still show the disk free."""
    vm, disk_cid = storage.vm(), storage.disk()
    sim.set_lag(3)
    disk = storage.found(disk_cid)
    disk.instance_id, disk.device, disk.status = vm, "/dev/xvdc", "In_use"
    if status == "Attaching":
        storage.busy(disk_cid, "Attaching", "In_use")
    sim.world.commit()
    assert cpi.ok("attach_disk", vm, disk_cid) == VIRTIO + disk_cid.removeprefix("d-")
    assert storage.found(disk_cid).instance_id == vm


def test_taken_under_read_lag(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """A disk that another VM took a moment ago is an error that names it, not a success."""
    vm, other, disk_cid = storage.vm(), storage.vm(), storage.disk()
    sim.set_lag(3)
    disk = storage.found(disk_cid)
    disk.instance_id, disk.device, disk.status = other, "/dev/xvdc", "In_use"
    sim.world.commit()
    refused(cpi.call("attach_disk", vm, disk_cid), "CloudError", disk_cid, vm, other)
