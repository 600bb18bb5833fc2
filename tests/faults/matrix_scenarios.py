"""What the fault matrix calls: every method, each in a world that is prepared for it.

A scenario brings a fresh simulated account into the state in which a Director would make the
call, and words the call. It is prepared the same way every time, so that what a disturbed call
leaves behind can be compared with what an undisturbed one does.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from alicloud_sim import Simulator
from alicloud_sim.vpc.networks import VSwitch
from support import canaries
from support.connections import Connections
from support.cpi import Cpi
from support.stemcells import KIB, MIB, image, properties, tarball
from support.storage import SETTINGS, VIRTIO, Storage
from support.vms import Vms
from support.world import REGION, ZONE, Names

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

# Longer than a change of the simulated cloud waits for somebody to see it under way.
SETTLING_SECONDS = 90.0


class Request(NamedTuple):
    """A call of the CPI."""

    method: str
    arguments: list[Any]


class Bench:
    """A simulated cloud of its own, as good as new before every case, and a CPI full of secrets."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.folder = Path(self._folder.name)
        self.sim = Simulator(pace="instant")
        # Small, and yet of one part of data and one of zeros: each travels in its own way.
        self.tarball = tarball(self.folder, image(300 * KIB, -2 * MIB))

    def __enter__(self) -> Self:
        self.sim.start()
        self.reset()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.sim.stop()
        self._folder.cleanup()

    def reset(self) -> None:
        """Go back to the seed, on a clock that only the CPI's waits move."""
        self.sim.reset()
        self.sim.freeze()
        self.sim.set_pace("instant", grace=60)
        self.names = Names(self.sim.world.constants)
        self.cpi = Cpi(self.sim, self.folder)
        self.vms = Vms(self.cpi, self.names)
        self.storage = Storage(self.cpi, self.names)
        self.connections = Connections(self.sim)
        self._plant_canaries()

    def settle(self) -> None:
        """Let everything that is under way come to its end."""
        self.sim.advance(SETTLING_SECONDS)
        self.sim.state()

    def everything(self, **changes: Any) -> list[Any]:
        """Word the arguments of create_vm for a VM with all that there is."""
        networks = {
            **self.names.networks(security_group_ids=self.names.groups[:2]),
            "public": {"type": "vip", "ip": self.connections.ip, "cloud_properties": {}},
        }
        wanted: dict[str, Any] = {
            "networks": networks,
            "env": canaries.ENV,
            "password": canaries.VM_PASSWORD,
            "ephemeral_disk": {"size": 20480, "delete_with_instance": False},
            "slbs": [self.connections.balancer],
            "slb_server_group": [self.connections.vserver_group],
            "nlb_server_group_ids": self.connections.nlb_groups,
            "nlb_server_group_port": 8080,
            "alb_server_groups": [{"server_group_id": self.connections.alb_group, "port": 8080}],
        }
        return self.vms.arguments(**{**wanted, **changes})

    def _plant_canaries(self) -> None:
        key_id, secret, token = canaries.KEYS.values()
        self.sim.add_key(key_id, secret, token=token)
        self.cpi.configure(**canaries.KEYS)
        document = json.loads(self.cpi.path.read_bytes())
        document["cloud"]["properties"]["agent"] = canaries.AGENT
        self.cpi.path.write_text(json.dumps(document))


# VMs


def _create_vm(bench: Bench) -> Request:
    return Request("create_vm", bench.vms.arguments(env=canaries.ENV))


def _create_vm_everything(bench: Bench) -> Request:
    return Request("create_vm", bench.everything())


def _create_vm_by_fallback(bench: Bench) -> Request:
    """Create a VM whose first type is sold out, and whose second one refuses the usual category."""
    first, second = "ecs.g6.large", "ecs.g7.large"
    bench.sim.seed({"stock": [{"zone": ZONE, "type": first, "left": 0}]})
    wanted: dict[str, Any] = {"instance_type": None, "instance_types": [first, second]}
    return Request("create_vm", bench.vms.arguments(ephemeral_disk={"size": 20480}, **wanted))


