"""A disk's life, each call a process of its own, in real time, as the Director makes them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from support.storage import SETTINGS, VIRTIO, refused
from support.world import MARK, ZONE

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Answer, Cpi
    from support.storage import Storage
    from support.world import Names

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def real_time(sim: Simulator) -> None:
    """Let the world's clock run; every change is still seen under way."""
    sim.resume()
    sim.set_pace("instant", grace=0.2)


def done(answer: Answer) -> object:
    """Expect success and return the result."""
    assert answer.error is None, f"{answer.error}\n{answer.stderr}"
    return answer.result


def test_life(cpi: Cpi, storage: Storage) -> None:
    """Made, attached, tagged, copied, detached, grown, attached again and deleted."""
    vm = storage.vm()
    disk_cid = done(cpi.process("create_disk", 20480, {"tags": {"a": 1}}, vm))
    assert isinstance(disk_cid, str)
    hint = VIRTIO + disk_cid.removeprefix("d-")
    assert done(cpi.process("has_disk", disk_cid)) is True
    assert done(cpi.process("attach_disk", vm, disk_cid)) == hint
    done(cpi.process("set_disk_metadata", disk_cid, {"index": 0}))
    snapshot = done(cpi.process("snapshot_disk", disk_cid, {"deployment": "cf"}))
    done(cpi.process("detach_disk", vm, disk_cid))
    done(cpi.process("resize_disk", disk_cid, 40960))
    assert done(cpi.process("attach_disk", vm, disk_cid)) == hint
    disk = storage.found(disk_cid)
    assert (disk.size_gib, disk.tags) == (40, {"a": "1", "index": "0", **MARK})
    refused(cpi.process("delete_disk", disk_cid), "CloudError", vm)
    done(cpi.process("detach_disk", vm, disk_cid))
    done(cpi.process("delete_disk", disk_cid))
    done(cpi.process("delete_snapshot", snapshot))
    assert (storage.disks(), storage.snapshots()) == ([], [])


def test_update(cpi: Cpi, storage: Storage) -> None:
    """A disk becomes larger and faster in place; what cannot be is NotSupported."""
    disk_cid = storage.disk()
    assert done(cpi.process("update_disk", disk_cid, 102400, {"category": "cloud_ssd"})) is None
    disk = storage.found(disk_cid)
    assert (disk.category, disk.size_gib) == ("cloud_ssd", 100)
    refused(cpi.process("update_disk", disk_cid, 102400, {"encrypted": True}), "NotSupported")


def test_old_stemcell(cpi: Cpi, storage: Storage) -> None:
    """An old agent's disk goes into its settings, and the VM runs in the end."""
    cpi.stemcell_api_version = 1
    vm, disk_cid = storage.vm(), storage.disk()
    hint = done(cpi.process("attach_disk", vm, disk_cid))
    assert storage.settings(vm)["disks"]["persistent"] == {disk_cid: hint}
    done(cpi.process("detach_disk", vm, disk_cid))
    assert storage.settings(vm) == SETTINGS
    assert storage.vm_status(vm) == "Running"


def test_stemcells(cpi: Cpi, storage: Storage, names: Names) -> None:
    """A light stemcell is left alone, its encrypted copy is ours to delete."""
    properties = {"image_id": {"cn-beijing": names.image}}
    light = done(cpi.process("create_stemcell", "", properties))
    done(cpi.process("delete_stemcell", light))
    cpi.configure(encrypted=True)
    copy = done(cpi.process("create_stemcell", "", properties))
    assert [image.id for image in storage.own_images()] == [copy]
    done(cpi.process("delete_stemcell", copy))
    assert (storage.own_images(), storage.snapshots()) == ([], [])


def test_side_by_side(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """Calls for different disks run in parallel, throttled and with lagging reads, and all end."""
    vms = [storage.vm() for _ in range(4)]
    sim.set_lag(0.5)
    sim.add_limit(action="*", rate=20, burst=5)

    def life(vm: str) -> str:
        disk_cid = done(cpi.process("create_disk", 20480, {"availability_zone": ZONE}, vm))
        assert isinstance(disk_cid, str)
        done(cpi.process("attach_disk", vm, disk_cid))
        return disk_cid

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(life, vms))
    assert [storage.found(disk_cid).instance_id for disk_cid in made] == vms
    assert len(storage.disks()) == 4
