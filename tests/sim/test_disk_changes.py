"""ResizeDisk and ModifyDiskAttribute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.storage import HOST, LONG, OTHER_HOST, add_disk, add_host, add_snapshot, disk, held_disk

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud


def test_resize(cloud: Cloud) -> None:
    """A free disk grows; its old size shows until that is done."""
    disk_id = cloud.settled_disk()
    answer = cloud.ok("ResizeDisk", DiskId=disk_id, NewSize=50)
    assert answer.keys() == {"RequestId"}
    assert [disk(cloud, disk_id)["Size"] for _ in "ab"] == [20, 50]
    assert disk(cloud, disk_id)["Status"] == "Available"


@pytest.mark.parametrize(
    ("held", "asked", "code", "status"),
    [
        ({}, {"NewSize": 40}, "InvalidDiskSize.TooSmall", 403),
        ({}, {"NewSize": 39}, "InvalidDiskSize.TooSmall", 403),
        ({}, {"NewSize": 70000}, "InvalidParameter", 400),
        ({"category": "cloud_efficiency"}, {"NewSize": 40000}, "InvalidDiskSize.TooLarge", 403),
        ({"type": "system", "status": "In_use", "instance_id": HOST}, {"NewSize": 2049}, "", 403),
        ({}, {"NewSize": 50, "Type": "later"}, "InvalidParam.Type", 400),
        ({}, {"NewSize": None}, "MissingParameter", 400),
        ({}, {"NewSize": 50, "DiskId": "d-2zenothing"}, "InvalidDiskId.NotFound", 404),
        ({"status": "Creating"}, {"NewSize": 50}, "IncorrectDiskStatus", 403),
        ({"status": "Attaching"}, {"NewSize": 50}, "IncorrectDiskStatus", 403),
        ({"status": "Detaching"}, {"NewSize": 50}, "IncorrectDiskStatus", 403),
        ({"type": "system"}, {"NewSize": 50}, "InvalidDisk.DetachedSystemDisk", 400),
        (
            {"category": "cloud"},
            {"NewSize": 50, "Type": "online"},
            "InvalidDiskSize.NotSupportResizeOnline",
            403,
        ),
        (
            {"status": "In_use", "instance_id": OTHER_HOST},
            {"NewSize": 50},
            "IncorrectInstanceStatus",
            403,
        ),
        (
            {"encrypted": True, "kms_key_id": "key-gone"},
            {"NewSize": 50},
            "InvalidParameter.KMSKeyId.CMKNotEnabled",
            403,
        ),
    ],
)
def test_resize_refusals(
    cloud: Cloud,
    sim: Simulator,
    held: dict[str, Any],
    asked: dict[str, Any],
    code: str,
    status: int,
) -> None:
    """What cannot be resized is refused with the documented code, and stays as it was."""
    add_host(sim)
    add_host(sim, OTHER_HOST, status="Starting")
    disk_id = add_disk(sim, **held)
    refused = cloud.call("ResizeDisk", **{"DiskId": disk_id, **asked})
    assert (refused.code, refused.status) == (code or "InvalidDiskSize.TooLarge", status)
    sim.advance(LONG)
    assert disk(cloud, disk_id)["Size"] == 40


def test_not_while_a_snapshot_runs(cloud: Cloud, sim: Simulator) -> None:
    """A disk of which a snapshot is being made can neither be resized nor deleted."""
    disk_id = add_disk(sim)
    add_snapshot(sim, disk_id=disk_id, status="progressing")
    assert cloud.call("ResizeDisk", DiskId=disk_id, NewSize=50).code == "DiskCreatingSnapshot"
    assert cloud.call("DeleteDisk", DiskId=disk_id).code == "DiskCreatingSnapshot"


def test_second_resize(cloud: Cloud, sim: Simulator) -> None:
    """While one resize is under way another one, a snapshot and a deletion are refused."""
    disk_id = add_disk(sim)
    cloud.ok("ResizeDisk", DiskId=disk_id, NewSize=50)
    assert cloud.call("ResizeDisk", DiskId=disk_id, NewSize=60).code == "Operation.Conflict"
    assert cloud.call("DeleteDisk", DiskId=disk_id).code == "IncorrectDiskStatus"
    assert cloud.call("CreateSnapshot", DiskId=disk_id).code == "IncorrectDiskStatus"
    sim.advance(LONG)
    cloud.ok("ResizeDisk", DiskId=disk_id, NewSize=60)


def test_resize_with_a_token(cloud: Cloud, sim: Simulator) -> None:
    """The same ClientToken resizes once; with another size it is refused."""
    disk_id = add_disk(sim)
    for _ in range(2):
        cloud.ok("ResizeDisk", DiskId=disk_id, NewSize=50, ClientToken="t")
        sim.advance(LONG)
    refused = cloud.call("ResizeDisk", DiskId=disk_id, NewSize=60, ClientToken="t")
    assert refused.code == "IdempotentParameterMismatch"
    assert disk(cloud, disk_id)["Size"] == 50


@pytest.mark.parametrize(
    ("status", "how", "code"),
    [
        ("Running", "offline", "OperationDenied.DiskExpansionUnfinished"),
        ("Running", "online", ""),
        ("Stopped", "offline", ""),
    ],
)
def test_offline_resize(cloud: Cloud, sim: Simulator, status: str, how: str, code: str) -> None:
    """After an offline resize of a running instance's disk its spec waits for a restart."""
    add_host(sim, status=status)
    disk_id = held_disk(sim)
    cloud.ok("ResizeDisk", DiskId=disk_id, NewSize=50, Type=how)
    sim.advance(LONG)
    assert disk(cloud, disk_id)["Size"] == 50
    changed = cloud.call("ModifyDiskSpec", DiskId=disk_id, DiskCategory="cloud_auto")
    assert changed.code == code