def _create_vm_with_interfaces(bench: Bench) -> Request:
    """Create a VM with two interfaces that have IPv6 addresses, and an address of the second."""
    vswitch = bench.sim.world.get(VSwitch, bench.names.vswitch)
    assert vswitch is not None
    vswitch.ipv6_cidr_block = "2408:4005:3c5:6e00::/64"
    first = bench.names.networks(ip="10.0.1.31")["private"]
    wanted: dict[str, Any] = {}
    for group in ("0", "1"):
        v4 = {**first, "ip": f"10.0.1.3{group}", "nic_group": group}
        v6 = {**v4, "ip": f"2408:4005:3c5:6e00::3{group}", "prefix": "128"}
        wanted |= {f"a-{group}": v4, f"b-{group}": v6}
    wanted["public"] = {"type": "vip", "ip": bench.connections.ip, "nic_group": "1"}
    return Request("create_vm", bench.vms.arguments(networks=wanted, env=canaries.ENV))


def _create_vm_with_prefixes(bench: Bench) -> Request:
    """Create a VM with two interfaces to which prefixes of both versions are delegated."""
    vswitch = bench.sim.world.get(VSwitch, bench.names.vswitch)
    assert vswitch is not None
    vswitch.ipv6_cidr_block = "2408:4005:3c5:6e00::/64"
    vswitch.reserved_blocks = ["10.0.1.64/26", "2408:4005:3c5:6e00:100::/72"]
    first = bench.names.networks(ip="10.0.1.31")["private"]
    wanted: dict[str, Any] = {}
    for number in (0, 1):
        address = {**first, "ip": f"10.0.1.3{number}", "nic_group": str(number)}
        v4 = {**address, "ip": f"10.0.1.{64 + 16 * number}", "prefix": "28"}
        v6 = {**address, "ip": f"2408:4005:3c5:6e00:10{number}::", "prefix": "80"}
        wanted |= {f"a-{number}": address, f"b-{number}": v4, f"c-{number}": v6}
    return Request("create_vm", bench.vms.arguments(networks=wanted, env=canaries.ENV))


def _create_vm_in_a_vswitch_of_a_list(bench: Bench) -> Request:
    """Create a VM with two interfaces, each in the vSwitch of a list that has its address."""
    first = bench.sim.world.get(VSwitch, bench.names.vswitch)
    assert first is not None
    other = {"vpc_id": first.vpc_id, "zone_id": first.zone_id, "cidr_block": "10.0.8.0/29"}
    (other_id,) = bench.sim.seed({"vswitch": [other]})["vswitch"]
    network = bench.names.networks(ip="10.0.1.31")["private"]
    groups = network["cloud_properties"]["security_group_ids"]
    listed = {"vswitch_ids": [other_id, first.id], "security_group_ids": groups}
    network["cloud_properties"] = listed
    networks = {"a": network, "b": {**network, "ip": "10.0.8.4", "default": []}}
    return Request("create_vm", bench.vms.arguments(networks=networks, env=canaries.ENV))


def _create_vm_with_local_disks(bench: Bench) -> Request:
    wanted: dict[str, Any] = {"instance_type": "ecs.i2.4xlarge", "raw_instance_storage": True}
    return Request("create_vm", bench.vms.arguments(ephemeral_disk={"size": 20480}, **wanted))


def _create_vm_from_a_copy(bench: Bench) -> Request:
    """Create a VM whose image another account shares in another region."""
    return Request("create_vm", bench.vms.arguments(stemcell=f"{_image_elsewhere(bench)} light"))


def _delete_vm_with_interfaces(bench: Bench) -> Request:
    """Delete such a VM."""
    request = _create_vm_with_interfaces(bench)
    return Request("delete_vm", [bench.cpi.ok(request.method, *request.arguments)[0]])


def _create_vm_placed(bench: Bench) -> Request:
    """Create a protected VM in a group of a deployment set that is new."""
    groups = {"name": "web", "strategy": "AvailabilityGroup"}
    wanted: dict[str, Any] = {
        "deployment_set": groups,
        "deployment_set_group_no": 1,
        "deletion_protection": True,
    }
    return Request("create_vm", bench.vms.arguments(**wanted))


def _delete_vm_protected(bench: Bench) -> Request:
    return Request("delete_vm", [bench.vms.make(deletion_protection=True)])


def _delete_vm(bench: Bench) -> Request:
    vm = bench.vms.make(env=canaries.ENV)
    return Request("delete_vm", [vm])


def _delete_vm_everything(bench: Bench) -> Request:
    vm = bench.cpi.ok("create_vm", *bench.everything())[0]
    bench.storage.attached(vm, delete_with_instance=True)
    bench.storage.attached(vm, device="/dev/xvdd")
    return Request("delete_vm", [vm])


def _has_vm(bench: Bench) -> Request:
    return Request("has_vm", [bench.storage.vm()])


def _reboot_vm(bench: Bench) -> Request:
    return Request("reboot_vm", [bench.storage.vm()])


