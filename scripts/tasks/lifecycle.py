"""The life of one VM with a persistent disk, as the calls a Director makes.

scripts/demo shows them, scripts/test-release makes them with a compiled release, and scripts/bench
measures them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from alicloud_sim import Simulator

REGION, ZONE = "cn-beijing", "cn-beijing-h"

# Records of the simulated cloud that the calls make.
RESOURCES = ("image", "instance", "disk", "snapshot", "eni", "oss_bucket")


class CallFailed(Exception):
    """A call of the CPI ended with an error."""


class Caller(Protocol):
    """Makes calls of the CPI."""

    def call(self, meaning: str, method: str, *arguments: Any) -> Any:
        """Make a call and return its result.

        :param meaning: what the call is for, in one line
        :raises CallFailed: the CPI answered an error
        """


def play(caller: Caller, names: dict[str, Any]) -> None:
    """Make a VM, give it a disk, snapshot it, and delete all of it again.

    :param names: the ids of the simulator's seed
    """
    call = caller.call
    call("Ask what the CPI can do: its API version and stemcell formats", "info")
    light = {"image_id": {REGION: names[f"{REGION}.light_stemcell"]}}
    stemcell = call(
        "Use a light stemcell: it names an image that the region has already",
        *("create_stemcell", "/unused/for/a/light/stemcell", light, {"tags": {}}),
    )
    vm = _create_vm(caller, names, stemcell)
    disk = _use_disk(caller, vm)
    call("Delete the VM; its persistent disk is detached and kept", "delete_vm", vm)
    call("Look for the VM: it is gone", "has_vm", vm)
    call("Look for the disk: it is still there", "has_disk", disk)
    call("Delete the disk", "delete_disk", disk)
    call("Delete the light stemcell: the image is not ours, and stays", "delete_stemcell", stemcell)


def vm_arguments(names: dict[str, Any], agent_id: str, stemcell: str = "") -> tuple[Any, ...]:
    """Return the arguments of a create_vm.

    :param names: the ids of the simulator's seed
    :param stemcell: default: a light stemcell of the seed
    """
    network = {
        "type": "manual",
        "ip": "10.0.1.10",
        "netmask": "255.255.255.0",
        "gateway": "10.0.1.253",
        "dns": ["100.100.2.136"],
        "default": ["dns", "gateway"],
        "cloud_properties": {
            "vswitch_id": names[f"{REGION}.vswitch.{ZONE}"],
            "security_group_ids": [names[f"{REGION}.security_group.default"]],
        },
    }
    vm_type = {
        "instance_type": "ecs.g6.large",
        "availability_zone": ZONE,
        "system_disk": {"size": "61_440", "category": "cloud_essd", "performance_level": "PL1"},
        "ephemeral_disk": {"size": 51_200, "category": "cloud_essd"},
    }
    env = {"bosh": {"group": "demo-zookeeper", "tags": {"team": "platform"}}}
    stemcell = stemcell or f"{names[f'{REGION}.light_stemcell']} light"
    return agent_id, stemcell, vm_type, {"private": network}, [], env


def _create_vm(caller: Caller, names: dict[str, Any], stemcell: str) -> str:
    vm, _ = caller.call(
        "Make a VM with a system and an ephemeral disk, and start it with the agent's settings",
        *("create_vm", *vm_arguments(names, "agent-1", stemcell)),
    )
    metadata = {"name": "zookeeper/0", "deployment": "demo", "index": 0}
    caller.call("Name the VM and tag it with its deployment", "set_vm_metadata", vm, metadata)
    caller.call("Look whether the VM is there", "has_vm", vm)
    return str(vm)


def _use_disk(caller: Caller, vm: str) -> str:
    call = caller.call
    size, larger = 20_480, 40_960
    properties = {"category": "cloud_essd"}
    disk = call(
        "Make a persistent disk of 20 GiB in the VM's zone", "create_disk", size, properties, vm
    )
    call("Attach the disk; the answer tells the agent its device", "attach_disk", vm, disk)
    metadata = {"deployment": "demo", "instance_index": 0}
    call("Tag the disk", "set_disk_metadata", disk, metadata)
    call("List the VM's persistent disks", "get_disks", vm)
    owner = {"deployment": "demo", "job": "zookeeper", "index": 0}
    snapshot = call("Take a snapshot of the disk", "snapshot_disk", disk, owner)
    call("Reboot the VM", "reboot_vm", vm)
    call("Detach the disk", "detach_disk", vm, disk)
    call("Enlarge the disk to 40 GiB without copying it", "resize_disk", disk, larger)
    call("Attach the disk again", "attach_disk", vm, disk)
    call("Delete the snapshot", "delete_snapshot", snapshot)
    return str(disk)


def resources(sim: Simulator) -> dict[str, dict[str, Any]]:
    """Return the records of the kinds that the calls make, by kind and id."""
    records = sim.state()["records"]
    return {kind: records.get(kind, {}) for kind in RESOURCES}


def ids(found: dict[str, dict[str, Any]]) -> dict[str, list[str]]:
    """Return the ids of resources by kind."""
    return {kind: sorted(rows) for kind, rows in found.items()}
