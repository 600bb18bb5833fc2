"""The life of an instance with a persistent disk, from the stemcell to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from live.cloud import eventually, fields_of, tags_of
from live.story import CATEGORY, DISK_MIB

if TYPE_CHECKING:
    from live.cloud import Cloud
    from live.settings import Live
    from live.story import Story

METADATA = {"director": "live", "deployment": "stories", "job": "db", "index": 0}
GIB = 1024


def status(cloud: Cloud, vm_cid: str) -> Any:
    """Tell a VM's status; nothing when there is none."""
    return fields_of(cloud.instance(vm_cid), "Status")


def test_a_vm_with_a_disk(story: Story, cloud: Cloud, live: Live) -> None:
    """Every method that an instance's life consists of, each seen in the account."""
    ask = story.cpi.ok
    agent, ephemeral_disk = f"{live.run_id}-life", {"size": DISK_MIB, "category": CATEGORY}
    vm = story.vm(agent=agent, ephemeral_disk=ephemeral_disk)
    seen = cloud.instance(vm)
    assert fields_of(seen, "Status", "InstanceType", "ZoneId") == (
        "Running",
        live["instance_type"],
        live["availability_zone"],
    )
    assert seen is not None
    assert seen["VpcAttributes"]["VSwitchId"] == live["vswitch_id"]
    nvme = cloud.needs_nvme(live["instance_type"])

    settings = cloud.settings(vm)
    assert (settings["agent_id"], settings["vm"]["name"]) == (agent, vm)
    assert settings["networks"]["private"]["type"] == "dynamic"
    (ephemeral,) = cloud.disks_of(vm, "data")
    assert settings["disks"]["ephemeral"] == story.hint(ephemeral["DiskId"], nvme=nvme)
    assert (ephemeral["Size"], ephemeral["Category"]) == (20, CATEGORY)

    ask("set_vm_metadata", vm, {**METADATA, "name": "db/0c1d"})
    expected = {"job": "db", "index": "0", **story.tags}
    eventually(lambda: tags_of(cloud.instance(vm)).items() >= expected.items(), True)
    assert fields_of(cloud.instance(vm), "InstanceName") == ("db.0c1d",)

    disk = story.disk(vm)
    assert fields_of(cloud.disk(disk), "Status", "Size", "Category", "ZoneId") == (
        "Available",
        20,
        CATEGORY,
        live["availability_zone"],
    )
    hint = ask("attach_disk", vm, disk)
    assert hint == story.hint(disk, nvme=nvme)
    assert fields_of(cloud.disk(disk), "Status", "InstanceId", "DeleteWithInstance") == (
        "In_use",
        vm,
        False,
    )
    ask("set_disk_metadata", disk, METADATA)
    eventually(lambda: tags_of(cloud.disk(disk)).get("deployment"), "stories")
    assert ask("get_disks", vm) == [disk]

    snapshot = story.make("snapshot_disk", disk, {**METADATA, **story.tags})
    assert fields_of(cloud.snapshot(snapshot), "SourceDiskId") == (disk,)
    rebooted = story.cpi.call("reboot_vm", vm)
    assert rebooted.error is None
    assert "RebootInstance" in rebooted.stderr
    assert status(cloud, vm) == ("Running",)
    story.remove(snapshot)
    eventually(lambda: cloud.snapshot(snapshot), None)

    ask("detach_disk", vm, disk)
    assert fields_of(cloud.disk(disk), "Status") == ("Available",)
    ask("resize_disk", disk, 40 * GIB)
    assert fields_of(cloud.disk(disk), "Size") == (40,)
    assert ask("attach_disk", vm, disk) == hint
    assert cloud.settings(vm) == settings

    story.remove(vm)
    assert (ask("has_vm", vm), ask("has_disk", disk)) == (False, True)
    assert (cloud.instance(vm), fields_of(cloud.disk(disk), "Status")) == (None, ("Available",))
    assert cloud.disk(ephemeral["DiskId"]) is None
    story.remove(disk)
    assert ask("has_disk", disk) is False
    assert cloud.disk(disk) is None


def test_an_old_agents_disk(story: Story, cloud: Cloud) -> None:
    """An agent of API version 1 finds its disks in its settings, and the VM runs in the end."""
    vm = story.vm(stemcell_api=1)
    before, disk = cloud.settings(vm), story.disk(vm)
    hint = story.cpi.ok("attach_disk", vm, disk, stemcell_api=1)
    assert cloud.settings(vm)["disks"]["persistent"] == {disk: hint}
    assert status(cloud, vm) == ("Running",)
    story.cpi.ok("detach_disk", vm, disk, stemcell_api=1)
    assert cloud.settings(vm) == before
    assert status(cloud, vm) == ("Running",)


def test_the_same_again(story: Story, cloud: Cloud) -> None:
    """A repeated call finds what the first one did: the same VM, the same hint, nothing twice."""
    arguments = story.vm_arguments(agent=f"{story.live.run_id}-again")
    vm = story.make("create_vm", *arguments)
    assert story.cpi.ok("create_vm", *arguments)[0] == vm
    disk = story.disk(vm)
    hint = story.cpi.ok("attach_disk", vm, disk)
    assert story.cpi.ok("attach_disk", vm, disk) == hint
    assert story.cpi.call("delete_disk", disk).type == "CloudError"
    story.cpi.ok("detach_disk", vm, disk)
    assert story.cpi.call("detach_disk", vm, disk).type == "DiskNotAttached"
    story.cpi.ok("resize_disk", disk, DISK_MIB)
    story.remove(vm)
    story.cpi.ok("delete_vm", vm)
    story.remove(disk)
    story.cpi.ok("delete_disk", disk)
    assert (cloud.instance(vm), cloud.disk(disk)) == (None, None)
    assert story.cpi.call("attach_disk", vm, disk).type == "VMNotFound"


def test_another_size_and_level_in_place(story: Story, cloud: Cloud) -> None:
    """A detached disk becomes larger and faster; what cannot be done in place is NotSupported."""
    disk = story.disk(performance_level="PL0")
    faster = {"category": CATEGORY, "performance_level": "PL1"}
    assert story.cpi.ok("update_disk", disk, 40 * GIB, faster) is None
    expected = (40, CATEGORY, "PL1", "Available")
    look = ("Size", "Category", "PerformanceLevel", "Status")
    eventually(lambda: fields_of(cloud.disk(disk), *look), expected)
    encrypted = {**faster, "encrypted": True}
    assert story.cpi.call("update_disk", disk, 40 * GIB, encrypted).type == "NotSupported"
    assert story.cpi.call("update_disk", disk, 20 * GIB, faster).type == "NotSupported"
    assert fields_of(cloud.disk(disk), *look) == expected
