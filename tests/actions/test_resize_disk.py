"""resize_disk grows a free disk; what cannot be done in place is NotSupported.

Any other error would leave the disk detached: NotSupported makes the Director copy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.storage import refused

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage


@pytest.mark.parametrize(
    ("category", "level", "before", "size_mib", "after"),
    [
        ("cloud_efficiency", "", 20, 20481, 21),
        ("cloud_efficiency", "", 50, 102400, 100),
        ("cloud_ssd", "", 50, 102399, 100),
        ("cloud_essd", "PL1", 50, 102400, 100),
        ("cloud_essd", "PL0", 5, 6144, 6),
        ("cloud_essd", "PL0", 20, 20481, 21),
        ("cloud_auto", "", 40, 41984, 41),
        ("cloud", "", 5, 10240, 10),
    ],
)
def test_grows(
    cpi: Cpi,
    storage: Storage,
    category: str,
    level: str,
    before: int,
    size_mib: int,
    after: int,
) -> None:
    """The disk has its new size, rounded up to GiB, when the call returns."""
    disk_cid = storage.disk(category=category, performance_level=level, size_gib=before)
    assert cpi.ok("resize_disk", disk_cid, size_mib) is None
    disk = storage.found(disk_cid)
    assert (disk.size_gib, disk.status) == (after, "Available")


@pytest.mark.parametrize(
    ("category", "size_gib", "size_mib"),
    [
        ("cloud_efficiency", 20, 1024),
        ("cloud_efficiency", 20, 15360),
        ("cloud_efficiency", 20, 20480),
        ("cloud_efficiency", 50, 50177),
        ("cloud_essd", 20, 10240),
        ("cloud_auto", 40, 10240),
        ("cloud", 5, 1),
    ],
)
def test_same_size(cpi: Cpi, storage: Storage, category: str, size_gib: int, size_mib: int) -> None:
    """A size that rounds to what the disk has, also by its category's minimum, is success."""
    disk_cid = storage.disk(category=category, size_gib=size_gib)
    cpi.ok("resize_disk", disk_cid, size_mib)
    assert storage.found(disk_cid).size_gib == size_gib
    assert storage.asked("ResizeDisk") == 0


@pytest.mark.parametrize("size_mib", [1024, 5120, 20480])
def test_what_was_rounded_up_before_does_not_shrink(
    cpi: Cpi, storage: Storage, size_mib: int
) -> None:
    """A PL0 of exactly 20 GiB may have been made so by a release that knew no smaller one."""
    disk_cid = storage.disk(category="cloud_essd", performance_level="PL0", size_gib=20)
    cpi.ok("resize_disk", disk_cid, size_mib)
    assert storage.found(disk_cid).size_gib == 20
    assert storage.asked("ResizeDisk") == 0


