"""Violations of the CPI contract: defects 18 to 38 of the Go CPI v61, one test for each.

A test's number is the defect's in the list of them, its docstring the rule that holds here. The
others are in test_go_v61_defects_data_loss, _robustness and _configuration.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from alicloud_sim.ecs.instances.record import Instance
from alicloud_sim.seed import OTHER_KEY_ID, OTHER_KEY_SECRET, STEMCELL_ACCOUNT
from support.cpi import run
from support.storage import refused
from support.world import MARK, ZONE

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.director import Director
    from support.storage import Storage
    from support.vms import Vms
    from support.world import Names

FORBIDDEN: dict[str, Any] = {"code": "Forbidden.RAM", "status": 403}
YES = True

# What the Director takes for an error's type; any other is an "Unknown CPI error" to it.
TYPES = {
    f"Bosh::Clouds::{name}"
    for name in (
        *("CpiError", "NotSupported", "NotImplemented", "CloudError", "VMNotFound", "DiskNotFound"),
        *("NetworkNotFound", "NoDiskSpace", "DiskNotAttached", "VMCreationFailed"),
    )
}


def test_18_the_calls_context_overrides_the_configuration(
    director: Director, storage: Storage
) -> None:
    """An entry of the cpi-config decides on the account and the region of its calls."""
    entry = {
        "region": "cn-hangzhou",
        "access_key_id": OTHER_KEY_ID,
        "access_key_secret": OTHER_KEY_SECRET,
    }
    properties = {"availability_zone": "cn-hangzhou-h"}
    disk = storage.found(director.ok("create_disk", 20480, properties, context=entry))
    assert (disk.account, disk.region) == (STEMCELL_ACCOUNT, "cn-hangzhou")


def test_19_vm_resources_become_cloud_properties(director: Director, vms: Vms) -> None:
    """calculate_vm_cloud_properties answers what create_vm takes, or an error: never null."""
    wanted = {"cpu": 2, "ram": 4096, "ephemeral_disk_size": 30720}
    properties = director.ok("calculate_vm_cloud_properties", wanted)
    cid = director.vm(**properties)
    assert vms.vm(cid).instance_type == properties["instance_type"]
    assert vms.data_disk(cid).size_gib == 30
    answer = director.call("calculate_vm_cloud_properties", {**wanted, "cpu": 5000})
    refused(answer, "CloudError", "5000 vCPUs")


def test_20_errors_have_types_and_say_what_a_repeat_can_mend(
    director: Director, vms: Vms, storage: Storage, sim: Simulator
) -> None:
    """Want of stock is worth another create_vm, a wrong property is not; things gone are named."""
    sim.seed({"stock": [{"zone": ZONE, "type": "ecs.g6.large", "left": 0}]})
    no_stock, no_type = director.create(), director.create(instance_type="ecs.none.large")
    assert (no_stock.type, no_stock.ok_to_retry) == ("VMCreationFailed", True)
    assert (no_type.type, no_type.ok_to_retry) == ("VMCreationFailed", False)
    assert vms.left() == {}
    refused(director.call("reboot_vm", "i-gone"), "VMNotFound", "i-gone")
    refused(director.call("resize_disk", "d-gone", 20480), "DiskNotFound", "d-gone")
    refused(director.call("detach_disk", storage.vm(), storage.disk()), "DiskNotAttached")


def test_21_detach_disk_tells_missing_from_unattached(director: Director, storage: Storage) -> None:
    """A disk that is gone is DiskNotFound, one that this VM does not have DiskNotAttached."""
    vm, free, foreign = storage.vm(), storage.disk(), storage.attached(storage.vm())
    refused(director.call("detach_disk", vm, "d-gone"), "DiskNotFound", "d-gone")
    for disk_cid in (free, foreign):
        refused(director.call("detach_disk", vm, disk_cid), "DiskNotAttached", disk_cid, vm)
    assert storage.found(foreign).status == "In_use"


def test_22_disk_cids_attach_nothing(
    director: Director, vms: Vms, storage: Storage, sim: Simulator
) -> None:
    """They are a hint for create_vm, which does not mind disks of another VM or gone ones."""
    old = storage.vm()
    held, free = storage.attached(old), storage.disk()
    cid = director.vm(disks=[held, free, "d-gone"])
    assert (storage.found(held).instance_id, storage.found(free).instance_id) == (old, "")
    assert sim.calls("AttachDisk") == []
    assert vms.settings(cid)["disks"]["persistent"] == {}


def test_23_a_call_that_cannot_begin_is_answered(director: Director) -> None:
    """Without a readable configuration or request there is a JSON error and exit status 0."""
    text = director.cpi.request("has_disk", ["d-1"])
    refused(run(["--config", "/none/cpi.json"], text), "CpiError", "/none/cpi.json")
    refused(run(director.options, b""), "CpiError", "stdin is empty")
    refused(run(director.options, b"junk"), "CpiError", "not JSON")
    director.cpi.path.write_text("{")
    refused(run(director.options, text), "CpiError", "cpi.json", "not JSON")


def test_24_what_nobody_foresaw_is_answered(director: Director) -> None:
    """A failure of the program itself, here for want of its libraries, is a JSON error as well."""
    text = director.cpi.request("create_disk", [20480, {"category": "none"}])
    answer = run(director.options, text, interpreter=[sys.executable, "-S"])
    refused(answer, "CpiError", "Internal error", "ModuleNotFoundError")
    assert "Traceback" in answer.stderr


def test_25_metadata_may_be_of_any_type(director: Director, storage: Storage) -> None:
    """Numbers, booleans, lists and null become tags as text."""
    vm, disk_cid = storage.vm(), storage.disk()
    metadata = {"cost": 123, "billed": YES, "none": None, "list": [1]}
    director.ok("set_vm_metadata", vm, metadata)
    director.ok("set_disk_metadata", disk_cid, metadata)
    expected = {"cost": "123", "billed": "true", "none": "", "list": "[1]"}
    assert storage.get(Instance, vm).tags == storage.found(disk_cid).tags == expected


def test_26_an_empty_name_is_no_name(director: Director, storage: Storage) -> None:
    """A VM whose metadata has an empty name keeps the one it has, and gets its tags."""
    vm = storage.vm(name="web.0")
    director.ok("set_vm_metadata", vm, {"name": "", "job": "web"})
    found = storage.get(Instance, vm)
    assert (found.name, found.tags["job"]) == ("web.0", "web")


def test_27_error_types_are_the_directors_own(director: Director, storage: Storage) -> None:
    """Every error's type has the prefix Bosh::Clouds and is one that the Director knows."""
    calls: list[tuple[str, list[Any]]] = [
        ("has_disk", []),
        ("nothing", []),
        ("reboot_vm", ["i-gone"]),
        ("create_disk", [20480, {"category": "none"}]),
        ("resize_disk", [storage.disk(), 1024]),
        ("create_vm", ["agent", "m-gone", {"instance_type": "ecs.g6.large"}, {}]),
    ]
    errors = [director.call(method, *arguments).error for method, arguments in calls]
    found = [error["type"] for error in errors if error]
    assert set(found) <= TYPES
    assert len(set(found)) == len(calls)