def test_restart_ends_an_offline_resize(cloud: Cloud, sim: Simulator) -> None:
    """A restart of the instance, or a detachment, ends an offline resize."""
    add_host(sim)
    held_disk(sim, type="system", device="/dev/xvda")
    first = held_disk(sim, restart_needed=True)
    second = held_disk(sim, restart_needed=True, device="/dev/xvdc")
    cloud.ok("DetachDisk", InstanceId=HOST, DiskId=second)
    sim.advance(LONG)
    cloud.ok("AttachDisk", InstanceId=HOST, DiskId=second)
    sim.advance(LONG)
    cloud.ok("ModifyDiskSpec", DiskId=second, DiskCategory="cloud_auto")
    sim.advance(LONG)
    cloud.ok("RebootInstance", InstanceId=HOST)
    sim.advance(LONG)
    cloud.ok("ModifyDiskSpec", DiskId=first, DiskCategory="cloud_auto")


def test_attributes(cloud: Cloud, sim: Simulator) -> None:
    """Attributes change at once, of one disk or of several."""
    first, second = add_disk(sim, category="cloud_auto"), add_disk(sim, category="cloud_auto")
    cloud.ok("ModifyDiskAttribute", DiskId=first, DiskName="first", Description="a disk")
    shown = disk(cloud, first)
    assert (shown["DiskName"], shown["Description"]) == ("first", "a disk")
    flags = {
        "DeleteWithInstance": True,
        "DeleteAutoSnapshot": False,
        "EnableAutoSnapshot": True,
        "BurstingEnabled": True,
    }
    both = {"DiskIds__1": first, "DiskIds__2": second}
    cloud.ok("ModifyDiskAttribute", **both, **flags)
    for one in (first, second):
        shown = disk(cloud, one)
        assert {name: shown[name] for name in flags} == flags
    assert disk(cloud, first)["DiskName"] == "first"


@pytest.mark.parametrize(
    ("asked", "code", "status"),
    [
        ({"DiskName": "good"}, "MissingParameter.DiskIdOrDiskIds", 400),
        ({"DiskId": "mine", "DiskIds.1": "mine"}, "ParameterConflict.DiskIdAndDiskIds", 400),
        ({"DiskId": "mine"}, "NoAttributeToModify", 400),
        ({"DiskId": "mine", "DiskName": "1"}, "InvalidDiskName.Malformed", 400),
        ({"DiskId": "mine", "Description": "x"}, "InvalidDescription.Malformed", 404),
        ({"DiskId": "d-2zenothing", "DiskName": "good"}, "InvalidDiskId.NotFound", 404),
        (
            {"DiskId": "mine", "BurstingEnabled": "true"},
            "BurstingEnabledForDiskCategoryUnsupported",
            400,
        ),
    ],
)
def test_attribute_refusals(
    cloud: Cloud, sim: Simulator, asked: dict[str, Any], code: str, status: int
) -> None:
    """What cannot be changed is refused with the documented code."""
    mine = add_disk(sim)
    given = {name: mine if value == "mine" else value for name, value in asked.items()}
    refused = cloud.call("ModifyDiskAttribute", **given)
    assert (refused.code, refused.status) == (code, status)


def test_attributes_of_all_or_none(cloud: Cloud, sim: Simulator) -> None:
    """One unknown disk among several leaves all of them as they were."""
    mine = add_disk(sim, name="old")
    both = {"DiskIds__1": mine, "DiskIds__2": "d-2zenothing"}
    assert cloud.call("ModifyDiskAttribute", **both, DiskName="new").status == 404
    assert disk(cloud, mine)["DiskName"] == "old"
