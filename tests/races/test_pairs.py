"""Two calls about the same thing at once, in any order of their requests.

Each answers truly, and what neither was to change is as it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, note

from alicloud_sim.ecs.disks.record import Disk
from alicloud_sim.ecs.enis.record import Eni
from alicloud_sim.ecs.images.record import Image
from alicloud_sim.ecs.instances.record import Instance
from alicloud_sim.ecs.snapshots.record import Snapshot
from faults.matrix_scenarios import SCENARIOS, Request
from races import racing
from support.stemcells import properties

if TYPE_CHECKING:
    from races.racing import Track
    from support.cpi import Answer

schedules = racing.schedules(2)


def race(track: Track, requests: list[Request], schedule: list[int]) -> list[Answer]:
    """Race two calls; each answers with a result or one of the Director's errors."""
    track.begin()
    answers = [answer for answer in track.race(requests, schedule) if answer is not None]
    for answer in answers:
        note(f"{answer.result} {answer.message}\n{answer.stderr}")
    assert len(answers) == len(requests)
    assert all(answer.type != "CpiError" for answer in answers)
    return answers


@racing.few
@given(schedule=schedules)
def test_a_vm_is_deleted_twice(track: Track, schedule: list[int]) -> None:
    """It is gone, with all that was its own; its persistent disks are there and free."""
    track.prepare()
    request = SCENARIOS["delete_vm, everything"](track.bench)
    first, second = race(track, [request, request], schedule)
    assert (first.message, second.message) == ("", "")
    assert track.bench.storage.all(Instance) == []
    # The ephemeral disk was to outlive its VM.
    disks = track.bench.storage.all(Disk)
    assert [disk.status for disk in disks] == ["Available"] * 3
    assert track.bench.connections.backends() == []
    assert track.bench.connections.nlb_members() == []


@racing.few
@given(schedule=schedules)
def test_a_disk_is_attached_to_two_vms(track: Track, schedule: list[int]) -> None:
    """One gets it, the other call says which one has it."""
    track.prepare()
    storage = track.bench.storage
    disk, vms = storage.disk(), [storage.vm(), storage.vm()]
    answers = race(track, [Request("attach_disk", [vm, disk]) for vm in vms], schedule)
    found = storage.found(disk)
    assert found.status == "In_use"
    assert [bool(answer.error) for answer in answers] == [vm != found.instance_id for vm in vms]


@racing.few
@given(schedule=schedules)
def test_a_disk_is_attached_twice(track: Track, schedule: list[int]) -> None:
    """To the same VM: both calls say where it is."""
    track.prepare()
    storage = track.bench.storage
    disk, vm = storage.disk(), storage.vm()
    first, second = race(track, [Request("attach_disk", [vm, disk])] * 2, schedule)
    assert (first.message, second.message) == ("", "")
    assert first.result == second.result
    assert storage.found(disk).instance_id == vm


@racing.few
@given(schedule=schedules)
def test_a_disk_is_detached_twice(track: Track, schedule: list[int]) -> None:
    """It is free; a call that comes too late may say that the disk is not attached."""
    track.prepare()
    storage = track.bench.storage
    vm = storage.vm()
    disk = storage.attached(vm)
    answers = race(track, [Request("detach_disk", [vm, disk])] * 2, schedule)
    assert {answer.type for answer in answers} <= {"", "DiskNotAttached"}
    assert "" in {answer.type for answer in answers}
    assert storage.found(disk).status == "Available"


@racing.few
@given(schedule=schedules)
def test_a_vm_is_deleted_while_a_disk_is_attached(track: Track, schedule: list[int]) -> None:
    """The disk outlives the VM, whichever comes first."""
    track.prepare()
    storage = track.bench.storage
    disk, vm = storage.disk(), storage.vm()
    requests = [Request("attach_disk", [vm, disk]), Request("delete_vm", [vm])]
    _, deleted = race(track, requests, schedule)
    assert deleted.message == ""
    assert storage.all(Instance) == []
    assert storage.found(disk).status == "Available"


@racing.few
@given(schedule=schedules)
def test_a_disk_is_changed_while_it_is_attached(track: Track, schedule: list[int]) -> None:
    """The disk is where the one call says and what the other one says."""
    track.prepare()
    storage = track.bench.storage
    disk, vm = storage.disk(category="cloud_essd", performance_level="PL0"), storage.vm()
    wanted = {"category": "cloud_essd", "performance_level": "PL1", "name": "data-0"}
    requests = [
        Request("attach_disk", [vm, disk]),
        Request("update_disk", [disk, 50 * 1024, wanted]),
    ]
    attached, updated = race(track, requests, schedule)
    found = storage.found(disk)
    assert (attached.message, found.instance_id) == ("", vm)
    assert updated.type in ("", "NotSupported")
    if not updated.error:
        assert (found.performance_level, found.name) == ("PL1", "data-0")


