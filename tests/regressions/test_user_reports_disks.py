"""Cases that users reported, about disks and tags: each is a request and what must come out."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from alicloud_sim.ecs.instance_types import InstanceType

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
