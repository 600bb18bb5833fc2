"""ModifyDiskSpec: its task, its ways and its refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.storage import (
    HOST,
    LONG,
    OTHER_HOST,
    add_disk,
    add_host,
    add_snapshot,
    disk,
    held_disk,
    task_attribute,
    tasks,
)

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud


def spec(cloud: Cloud, disk_id: str) -> tuple[str, str, str]:
    """Tell status, category and level of a disk."""
    shown = disk(cloud, disk_id)
    return shown["Status"], shown["Category"], shown["PerformanceLevel"]


def test_change(cloud: Cloud, sim: Simulator) -> None:
    """A task tells how far the change is."""
    add_host(sim)
    disk_id = held_disk(sim, category="cloud_efficiency", performance_level="")
    answer = cloud.ok("ModifyDiskSpec", DiskId=disk_id, DiskCategory="cloud_essd")
    (task,) = tasks(cloud, TaskAction="ModifyDiskSpec", ResourceIds__1=disk_id)
    assert (task["TaskId"], task["TaskStatus"]) == (answer["TaskId"], "Processing")
    assert task["SupportCancel"] == "false"
    (task,) = tasks(cloud, TaskIds=answer["TaskId"])
    assert task["TaskStatus"] == "Finished"
    assert spec(cloud, disk_id) == ("In_use", "cloud_essd", "PL1")


def test_modifying_meanwhile(cloud: Cloud, sim: Simulator) -> None:
    """A disk that is changed is Modifying, with its new level, for as long as that takes."""
    sim.set_pace(disk__spec=30)
    disk_id = add_disk(sim, size_gib=500)
    cloud.ok("ModifyDiskSpec", DiskId=disk_id, PerformanceLevel="PL2")
    for seconds, status in ((0, "Modifying"), (29, "Modifying"), (1, "Available")):
        sim.advance(seconds)
        assert spec(cloud, disk_id) == (status, "cloud_essd", "PL2")


def test_time_by_size(cloud: Cloud, sim: Simulator) -> None:
    """In the realistic pace a large disk takes longer: 2 TiB 45 minutes, 500 GiB 12."""
    sim.set_pace("realistic", grace=0)
    for size_gib, minutes in ((2048, 45), (500, 12)):
        disk_id = add_disk(sim, size_gib=size_gib)
        task_id = cloud.ok("ModifyDiskSpec", DiskId=disk_id, DiskCategory="cloud_auto")["TaskId"]
        sim.advance((minutes - 1) * 60)
        assert spec(cloud, disk_id)[0] == "Modifying"
        assert task_attribute(cloud, task_id)["TaskProcess"] > "90%"
        sim.advance(120)
        assert spec(cloud, disk_id)[0] == "Available"


def test_held_disk_meanwhile(cloud: Cloud, sim: Simulator) -> None:
    """A disk of an instance still names it, and is neither detached nor copied meanwhile."""
    add_host(sim)
    sim.set_pace(disk__spec=30)
    disk_id = held_disk(sim)
    cloud.ok("ModifyDiskSpec", DiskId=disk_id, DiskCategory="cloud_auto")
    assert disk(cloud, disk_id)["InstanceId"] == HOST
    asked = {"DiskId": disk_id, "InstanceId": HOST}
    assert cloud.call("DetachDisk", **asked).code == "IncorrectDiskStatus"
    assert cloud.call("CreateSnapshot", DiskId=disk_id).code == "IncorrectDiskStatus"
    sim.advance(LONG)
    cloud.ok("DetachDisk", **asked)


def test_instance_released_meanwhile(cloud: Cloud, sim: Simulator) -> None:
    """The change goes on when the instance of its disk goes, and leaves the disk free."""
    add_host(sim)
    sim.set_pace(disk__spec=6000)
    disk_id = held_disk(sim)
    cloud.ok("ModifyDiskSpec", DiskId=disk_id, DiskCategory="cloud_auto")
    cloud.ok("DeleteInstance", InstanceId=HOST, Force="true")
    sim.advance(LONG)
    shown = disk(cloud, disk_id)
    assert (shown["Status"], shown["InstanceId"]) == ("Modifying", "")
    sim.advance(3000)
    assert spec(cloud, disk_id) == ("Available", "cloud_auto", "")


@pytest.mark.parametrize(
    ("held", "asked", "category", "level"),
    [
        ({"size_gib": 461}, {"PerformanceLevel": "PL2"}, "cloud_essd", "PL2"),
        (
            {"size_gib": 461, "performance_level": "PL2"},
            {"PerformanceLevel": "PL1"},
            "cloud_essd",
            "PL1",
        ),
        ({"performance_level": "PL0"}, {"PerformanceLevel": "PL1"}, "cloud_essd", "PL1"),
        ({}, {"DiskCategory": "cloud_auto"}, "cloud_auto", ""),
        ({}, {"DiskCategory": "cloud_efficiency"}, "cloud_efficiency", ""),
        (
            {"category": "cloud_ssd", "performance_level": ""},
            {"DiskCategory": "cloud_essd", "PerformanceLevel": "PL0"},
            "cloud_essd",
            "PL0",
        ),
        (
            {"category": "cloud_essd_entry", "performance_level": ""},
            {"DiskCategory": "cloud_essd"},
            "cloud_essd",
            "PL1",
        ),
    ],
)
def test_ways(
    cloud: Cloud,
    sim: Simulator,
    held: dict[str, Any],
    asked: dict[str, Any],
    category: str,
    level: str,
) -> None:
    """Pay-as-you-go disks go up and down between the categories and levels that are sold."""
    disk_id = add_disk(sim, **held)
    cloud.ok("ModifyDiskSpec", DiskId=disk_id, **asked)
    sim.advance(LONG)
    assert spec(cloud, disk_id) == ("Available", category, level)


@pytest.mark.parametrize(
    ("held", "asked", "code"),
    [
        ({}, {}, "NoChangeInDiskCategoryAndPerformanceLevel"),
        ({}, {"DiskCategory": "cloud_essd"}, "NoChangeInDiskCategoryAndPerformanceLevel"),
        ({}, {"PerformanceLevel": "PL1"}, "NoChangeInDiskCategoryAndPerformanceLevel"),
        ({}, {"PerformanceLevel": "PL2"}, "OperationDenied.PerformanceLevelNotMatch"),
        ({}, {"PerformanceLevel": "PL0"}, "InvalidPerformanceLevel.TooLow"),
        ({}, {"PerformanceLevel": "PL9"}, "InvalidPerformanceLevel.Malformed"),
        ({}, {"DiskCategory": "cloud_gold"}, "InvalidDiskCategory.ValueNotSupported"),
        (
            {},
            {"DiskCategory": "cloud_ssd", "PerformanceLevel": "PL1"},
            "InvalidPerformanceLevelParam.Mismatch",
        ),
        ({}, {"DiskCategory": "cloud"}, "OperationDenied.DiskCategoryNotSupport"),
        (
            {"category": "elastic_ephemeral_disk_premium"},
            {"DiskCategory": "cloud_essd"},
            "OperationDenied.DiskCategoryNotSupport",
        ),
        (
            {"category": "cloud_essd_entry"},
            {"DiskCategory": "cloud_ssd"},
            "InvalidDiskCategory.NotSupported",
        ),
        (
            {"size_gib": 40000},
            {"DiskCategory": "cloud_ssd"},
            "OperationDenied.PerformanceLevelNotMatch",
        ),
        ({}, {"ProvisionedIops": 100}, "ProvisionedIopsForDiskCategoryUnsupported"),
        (
            {},
            {"DiskCategory": "cloud_auto", "ProvisionedIops": 40000},
            "InvalidProvisionedIops.LimitExceed",
        ),
        ({"status": "Attaching"}, {"DiskCategory": "cloud_auto"}, "IncorrectDiskStatus"),
        (
            {"status": "In_use", "instance_id": OTHER_HOST},
            {"DiskCategory": "cloud_auto"},
            "IncorrectDiskStatus",
        ),
        (
            {"status": "In_use", "instance_id": HOST},
            {"DiskCategory": "cloud_ssd"},
            "InvalidInstanceType.NotSupportDiskCategory",
        ),
        ({}, {"DiskId": "d-2zenothing", "PerformanceLevel": "PL2"}, "InvalidDiskId.NotFound"),
    ],
)
def test_refusals(
    cloud: Cloud, sim: Simulator, held: dict[str, Any], asked: dict[str, Any], code: str
) -> None:
    """Changes that are not possible are refused, and no task is made."""
    add_host(sim, instance_type="ecs.g7.large")
    add_host(sim, OTHER_HOST, status="Stopping")
    disk_id = add_disk(sim, **held)
    refused = cloud.call("ModifyDiskSpec", **{"DiskId": disk_id, **asked})
    assert refused.code == code
    assert tasks(cloud) == []


def test_not_sold_in_the_zone(cloud: Cloud, sim: Simulator) -> None:
    """A category that the zone does not sell, or that is sold out, is not reached."""
    disk_id = add_disk(sim)
    asked = {"DiskId": disk_id, "DiskCategory": "cloud_auto"}
    sim.seed({"stock": [{"zone": "cn-beijing-h", "type": "cloud_auto", "left": 0}]})
    assert cloud.call("ModifyDiskSpec", **asked).code == "OperationDenied.NoStock"
    sim.world.regions["cn-beijing"].zones["cn-beijing-h"].disk_categories.remove("cloud_auto")
    assert cloud.call("ModifyDiskSpec", **asked).code == "InvalidDiskCategory.NotSupported"


def test_not_while_a_snapshot_runs(cloud: Cloud, sim: Simulator) -> None:
    """No change while a snapshot of the disk is being made."""
    disk_id = add_disk(sim)
    add_snapshot(sim, disk_id=disk_id, status="progressing")
    refused = cloud.call("ModifyDiskSpec", DiskId=disk_id, DiskCategory="cloud_auto")
    assert (refused.code, refused.status) == ("DiskCreatingSnapshot", 403)


def test_one_change_at_a_time(cloud: Cloud, sim: Simulator) -> None:
    """While a change is under way a second one, a resize and a deletion are refused."""
    disk_id = add_disk(sim)
    asked = {"DiskId": disk_id, "DiskCategory": "cloud_auto"}
    cloud.ok("ModifyDiskSpec", **asked)
    assert cloud.call("ModifyDiskSpec", **asked).code == "InvalidStatus.DiskNotReady"
    assert cloud.call("ResizeDisk", DiskId=disk_id, NewSize=50).code == "IncorrectDiskStatus"
    attached = cloud.call("AttachDisk", DiskId=disk_id, InstanceId=add_host(sim))
    assert attached.code == "IncorrectDiskStatus"
    assert cloud.call("DeleteDisk", DiskId=disk_id).code == "IncorrectDiskStatus"
    bursting = cloud.call("ModifyDiskAttribute", DiskId=disk_id, BurstingEnabled="false")
    assert bursting.code == "BurstingEnabledForModifyingDiskUnsupported"


def test_limit_of_changes(cloud: Cloud, sim: Simulator) -> None:
    """Only so many disks may be changed at once."""
    sim.seed({"quotas": {"disk.spec_changes": 1}})
    first, second = add_disk(sim), add_disk(sim)
    cloud.ok("ModifyDiskSpec", DiskId=first, DiskCategory="cloud_auto")
    refused = cloud.call("ModifyDiskSpec", DiskId=second, DiskCategory="cloud_auto")
    assert refused.code == "ModifyingDiskCategoryLimitExceed"


def test_cooling_time(cloud: Cloud, sim: Simulator) -> None:
    """After a change a disk may have to cool; unless it is set so it need not."""
    disk_id = add_disk(sim)
    cloud.ok("ModifyDiskSpec", DiskId=disk_id, DiskCategory="cloud_auto")
    sim.advance(1)
    back = {"DiskId": disk_id, "DiskCategory": "cloud_essd"}
    sim.set_pace(disk__cooling=1800)
    assert cloud.call("ModifyDiskSpec", **back).code == "DiskInCoolingPeriod"
    sim.advance(1800)
    cloud.ok("ModifyDiskSpec", **back)
    sim.advance(1)
    sim.set_pace(disk__cooling=0)
    cloud.ok("ModifyDiskSpec", DiskId=disk_id, DiskCategory="cloud_auto")


def test_failed_change(cloud: Cloud, sim: Simulator) -> None:
    """A change may fail in the end: the task says so and the disk is as before."""
    disk_id = add_disk(sim)
    sim.seed({"settings": {"disk.spec_fails": [disk_id]}})
    task_id = cloud.ok("ModifyDiskSpec", DiskId=disk_id, DiskCategory="cloud_auto")["TaskId"]
    sim.advance(LONG)
    assert tasks(cloud, TaskIds=task_id)[0]["TaskStatus"] == "Failed"
    assert spec(cloud, disk_id) == ("Available", "cloud_essd", "PL1")


def test_dry_run(cloud: Cloud, sim: Simulator) -> None:
    """A dry run checks everything and changes nothing."""
    disk_id = add_disk(sim)
    asked = {"DiskId": disk_id, "DryRun": "true"}
    would = cloud.call("ModifyDiskSpec", **asked, DiskCategory="cloud_auto")
    assert would.code == "DryRunOperation"
    refused = cloud.call("ModifyDiskSpec", **asked, PerformanceLevel="PL3")
    assert refused.code == "OperationDenied.PerformanceLevelNotMatch"
    assert tasks(cloud) == []


def test_iops(cloud: Cloud, sim: Simulator) -> None:
    """AutoPL disks get and change provisioned IOPS; others lose them with their category."""
    disk_id = add_disk(sim)
    cloud.ok("ModifyDiskSpec", DiskId=disk_id, DiskCategory="cloud_auto", ProvisionedIops=1000)
    sim.advance(LONG)
    assert disk(cloud, disk_id)["ProvisionedIops"] == 1000
    cloud.ok("ModifyDiskSpec", DiskId=disk_id, ProvisionedIops=2000)
    sim.advance(LONG)
    same = cloud.call("ModifyDiskSpec", DiskId=disk_id, ProvisionedIops=2000)
    assert same.code == "NoChangeInDiskCategoryAndPerformanceLevel"
    assert disk(cloud, disk_id)["ProvisionedIops"] == 2000
    cloud.ok("ModifyDiskSpec", DiskId=disk_id, DiskCategory="cloud_essd")
    sim.advance(LONG)
    assert "ProvisionedIops" not in disk(cloud, disk_id)
