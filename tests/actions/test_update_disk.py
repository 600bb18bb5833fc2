"""update_disk changes size, category and performance level of a disk where it is.

The Director takes what it asked for as applied, so a change that is not made has to be
NotSupported: then the Director copies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.storage import refused

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage
    from support.world import Names

SAME = 51200  # MiB of the disks in these tests


def changes(storage: Storage) -> int:
    """Count the requests that change a disk."""
    return sum(not call["action"].startswith("Describe") for call in storage.sim.calls())


@pytest.mark.parametrize(
    ("before", "properties", "category", "level"),
    [
        (("cloud_efficiency", ""), {"category": "cloud_ssd"}, "cloud_ssd", ""),
        (("cloud_efficiency", ""), {"type": "cloud_ssd"}, "cloud_ssd", ""),
        (("cloud_efficiency", ""), {"category": "cloud_essd"}, "cloud_essd", "PL1"),
        (("cloud_essd", "PL1"), {"category": "cloud_auto"}, "cloud_auto", ""),
        (("cloud_essd", "PL1"), {"category": "cloud_ssd"}, "cloud_ssd", ""),
        (
            ("cloud_ssd", ""),
            {"category": "cloud_essd", "performance_level": "PL0"},
            "cloud_essd",
            "PL0",
        ),
        (
            ("cloud_essd", "PL0"),
            {"category": "cloud_essd", "performance_level": "PL1"},
            "cloud_essd",
            "PL1",
        ),
        (("cloud_essd", "PL0"), {"performance_level": "PL1"}, "cloud_essd", "PL1"),
    ],
)
def test_category_and_level(
    cpi: Cpi,
    storage: Storage,
    before: tuple[str, str],
    properties: dict[str, Any],
    category: str,
    level: str,
) -> None:
    """Category and level are what was asked for when the call returns; the disk is the same."""
    disk_cid = storage.disk(category=before[0], performance_level=before[1])
    assert cpi.ok("update_disk", disk_cid, SAME, properties) is None
    disk = storage.found(disk_cid)
    assert (disk.category, disk.performance_level) == (category, level)
    assert (disk.size_gib, disk.status) == (50, "Available")
    assert len(storage.disks()) == 1


@pytest.mark.parametrize("properties", [None, {}, {"category": ""}, {"category": "cloud_essd"}])
def test_nothing_to_change(cpi: Cpi, storage: Storage, properties: dict[str, Any] | None) -> None:
    """A category or level that is not named stays: nothing is asked of the cloud."""
    disk_cid = storage.disk(category="cloud_essd", performance_level="PL3")
    cpi.ok("update_disk", disk_cid, SAME, properties)
    assert changes(storage) == 0


def test_repeat(cpi: Cpi, storage: Storage) -> None:
    """The same call again finds everything as wanted."""
    disk_cid = storage.disk()
    arguments = (disk_cid, 102400, {"category": "cloud_ssd", "tags": {"team": "data"}})
    cpi.ok("update_disk", *arguments)
    cpi.ok("update_disk", *arguments)
    assert storage.asked("ModifyDiskSpec") == storage.asked("ResizeDisk") == 1


@pytest.mark.parametrize(
    ("category", "wanted", "size_mib", "size_gib"),
    [
        ("cloud_efficiency", None, 51201, 51),
        ("cloud_efficiency", "cloud_ssd", 102400, 100),
        ("cloud_efficiency", "cloud_auto", 102400, 100),
    ],
)
def test_size(
    cpi: Cpi, storage: Storage, category: str, wanted: str | None, size_mib: int, size_gib: int
) -> None:
    """Size and category change in one call; the size is rounded as ever."""
    disk_cid = storage.disk(category=category)
    cpi.ok("update_disk", disk_cid, size_mib, {"category": wanted})
    disk = storage.found(disk_cid)
    assert (disk.category, disk.size_gib) == (wanted or category, size_gib)


@pytest.mark.parametrize(
    ("made", "asked", "properties", "size_gib"),
    [
        (10240, 10240, {}, 20),
        (10240, 15360, {"category": "cloud_ssd"}, 20),
        (10240, 10240, {"category": "cloud_auto"}, 40),
    ],
)
def test_minimum(
    cpi: Cpi, storage: Storage, made: int, asked: int, properties: dict[str, Any], size_gib: int
) -> None:
    """A disk below its category's minimum is no shrink; another category's minimum counts."""
    disk_cid = storage.make(made)
    cpi.ok("update_disk", disk_cid, asked, properties)
    assert storage.found(disk_cid).size_gib == size_gib


SMALL = {"category": "cloud_essd", "performance_level": "PL0"}


@pytest.mark.parametrize(
    ("properties", "asked", "kind"),
    [
        (SMALL, 6144, ("cloud_essd", "PL0", 6)),
        ({}, 6144, ("cloud_essd", "PL0", 6)),
        ({"category": "cloud_essd"}, 5120, ("cloud_essd", "PL0", 5)),
        ({"performance_level": "PL1"}, 5120, ("cloud_essd", "PL1", 20)),
        ({"category": "cloud_ssd"}, 5120, ("cloud_ssd", "", 20)),
        ({"category": "cloud_auto"}, 5120, ("cloud_auto", "", 40)),
    ],
)
def test_small_disk(
    cpi: Cpi,
    storage: Storage,
    properties: dict[str, Any],
    asked: int,
    kind: tuple[str, str, int],
) -> None:
    """A small PL0 grows by single GiB; to become something else it grows to that one's minimum."""
    disk_cid = storage.make(5120, SMALL)
    cpi.ok("update_disk", disk_cid, asked, properties)
    disk = storage.found(disk_cid)
    assert (disk.category, disk.performance_level, disk.size_gib) == kind


