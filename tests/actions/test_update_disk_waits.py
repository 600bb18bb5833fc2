"""update_disk asks once, waits for the task an hour and more, and takes a no for a no."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.storage import refused

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage

SAME = 51200
SSD = {"category": "cloud_ssd"}


@pytest.mark.parametrize("seconds", [1, 100, 3600])
def test_waits_for_the_change(cpi: Cpi, sim: Simulator, storage: Storage, seconds: float) -> None:
    """The call returns when the disk has its new category, after an hour if need be."""
    disk_cid = storage.disk()
    sim.set_pace(disk__spec=seconds)
    cpi.ok("update_disk", disk_cid, SAME, SSD)
    assert storage.found(disk_cid).category == "cloud_ssd"


def test_polls_the_task(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """While the task runs, the disk itself is not read; the intervals grow to 10 s."""
    disk_cid = storage.disk()
    sim.set_pace(disk__spec=1200)
    cpi.ok("update_disk", disk_cid, SAME, SSD)
    assert storage.asked("DescribeDisks") <= 3
    assert storage.asked("DescribeTaskAttribute") <= 150
    assert storage.asked("DescribeTasks") == 1


def test_never_done(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """After more than an hour the call gives up and tells the last state; a repeat goes on."""
    disk_cid = storage.disk()
    sim.set_pace(disk__spec=4800)
    answer = cpi.call("update_disk", disk_cid, SAME, SSD)
    refused(answer, "CloudError", disk_cid, "Gave up", "Processing")
    cpi.ok("update_disk", disk_cid, SAME, SSD)
    assert storage.found(disk_cid).category == "cloud_ssd"
    assert storage.asked("ModifyDiskSpec") == 1


def test_failed_task(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """A change that fails ends the wait: the disk is as it was, and is copied."""
    disk_cid = storage.disk()
    sim.set_pace(disk__spec=60)
    storage.set(disk__spec_fails=True)
    before = sim.world.clock.now()
    refused(cpi.call("update_disk", disk_cid, SAME, SSD), "NotSupported", disk_cid, "failed")
    assert sim.world.clock.now() - before < 90
    assert storage.found(disk_cid).category == "cloud_efficiency"


@pytest.mark.parametrize("category", ["cloud_ssd", "cloud_auto"])
def test_changing_on_entry(cpi: Cpi, storage: Storage, category: str) -> None:
    """A change that an earlier call began is waited for; then the disk becomes as asked."""
    disk_cid = storage.disk()
    storage.begin_spec_change(disk_cid, seconds=1500, category=category)
    cpi.ok("update_disk", disk_cid, SAME, SSD)
    assert storage.found(disk_cid).category == "cloud_ssd"


def test_changed_back_on_entry(cpi: Cpi, storage: Storage) -> None:
    """What the disk is on its way to counts, not what it still shows."""
    disk_cid = storage.disk(category="cloud_efficiency")
    storage.begin_spec_change(disk_cid, seconds=600, category="cloud_ssd")
    cpi.ok("update_disk", disk_cid, SAME, {"category": "cloud_efficiency"})
    assert storage.found(disk_cid).category == "cloud_efficiency"
    assert storage.asked("ModifyDiskSpec") == 1


@pytest.mark.parametrize("category", ["cloud_ssd", "cloud_auto"])
def test_changing_on_entry_unseen(
    cpi: Cpi, sim: Simulator, storage: Storage, category: str
) -> None:
    """A long change that lagging reads do not show yet is found by the refusal, and waited for."""
    disk_cid = storage.disk()
    sim.set_lag(3)
    storage.begin_spec_change(disk_cid, seconds=1500, category=category)
    sim.world.commit()
    cpi.ok("update_disk", disk_cid, SAME, SSD)
    assert storage.found(disk_cid).category == "cloud_ssd"


@pytest.mark.parametrize("status", ["Creating", "Detaching", "Modifying"])
def test_busy_on_entry(cpi: Cpi, storage: Storage, status: str) -> None:
    """A disk that the cloud is at work on is changed once that is over."""
    disk_cid = storage.disk()
    storage.busy(disk_cid, status, "Available")
    cpi.ok("update_disk", disk_cid, 102400, SSD)
    disk = storage.found(disk_cid)
    assert (disk.category, disk.size_gib) == ("cloud_ssd", 100)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("DiskHasFlashSnapshot", 403),
        ("DiskInArrears", 403),
        ("DiskInCoolingPeriod", 403),
        ("DiskCreatingSnapshot", 403),
        ("IncorrectDiskStatus", 403),
        ("InstanceExpiredOrInArrears", 403),
        ("InvalidDiskCategory.NotSupported", 403),
        ("InvalidDiskCategory.ValueNotSupported", 400),
        ("InvalidInstanceType.NotSupportDiskCategory", 403),
        ("InvalidPerformanceLevel.Malformed", 400),
        ("InvalidPerformanceLevel.TooLow", 403),
        ("InvalidRegion.NotSupport", 403),
        ("InvalidStatus.DiskNotReady", 403),
        ("ModifyingDiskCategoryLimitExceed", 403),
        ("OperationDenied.DiskCategoryNotSupport", 403),
        ("OperationDenied.DiskExpansionUnfinished", 403),
        ("OperationDenied.NoStock", 403),
        ("OperationDenied.PerformanceLevelNotMatch", 403),
        ("QuotaExceed.DiskCapacity", 400),
        ("UserNotInTheWhiteList", 403),
        ("NoPermission.Price", 400),
        ("Some.CodeNobodyKnows", 400),
    ],
)
def test_refused_by_the_cloud(cpi: Cpi, storage: Storage, code: str, status: int) -> None:
    """Every refusal of ModifyDiskSpec is NotSupported with its code, so that the disk is copied."""
    disk_cid = storage.disk()
    storage.refuse("ModifyDiskSpec", code, status=status)
    refused(cpi.call("update_disk", disk_cid, SAME, SSD), "NotSupported", disk_cid, code)
    assert storage.found(disk_cid).category == "cloud_efficiency"


@pytest.mark.parametrize("wanted", ["cloud", "ephemeral_ssd"])
def test_refused_category(cpi: Cpi, storage: Storage, wanted: str) -> None:
    """A category that the disk cannot become is NotSupported."""
    answer = cpi.call("update_disk", storage.disk(), SAME, {"category": wanted})
    refused(answer, "NotSupported", "InvalidDiskCategory" if "_" in wanted else "NotSupport")


def test_cooling_period(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """A second change too soon after the first is NotSupported."""
    disk_cid = storage.disk()
    sim.set_pace(disk__cooling=3600)
    cpi.ok("update_disk", disk_cid, SAME, SSD)
    answer = cpi.call("update_disk", disk_cid, SAME, {"category": "cloud_auto"})
    refused(answer, "NotSupported", "DiskInCoolingPeriod")


@pytest.mark.parametrize("denied", ["ModifyDiskSpec", "ResizeDisk", "ModifyDiskAttribute"])
def test_no_permission(cpi: Cpi, sim: Simulator, storage: Storage, denied: str) -> None:
    """An account that may not change disks in place has them copied."""
    sim.change_key(sim.world.constants["access_key_id"], denied=[denied])
    disk_cid = storage.disk()
    answer = cpi.call("update_disk", disk_cid, 102400, {**SSD, "name": "data"})
    refused(answer, "NotSupported", "Forbidden.RAM")


def test_no_permission_for_tasks(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """Without the permission to read tasks, the disk's category and level are read."""
    sim.change_key(sim.world.constants["access_key_id"], denied=["DescribeTasks"])
    sim.set_pace(disk__spec=300)
    disk_cid = storage.disk()
    answer = cpi.call("update_disk", disk_cid, SAME, SSD)
    assert answer.error is None
    assert storage.found(disk_cid).category == "cloud_ssd"
    assert "tasks cannot be read" in answer.stderr


