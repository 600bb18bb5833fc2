"""Reads that show the cloud as it was three seconds ago: no wrong "gone", no double, no leak."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alicloud_sim.ecs.instances.record import Instance
from faults.matrix import LAG_SECONDS, Matrix
from faults.matrix_scenarios import SCENARIOS, Bench
from support.storage import VIRTIO
from support.world import ZONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage
    from support.vms import Vms


@pytest.fixture(scope="module")
def matrix() -> Iterator[Matrix]:
    """Give a matrix on a bench of its own."""
    with Bench() as bench:
        yield Matrix(bench)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_call_under_lag(matrix: Matrix, scenario: str) -> None:
    """The call ends well, and leaves the cloud as one whose reads are up to date does."""
    outcome = matrix.lagging(scenario)
    assert outcome.is_good, f"{outcome.failure}\n{outcome.leak}\n{outcome.told}"


def test_a_life_without_a_pause(cpi: Cpi, sim: Simulator, vms: Vms, storage: Storage) -> None:
    """Each call follows at once on the one whose effect its reads may not show yet."""
    sim.set_lag(LAG_SECONDS)
    sim.set_pace(instance__listed=2)
    vm = vms.make(ephemeral_disk={"size": 20480})
    assert cpi.ok("has_vm", vm) is True
    disk = cpi.ok("create_disk", 20480, {}, vm)
    assert cpi.ok("has_disk", disk) is True
    hint = cpi.ok("attach_disk", vm, disk)
    assert hint == VIRTIO + disk.removeprefix("d-")
    assert cpi.ok("attach_disk", vm, disk) == hint
    assert cpi.ok("get_disks", vm) == [disk]
    snapshot = cpi.ok("snapshot_disk", disk, {"deployment": "cf"})
    cpi.ok("detach_disk", vm, disk)
    cpi.ok("resize_disk", disk, 40960)
    cpi.ok("update_disk", disk, 40960, {"category": "cloud_essd"})
    cpi.ok("attach_disk", vm, disk)
    cpi.ok("reboot_vm", vm)
    cpi.ok("delete_vm", vm)
    assert cpi.ok("has_vm", vm) is False
    assert (storage.found(disk).status, storage.found(disk).category) == ("Available", "cloud_essd")
    cpi.ok("delete_disk", disk)
    assert cpi.ok("has_disk", disk) is False
    cpi.ok("delete_snapshot", snapshot)
    assert (storage.disks(), storage.snapshots(), vms.left()) == ([], [], {})


def test_calls_made_again_under_lag(cpi: Cpi, sim: Simulator, vms: Vms, storage: Storage) -> None:
    """A call that is made again before its own effect shows makes nothing twice."""
    sim.set_lag(LAG_SECONDS)
    first, second = vms.make(), vms.make()
    assert first == second
    assert vms.ids(Instance) == [first]
    disk = storage.make()
    for method in ("attach_disk", "attach_disk"):
        cpi.ok(method, first, disk)
    cpi.ok("detach_disk", first, disk)
    for _ in range(2):
        cpi.ok("delete_disk", disk)
        cpi.ok("delete_vm", first)
    assert (storage.disks(), vms.left()) == ([], {})


def test_a_disk_of_a_deleted_vm_moves_on(cpi: Cpi, sim: Simulator, vms: Vms) -> None:
    """A disk that delete_vm has just let go of is attached to the next VM."""
    sim.set_lag(LAG_SECONDS)
    old = vms.make()
    disk = cpi.ok("create_disk", 20480, {"availability_zone": ZONE}, old)
    cpi.ok("attach_disk", old, disk)
    cpi.ok("delete_vm", old)
    new = vms.make(agent="agent-2")
    cpi.ok("attach_disk", new, disk)
    assert cpi.ok("get_disks", new) == [disk]
