"""Cases that users reported, about disks and tags: each is a request and what must come out."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from alicloud_sim.ecs.instance_types import InstanceType
from alicloud_sim.ecs.tasks import Task
from support.storage import refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage

TYPES_SINCE_G7 = ["ecs.g7.large", "ecs.c9i.large", "ecs.g8i.large", "ecs.e-c1m1.large"]


@contextmanager
def requests_of(cpi: Cpi) -> Iterator[list[str]]:
    """Yield a list that the actions of all requests in this block are added to."""
    before = len(cpi.sim.calls())
    actions: list[str] = []
    yield actions
    actions += [call["action"] for call in cpi.sim.calls()[before:]]


# No category named, type of a current family (Go CPI pull requests 202 and 208)


@pytest.mark.parametrize("instance_type", TYPES_SINCE_G7)
def test_disk_without_a_category_fits_a_current_type(
    cpi: Cpi, storage: Storage, instance_type: str
) -> None:
    """The disk gets the first category that the VM's type takes, and can be attached to it."""
    vm = storage.vm(instance_type=instance_type)
    disk_cid = cpi.ok("create_disk", 20480, {}, vm)
    assert storage.found(disk_cid).category == "cloud_essd"
    cpi.ok("attach_disk", vm, disk_cid)
    assert storage.found(disk_cid).instance_id == vm


def test_disk_without_a_category_stays_as_it_was_on_an_older_type(
    cpi: Cpi, storage: Storage
) -> None:
    """Such as on g6: cloud_efficiency, for one request more than with a category named."""
    vm = storage.vm(instance_type="ecs.g6.large")
    with requests_of(cpi) as without:
        disk_cid = cpi.ok("create_disk", 20480, {}, vm)
    with requests_of(cpi) as named:
        cpi.ok("create_disk", 20480, {"category": "cloud_efficiency"}, vm)
    assert storage.found(disk_cid).category == "cloud_efficiency"
    assert sorted(without) == sorted([*named, "DescribeAvailableResource"])


def test_size_of_a_disk_is_that_of_the_category_chosen(
    cpi: Cpi, sim: Simulator, storage: Storage
) -> None:
    """A cloud_auto has at least 40 GiB."""
    vm = storage.vm(instance_type="ecs.g7.large")
    kind = sim.world.get(InstanceType, "ecs.g7.large")
    assert kind
    kind.disk_categories = ["cloud_auto"]
    disk = storage.found(cpi.ok("create_disk", 1024, {}, vm))
    assert (disk.category, disk.size_gib) == ("cloud_auto", 40)


def test_category_of_the_configuration_is_a_category_named(cpi: Cpi, storage: Storage) -> None:
    """It is taken as it is."""
    cpi.configure(default_disk_category="cloud_ssd")
    vm = storage.vm(instance_type="ecs.g7.large")
    with requests_of(cpi) as asked:
        disk_cid = cpi.ok("create_disk", 20480, {}, vm)
    assert storage.found(disk_cid).category == "cloud_ssd"
    assert "DescribeAvailableResource" not in asked


def test_disk_is_created_when_the_types_categories_cannot_be_read(
    cpi: Cpi, sim: Simulator, storage: Storage
) -> None:
    """As by an account whose policy lacks the action: then with the default, and a warning."""
    vm = storage.vm(instance_type="ecs.g7.large")
    sim.add_fault(kind="error", action="DescribeAvailableResource", code="Forbidden.RAM", count=0)
    answer = cpi.call("create_disk", 20480, {}, vm)
    assert storage.found(answer.result).category == "cloud_efficiency"
    assert "the disk categories of ecs.g7.large cannot be read" in answer.stderr


# Disk is being converted (Go CPI pull requests 224 and 230)