def test_28_deleting_what_goes_away_meanwhile_succeeds(
    director: Director, storage: Storage, sim: Simulator
) -> None:
    """A disk or snapshot that is gone, before the call or in its midst, is deleted."""
    disk_cid, snapshot = storage.disk(), storage.snapshot()
    for method, cid, action, code in (
        ("delete_disk", disk_cid, "DeleteDisk", "InvalidDiskId.NotFound"),
        ("delete_snapshot", snapshot, "DeleteSnapshot", "InvalidSnapshotId.NotFound"),
    ):
        sim.add_fault(kind="error", action=action, code=code, status=404, effect=True)
        for _ in ("in its midst", "before it"):
            director.ok(method, cid)
    assert (storage.disks(), storage.snapshots()) == ([], [])


def test_29_sizes_are_rounded_alike_everywhere(
    director: Director, storage: Storage, sim: Simulator
) -> None:
    """A disk that was rounded up at birth does not shrink later; one that would is copied."""
    disk_cid = director.ok("create_disk", 10240, {})
    director.ok("resize_disk", disk_cid, 15360)
    director.ok("update_disk", disk_cid, 10240, {})
    assert (storage.found(disk_cid).size_gib, sim.calls("ResizeDisk")) == (20, [])
    director.ok("resize_disk", disk_cid, 40960)
    refused(director.call("resize_disk", disk_cid, 30720), "NotSupported", "shrink")
    refused(director.call("update_disk", disk_cid, 30720, {}), "NotSupported", "shrink")
    assert storage.found(disk_cid).size_gib == 40


def test_30_detach_disk_outwaits_a_change(
    director: Director, storage: Storage, sim: Simulator
) -> None:
    """A disk that is Modifying, by an update that was cut off, is waited for and detached."""
    sim.set_pace(grace=60)
    vm = storage.vm()
    disk_cid = storage.attached(vm)
    storage.busy(disk_cid, "Modifying", "In_use")
    director.ok("detach_disk", vm, disk_cid)
    disk = storage.found(disk_cid)
    assert (disk.status, disk.instance_id) == ("Available", "")


def test_31_attach_disk_waits_for_a_new_disk(
    director: Director, storage: Storage, sim: Simulator
) -> None:
    """A disk that is still Creating, or in no list yet, is waited for and attached."""
    vm = storage.vm()
    sim.set_pace(grace=60)
    creating = storage.disk()
    storage.busy(creating, "Creating", "Available")
    director.ok("attach_disk", vm, creating)
    sim.set_pace(disk__listed=1, grace=0)
    unlisted = storage.disk()
    director.ok("attach_disk", vm, unlisted)
    assert [storage.found(cid).instance_id for cid in (creating, unlisted)] == [vm, vm]