@racing.few
@given(schedule=schedules)
def test_a_disk_is_grown_while_it_is_attached(track: Track, schedule: list[int]) -> None:
    """A disk that is attached first does not grow, and the error says so."""
    track.prepare()
    storage = track.bench.storage
    disk, vm = storage.disk(), storage.vm()
    requests = [Request("attach_disk", [vm, disk]), Request("resize_disk", [disk, 100 * 1024])]
    attached, resized = race(track, requests, schedule)
    found = storage.found(disk)
    assert (attached.message, found.instance_id) == ("", vm)
    assert (found.size_gib == 100) == (not resized.error)


@racing.few
@given(schedule=schedules)
def test_a_disk_is_deleted_while_it_is_attached(track: Track, schedule: list[int]) -> None:
    """Either the VM has it, or it is gone: never both answers."""
    track.prepare()
    storage = track.bench.storage
    disk, vm = storage.disk(), storage.vm()
    requests = [Request("attach_disk", [vm, disk]), Request("delete_disk", [disk])]
    attached, deleted = race(track, requests, schedule)
    found = [one for one in storage.disks() if one.id == disk]
    assert bool(deleted.error) == bool(found)
    if found:
        assert (attached.message, found[0].instance_id) == ("", vm)
    else:
        assert attached.type in ("DiskNotFound", "CloudError")


@racing.few
@given(schedule=schedules)
def test_a_disk_is_deleted_while_a_snapshot_is_taken(track: Track, schedule: list[int]) -> None:
    """The snapshots are those that calls returned."""
    track.prepare()
    storage = track.bench.storage
    disk = storage.disk(attached_at=1.0)
    requests = [Request("snapshot_disk", [disk, {}]), Request("delete_disk", [disk])]
    taken, deleted = race(track, requests, schedule)
    assert [one.id for one in storage.disks()] == ([disk] if deleted.error else [])
    assert [one.id for one in storage.all(Snapshot)] == ([taken.result] if taken.result else [])


@racing.few
@given(schedule=schedules)
def test_a_stemcell_is_made_twice(track: Track, schedule: list[int]) -> None:
    """Two images, each with its tags; no bucket remains."""
    track.prepare()
    before = {image.id for image in track.bench.storage.own_images()}
    request = Request("create_stemcell", [track.bench.tarball, properties()])
    answers = race(track, [request, request], schedule)
    assert [answer.message for answer in answers] == ["", ""]
    made = {image.id for image in track.bench.storage.own_images()} - before
    assert made == {answer.result for answer in answers}
    assert len(made) == 2
    assert track.bench.sim.state()["records"].get("oss_bucket", {}) == {}


@racing.few
@given(schedule=schedules)
def test_a_stemcell_is_deleted_while_a_vm_is_created(track: Track, schedule: list[int]) -> None:
    """A VM that is returned runs; one that could not be made left nothing."""
    track.prepare()
    storage = track.bench.storage
    stemcell = storage.image()
    requests = [
        Request("create_vm", track.bench.vms.arguments(stemcell=stemcell)),
        Request("delete_stemcell", [stemcell]),
    ]
    created, deleted = race(track, requests, schedule)
    vms = [(vm.id, vm.status) for vm in storage.all(Instance)]
    assert vms == ([] if created.error else [(created.result[0], "Running")])
    assert (stemcell in [image.id for image in storage.all(Image)]) == bool(deleted.error)
    assert deleted.error is None or created.error is None, "one of them can succeed"


@racing.few
@given(schedule=schedules)
def test_two_vms_want_one_address(track: Track, schedule: list[int]) -> None:
    """One gets it; the other call names the address and leaves nothing."""
    track.prepare()
    requests = [
        Request("create_vm", track.bench.vms.arguments(agent=agent)) for agent in ("one", "two")
    ]
    answers = race(track, requests, schedule)
    (vm,) = track.bench.storage.all(Instance)
    (made,) = [answer.result[0] for answer in answers if not answer.error]
    (refused,) = [answer.message for answer in answers if answer.error]
    assert (vm.id, vm.status) == (made, "Running")
    assert "10.0.1.10" in refused
    storage = track.bench.storage
    assert {disk.instance_id for disk in storage.all(Disk)} == {made}
    assert {interface.instance_id for interface in storage.all(Eni)} == {made}