@pytest.mark.parametrize(("size_gib", "size_mib"), [(5, 4096), (19, 5120), (21, 5120), (40, 1024)])
def test_small_disk_that_shrinks(cpi: Cpi, storage: Storage, size_gib: int, size_mib: int) -> None:
    """Any other size of a PL0 was asked for: less is NotSupported."""
    disk_cid = storage.disk(category="cloud_essd", performance_level="PL0", size_gib=size_gib)
    answer = cpi.call("resize_disk", disk_cid, size_mib)
    refused(answer, "NotSupported", disk_cid, str(size_gib), str(size_mib // 1024))
    assert storage.found(disk_cid).size_gib == size_gib


@pytest.mark.parametrize("size_mib", [10240, 20480, 30720])
def test_what_create_disk_rounded_up_does_not_shrink(
    cpi: Cpi, storage: Storage, size_mib: int
) -> None:
    """create_disk and resize_disk round alike: the size a disk was made with is no change."""
    disk_cid = storage.make(size_mib)
    cpi.ok("resize_disk", disk_cid, size_mib)
    assert storage.asked("ResizeDisk") == 0


def test_repeat(cpi: Cpi, storage: Storage) -> None:
    """The same call again succeeds without asking the cloud for anything."""
    disk_cid = storage.disk()
    cpi.ok("resize_disk", disk_cid, 102400)
    cpi.ok("resize_disk", disk_cid, 102400)
    assert storage.found(disk_cid).size_gib == 100
    assert storage.asked("ResizeDisk") == 1


def test_smaller(cpi: Cpi, storage: Storage) -> None:
    """A smaller size is NotSupported and names both sizes; the disk stays as it is."""
    disk_cid = storage.disk(size_gib=50)
    refused(cpi.call("resize_disk", disk_cid, 40960), "NotSupported", disk_cid, "50", "40")
    assert storage.found(disk_cid).size_gib == 50


def test_attached(cpi: Cpi, storage: Storage) -> None:
    """An attached disk does not grow in place: NotSupported names its VM."""
    vm = storage.vm()
    disk_cid = storage.attached(vm)
    refused(cpi.call("resize_disk", disk_cid, 102400), "NotSupported", disk_cid, vm)
    assert storage.found(disk_cid).size_gib == 50


def test_attached_with_that_size(cpi: Cpi, storage: Storage) -> None:
    """An attached disk that has the size already is fine."""
    cpi.ok("resize_disk", storage.attached(storage.vm()), 51200)


@pytest.mark.parametrize(
    ("action", "code"),
    [
        ("ResizeDisk", "InvalidDiskSize.TooLarge"),
        ("ResizeDisk", "InvalidDataDiskCategory.ValueNotSupported"),
        ("ResizeDisk", "OperationDenied"),
        ("ResizeDisk", "DiskCreatingSnapshot"),
        ("ResizeDisk", "Forbidden.RAM"),
    ],
)
def test_refused_by_the_cloud(cpi: Cpi, storage: Storage, action: str, code: str) -> None:
    """What the cloud refuses for good cannot be done in place: NotSupported with its code."""
    disk_cid = storage.disk()
    storage.refuse(action, code, status=403)
    refused(cpi.call("resize_disk", disk_cid, 102400), "NotSupported", disk_cid, code)
    assert storage.found(disk_cid).size_gib == 50


@pytest.mark.parametrize("code", ["Throttling.User", "InternalError", "ServiceUnavailable"])
def test_lasting_trouble(cpi: Cpi, storage: Storage, code: str) -> None:
    """Trouble that outlasts the repeats is no reason to copy a disk: CloudError."""
    disk_cid = storage.disk()
    storage.refuse("ResizeDisk", code)
    refused(cpi.call("resize_disk", disk_cid, 102400), "CloudError", disk_cid, code)


def test_missing_disk(cpi: Cpi, storage: Storage) -> None:
    """A disk that is not there is DiskNotFound, also when it vanishes half-way."""
    refused(cpi.call("resize_disk", "d-gone", 102400), "DiskNotFound", "d-gone")
    disk_cid = storage.disk()
    storage.sim.set_lag(3)
    storage.sim.world.remove(storage.found(disk_cid))
    storage.sim.world.commit()
    refused(cpi.call("resize_disk", disk_cid, 102400), "DiskNotFound", disk_cid)


@pytest.mark.parametrize("size", [0, -20480, "20480", None, 20480.5])
def test_bad_size(cpi: Cpi, storage: Storage, size: object) -> None:
    """A size that is no positive integer is an error that names the argument."""
    disk_cid = storage.disk()
    refused(cpi.call("resize_disk", disk_cid, size), "CpiError", "size")
    assert storage.found(disk_cid).size_gib == 50


@pytest.mark.parametrize("status", ["Creating", "Detaching", "Modifying"])
def test_waits_for_a_changing_disk(cpi: Cpi, storage: Storage, status: str) -> None:
    """A disk that the cloud is at work on grows once that is over."""
    disk_cid = storage.disk()
    storage.busy(disk_cid, status, "Available")
    cpi.ok("resize_disk", disk_cid, 102400)
    assert storage.found(disk_cid).size_gib == 100


def test_waits_while_its_spec_changes(cpi: Cpi, storage: Storage) -> None:
    """A disk whose category is being changed for long grows once that is over."""
    disk_cid = storage.disk()
    storage.begin_spec_change(disk_cid, seconds=1500)
    cpi.ok("resize_disk", disk_cid, 102400)
    assert storage.found(disk_cid).size_gib == 100


@pytest.mark.parametrize("kind", ["lost", "reset", "truncated", "html"])
@pytest.mark.parametrize("lag", [0, 3])
def test_lost_answer(cpi: Cpi, sim: Simulator, storage: Storage, kind: str, lag: float) -> None:
    """When the answer of ResizeDisk gets lost, the repeat with its token changes nothing more."""
    disk_cid = storage.disk()
    sim.set_pace(disk__resize=2)
    sim.set_lag(lag)
    sim.add_fault(kind=kind, action="ResizeDisk", effect=True)
    cpi.ok("resize_disk", disk_cid, 102400)
    assert storage.found(disk_cid).size_gib == 100
    assert len({call["params"]["ClientToken"] for call in sim.calls("ResizeDisk")}) == 1


def test_read_lag(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """The call returns when reads show the new size, not before."""
    disk_cid = storage.disk()
    sim.set_pace(disk__resize=2)
    sim.set_lag(3)
    cpi.ok("resize_disk", disk_cid, 102400)
    cpi.ok("resize_disk", disk_cid, 102400)
    assert storage.found(disk_cid).size_gib == 100
    assert storage.asked("ResizeDisk") == 1
