"""CreateSnapshot, DescribeSnapshots, DeleteSnapshot, and disks made from snapshots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.storage import (
    HOST,
    LONG,
    add_disk,
    add_host,
    add_image,
    add_snapshot,
    attach,
    create_snapshot,
    disk,
    held_disk,
    snapshots,
)
from sim.support import ZONE, Cloud

if TYPE_CHECKING:
    from alicloud_sim import Simulator


def test_create(cloud: Cloud, sim: Simulator) -> None:
    """A snapshot is progressing, then accomplished, and knows its disk."""
    add_host(sim)
    disk_id = held_disk(sim)
    made = create_snapshot(
        cloud, disk_id, SnapshotName="first", Description="of a disk", Tag__1__Key="director"
    )
    shown, done = (snapshots(cloud, made)[0] for _ in "ab")
    assert (shown["Status"], shown["Progress"]) == ("progressing", "0%")
    assert (done["Status"], done["Progress"], done["RemainTime"]) == ("accomplished", "100%", 0)
    assert (done["SnapshotName"], done["Description"]) == ("first", "of a disk")
    assert (done["SourceDiskId"], done["SourceDiskSize"]) == (disk_id, "40")
    assert (done["SourceDiskType"], done["SnapshotType"]) == ("data", "user")
    assert done["Tags"]["Tag"] == [{"TagKey": "director", "TagValue": ""}]
    assert disk(cloud, disk_id)["Status"] == "In_use"


def test_progress(cloud: Cloud, sim: Simulator) -> None:
    """Progress and the remaining time follow the clock."""
    sim.set_pace(snapshot__create=100)
    made = create_snapshot(cloud, add_disk(sim))
    for seconds, progress, left in ((0, "0%", 100), (45, "45%", 55), (54.5, "99%", 1)):
        sim.advance(seconds)
        (shown,) = snapshots(cloud, made)
        assert (shown["Progress"], shown["RemainTime"]) == (progress, left)
    sim.advance(1)
    assert snapshots(cloud, made)[0]["Progress"] == "100%"


@pytest.mark.parametrize(
    ("category", "early"),
    [("cloud_essd", True), ("cloud_auto", True), ("cloud_efficiency", False), ("cloud_ssd", False)],
)
def test_usable_at_once(
    cloud: Cloud,
    sim: Simulator,
    category: str,
    early: bool,  # noqa: FBT001 - it is the expectation
) -> None:
    """Snapshots of ESSD and AutoPL disks can be used at once, others when accomplished."""
    made = create_snapshot(cloud, add_disk(sim, category=category))
    assert snapshots(cloud, made)[0]["Available"] is early
    assert snapshots(cloud, made)[0]["Available"] is True


def test_never_attached(cloud: Cloud, sim: Simulator) -> None:
    """A disk has to have been attached once; that counts for ever."""
    add_host(sim)
    disk_id = cloud.settled_disk()
    refused = cloud.call("CreateSnapshot", DiskId=disk_id)
    assert (refused.code, refused.status) == ("IncorrectDiskStatus.NeverAttached", 403)
    attach(cloud, disk_id)
    cloud.ok("DetachDisk", InstanceId=HOST, DiskId=disk_id)
    sim.advance(LONG)
    create_snapshot(cloud, disk_id)


def test_one_unfinished(cloud: Cloud, sim: Simulator) -> None:
    """While a snapshot of a disk is being made there is no second one."""
    disk_id = add_disk(sim)
    create_snapshot(cloud, disk_id)
    refused = cloud.call("CreateSnapshot", DiskId=disk_id)
    assert (refused.code, refused.status) == ("IncorrectDiskStatus.CreatingSnapshot", 403)
    sim.advance(LONG)
    create_snapshot(cloud, disk_id)


@pytest.mark.parametrize(
    ("held", "asked", "code", "status"),
    [
        ({}, {"DiskId": "d-2zenothing"}, "InvalidDiskId.NotFound", 404),
        ({"status": "Attaching"}, {}, "IncorrectDiskStatus", 403),
        ({"status": "Creating"}, {}, "IncorrectDiskStatus", 403),
        ({"status": "In_use", "instance_id": HOST}, {}, "IncorrectInstanceStatus", 400),
        (
            {"category": "elastic_ephemeral_disk_standard"},
            {},
            "DiskCategory.OperationNotSupported",
            400,
        ),
        (
            {"encrypted": True, "kms_key_id": "key-gone"},
            {},
            "InvalidParameter.KMSKeyId.CMKNotEnabled",
            403,
        ),
        ({}, {"SnapshotName": "auto-1"}, "InvalidSnapshotName.Malformed", 400),
        ({}, {"SnapshotName": "1"}, "InvalidSnapshotName.Malformed", 400),
        ({}, {"Description": "https://x"}, "InvalidDescription.Malformed", 404),
        ({}, {"RetentionDays": 0}, "InvalidRetentionDays.Malformed", 400),
        ({}, {"Category": "Golden"}, "InvalidSnapshotCategory.Malformed", 403),
        ({}, {"Tag.1.Key": "aliyun"}, "InvalidTagKey.Malformed", 400),
    ],
)
def test_refusals(
    cloud: Cloud,
    sim: Simulator,
    held: dict[str, Any],
    asked: dict[str, Any],
    code: str,
    status: int,
) -> None:
    """Snapshots that are not possible are refused, and none is made."""
    add_host(sim, status="Starting")
    disk_id = add_disk(sim, **held)
    refused = cloud.call("CreateSnapshot", **{"DiskId": disk_id, **asked})
    assert (refused.code, refused.status) == (code, status)
    assert snapshots(cloud) == []


def test_quotas(cloud: Cloud, sim: Simulator) -> None:
    """There are quotas for a disk (256 unless set) and for the account."""
    disk_id = add_disk(sim)
    sim.seed({"quotas": {"snapshot.per_disk": 1}, "snapshot": [{"disk_id": disk_id}]})
    assert cloud.call("CreateSnapshot", DiskId=disk_id).code == "QuotaExceed.Snapshot"
    sim.seed({"quotas": {"snapshot.count": 1}})
    refused = cloud.call("CreateSnapshot", DiskId=add_disk(sim))
    assert (refused.code, refused.status) == ("QuotaExceed.SnapshotQuota", 403)


def test_token(cloud: Cloud, sim: Simulator) -> None:
    """The same ClientToken makes one snapshot; with other parameters it is refused."""
    disk_id = add_disk(sim)
    made = {create_snapshot(cloud, disk_id, ClientToken="t") for _ in "ab"}
    assert len(made) == len(snapshots(cloud)) == 1
    other = cloud.call("CreateSnapshot", DiskId=disk_id, SnapshotName="other", ClientToken="t")
    assert (other.code, other.status) == ("IdempotentParameterMismatch", 403)


def test_failure(cloud: Cloud, sim: Simulator) -> None:
    """A snapshot may fail in the end."""
    disk_id = add_disk(sim)
    sim.seed({"settings": {"snapshot.fails": [disk_id]}})
    made = create_snapshot(cloud, disk_id)
    sim.advance(LONG)
    (shown,) = snapshots(cloud, made)
    assert (shown["Status"], shown["Available"]) == ("failed", False)
    refused = cloud.call("CreateDisk", ZoneId=ZONE, DiskCategory="cloud_essd", SnapshotId=made)
    assert refused.code == "InvalidSnapshotId.NotReady"


def test_delete(cloud: Cloud, sim: Simulator) -> None:
    """A snapshot goes a little after the call; unknown ones are refused unless set otherwise."""
    made = add_snapshot(sim)
    for _ in "ab":
        cloud.ok("DeleteSnapshot", SnapshotId=made)
    assert len(snapshots(cloud, made)) == 1
    assert snapshots(cloud, made) == []
    refused = cloud.call("DeleteSnapshot", SnapshotId=made)
    assert (refused.code, refused.status) == ("InvalidSnapshotId.NotFound", 404)
    sim.seed({"settings": {"deletes_ignore_unknown": True}})
    cloud.ok("DeleteSnapshot", SnapshotId=made)


def test_delete_in_progress(cloud: Cloud, sim: Simulator) -> None:
    """Deleting a snapshot that is being made ends its making; the disk is free again."""
    disk_id = add_disk(sim)
    made = create_snapshot(cloud, disk_id)
    cloud.ok("DeleteSnapshot", SnapshotId=made)
    sim.advance(LONG)
    assert snapshots(cloud, made) == []
    cloud.ok("DeleteDisk", DiskId=disk_id)


def test_delete_in_use(cloud: Cloud, sim: Simulator) -> None:
    """One that disks were made from goes with Force only, one of an image never."""
    source = add_snapshot(sim, size_gib=20)
    made = cloud.settled_disk(SnapshotId=source)
    refused = cloud.call("DeleteSnapshot", SnapshotId=source)
    assert (refused.code, refused.status) == ("SnapshotCreatedDisk", 403)
    cloud.ok("DeleteSnapshot", SnapshotId=source, Force="true")
    sim.advance(LONG)
    assert disk(cloud, made)["SourceSnapshotId"] == source
    image = add_image(sim)
    under = sim.state()["records"]["image"][image]["snapshot_ids"][0]
    refused = cloud.call("DeleteSnapshot", SnapshotId=under, Force="true")
    assert (refused.code, refused.status) == ("SnapshotCreatedImage", 403)


def test_snapshots_outlive_their_disk(cloud: Cloud, sim: Simulator) -> None:
    """Manual snapshots stay when a disk is deleted, automatic ones go unless told otherwise."""
    going, keeping = add_disk(sim), add_disk(sim, delete_auto_snapshot=False)
    manual = add_snapshot(sim, disk_id=going)
    automatic = add_snapshot(sim, disk_id=going, snapshot_type="auto")
    kept = add_snapshot(sim, disk_id=keeping, snapshot_type="auto")
    for one in (going, keeping):
        cloud.ok("DeleteDisk", DiskId=one)
    left = {shown["SnapshotId"] for shown in snapshots(cloud)}
    assert left == {manual, kept}
    assert automatic not in left