def test_small_disk_that_is_attached(cpi: Cpi, storage: Storage) -> None:
    """An attached PL0 below the minimum of PL1 cannot become one in place."""
    vm = storage.vm()
    disk_cid = storage.attached(vm, **SMALL, size_gib=5)
    answer = cpi.call("update_disk", disk_cid, 5120, {**SMALL, "performance_level": "PL1"})
    refused(answer, "NotSupported", disk_cid, vm)
    assert changes(storage) == 0


@pytest.mark.parametrize(
    "before", [SMALL, {"category": "cloud_efficiency"}, {"category": "cloud_ssd"}]
)
def test_rounded_up_at_birth(cpi: Cpi, storage: Storage, before: dict[str, Any]) -> None:
    """20 GiB that other releases or categories made of 5 are no shrink: no data is copied."""
    disk_cid = storage.disk(**before, size_gib=20)
    cpi.ok("update_disk", disk_cid, 5120, SMALL)
    disk = storage.found(disk_cid)
    assert (disk.performance_level, disk.size_gib) == ("PL0", 20)
    assert storage.asked("ResizeDisk") == 0
    assert storage.asked("ModifyDiskSpec") == int(before is not SMALL)


@pytest.mark.parametrize("size_gib", [19, 21])
def test_small_shrink(cpi: Cpi, storage: Storage, size_gib: int) -> None:
    """A PL0 that nobody rounded up does shrink: NotSupported."""
    disk_cid = storage.disk(**SMALL, size_gib=size_gib)
    answer = cpi.call("update_disk", disk_cid, 5120, SMALL)
    refused(answer, "NotSupported", disk_cid, str(size_gib), "5")
    assert changes(storage) == 0


def test_level_that_the_cloud_refuses(cpi: Cpi, storage: Storage) -> None:
    """No ESSD goes down to PL0, as the Go release's PL1 of 20 GiB: NotSupported, unchanged."""
    disk_cid = storage.disk(category="cloud_essd", performance_level="PL1", size_gib=20)
    refused(cpi.call("update_disk", disk_cid, 5120, SMALL), "NotSupported", disk_cid)
    assert storage.found(disk_cid).performance_level == "PL1"


def test_default_kind_is_for_new_disks(cpi: Cpi, storage: Storage) -> None:
    """A disk keeps its category where none is named, whatever is configured by now."""
    disk_cid = storage.disk()
    cpi.configure(default_disk_category="cloud_essd", default_disk_performance_level="PL0")
    cpi.ok("update_disk", disk_cid, SAME, {})
    assert storage.found(disk_cid).category == "cloud_efficiency"
    assert changes(storage) == 0


def test_level_that_needs_the_new_size(cpi: Cpi, storage: Storage) -> None:
    """A level whose smallest size is above the old one is reached: the disk grows first."""
    disk_cid = storage.disk(category="cloud_essd", performance_level="PL1")
    properties = {"category": "cloud_essd", "performance_level": "PL2"}
    cpi.ok("update_disk", disk_cid, 512000, properties)
    disk = storage.found(disk_cid)
    assert (disk.size_gib, disk.performance_level) == (500, "PL2")


def test_shrink(cpi: Cpi, storage: Storage) -> None:
    """A smaller size is NotSupported, and nothing else is changed either."""
    disk_cid = storage.disk()
    answer = cpi.call("update_disk", disk_cid, 40960, {"category": "cloud_ssd"})
    refused(answer, "NotSupported", disk_cid, "50", "40")
    assert changes(storage) == 0


def test_attached(cpi: Cpi, storage: Storage) -> None:
    """An attached disk does not grow in place; its category can change."""
    vm = storage.vm()
    disk_cid = storage.attached(vm)
    refused(cpi.call("update_disk", disk_cid, 102400, {}), "NotSupported", disk_cid, vm)
    cpi.ok("update_disk", disk_cid, SAME, {"category": "cloud_ssd"})
    assert storage.found(disk_cid).category == "cloud_ssd"


