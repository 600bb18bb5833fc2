"""delete_snapshot deletes a snapshot; one that is gone is fine, so that clean-up converges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.storage import refused

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage


@pytest.mark.parametrize("status", ["accomplished", "failed"])
def test_gone_afterwards(cpi: Cpi, storage: Storage, status: str) -> None:
    """The snapshot is gone when the call returns; others, and the disk, stay."""
    disk_cid = storage.disk()
    snapshot, other = storage.snapshot(disk_id=disk_cid, status=status), storage.snapshot()
    assert cpi.ok("delete_snapshot", snapshot) is None
    assert [left.id for left in storage.snapshots()] == [other]
    assert storage.found(disk_cid).status == "Available"


def test_snapshot_that_was_taken(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """What snapshot_disk answered can be deleted, after the disk too and when reads lag."""
    disk_cid = storage.disk(attached_at=1.0)
    sim.set_lag(3)
    snapshot = cpi.ok("snapshot_disk", disk_cid, {})
    cpi.ok("delete_disk", disk_cid)
    cpi.ok("delete_snapshot", snapshot)
    assert storage.snapshots() == []


def test_repeat(cpi: Cpi, storage: Storage) -> None:
    """The same call again succeeds, and so does one for a snapshot that never was."""
    snapshot = storage.snapshot()
    cpi.ok("delete_snapshot", snapshot)
    cpi.ok("delete_snapshot", snapshot)
    cpi.ok("delete_snapshot", "s-never")
    assert storage.asked("DeleteSnapshot") == 1


@pytest.mark.parametrize("ignores", [False, True])
def test_gone_half_way(
    cpi: Cpi,
    sim: Simulator,
    storage: Storage,
    ignores: bool,  # noqa: FBT001
) -> None:
    """A snapshot that vanishes between the look and the request is fine."""
    snapshot = storage.snapshot()
    storage.set(deletes_ignore_unknown=ignores)
    sim.set_lag(3)
    sim.world.remove(storage.snapshots()[0])
    sim.world.commit()
    cpi.ok("delete_snapshot", snapshot)


def test_in_use(cpi: Cpi, storage: Storage) -> None:
    """A snapshot that an image or a disk needs is an error with the cloud's code; it stays."""
    snapshot, other = storage.snapshot(), storage.snapshot()
    storage.image(snapshot_ids=[snapshot])
    storage.disk(source_snapshot_id=other)
    refused(cpi.call("delete_snapshot", snapshot), "CloudError", "SnapshotCreatedImage", snapshot)
    refused(cpi.call("delete_snapshot", other), "CloudError", "SnapshotCreatedDisk", other)
    assert len(storage.snapshots()) == 2


@pytest.mark.parametrize("kind", ["lost", "reset", "truncated", "empty", "html", "status"])
@pytest.mark.parametrize("effect", [True, False])
@pytest.mark.parametrize("lag", [0, 3])
def test_lost_answer(
    cpi: Cpi,
    sim: Simulator,
    storage: Storage,
    kind: str,
    effect: bool,  # noqa: FBT001
    lag: float,
) -> None:
    """Whether the request or only its answer got lost, the snapshot is deleted."""
    snapshot = storage.snapshot()
    sim.set_lag(lag)
    sim.add_fault(kind=kind, action="DeleteSnapshot", effect=effect)
    cpi.ok("delete_snapshot", snapshot)
    assert storage.snapshots() == []


def test_other_region(cpi: Cpi, storage: Storage) -> None:
    """A snapshot is looked for in the regions that are configured, and nowhere else."""
    snapshot = storage.snapshot(region="cn-hangzhou")
    cpi.ok("delete_snapshot", snapshot)
    assert len(storage.snapshots()) == 1
    cpi.configure(cross_regions=["cn-hangzhou"])
    cpi.ok("delete_snapshot", snapshot)
    assert storage.snapshots() == []


@pytest.mark.parametrize("snapshot_cid", ["", None, 5])
def test_bad_cid(cpi: Cpi, snapshot_cid: object) -> None:
    """A cid that is no text is an error that names the argument."""
    refused(cpi.call("delete_snapshot", snapshot_cid), "CpiError", "snapshot_cid")
