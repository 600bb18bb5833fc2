"""delete_disk deletes a free disk; one that is gone is fine, one in use an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alicloud_sim.ecs.snapshots.record import Snapshot
from support.storage import refused

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage


def test_gone_afterwards(cpi: Cpi, storage: Storage) -> None:
    """The disk is gone when the call returns; others stay."""
    disk_cid, other = storage.disk(), storage.disk()
    assert cpi.ok("delete_disk", disk_cid) is None
    assert [disk.id for disk in storage.disks()] == [other]


def test_repeat(cpi: Cpi, storage: Storage) -> None:
    """The same call again succeeds: clean-up has to converge."""
    disk_cid = storage.disk()
    cpi.ok("delete_disk", disk_cid)
    cpi.ok("delete_disk", disk_cid)
    assert storage.asked("DeleteDisk") == 1


def test_never_was(cpi: Cpi, storage: Storage) -> None:
    """A disk that never was, or is another account's, is fine and nothing is deleted."""
    foreign = storage.disk(account="1200000000000002")
    cpi.ok("delete_disk", "d-never")
    cpi.ok("delete_disk", foreign)
    assert [disk.id for disk in storage.disks()] == [foreign]


@pytest.mark.parametrize("ignores", [False, True])
def test_gone_half_way(cpi: Cpi, sim: Simulator, storage: Storage, ignores: bool) -> None:  # noqa: FBT001
    """A disk that vanishes between the look and the request is fine, however the cloud says so."""
    disk_cid = storage.disk()
    storage.set(deletes_ignore_unknown=ignores)
    sim.set_lag(3)
    sim.world.remove(storage.found(disk_cid))
    sim.world.commit()
    cpi.ok("delete_disk", disk_cid)
    assert storage.asked("DeleteDisk") == 1


def test_in_use(cpi: Cpi, storage: Storage) -> None:
    """A disk in use is an error that names disk and VM; it stays attached."""
    vm = storage.vm()
    disk_cid = storage.attached(vm)
    refused(cpi.call("delete_disk", disk_cid), "CloudError", disk_cid, vm)
    assert storage.found(disk_cid).instance_id == vm
    assert storage.asked("DeleteDisk") == 0


@pytest.mark.parametrize("status", ["Creating", "ReIniting", "Modifying"])
def test_waits_for_a_changing_disk(cpi: Cpi, storage: Storage, status: str) -> None:
    """A disk that the cloud is at work on is deleted once that is over."""
    disk_cid = storage.disk()
    storage.busy(disk_cid, status, "Available")
    cpi.ok("delete_disk", disk_cid)
    assert storage.disks() == []


def test_waits_while_detaching(cpi: Cpi, storage: Storage) -> None:
    """A disk that is leaving its VM is deleted once it has left."""
    disk_cid = storage.attached(storage.vm())
    storage.busy(disk_cid, "Detaching", "Available", instance_id="", device="")
    cpi.ok("delete_disk", disk_cid)
    assert storage.disks() == []


def test_waits_while_its_spec_changes(cpi: Cpi, storage: Storage) -> None:
    """A disk whose category is being changed for long is deleted once that is over."""
    disk_cid = storage.disk()
    storage.begin_spec_change(disk_cid, seconds=1500)
    cpi.ok("delete_disk", disk_cid)
    assert storage.disks() == []


def test_waits_for_a_snapshot(cpi: Cpi, storage: Storage) -> None:
    """A disk of which a snapshot is being made is deleted when it is done; the snapshot stays."""
    disk_cid = storage.disk()
    snapshot = storage.get(Snapshot, storage.snapshot(disk_id=disk_cid, status="progressing"))
    storage.sim.set_pace(snapshot__create=40)
    storage.sim.world.later(
        "snapshot.create", snapshot, lambda: setattr(snapshot, "status", "accomplished")
    )
    cpi.ok("delete_disk", disk_cid)
    assert storage.disks() == []
    assert [left.id for left in storage.snapshots()] == [snapshot.id]


def test_refused_by_the_cloud(cpi: Cpi, storage: Storage) -> None:
    """What the cloud refuses is an error with its code, and the disk is still there."""
    disk_cid = storage.disk()
    storage.refuse("DeleteDisk", "InvalidDiskStatus.DeleteProtection")
    answer = cpi.call("delete_disk", disk_cid)
    refused(answer, "CloudError", "DeleteProtection", disk_cid, "RequestId")
    assert [disk.id for disk in storage.disks()] == [disk_cid]


@pytest.mark.parametrize("kind", ["lost", "reset", "truncated", "empty", "html", "status"])
@pytest.mark.parametrize("effect", [True, False])
def test_lost_answer(
    cpi: Cpi,
    sim: Simulator,
    storage: Storage,
    kind: str,
    effect: bool,  # noqa: FBT001
) -> None:
    """Whether the request or only its answer got lost, the disk is deleted and the call ends."""
    disk_cid, other = storage.disk(), storage.disk()
    sim.add_fault(kind=kind, action="DeleteDisk", effect=effect)
    cpi.ok("delete_disk", disk_cid)
    assert [disk.id for disk in storage.disks()] == [other]


def test_read_lag(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """The call returns when reads no longer show the disk; the next one finds it gone."""
    sim.set_lag(3)
    disk_cid = storage.make()
    cpi.ok("delete_disk", disk_cid)
    assert cpi.ok("has_disk", disk_cid) is False
    assert storage.disks() == []