def test_large_disk_is_converted_in_45_minutes(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """2 TiB from cloud_efficiency to cloud_essd, with the task's progress once a minute."""
    sim.set_pace("realistic")
    disk_cid = storage.disk(size_gib=2048)
    before = sim.world.clock.now()
    answer = cpi.call("update_disk", disk_cid, 2097152, {"category": "cloud_essd"})
    assert answer.error is None, answer.error
    assert 2700 < sim.world.clock.now() - before < 2760
    disk = storage.found(disk_cid)
    assert (disk.status, disk.category, disk.performance_level) == (
        "Available",
        "cloud_essd",
        "PL1",
    )
    progress = re.findall(r"task t-\S+ of disk '\S+' is Processing, (\d+)%", answer.stderr)
    assert 40 <= len(progress) <= 47
    assert progress == sorted(progress, key=int)
    assert storage.asked("DescribeTaskAttribute") < 300


def test_new_category_in_sight_is_not_the_end(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """Nor without the permission to read tasks: the disk is Modifying."""
    key = sim.world.constants["access_key_id"]
    sim.change_key(key, denied=["DescribeTasks", "DescribeTaskAttribute"])
    sim.set_pace(disk__spec=900)
    disk_cid = storage.disk()
    before = sim.world.clock.now()
    answer = cpi.call("update_disk", disk_cid, 51200, {"category": "cloud_essd"})
    assert answer.error is None, answer.error
    assert sim.world.clock.now() - before >= 900
    assert storage.found(disk_cid).status == "Available"
    assert answer.stderr.count("cannot be read") == 2


def test_patience_grows_with_the_size(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """An hour, and 2 seconds for each GiB; then the error says what runs and what to do."""
    sim.set_pace(disk__spec=20_000)
    disk_cid = storage.disk(size_gib=1000)
    before = sim.world.clock.now()
    answer = cpi.call("update_disk", disk_cid, 1024000, {"category": "cloud_essd"})
    (task,) = storage.all(Task)
    words = (disk_cid, "Gave up", f"task '{task.id}' (ModifyDiskSpec) still runs, at 28%")
    refused(answer, "CloudError", *words, "when it has ended, repeat the deployment")
    assert 5600 <= sim.world.clock.now() - before < 5660
    assert storage.asked("ModifyDiskSpec") == 1


CALLS = {
    "detach_disk": lambda vm, disk: ("detach_disk", vm, disk),
    "attach_disk": lambda vm, disk: ("attach_disk", vm, disk),
    "resize_disk": lambda _, disk: ("resize_disk", disk, 102400),
    "update_disk": lambda _, disk: ("update_disk", disk, 51200, {"category": "cloud_auto"}),
    "snapshot_disk": lambda _, disk: ("snapshot_disk", disk, {}),
    "delete_disk": lambda _, disk: ("delete_disk", disk),
}


@pytest.mark.parametrize("method", CALLS)
def test_call_about_a_disk_that_is_converted_waits(
    cpi: Cpi, sim: Simulator, storage: Storage, method: str
) -> None:
    """Such as that of a deployment that is tried again: it succeeds when the conversion is over."""
    vm, disk_cid = storage.vm(), storage.disk(attached_at=1.0)
    sim.set_pace(disk__spec=2400)
    storage.modify(disk_cid, "cloud_auto")
    before = sim.world.clock.now()
    answer = cpi.call(*CALLS[method](vm, disk_cid))
    assert answer.error is None, answer.error
    assert sim.world.clock.now() - before >= 2400
    assert "is Processing, 50%" in answer.stderr


@pytest.mark.parametrize("method", CALLS)
def test_call_about_a_disk_whose_conversion_does_not_end_names_the_task(
    cpi: Cpi, sim: Simulator, storage: Storage, method: str
) -> None:
    """Never an unknown status."""
    vm, disk_cid = storage.vm(), storage.disk(attached_at=1.0)
    sim.set_pace(disk__spec=20_000)
    task = storage.modify(disk_cid, "cloud_auto")
    answer = cpi.call(*CALLS[method](vm, disk_cid))
    refused(answer, "CloudError", disk_cid, task, "(ModifyDiskSpec) still runs, at 18%")
    assert storage.found(disk_cid).status == "Modifying"


def test_attached_disk_that_is_converted_is_detached_afterwards(
    cpi: Cpi, sim: Simulator, storage: Storage
) -> None:
    """As when an operator started the conversion in the console."""
    vm = storage.vm()
    disk_cid = storage.attached(vm)
    sim.set_pace(disk__spec=2400)
    storage.modify(disk_cid, "cloud_auto")
    cpi.ok("detach_disk", vm, disk_cid)
    disk = storage.found(disk_cid)
    assert (disk.status, disk.instance_id) == ("Available", "")
