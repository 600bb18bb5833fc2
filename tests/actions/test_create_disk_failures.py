"""create_disk that cannot be done leaves nothing behind, and never makes two disks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.storage import refused
from support.world import ZONE

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage

HERE = {"availability_zone": ZONE}


@pytest.mark.parametrize(
    ("properties", "named"),
    [
        ({"category": "cloud_gold"}, "cloud_properties.category"),
        ({"category": 7}, "cloud_properties.category"),
        ({"category": "cloud_essd", "performance_level": "PL9"}, "performance_level"),
        ({"performance_level": "PL1"}, "performance_level"),
        ({"category": "cloud_ssd", "performance_level": "PL1"}, "performance_level"),
        ({"encrypted": "yes"}, "cloud_properties.encrypted"),
        ({"encrypted": 1}, "cloud_properties.encrypted"),
        ({"kms_key_id": "key-1"}, "cloud_properties.kms_key_id"),
        ({"kms_key_id": "key-1", "encrypted": False}, "cloud_properties.kms_key_id"),
        ({"kms_key_id": 5, "encrypted": True}, "cloud_properties.kms_key_id"),
        ({"tags": ["a"]}, "cloud_properties.tags"),
        ({"tags": {"a": ["b"]}}, "cloud_properties.tags.a"),
        ({"delete_with_instance": "perhaps"}, "cloud_properties.delete_with_instance"),
        ({"availability_zone": 5}, "cloud_properties.availability_zone"),
        ({"name": 5}, "cloud_properties.name"),
    ],
)
def test_bad_property(cpi: Cpi, storage: Storage, properties: dict[str, Any], named: str) -> None:
    """A property that cannot be used is named, and nothing is asked of the cloud."""
    refused(cpi.call("create_disk", 51200, {**HERE, **properties}, None), "CloudError", named)
    assert storage.disks() == []
    assert storage.sim.calls() == []


@pytest.mark.parametrize("size", [0, -1, "51200", 1.5, True, None])
def test_bad_size(cpi: Cpi, storage: Storage, size: object) -> None:
    """A size that is no positive integer is an error that names the argument."""
    refused(cpi.call("create_disk", size, HERE, None), "CpiError", "size")
    assert storage.disks() == []


@pytest.mark.parametrize(
    ("size", "properties", "code"),
    [
        (51200, {"availability_zone": "cn-beijing-z"}, "InvalidZoneId.NotFound"),
        (51200, {"category": "cloud"}, "InvalidDiskCategory.NotSupported"),
        (51200, {"encrypted": True, "kms_key_id": "key-none"}, "KMSKeyId.NotFound"),
    ],
)
def test_refused_by_the_cloud(
    cpi: Cpi, storage: Storage, size: int, properties: dict[str, Any], code: str
) -> None:
    """What the cloud refuses is an error with its code and RequestId, and not to be repeated."""
    answer = cpi.call("create_disk", size, {**HERE, **properties}, None)
    refused(answer, "CloudError", "CreateDisk", code, "RequestId", "region cn-beijing")
    assert not answer.ok_to_retry
    assert storage.disks() == []


def test_quota(cpi: Cpi, sim: Simulator) -> None:
    """More disks than the account may have: the cloud's own code says so."""
    sim.seed({"quotas": {"disk.count": 0}})
    refused(cpi.call("create_disk", 51200, HERE, None), "CloudError", "QuotaExceed.PostPaidDisk")


def test_never_available(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """A disk that does not become Available in time is deleted, and the error says so."""
    sim.set_pace(disk__create=450)
    answer = cpi.call("create_disk", 51200, HERE, None)
    refused(answer, "CloudError", "to be Available", "last state: Creating", "Cleaned up: disk")
    assert storage.disks() == []


def test_left_behind(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """A disk that cannot be deleted either is named, with what to do about it."""
    sim.set_pace(disk__create=450)
    sim.change_key(sim.world.constants["access_key_id"], denied=["DeleteDisk"])
    answer = cpi.call("create_disk", 51200, HERE, None)
    (left,) = storage.disks()
    refused(answer, "CloudError", "LEFT BEHIND", left.id, "Forbidden.RAM")


def test_failed_read_while_waiting(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """A disk whose waiting fails for good is deleted although no list has shown it yet."""
    sim.set_pace(disk__listed=30)
    storage.refuse("DescribeDisks", "InvalidParamter", count=1)
    answer = cpi.call("create_disk", 51200, HERE, None)
    refused(answer, "CloudError", "InvalidParamter", "Cleaned up: disk")
    assert storage.disks() == []


def test_passing_failure_while_waiting(sim: Simulator, storage: Storage) -> None:
    """A read that fails in a passing way, or is throttled, does not end the wait."""
    sim.set_pace(disk__create=20)
    sim.add_fault(kind="error", action="DescribeDisks", code="ServiceUnavailable", count=2)
    sim.add_fault(kind="error", action="DescribeDisks", code="Throttling.User", count=3)
    sim.add_fault(kind="html", action="DescribeDisks", count=1)
    assert storage.found(storage.make()).status == "Available"


@pytest.mark.parametrize("kind", ["lost", "reset", "truncated", "empty", "html", "status"])
def test_no_second_disk_after_a_lost_answer(sim: Simulator, storage: Storage, kind: str) -> None:
    """However the answer of CreateDisk gets lost, the repeat makes no second disk."""
    sim.add_fault(kind=kind, action="CreateDisk", effect=True)
    disk_cid = storage.make()
    assert [disk.id for disk in storage.disks()] == [disk_cid]
    assert storage.asked("CreateDisk") == 2


@pytest.mark.parametrize("code", ["Throttling", "Throttling.User", "ServiceUnavailable"])
def test_passing_refusal(sim: Simulator, storage: Storage, code: str) -> None:
    """A passing refusal of CreateDisk is repeated, with the same ClientToken."""
    sim.add_fault(kind="error", action="CreateDisk", code=code, count=3)
    disk_cid = storage.make()
    assert [disk.id for disk in storage.disks()] == [disk_cid]
    tokens = {call["params"]["ClientToken"] for call in sim.calls("CreateDisk")}
    assert len(tokens) == 1


@pytest.mark.parametrize("listed", [0, 2])
def test_read_lag(sim: Simulator, storage: Storage, listed: float) -> None:
    """Reads that lag behind neither end the call early nor make a second disk."""
    sim.set_pace(disk__listed=listed, disk__create=2)
    sim.set_lag(3)
    disk_cid = storage.make()
    assert [disk.id for disk in storage.disks()] == [disk_cid]
    assert storage.found(disk_cid).status == "Available"