def _set_vm_metadata(bench: Bench) -> Request:
    vm = bench.storage.vm(tags={"index": "7"})
    metadata = {"name": "web/0", "deployment": "cf", "index": 0, "job": "web", "id": None}
    return Request("set_vm_metadata", [vm, metadata])


def _get_disks(bench: Bench) -> Request:
    vm = bench.storage.vm()
    bench.storage.attached(vm)
    return Request("get_disks", [vm])


def _calculate(_bench: Bench) -> Request:
    wanted = {"cpu": 2, "ram": 4096, "ephemeral_disk_size": 10240}
    return Request("calculate_vm_cloud_properties", [wanted])


# Disks


def _create_disk(bench: Bench) -> Request:
    return Request("create_disk", [20480, {"tags": {"a": "1"}}, bench.storage.vm()])


def _create_disk_by_fallback(bench: Bench) -> Request:
    """Create a disk for no VM in a zone that does not have the default category."""
    bench.sim.world.regions[REGION].zones[ZONE].disk_categories = ["cloud_essd"]
    return Request("create_disk", [20480, {"availability_zone": ZONE}, None])


def _create_disk_by_roles(bench: Bench) -> Request:
    """Let the keys come from the instance's role, and those assume another one."""
    bench.cpi.configure(
        **dict.fromkeys(canaries.KEYS),
        credential_source="ecs_ram_role",
        metadata_endpoint=bench.sim.plain_url,
        role_arn=bench.sim.world.constants["assumable_role_arn"],
    )
    return Request("create_disk", [20480, {"availability_zone": ZONE}, None])


def _auto_disk(bench: Bench) -> dict[str, Any]:
    policy = bench.sim.seed({"auto_snapshot_policy": [{}]})["auto_snapshot_policy"][0]
    wanted: dict[str, Any] = {"category": "cloud_auto", "auto_snapshot_policy_id": policy}
    return {**wanted, "provisioned_iops": 5000, "bursting_enabled": True}


def _create_disk_auto(bench: Bench) -> Request:
    return Request("create_disk", [51200, _auto_disk(bench), bench.storage.vm()])


def _update_disk_auto(bench: Bench) -> Request:
    disk = bench.storage.disk(category="cloud_auto", provisioned_iops=0)
    return Request("update_disk", [disk, 51200, _auto_disk(bench)])


def _has_disk(bench: Bench) -> Request:
    return Request("has_disk", [bench.storage.disk()])


def _attach_disk(bench: Bench) -> Request:
    return Request("attach_disk", [bench.storage.vm(), bench.storage.disk()])


def _attach_disk_old(bench: Bench) -> Request:
    bench.cpi.stemcell_api_version = 1
    return _attach_disk(bench)


def _detach_disk(bench: Bench) -> Request:
    vm = bench.storage.vm()
    return Request("detach_disk", [vm, bench.storage.attached(vm)])


def _detach_disk_old(bench: Bench) -> Request:
    bench.cpi.stemcell_api_version = 1
    disk = "d-2zematrixdisk00000001"
    disks = {"system": "/dev/vda", "ephemeral": "/dev/vdb", "persistent": {disk: VIRTIO + disk[2:]}}
    vm = bench.storage.vm({**SETTINGS, "disks": disks})
    return Request("detach_disk", [vm, bench.storage.attached(vm, id=disk)])


def _delete_disk(bench: Bench) -> Request:
    return Request("delete_disk", [bench.storage.disk()])


def _resize_disk(bench: Bench) -> Request:
    return Request("resize_disk", [bench.storage.disk(), 102400])


def _update_disk(bench: Bench) -> Request:
    disk = bench.storage.disk(delete_with_instance=True)
    wanted = {"category": "cloud_essd", "performance_level": "PL1", "tags": {"a": "1"}}
    return Request("update_disk", [disk, 102400, {**wanted, "name": "data-0"}])


def _set_disk_metadata(bench: Bench) -> Request:
    return Request("set_disk_metadata", [bench.storage.disk(), {"deployment": "cf", "index": 0}])


def _snapshot_disk(bench: Bench) -> Request:
    disk = bench.storage.attached(bench.storage.vm())
    return Request("snapshot_disk", [disk, {"deployment": "cf", "job": "web", "index": 0}])


def _delete_snapshot(bench: Bench) -> Request:
    return Request("delete_snapshot", [bench.storage.snapshot()])


# Networks


