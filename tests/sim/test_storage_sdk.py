"""Disks, snapshots and images through Alibaba Cloud's own Python SDK."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sim.storage import HOST, LONG, add_host, add_image
from sim.test_sdk import do

if TYPE_CHECKING:
    from aliyunsdkcore.client import AcsClient

    from alicloud_sim import Simulator

pytestmark = pytest.mark.filterwarnings("ignore")


def test_life_of_a_disk(sdk: AcsClient, sim: Simulator) -> None:
    """A disk is made, attached, kept as a snapshot, detached, changed and deleted."""
    add_host(sim)
    disk_id = do(sdk, "CreateDisk", ZoneId="cn-beijing-h", DiskCategory="cloud_ssd", Size=20)[
        "DiskId"
    ]

    def shown() -> Any:
        return do(sdk, "DescribeDisks", DiskIds=json.dumps([disk_id]))["Disks"]["Disk"][0]

    sim.advance(LONG)
    do(sdk, "AttachDisk", DiskId=disk_id, InstanceId=HOST, DeleteWithInstance=False)
    assert [shown()["Status"] for _ in "ab"] == ["Attaching", "In_use"]
    made = do(sdk, "CreateSnapshot", DiskId=disk_id, SnapshotName="kept")["SnapshotId"]
    sim.advance(LONG)
    do(sdk, "DetachDisk", DiskId=disk_id, InstanceId=HOST)
    assert [shown()["Status"] for _ in "ab"] == ["Detaching", "Available"]
    do(sdk, "ResizeDisk", DiskId=disk_id, NewSize=30)
    sim.advance(LONG)
    do(sdk, "ModifyDiskSpec", DiskId=disk_id, DiskCategory="cloud_essd")
    sim.advance(LONG)
    do(sdk, "ModifyDiskAttribute", DiskId=disk_id, DiskName="changed")
    found = shown()
    assert (found["Size"], found["Category"], found["DiskName"]) == (30, "cloud_essd", "changed")
    do(sdk, "DeleteDisk", DiskId=disk_id)
    (snapshot,) = do(sdk, "DescribeSnapshots", SnapshotIds=json.dumps([made]))["Snapshots"][
        "Snapshot"
    ]
    assert snapshot["SourceDiskId"] == disk_id
    do(sdk, "DeleteSnapshot", SnapshotId=made)


def test_life_of_an_image(sdk: AcsClient, sim: Simulator) -> None:
    """An image is imported, copied with encryption, renamed and deleted."""
    sim.seed(
        {
            "oss_bucket": [{"id": "stemcells"}],
            "oss_object": [
                {"id": "stemcells/a.raw", "bucket": "stemcells", "key": "a.raw", "size": 2**30}
            ],
        }
    )
    mapping = [{"OSSBucket": "stemcells", "OSSObject": "a.raw", "DiskImageSize": 5}]
    imported = do(sdk, "ImportImage", ImageName="stemcell", DiskDeviceMappings=mapping)
    for _ in "ab":
        sim.advance(LONG)
    copied = do(
        sdk,
        "CopyImage",
        ImageId=imported["ImageId"],
        DestinationRegionId="cn-beijing",
        DestinationImageName="encrypted",
        Encrypted=True,
    )["ImageId"]
    sim.advance(LONG)
    do(sdk, "ModifyImageAttribute", ImageId=copied, Description="an encrypted stemcell")
    (shown,) = do(sdk, "DescribeImages", ImageId=copied)["Images"]["Image"]
    assert shown["DiskDeviceMappings"]["DiskDeviceMapping"][0]["Encrypted"] is True
    do(sdk, "DeleteImage", ImageId=copied, Force=True)
    sim.advance(LONG)
    assert do(sdk, "DescribeImages", ImageId=copied, Status="ALL")["TotalCount"] == 0
    task = do(sdk, "DescribeTaskAttribute", TaskId=imported["TaskId"])
    assert task["TaskStatus"] == "Finished"


def test_image_listing(sdk: AcsClient, sim: Simulator) -> None:
    """The SDK's filters fit the simulator's."""
    made = add_image(sim, name="mine", tags={"director": "bosh"})
    tags = [{"Key": "director", "Value": "bosh"}]
    found = do(sdk, "DescribeImages", ImageOwnerAlias="self", Tags=tags)["Images"]["Image"]
    assert [image["ImageId"] for image in found] == [made]
