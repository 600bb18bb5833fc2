"""CreateDisk from a snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.storage import (
    add_disk,
    add_snapshot,
    create_snapshot,
    disk,
    snapshots,
)
from sim.support import ZONE, Cloud

if TYPE_CHECKING:
    from alicloud_sim import Simulator


def test_disk_from_a_snapshot(cloud: Cloud, sim: Simulator) -> None:
    """A disk is as large as asked, but never smaller than its snapshot."""
    source = add_snapshot(sim, size_gib=40)
    for asked, size in ((None, 40), (30, 40), (50, 50)):
        made = cloud.settled_disk(SnapshotId=source, Size=asked)
        shown = disk(cloud, made)
        assert (shown["Size"], shown["SourceSnapshotId"]) == (size, source)
    assert snapshots(cloud, source)[0]["Usage"] == "disk"
    assert len(cloud.disks(SnapshotId=source)) == 3


@pytest.mark.parametrize(
    ("source", "asked", "code"),
    [
        ({"id": "s-2zenothing"}, {}, "InvalidSnapshotId.NotFound"),
        ({"disk_type": "system"}, {}, "InvalidSnapshotId.NotDataDiskSnapshot"),
        (
            {"status": "progressing", "disk_category": "cloud_ssd"},
            {},
            "InvalidSnapshotId.NotReady",
        ),
        (
            {},
            {"DiskCategory": "elastic_ephemeral_disk_standard", "Size": 64},
            "InvalidOperation.CreateFromSnapshotUnsupported",
        ),
        ({"encrypted": True}, {"Encrypted": "false"}, "InvalidEncrypted.NotMatchSnapshot"),
        ({}, {"Encrypted": "true"}, "InvalidEncrypted.NotMatchSnapshot"),
        ({"encrypted": True}, {"KMSKeyId": "key-1"}, "InvalidKmsKeyId.NotMatchSnapshot"),
        (
            {"size_gib": 40000},
            {"DiskCategory": "cloud_ssd"},
            "InvalidDataDiskSize.ValueNotSupported",
        ),
    ],
)
def test_disk_from_a_snapshot_refusals(
    cloud: Cloud, sim: Simulator, source: dict[str, Any], asked: dict[str, Any], code: str
) -> None:
    """What no disk can be made from is refused."""
    made = add_snapshot(sim, **{k: v for k, v in source.items() if k != "id"})
    given = {"ZoneId": ZONE, "DiskCategory": "cloud_essd", "SnapshotId": source.get("id", made)}
    assert cloud.call("CreateDisk", **{**given, **asked}).code == code


def test_encryption_is_inherited(cloud: Cloud, sim: Simulator) -> None:
    """Snapshots of encrypted disks are encrypted, and so are disks made from them."""
    key = sim.state()["constants"]["cn-beijing.kms_key"]
    made = create_snapshot(cloud, add_disk(sim, encrypted=True, kms_key_id=key))
    (shown,) = snapshots(cloud, made, Encrypted="true", KMSKeyId=key)
    assert (shown["Encrypted"], shown["KMSKeyId"]) == (True, key)
    copy = disk(cloud, cloud.create_disk(SnapshotId=made, Size=None))
    assert (copy["Encrypted"], copy["KMSKeyId"]) == (True, key)
