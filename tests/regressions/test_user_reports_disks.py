"""Cases that users reported, about disks: each is a request and what must come out."""

from __future__ import annotations

import re
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.ecs.disks import Disk
from alicloud_sim.ecs.instance_types import InstanceType
from alicloud_sim.ecs.tasks import Task
from sim.support import Cloud
from support.recorder import Recorder
from support.storage import refused
from support.vms import Meanwhile

if TYPE_CHECKING:
    from collections.abc import Callable

    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage
    from support.world import Names

TYPES_SINCE_G7 = ["ecs.g7.large", "ecs.c9i.large", "ecs.g8i.large", "ecs.e-c1m1.large"]


def after(sim: Simulator, seconds: float, do: Callable[[], object]) -> Callable[[], None]:
    """Return what does something once, when so many seconds of the simulator's clock are over."""
    began, done = sim.world.clock.now(), [False]

    def look() -> None:
        if not done[0] and sim.world.clock.now() - began >= seconds:
            done[0] = True
            do()

    return look


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
    with cpi.requests() as without:
        disk_cid = cpi.ok("create_disk", 20480, {}, vm)
    with cpi.requests() as named:
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
    with cpi.requests() as asked:
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
    sim.set_pace("realistic", call=0)
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


CALLS: dict[str, Callable[[str, str], tuple[Any, ...]]] = {
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


def test_vm_whose_disk_is_converted_is_deleted(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """The conversion goes on without it, and is not waited for."""
    vm = storage.vm()
    disk_cid = storage.attached(vm)
    sim.set_pace(disk__spec=2400)
    storage.modify(disk_cid, "cloud_auto")
    before = sim.world.clock.now()
    cpi.ok("delete_vm", vm)
    assert sim.world.clock.now() - before < 60
    cpi.ok("attach_disk", storage.vm(), disk_cid)
    assert storage.found(disk_cid).status == "In_use"


# Attached again while a detach waits (Alibaba Cloud CSI driver, 1520)


@pytest.mark.parametrize("elsewhere", [False, True])
def test_disk_that_is_attached_again_while_its_detach_waits_ends_the_wait(
    cpi: Cpi,
    sim: Simulator,
    storage: Storage,
    elsewhere: bool,  # noqa: FBT001
) -> None:
    """To the same VM, which only AttachedTime tells, or to another one: at once, saying so."""
    vm, other = storage.vm(), storage.vm()
    disk_cid = storage.attached(vm)
    sim.set_pace(disk__detach=5)
    holder = other if elsewhere else vm

    def attach_again() -> None:
        if storage.found(disk_cid).status == "Available":
            Cloud(sim).ok("AttachDisk", DiskId=disk_cid, InstanceId=holder)

    cpi.clock = Meanwhile(sim, attach_again)
    before = sim.world.clock.now()
    refused(
        cpi.call("detach_disk", vm, disk_cid),
        "CloudError",
        disk_cid,
        f"'{holder}' again",
        f"'{vm}'",
    )
    assert sim.world.clock.now() - before < 30
    assert storage.found(disk_cid).instance_id == holder
    assert storage.asked("DetachDisk") == 1


def test_disk_that_is_deleted_while_its_detach_waits_ends_the_wait(
    cpi: Cpi, sim: Simulator, storage: Storage
) -> None:
    """The disk is gone: DiskNotFound, within half a minute."""
    vm = storage.vm()
    disk_cid = storage.attached(vm)
    sim.set_pace(disk__detach=5)

    def delete() -> None:
        found = sim.world.get(Disk, disk_cid)
        if found and found.status == "Detaching":
            sim.world.remove(found)

    cpi.clock = Meanwhile(sim, delete)
    before = sim.world.clock.now()
    refused(cpi.call("detach_disk", vm, disk_cid), "DiskNotFound", disk_cid)
    assert sim.world.clock.now() - before < 30


# Codes of DetachDisk that may mean success


LOOK_AGAIN = [
    ("InvalidDiskId.NotFound", 404),
    ("InvalidDiskId.OperationNotSupported", 403),
    ("InvalidInstanceId.NotFound", 404),
]


@pytest.mark.parametrize(("code", "status"), LOOK_AGAIN)
def test_refused_detach_of_a_disk_that_is_detached_succeeds(
    cpi: Cpi, sim: Simulator, storage: Storage, code: str, status: int
) -> None:
    """Somebody else, or an earlier request, was faster; the list shows it a little later."""
    vm = storage.vm()
    disk_cid = storage.attached(vm)
    sim.set_lag(3)
    disk = storage.found(disk_cid)
    disk.instance_id, disk.device, disk.status = "", "", "Available"
    sim.world.commit()
    storage.refuse("DetachDisk", code, status=status)
    cpi.ok("detach_disk", vm, disk_cid)
    assert storage.asked("DetachDisk") == 1


@pytest.mark.parametrize(("code", "status"), LOOK_AGAIN)
def test_refused_detach_of_a_disk_that_is_attached_is_an_error(
    cpi: Cpi, sim: Simulator, storage: Storage, code: str, status: int
) -> None:
    """The code is reported after a few looks."""
    vm = storage.vm()
    disk_cid = storage.attached(vm)
    storage.refuse("DetachDisk", code, status=status)
    before = sim.world.clock.now()
    refused(cpi.call("detach_disk", vm, disk_cid), "CloudError", disk_cid, code)
    assert sim.world.clock.now() - before < 30
    assert storage.found(disk_cid).instance_id == vm


def test_detach_of_a_disk_that_goes_with_its_vm(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """A VM that is deleted meanwhile gives its disk back."""
    vm = storage.vm()
    disk_cid = storage.attached(vm)
    sim.set_lag(3)
    Cloud(sim).ok("DeleteInstance", InstanceId=vm, Force="true")
    sim.advance(1)
    sim.world.jobs.run_due()
    cpi.ok("detach_disk", vm, disk_cid)
    assert storage.found(disk_cid).status == "Available"


def test_detach_of_a_disk_that_was_deleted(cpi: Cpi, sim: Simulator, storage: Storage) -> None:
    """Gone, although the list still showed it."""
    vm = storage.vm()
    disk_cid = storage.attached(vm)
    sim.set_lag(3)
    sim.world.remove(storage.found(disk_cid))
    sim.world.commit()
    refused(cpi.call("detach_disk", vm, disk_cid), "DiskNotFound", disk_cid)


# Busy for minutes


BUSY = [
    "IncorrectInstanceStatus",
    "IncorrectInstanceStatus.Initializing",
    "InvalidEniState",
    "IncorrectDiskStatus.Initializing",
]


@pytest.mark.parametrize("code", BUSY)
@pytest.mark.parametrize("action", ["AttachDisk", "DeleteDisk", "DetachDisk"])
def test_busy_resource_is_waited_for(
    cpi: Cpi, sim: Simulator, storage: Storage, action: str, code: str
) -> None:
    """For up to 300 s: instance and disk are being made or changed."""
    vm = storage.vm()
    disk_cid = storage.attached(vm) if action == "DetachDisk" else storage.disk()
    storage.refuse(action, code, status=403)
    cpi.clock = Meanwhile(sim, after(sim, 200, sim.clear_faults))
    method = {"AttachDisk": "attach_disk", "DeleteDisk": "delete_disk"}.get(action, "detach_disk")
    cpi.ok(*CALLS[method](vm, disk_cid))


# Endpoint unreachable for a minute (Go CPI issue 76)


@pytest.mark.parametrize("kind", ["reset", "lost"])
@pytest.mark.parametrize("effect", [True, False])
def test_endpoint_that_fails_for_a_minute_from_the_detach_on(
    cpi: Cpi,
    sim: Simulator,
    storage: Storage,
    kind: str,
    effect: bool,  # noqa: FBT001
) -> None:
    """The call succeeds once the endpoint answers again; the disk is detached once."""
    vm = storage.vm()
    disk_cid = storage.attached(vm)
    sim.add_fault(kind=kind, action="DetachDisk", effect=effect)
    # The third that it would count is the request after DetachDisk.
    sim.add_fault(kind="reset", service="ecs", effect=False, nth=3, count=0)
    cpi.clock = Meanwhile(sim, after(sim, 60, sim.clear_faults))
    before = sim.world.clock.now()
    cpi.ok("detach_disk", vm, disk_cid)
    assert sim.world.clock.now() - before > 60
    assert storage.found(disk_cid).status == "Available"
    assert len([change for change in sim.changes() if change["key"] == "disk.detach"]) == 1


def test_endpoint_that_is_unreachable_for_a_minute(
    cpi: Cpi, sim: Simulator, storage: Storage
) -> None:
    """No connection can be made at first; then the call goes on as ever."""
    vm = storage.vm()
    disk_cid = storage.attached(vm)
    with ExitStack() as stack:
        recorder = Recorder(sim.port)
        recorder.server_close()
        cpi.configure(ecs_endpoint=recorder.url)
        back = partial(Recorder, sim.port, recorder.server_address[1])
        cpi.clock = Meanwhile(sim, after(sim, 60, lambda: stack.enter_context(back())))
        cpi.ok("detach_disk", vm, disk_cid)
    assert storage.found(disk_cid).status == "Available"
    assert storage.asked("DetachDisk") == 1


# Old disk on a new type (Go CPI pull request 208)


@pytest.mark.parametrize("category", ["cloud_efficiency", "cloud_ssd"])
@pytest.mark.parametrize("stemcell_api_version", [1, 3])
def test_old_disk_on_a_new_type_says_what_to_change(
    cpi: Cpi, storage: Storage, category: str, stemcell_api_version: int
) -> None:
    """The disk's category, the type, what it takes, and that update_disk makes the change."""
    cpi.stemcell_api_version = stemcell_api_version
    vm, disk_cid = storage.vm(instance_type="ecs.g7.large"), storage.disk(category=category)
    answer = cpi.call("attach_disk", vm, disk_cid)
    words = (disk_cid, f"category {category}", "ecs.g7.large", "cloud_essd, cloud_auto")
    refused(answer, "CloudError", *words, "disk_type", "update_disk")
    assert not answer.ok_to_retry
    assert storage.found(disk_cid).status == "Available"
    assert storage.vm_status(vm) == "Running"


def test_old_disk_on_a_new_type_whose_categories_cannot_be_read(
    cpi: Cpi, sim: Simulator, storage: Storage
) -> None:
    """The remedy is named all the same."""
    sim.change_key(sim.world.constants["access_key_id"], denied=["DescribeAvailableResource"])
    vm, disk_cid = storage.vm(instance_type="ecs.g7.large"), storage.disk()
    answer = cpi.call("attach_disk", vm, disk_cid)
    refused(answer, "CloudError", disk_cid, "ecs.g7.large", "disk_type")


# A KMS key that the manifest no longer names (noted before)

ENCRYPTED = {"encrypted": True}


def test_removed_kms_key_is_noticed(cpi: Cpi, storage: Storage, names: Names) -> None:
    """The disk has a key of its own, and is to have the service's: it is copied."""
    disk = storage.make(properties={**ENCRYPTED, "kms_key_id": names.kms_key})
    answer = cpi.call("update_disk", disk, 51200, ENCRYPTED)
    refused(answer, "NotSupported", disk, "KMS key")
    cpi.ok("update_disk", disk, 51200, {**ENCRYPTED, "kms_key_id": names.kms_key})


def test_key_of_the_service_is_no_key_of_its_own(cpi: Cpi, storage: Storage) -> None:
    """The cloud shows the service's key for every disk that is encrypted without another one."""
    disk = storage.make(properties=ENCRYPTED)
    cpi.ok("update_disk", disk, 102400, ENCRYPTED)
    assert storage.found(disk).size_gib == 100


def test_removed_kms_key_of_the_configuration(cpi: Cpi, storage: Storage, names: Names) -> None:
    """Likewise where the key was the configuration's."""
    cpi.configure(encrypted=True, kms_key_id=names.kms_key)
    disk = storage.make()
    cpi.ok("update_disk", disk, 51200, {})
    cpi.configure(kms_key_id=None)
    refused(cpi.call("update_disk", disk, 51200, {}), "NotSupported", disk, "KMS key")


def test_disk_with_a_key_of_its_own_is_a_persistent_disk(
    cpi: Cpi, storage: Storage, names: Names
) -> None:
    """As any other: it is listed, and outlives its VM."""
    disk = storage.make(properties={**ENCRYPTED, "kms_key_id": names.kms_key})
    vm = storage.vm()
    cpi.ok("attach_disk", vm, disk)
    storage.found(disk).delete_with_instance = True
    storage.found(disk).device = "/dev/xvdb"
    assert cpi.ok("get_disks", vm) == [disk]
    cpi.ok("delete_vm", vm)
    assert storage.found(disk).status == "Available"