@pytest.mark.parametrize(
    ("disk", "config", "properties"),
    [
        ({}, {}, {"encrypted": True}),
        ({}, {}, {"encrypted": "true", "category": "cloud_ssd"}),
        ({}, {"encrypted": True}, {}),
        ({"encrypted": True}, {}, {"encrypted": False}),
        ({"encrypted": True}, {}, {}),
        ({"encrypted": True, "kms_key_id": "k-1"}, {}, {"encrypted": True, "kms_key_id": "k-2"}),
        ({"encrypted": True}, {"kms_key_id": "k-2"}, {"encrypted": True}),
        ({"encrypted": True, "kms_key_id": "k-1"}, {"encrypted": True, "kms_key_id": "k-2"}, {}),
    ],
)
def test_other_encryption(
    cpi: Cpi,
    storage: Storage,
    disk: dict[str, Any],
    config: dict[str, Any],
    properties: dict[str, Any],
) -> None:
    """Another encryption or key is NotSupported, never silently left out."""
    cpi.configure(**config)
    disk_cid = storage.disk(**disk)
    refused(cpi.call("update_disk", disk_cid, 102400, properties), "NotSupported", disk_cid)
    assert changes(storage) == 0


@pytest.mark.parametrize(
    "properties",
    [{"encrypted": True, "kms_key_id": "KEY"}, {"encrypted": True}, {"encrypted": "TRUE"}],
)
def test_same_encryption(
    cpi: Cpi, storage: Storage, names: Names, properties: dict[str, Any]
) -> None:
    """The encryption that the disk has is no change; where no key is named, any will do."""
    disk_cid = storage.disk(encrypted=True, kms_key_id=names.kms_key)
    if "kms_key_id" in properties:
        properties = {**properties, "kms_key_id": names.kms_key}
    cpi.ok("update_disk", disk_cid, SAME, {**properties, "category": "cloud_ssd"})
    assert storage.found(disk_cid).category == "cloud_ssd"


@pytest.mark.parametrize("asked", [None, True, False])
@pytest.mark.parametrize("before", [True, False])
def test_delete_with_instance(
    cpi: Cpi,
    storage: Storage,
    asked: bool | None,  # noqa: FBT001
    before: bool,  # noqa: FBT001
) -> None:
    """A persistent disk is kept when its VM goes, whatever was set: that is made sure of."""
    disk_cid = storage.disk(delete_with_instance=before)
    cpi.ok("update_disk", disk_cid, SAME, {"delete_with_instance": asked})
    assert storage.found(disk_cid).delete_with_instance is False


def test_tags_and_name(cpi: Cpi, storage: Storage) -> None:
    """Tags are added to those present, in a form that the cloud takes; a name is given."""
    disk_cid = storage.disk(tags={"old": "1", "team": "web"})
    cpi.ok("update_disk", disk_cid, SAME, {"tags": {"team": "data", "cost": 5}, "name": "data/1"})
    disk = storage.found(disk_cid)
    assert disk.tags == {"old": "1", "team": "data", "cost": "5"}
    assert disk.name == "data.1"


@pytest.mark.parametrize(
    ("properties", "named"),
    [
        ({"category": "cloud_gold"}, "category"),
        ({"category": "cloud_ssd", "performance_level": "PL1"}, "performance_level"),
        ({"performance_level": "PL1"}, "performance_level"),
        ({"encrypted": "yes"}, "encrypted"),
        ({"tags": 5}, "tags"),
    ],
)
def test_bad_property(cpi: Cpi, storage: Storage, properties: dict[str, Any], named: str) -> None:
    """A property that cannot be used is named, and nothing is changed."""
    disk_cid = storage.disk()
    answer = cpi.call("update_disk", disk_cid, 102400, properties)
    refused(answer, "CloudError", f"cloud_properties.{named}")
    assert changes(storage) == 0


def test_missing_disk(cpi: Cpi) -> None:
    """A disk that is not there is DiskNotFound."""
    refused(cpi.call("update_disk", "d-gone", SAME, {}), "DiskNotFound", "d-gone")


@pytest.mark.parametrize("arguments", [[], ["d-1"], ["d-1", 51200], ["d-1", "51200", {}]])
def test_bad_arguments(cpi: Cpi, arguments: list[Any]) -> None:
    """It takes a cid, a size and cloud_properties."""
    refused(cpi.call("update_disk", *arguments), "CpiError", "update_disk")


def test_answers_of_two_kinds_of_disks(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """Only the disk that was named changes."""
    disk_cid, other = storage.disk(), storage.disk()
    cpi.ok("update_disk", disk_cid, 102400, {"category": "cloud_ssd"})
    assert (storage.found(other).category, storage.found(other).size_gib) == (
        "cloud_efficiency",
        50,
    )
    assert sim.calls("ModifyDiskSpec")[0]["params"]["DiskId"] == disk_cid