@pytest.mark.parametrize("code", ["Throttling.User", "InternalError", "ServiceUnavailable"])
def test_lasting_trouble(cpi: Cpi, storage: Storage, code: str) -> None:
    """Trouble that outlasts the repeats is no reason to copy a disk: CloudError."""
    disk_cid = storage.disk()
    storage.refuse("ModifyDiskSpec", code)
    refused(cpi.call("update_disk", disk_cid, SAME, SSD), "CloudError", disk_cid, code)


@pytest.mark.parametrize("kind", ["lost", "reset", "truncated", "empty", "html", "status"])
@pytest.mark.parametrize(("lag", "seconds"), [(0, 0), (0, 100), (3, 100), (3, 1)])
def test_lost_answer(
    cpi: Cpi, sim: Simulator, storage: Storage, kind: str, lag: float, seconds: float
) -> None:
    """When the answer of ModifyDiskSpec gets lost, its change is found and waited for."""
    disk_cid = storage.disk()
    sim.set_pace(disk__spec=seconds)
    sim.set_lag(lag)
    sim.add_fault(kind=kind, action="ModifyDiskSpec", effect=True)
    cpi.ok("update_disk", disk_cid, SAME, SSD)
    assert storage.found(disk_cid).category == "cloud_ssd"
    codes = {call.get("code") for call in sim.calls("ModifyDiskSpec")[1:]}
    assert codes <= {"InvalidStatus.DiskNotReady", "NoChangeInDiskCategoryAndPerformanceLevel"}
    if lag == 0:
        assert codes == set()


def test_lost_answer_of_a_change_that_fails(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """A change whose answer got lost, and which then fails, does not wait for half an hour."""
    disk_cid = storage.disk()
    sim.set_pace(disk__spec=100)
    storage.set(disk__spec_fails=True)
    storage.lose_answer("ModifyDiskSpec")
    refused(cpi.call("update_disk", disk_cid, SAME, SSD), "NotSupported", "failed")


def test_read_lag(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """Reads that lag behind end no wait early: what the next call sees is the new disk."""
    disk_cid = storage.disk()
    sim.set_pace(disk__spec=20, disk__resize=2)
    sim.set_lag(3)
    cpi.ok("update_disk", disk_cid, 102400, SSD)
    cpi.ok("update_disk", disk_cid, 102400, SSD)
    disk = storage.found(disk_cid)
    assert (disk.category, disk.size_gib) == ("cloud_ssd", 100)
    assert storage.asked("ModifyDiskSpec") == storage.asked("ResizeDisk") == 1
