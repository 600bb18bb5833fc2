"""CreateImage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.storage import (
    HOST,
    LONG,
    add_host,
    add_image,
    add_snapshot,
    disk,
    held_disk,
    images,
    snapshots,
)

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud


def test_create_from_a_snapshot(cloud: Cloud, sim: Simulator) -> None:
    """An image of a system disk's snapshot is Creating, then Available."""
    source = add_snapshot(sim, disk_type="system", size_gib=30)
    made = cloud.ok("CreateImage", SnapshotId=source, ImageName="mine", ClientToken="t")["ImageId"]
    assert (
        cloud.ok("CreateImage", SnapshotId=source, ImageName="mine", ClientToken="t")["ImageId"]
        == made
    )
    states = [images(cloud, made)[0] for _ in "ab"]
    assert [state["Status"] for state in states] == ["Creating", "Available"]
    (mapping,) = states[1]["DiskDeviceMappings"]["DiskDeviceMapping"]
    assert (mapping["SnapshotId"], mapping["Size"]) == (source, "30")


def test_create_from_an_instance(cloud: Cloud, sim: Simulator) -> None:
    """An image of an instance has snapshots of all its disks, the system disk's first."""
    add_host(sim)
    held_disk(sim, size_gib=50)
    held_disk(sim, type="system", device="/dev/xvda")
    made = cloud.ok("CreateImage", InstanceId=HOST)["ImageId"]
    assert images(cloud, made)[0]["Status"] == "Creating"
    assert {shown["Status"] for shown in snapshots(cloud)} == {"progressing"}
    for _ in "ab":
        sim.advance(LONG)
    (shown,) = images(cloud, made)
    mappings = shown["DiskDeviceMappings"]["DiskDeviceMapping"]
    assert shown["Status"] == "Available"
    found = [(one["Type"], one["Size"], one["Device"]) for one in mappings]
    assert found == [("system", "40", "/dev/xvda"), ("data", "50", "/dev/xvdb")]
    assert {one["SnapshotId"] for one in mappings} == {
        shown["SnapshotId"] for shown in snapshots(cloud, Usage="image")
    }


@pytest.mark.parametrize(
    ("source", "asked", "code"),
    [
        ({}, {"SnapshotId": None}, "InvalidParameter.AllEmpty"),
        ({}, {"InstanceId": HOST}, "InvalidParamter.Conflict"),
        ({}, {"SnapshotId": "s-2zenothing"}, "InvalidSnapshotId.NotFound"),
        ({"disk_type": "data"}, {}, "InvalidSystemSnapshot.Missing"),
        ({"status": "progressing"}, {}, "InvalidSnapshotId.NotReady"),
        ({}, {"SnapshotId": None, "InstanceId": HOST}, "InvalidInstance.NotFoundSystemDisk"),
        ({}, {"ImageName": "taken"}, "InvalidImageName.Duplicated"),
        ({}, {"DryRun": "true"}, "DryRunOperation"),
        ({}, {"DiskDeviceMapping.1.Size": "5"}, "SimulatorUnsupported.DiskDeviceMapping.Size"),
    ],
)
def test_create_refusals(
    cloud: Cloud, sim: Simulator, source: dict[str, Any], asked: dict[str, Any], code: str
) -> None:
    """Images that are not possible are refused, and none is made."""
    add_image(sim, name="taken")
    add_host(sim)
    snapshot = add_snapshot(sim, **{"disk_type": "system", **source})
    assert cloud.call("CreateImage", **{"SnapshotId": snapshot, **asked}).code == code
    assert len(images(cloud, ImageOwnerAlias="self")) == 1


def test_image_quota(cloud: Cloud, sim: Simulator) -> None:
    """More own images in a region than the quota allows are refused."""
    sim.seed({"quotas": {"image.count": 1}})
    source = add_snapshot(sim, disk_type="system")
    cloud.ok("CreateImage", SnapshotId=source)
    refused = cloud.call("CreateImage", SnapshotId=source)
    assert (refused.code, refused.status) == ("QuotaExceed.Image", 403)


def test_create_fails(cloud: Cloud, sim: Simulator) -> None:
    """The making of an image may fail in the end."""
    source = add_snapshot(sim, disk_type="system")
    sim.seed({"settings": {"image.create_fails": source}})
    made = cloud.ok("CreateImage", SnapshotId=source)["ImageId"]
    sim.advance(LONG)
    assert images(cloud, made)[0]["Status"] == "CreateFailed"
    assert images(cloud, made, status=None) == []


def test_instance_disks_are_busy_meanwhile(cloud: Cloud, sim: Simulator) -> None:
    """A disk with an unfinished snapshot cannot be part of another image."""
    add_host(sim)
    system = held_disk(sim, type="system", device="/dev/xvda")
    cloud.ok("CreateImage", InstanceId=HOST)
    refused = cloud.call("CreateImage", InstanceId=HOST)
    assert refused.code == "IncorrectDiskStatus.CreatingSnapshot"
    assert disk(cloud, system)["Status"] == "In_use"