def test_32_update_disk_keeps_the_category_that_is_not_named(
    director: Director, storage: Storage, sim: Simulator
) -> None:
    """Without a category there is no change of one; whatever the cloud refuses is NotSupported."""
    disk_cid = storage.disk(category="cloud_essd", performance_level="PL1")
    director.ok("update_disk", disk_cid, 102400, {})
    disk = storage.found(disk_cid)
    assert (disk.category, disk.size_gib, sim.calls("ModifyDiskSpec")) == ("cloud_essd", 100, [])
    storage.refuse("ModifyDiskSpec", **FORBIDDEN)
    answer = director.call("update_disk", disk_cid, 102400, {"category": "cloud_ssd"})
    refused(answer, "NotSupported", "Forbidden.RAM")


def test_33_reboot_vm_is_orderly_and_ends_with_the_reboot(
    director: Director, storage: Storage, sim: Simulator
) -> None:
    """The guest is asked first; a VM that still looks as before the reboot is not done with it."""
    vm = storage.vm(started_at=1.0)
    sim.set_pace(instance__reboot=2)
    sim.set_lag(1)
    director.ok("reboot_vm", vm)
    found = storage.get(Instance, vm)
    assert found.status == "Running"
    assert found.started_at > 1
    assert [call["params"]["ForceStop"] for call in sim.calls("RebootInstance")] == ["false"]


def test_34_get_disks_lists_all_persistent_disks_and_no_other(
    director: Director, storage: Storage
) -> None:
    """Neither the system disk nor the ephemeral one is in it, and no page is missing."""
    vm = storage.vm()
    own = {"device": "/dev/xvdb", "description": "", "delete_with_instance": True}
    storage.attached(vm, **own)
    disks = [storage.attached(vm) for _ in range(120)]
    assert sorted(director.ok("get_disks", vm)) == sorted(disks)


def test_35_a_snapshot_says_what_it_is_of_and_is_finished(
    director: Director, storage: Storage, sim: Simulator
) -> None:
    """Name and tags come from the metadata, and a disk could be made of it when the call ends."""
    sim.set_pace(snapshot__create=1)
    disk_cid = storage.attached(storage.vm())
    metadata = {"deployment": "cf", "job": "database", "index": 0, "director_name": "bosh"}
    cid = director.ok("snapshot_disk", disk_cid, metadata)
    (snapshot,) = storage.snapshots()
    assert (snapshot.id, snapshot.status) == (cid, "accomplished")
    assert snapshot.name == "cf.database.0"
    assert snapshot.tags == {**metadata, "index": "0", **MARK}


def test_36_the_agent_gets_env_and_networks_whole(
    director: Director, vms: Vms, names: Names
) -> None:
    """What the agent reads of them is the agent's affair: nothing is left out on the way."""
    settings = {"tmpfs": YES, "job_dir": {"tmpfs": YES}, "run_dir": {"tmpfs_size": "32m"}}
    env = {
        "bosh": {"agent": {"settings": settings}, "parallel": 5, "groups": ["a"]},
        "persistent_disk_mount_options": ["noatime"],
        "persistent_disk_partitioner": "parted",
    }
    networks = names.networks()
    networks["private"].update(nic_group="1", mac="00:16:3e:00:00:01", more={"own": 1})
    found = vms.settings(director.vm(env=env, networks=networks))
    assert found["env"] == env
    network = {k: v for k, v in networks["private"].items() if k != "cloud_properties"}
    assert found["networks"] == {"private": network}


def test_37_tags_are_made_to_fit_and_never_cost_a_vm(
    director: Director, vms: Vms, sim: Simulator
) -> None:
    """Keys, values and their number are what the cloud takes; a refusal is a warning."""
    odd = {"acs:own": "1", "link": "see http://a.b/c", "k" * 200: "1", "ключ": "я" * 200}
    cid = director.vm(tags=odd)
    director.ok("set_vm_metadata", cid, odd)
    tags = vms.vm(cid).tags
    assert {"_acs:own": "1", "k" * 64: "1", "ключ": "я" * 128}.items() <= tags.items()
    assert "http://" not in tags["link"]
    many = {f"tag-{number:02}": number for number in range(25)}
    assert "tag-24" in director.call("set_vm_metadata", cid, many).stderr
    assert len(vms.vm(cid).tags) == 20
    sim.add_fault(kind="error", action="TagResources", **FORBIDDEN)
    answer = director.call("set_vm_metadata", cid, {"link": "new"})
    assert (answer.error, "WARNING" in answer.stderr) == (None, True)


def test_38_unknown_properties_are_named_and_type_is_a_category(
    director: Director, storage: Storage
) -> None:
    """The log names what has no effect, once; a disk's `type` means its category."""
    answer = director.call("create_disk", 20480, {"type": "cloud_ssd", "colour": "blue"})
    assert storage.found(answer.result).category == "cloud_ssd"
    (line,) = [line for line in answer.stderr.splitlines() if "colour" in line]
    assert "WARNING" in line