def _subnet(bench: Bench) -> dict[str, Any]:
    properties = {"vpc_id": bench.sim.world.constants[f"{REGION}.vpc"], "availability_zone": ZONE}
    return {"type": "manual", "range": "10.0.9.0/24", "cloud_properties": properties}


def _create_network(bench: Bench) -> Request:
    return Request("create_network", [_subnet(bench)])


def _delete_network(bench: Bench) -> Request:
    return Request("delete_network", [bench.cpi.ok("create_network", _subnet(bench))[0]])


# Stemcells


def _light_stemcell(bench: Bench) -> Request:
    return Request("create_stemcell", ["", {"image_id": {REGION: bench.names.image}}])


def _image_elsewhere(bench: Bench) -> str:
    """Let stemcells be copied; returns an image that another account shares in another region."""
    region = "cn-hangzhou"
    bench.cpi.configure(copy_stemcells=True, cross_regions=[region])
    image_id: str = bench.sim.world.constants[f"{region}.light_stemcell"]
    return image_id


def _light_stemcell_copied(bench: Bench) -> Request:
    image_id = _image_elsewhere(bench)
    return Request("create_stemcell", ["", {"image_id": {"cn-hangzhou": image_id}}])


def _light_stemcell_encrypted(bench: Bench) -> Request:
    bench.cpi.configure(encrypted=True)
    bench.cpi.api_version = 3
    return Request("create_stemcell", [*_light_stemcell(bench).arguments, {"tags": {"a": "1"}}])


def _full_stemcell(bench: Bench) -> Request:
    return Request("create_stemcell", [bench.tarball, properties()])


def _full_stemcell_encrypted(bench: Bench) -> Request:
    bench.cpi.configure(encrypted=True)
    return Request("create_stemcell", [bench.tarball, properties(nvme_support="supported")])


def _delete_stemcell(bench: Bench) -> Request:
    return Request("delete_stemcell", [bench.cpi.ok(*_flat(_light_stemcell_encrypted(bench)))])


def _delete_stemcell_copied(bench: Bench) -> Request:
    return Request("delete_stemcell", [bench.cpi.ok(*_flat(_light_stemcell_copied(bench)))])


def _flat(request: Request) -> list[Any]:
    return [request.method, *request.arguments]


SCENARIOS: dict[str, Callable[[Bench], Request]] = {
    "create_vm": _create_vm,
    "create_vm, everything": _create_vm_everything,
    "create_vm, new deployment set": _create_vm_placed,
    "create_vm, other type": _create_vm_by_fallback,
    "create_vm, several interfaces": _create_vm_with_interfaces,
    "create_vm, prefixes": _create_vm_with_prefixes,
    "create_vm, vSwitch lists": _create_vm_in_a_vswitch_of_a_list,
    "create_vm, local disks": _create_vm_with_local_disks,
    "create_vm, image copied": _create_vm_from_a_copy,
    "delete_vm": _delete_vm,
    "delete_vm, protected": _delete_vm_protected,
    "delete_vm, everything": _delete_vm_everything,
    "delete_vm, several interfaces": _delete_vm_with_interfaces,
    "has_vm": _has_vm,
    "reboot_vm": _reboot_vm,
    "set_vm_metadata": _set_vm_metadata,
    "get_disks": _get_disks,
    "calculate_vm_cloud_properties": _calculate,
    "create_disk": _create_disk,
    "create_disk, cloud_auto": _create_disk_auto,
    "create_disk, zone without the category": _create_disk_by_fallback,
    "create_disk, role assumed": _create_disk_by_roles,
    "has_disk": _has_disk,
    "attach_disk": _attach_disk,
    "attach_disk, old stemcell": _attach_disk_old,
    "detach_disk": _detach_disk,
    "detach_disk, old stemcell": _detach_disk_old,
    "delete_disk": _delete_disk,
    "resize_disk": _resize_disk,
    "update_disk": _update_disk,
    "update_disk, cloud_auto": _update_disk_auto,
    "set_disk_metadata": _set_disk_metadata,
    "snapshot_disk": _snapshot_disk,
    "delete_snapshot": _delete_snapshot,
    "create_network": _create_network,
    "delete_network": _delete_network,
    "create_stemcell, light": _light_stemcell,
    "create_stemcell, light copied": _light_stemcell_copied,
    "create_stemcell, light encrypted": _light_stemcell_encrypted,
    "create_stemcell, full": _full_stemcell,
    "create_stemcell, full encrypted": _full_stemcell_encrypted,
    "delete_stemcell": _delete_stemcell,
    "delete_stemcell, copied": _delete_stemcell_copied,
}
