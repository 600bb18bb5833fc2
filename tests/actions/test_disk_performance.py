"""Provisioned IOPS and bursting of cloud_auto disks, and the least sizes of performance levels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.storage import refused
from support.world import ZONE

if TYPE_CHECKING:
    from support.cpi import Cpi
    from support.storage import Storage
    from support.vms import Vms

SIZE = 51200  # MiB of the disks in these tests
HERE = {"availability_zone": ZONE}
AUTO = {"category": "cloud_auto"}


@pytest.mark.parametrize(
    ("properties", "iops", "bursting"),
    [
        ({}, 0, False),
        ({"provisioned_iops": 0, "bursting_enabled": False}, 0, False),
        ({"provisioned_iops": 5000}, 5000, False),
        ({"provisioned_iops": "45_700", "bursting_enabled": "true"}, 45_700, True),
    ],
)
def test_created(storage: Storage, properties: dict[str, Any], iops: int, bursting: bool) -> None:  # noqa: FBT001
    """The disk has what its type says, and nothing beyond the baseline otherwise."""
    disk = storage.found(storage.make(SIZE, {**AUTO, **properties}))
    assert (disk.provisioned_iops, disk.bursting) == (iops, bursting)


def test_created_of_the_default_category(cpi: Cpi, storage: Storage) -> None:
    """The category may be the configured one."""
    cpi.configure(default_disk_category="cloud_auto")
    assert storage.found(storage.make(SIZE, {"provisioned_iops": 9})).provisioned_iops == 9


@pytest.mark.parametrize(
    ("size", "properties", "words"),
    [
        (SIZE, {"provisioned_iops": 1}, ["provisioned_iops", "cloud_auto only", "efficiency"]),
        (SIZE, {"category": "cloud_essd", "bursting_enabled": True}, ["bursting_enabled", "only"]),
        (SIZE, {**AUTO, "provisioned_iops": 45_701}, ["at most 45700 for 50 GiB"]),
        (1, {**AUTO, "provisioned_iops": 36_201}, ["provisioned_iops", "at most 36200 for 40 GiB"]),
        (SIZE, {**AUTO, "provisioned_iops": 50_001}, ["provisioned_iops must be a number"]),
        (SIZE, {**AUTO, "provisioned_iops": -1}, ["provisioned_iops must be a number"]),
        (SIZE, {**AUTO, "bursting_enabled": 1}, ["bursting_enabled must be true or false"]),
    ],
)
@pytest.mark.parametrize("method", ["create_disk", "update_disk"])
def test_refused(
    cpi: Cpi,
    storage: Storage,
    method: str,
    size: int,
    properties: dict[str, Any],
    words: list[str],
) -> None:
    """Another category, or more than the size allows, is an error before anything is made."""
    present = storage.disk(size_gib=20)
    if method == "create_disk":
        answer = cpi.call(method, size, {**HERE, **properties}, None)
    else:
        answer = cpi.call(method, present, size, properties)
    refused(answer, "CloudError", *words)
    assert len(storage.disks()) == 1
    assert not [call for call in storage.sim.calls() if not call["action"].startswith("Describe")]


@pytest.mark.parametrize(
    ("properties", "iops", "bursting"),
    [
        ({"provisioned_iops": 3000}, 3000, True),
        ({"provisioned_iops": 0}, 0, True),
        ({"bursting_enabled": False}, 1000, False),
        ({**AUTO, "provisioned_iops": 3000, "bursting_enabled": "false"}, 3000, False),
    ],
)
def test_updated(
    cpi: Cpi,
    storage: Storage,
    properties: dict[str, Any],
    iops: int,
    bursting: bool,  # noqa: FBT001
) -> None:
    """update_disk changes what is named in place, and leaves the rest."""
    disk_cid = storage.disk(category="cloud_auto", provisioned_iops=1000, bursting=True)
    cpi.ok("update_disk", disk_cid, SIZE, properties)
    disk = storage.found(disk_cid)
    assert (disk.provisioned_iops, disk.bursting, disk.status) == (iops, bursting, "Available")
    cpi.ok("update_disk", disk_cid, SIZE, properties)
    asked = storage.asked("ModifyDiskSpec"), storage.asked("ModifyDiskAttribute")
    assert asked == (iops != 1000, not bursting)


@pytest.mark.parametrize("properties", [{}, AUTO, {"provisioned_iops": 1000}])
def test_nothing_to_update(cpi: Cpi, storage: Storage, properties: dict[str, Any]) -> None:
    """What is not named, or is as it is, costs no request."""
    disk_cid = storage.disk(category="cloud_auto", provisioned_iops=1000, bursting=True)
    with cpi.requests() as requests:
        cpi.ok("update_disk", disk_cid, SIZE, properties)
    assert requests == ["DescribeDisks", "DescribeTasks"]


def test_updated_with_category_and_size(cpi: Cpi, storage: Storage) -> None:
    """A larger disk of another category gets its IOPS with the change, and bursting after it."""
    disk_cid = storage.disk(size_gib=20)
    wanted = {**AUTO, "provisioned_iops": 45_700, "bursting_enabled": True}
    cpi.ok("update_disk", disk_cid, SIZE, wanted)
    disk = storage.found(disk_cid)
    assert (disk.size_gib, disk.category) == (50, "cloud_auto")
    assert (disk.provisioned_iops, disk.bursting) == (45_700, True)
    assert storage.asked("ModifyDiskSpec") == 1


@pytest.mark.parametrize("action", ["ModifyDiskSpec", "ModifyDiskAttribute"])
def test_an_update_whose_answer_is_lost(cpi: Cpi, storage: Storage, action: str) -> None:
    """The change is made once and is there at the end."""
    disk_cid = storage.disk(category="cloud_auto", provisioned_iops=0)
    storage.lose_answer(action)
    cpi.ok("update_disk", disk_cid, SIZE, {"provisioned_iops": 70, "bursting_enabled": True})
    disk = storage.found(disk_cid)
    assert (disk.provisioned_iops, disk.bursting) == (70, True)


@pytest.mark.parametrize(
    ("action", "code"),
    [
        ("ModifyDiskSpec", "InvalidProvisionedIops.LimitExceed"),
        ("ModifyDiskAttribute", "BurstingEnabledForModifyingDiskUnsupported"),
    ],
)
def test_an_update_that_the_cloud_refuses(
    cpi: Cpi, storage: Storage, action: str, code: str
) -> None:
    """It is NotSupported, so that the Director copies the disk."""
    disk_cid = storage.disk(category="cloud_auto", provisioned_iops=0)
    storage.refuse(action, code)
    wanted = {"provisioned_iops": 70, "bursting_enabled": True}
    refused(cpi.call("update_disk", disk_cid, SIZE, wanted), "NotSupported", code)


@pytest.mark.parametrize(("level", "least"), [("PL0", 1), ("PL1", 20), ("PL2", 461), ("PL3", 1261)])
def test_least_size_of_a_level(cpi: Cpi, storage: Storage, level: str, least: int) -> None:
    """A disk of the least size is made; below it PL0 and PL1 are rounded up, others refused."""
    wanted = {"category": "cloud_essd", "performance_level": level}
    assert storage.found(storage.make(least * 1024, wanted)).size_gib == least
    before = len(storage.sim.calls())
    answer = cpi.call("create_disk", max(1, least * 1024 - 1024), {**HERE, **wanted}, None)
    if level in ("PL0", "PL1"):
        assert storage.found(answer.result).size_gib == least
        return
    named = f"cloud_properties.performance_level {level} needs a disk of at least {least} GiB"
    refused(answer, "CloudError", named, f"not {least - 1} GiB")
    assert len(storage.sim.calls()) == before


def test_least_size_when_a_level_is_changed(cpi: Cpi, storage: Storage) -> None:
    """A disk that is too small for its new level is left as it is."""
    disk_cid = storage.disk(category="cloud_essd", performance_level="PL1")
    answer = cpi.call("update_disk", disk_cid, SIZE, {"performance_level": "PL2"})
    refused(answer, "CloudError", "performance_level PL2 needs a disk of at least 461 GiB")
    cpi.ok("update_disk", disk_cid, 461 * 1024, {"performance_level": "PL2"})
    disk = storage.found(disk_cid)
    assert (disk.performance_level, disk.size_gib) == ("PL2", 461)


@pytest.mark.parametrize(
    ("disk", "size_gib"), [("ephemeral_disk", 50), ("system_disk", 50), ("system_disk", None)]
)
def test_least_size_of_a_vms_disks(vms: Vms, disk: str, size_gib: int | None) -> None:
    """A system disk without a size has 40 GiB, too few as well; nothing is created."""
    wanted = {"category": "cloud_essd", "performance_level": "PL2"}
    answer = vms.create(**{disk: {**wanted, **({"size": size_gib * 1024} if size_gib else {})}})
    named = f"cloud_properties.{disk}.performance_level PL2 needs a disk of at least 461 GiB"
    refused(answer, "VMCreationFailed", named, f"not {size_gib or 40} GiB")
    assert vms.left() == {}
    cid = vms.make(**{disk: {**wanted, "size": 461 * 1024}})
    assert ("PL2", 461) in [(one.performance_level, one.size_gib) for one in vms.disks(cid)]


def test_essd_entry(storage: Storage, vms: Vms) -> None:
    """Types that take ESSD Entry have it for all three disks."""
    entry = {"category": "cloud_essd_entry"}
    cid = vms.make(
        instance_type="ecs.u1-c1m2.large", system_disk=entry, ephemeral_disk={**entry, "size": SIZE}
    )
    assert [disk.category for disk in vms.disks(cid)] == ["cloud_essd_entry"] * 2
    disk_cid = storage.make(SIZE, entry)
    assert (storage.found(disk_cid).category, storage.found(disk_cid).size_gib) == (
        "cloud_essd_entry",
        50,
    )
