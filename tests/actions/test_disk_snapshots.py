"""Automatic snapshot policies of persistent disks, and how long snapshots are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.storage import refused
from support.world import ZONE

if TYPE_CHECKING:
    from support.cpi import Cpi
    from support.storage import Storage
    from support.world import Names

SIZE = 51200  # MiB of the disks in these tests


@pytest.fixture
def policy(cpi: Cpi) -> str:
    """Return the id of an automatic snapshot policy."""
    return cpi.sim.seed({"auto_snapshot_policy": [{}]})["auto_snapshot_policy"][0]


def test_a_new_disk_has_the_policy(storage: Storage, policy: str) -> None:
    """It is applied once the disk is Available."""
    disk = storage.found(storage.make(SIZE, {"auto_snapshot_policy_id": policy}))
    assert (disk.auto_snapshot_policy_id, disk.status) == (policy, "Available")


def test_without_a_policy(cpi: Cpi, storage: Storage) -> None:
    """Nothing more is requested for a disk that has none."""
    with cpi.requests() as requests:
        disk = storage.found(storage.make(SIZE))
    assert disk.auto_snapshot_policy_id == ""
    assert set(requests) == {"CreateDisk", "DescribeDisks"}


def test_a_lost_answer(storage: Storage, policy: str) -> None:
    """The request is sent again: the same policy a second time changes nothing."""
    storage.lose_answer("ApplyAutoSnapshotPolicy")
    disk = storage.found(storage.make(SIZE, {"auto_snapshot_policy_id": policy}))
    assert disk.auto_snapshot_policy_id == policy
    assert len(storage.disks()) == 1


@pytest.mark.parametrize("region", [None, "cn-hangzhou"])
def test_no_such_policy(cpi: Cpi, storage: Storage, region: str | None) -> None:
    """A policy that the region does not have is named by its property; no disk is left."""
    found = "sp-none"
    if region:
        rows = {"auto_snapshot_policy": [{"region": region}]}
        found = cpi.sim.seed(rows)["auto_snapshot_policy"][0]
    wanted = {"availability_zone": ZONE, "auto_snapshot_policy_id": found}
    answer = cpi.call("create_disk", SIZE, wanted, None)
    refused(answer, "CloudError", "ParameterInvalid", "auto_snapshot_policy_id must be that of a")
    refused(answer, "CloudError", "region cn-beijing", "Cleaned up")
    assert storage.disks() == []


@pytest.mark.parametrize("before", [True, False])
def test_another_policy(cpi: Cpi, storage: Storage, policy: str, before: bool) -> None:  # noqa: FBT001
    """update_disk applies it, to an attached disk, too; a repeat finds it applied."""
    other = cpi.sim.seed({"auto_snapshot_policy": [{}]})["auto_snapshot_policy"][0]
    held = {"auto_snapshot_policy_id": other if before else ""}
    disk_cid = storage.attached(storage.vm(), **held)
    for _ in range(2):
        cpi.ok("update_disk", disk_cid, SIZE, {"auto_snapshot_policy_id": policy})
    assert storage.found(disk_cid).auto_snapshot_policy_id == policy
    assert storage.asked("ApplyAutoSnapshotPolicy") == 1


def test_a_policy_that_is_not_named_stays(cpi: Cpi, storage: Storage, policy: str) -> None:
    """An operator may have applied it by hand."""
    disk_cid = storage.disk(auto_snapshot_policy_id=policy)
    cpi.ok("update_disk", disk_cid, SIZE, {})
    assert storage.found(disk_cid).auto_snapshot_policy_id == policy


def test_an_update_to_no_such_policy(cpi: Cpi, storage: Storage, policy: str) -> None:
    """It is NotSupported, like all that the cloud refuses; the disk keeps its policy."""
    disk_cid = storage.disk(auto_snapshot_policy_id=policy)
    answer = cpi.call("update_disk", disk_cid, SIZE, {"auto_snapshot_policy_id": "sp-none"})
    refused(answer, "NotSupported", "auto_snapshot_policy_id must be that of a policy in region")
    assert storage.found(disk_cid).auto_snapshot_policy_id == policy


@pytest.mark.parametrize(("days", "kept"), [(None, None), ("", None), (1, 1), ("30", 30)])
def test_retention(cpi: Cpi, storage: Storage, days: object, kept: int | None) -> None:
    """The cloud deletes snapshots after snapshot_retention_days, or never."""
    cpi.configure(snapshot_retention_days=days)
    cpi.ok("snapshot_disk", storage.disk(attached_at=1.0), {})
    (snapshot,) = storage.snapshots()
    assert snapshot.retention_days == kept


@pytest.mark.parametrize("days", [0, -1, 65537, 1.5, True, "soon", [30]])
def test_retention_out_of_range(cpi: Cpi, storage: Storage, days: object) -> None:
    """A number of days that the cloud does not take is refused; no snapshot is taken."""
    cpi.configure(snapshot_retention_days=days)
    answer = cpi.call("snapshot_disk", storage.disk(attached_at=1.0), {})
    refused(answer, "CpiError", "alicloud.snapshot_retention_days must be 1 to 65536 days")
    assert storage.snapshots() == []


def test_snapshot_of_an_encrypted_disk(cpi: Cpi, storage: Storage, names: Names) -> None:
    """It has the disk's key."""
    disk_cid = storage.disk(attached_at=1.0, encrypted=True, kms_key_id=names.kms_key)
    cpi.ok("snapshot_disk", disk_cid, {})
    (snapshot,) = storage.snapshots()
    assert (snapshot.encrypted, snapshot.kms_key_id) == (True, names.kms_key)
