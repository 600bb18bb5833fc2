"""The requests that a Director sends for a cloud-config and instance groups, in its order.

The part of a Director that a CPI sees: AZ, VM type and extensions merged key by key, a network's
settings by AZ, a disk per instance that is attached after its VM is created, and the properties of
an AZ's cpi-config entry in the context.
"""

from __future__ import annotations

import json
import re
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from alicloud_sim.ecs.disks import Disk
from alicloud_sim.ecs.enis.record import Eni
from alicloud_sim.ecs.images.record import Image
from alicloud_sim.ecs.instances import Instance
from alicloud_sim.ecs.snapshots.record import Snapshot
from alicloud_sim.vpc.eip_record import Eip
from support.cpi import run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alicloud_sim.records import Record
    from support.cpi import Cpi

# What a deployment creates, and what is a member of a load balancer.
OWN: tuple[type[Record], ...] = (Instance, Disk, Eni, Snapshot, Image)
MEMBERS = ("slb_backend", "nlb_server", "alb_server")

NAMED_LISTS = ("azs", "vm_types", "vm_extensions", "disk_types", "networks", "cpis")


class Deployed(NamedTuple):
    """One instance of an instance group, as it is in the simulated cloud."""

    vm: Instance
    system: Disk
    ephemeral: Disk | None
    persistent: Disk | None


class Director:
    """Deploys instance groups with a cloud-config; each call is a process of the CPI."""

    def __init__(self, cpi: Cpi, variables: Mapping[str, str]) -> None:
        self._cpi = cpi
        self._variables = variables
        self._config: dict[str, list[dict[str, Any]]] = {name: [] for name in NAMED_LISTS}
        self._stemcells: dict[str, str] = {}
        self._subnets: dict[str, tuple[str, dict[str, Any]]] = {}
        # The VMs that there are, and where.
        self.running: list[tuple[dict[str, Any], Deployed]] = []
        self._before = self._own()

    def update(self, text: str) -> None:
        """Add a cloud-config, a cpi-config or a part of one."""
        for name, entries in self._read(text).items():
            if name in NAMED_LISTS:
                self._config[name] += entries

    def deploy(self, text: str) -> dict[str, list[Deployed]]:
        """Create every instance of the instance groups; returns them by the name of the group."""
        found: dict[str, list[Deployed]] = {}
        for group in self._read(text)["instance_groups"]:
            azs = group["azs"]
            for index in range(group["instances"]):
                az = self._named("azs", azs[index % len(azs)])
                instance = self._instance(group, az, index)
                self.running.append((az, instance))
                found.setdefault(group["name"], []).append(instance)
        return found

    def delete(self) -> None:
        """End the life of all that was created, from snapshots to stemcells; nothing is left."""
        for az, instance in self.running:
            self._delete(az, instance)
        self.running.clear()
        az = self._config["azs"][0]
        for cid, _ in self._subnets.values():
            self._end(az, "delete_network", cid)
        self._subnets.clear()
        for cpi, stemcell in self._stemcells.items():
            self._end({"cpi": cpi} if cpi else {}, "delete_stemcell", stemcell)
        self._stemcells.clear()
        # Interfaces vanish after their VM.
        self._cpi.sim.advance(60)
        self._cpi.sim.state()
        assert self._own() == self._before
        records = self._cpi.sim.state()["records"]
        assert [kind for kind in MEMBERS if records.get(kind)] == []
        assert [eip for eip in self._cpi.sim.world.all(Eip) if eip.instance_id] == []

    def _delete(self, az: dict[str, Any], instance: Deployed) -> None:
        vm_cid, disk = instance.vm.id, instance.persistent
        assert self._end(az, "has_vm", vm_cid)
        assert self._end(az, "get_disks", vm_cid) == ([disk.id] if disk else [])
        self._end(az, "reboot_vm", vm_cid)
        if disk:
            snapshot = self._end(az, "snapshot_disk", disk.id, {"deployment": "docs"})
            self._end(az, "delete_snapshot", snapshot)
            self._end(az, "detach_disk", vm_cid, disk.id)
        self._end(az, "delete_vm", vm_cid)
        assert not self._end(az, "has_vm", vm_cid)
        if disk:
            self._end(az, "delete_disk", disk.id)
            assert not self._end(az, "has_disk", disk.id)

    def _own(self) -> set[str]:
        return {one.id for kind in OWN for one in self._cpi.sim.world.all(kind)}

    def _end(self, az: dict[str, Any], method: str, *arguments: Any) -> Any:
        """Make a call in this process, which is faster, and sees what other processes created."""
        return self._cpi.ok(method, *arguments, context=self._context(az))

    def _read(self, text: str) -> Any:
        filled = re.sub(r"\(\((\w+)\)\)", lambda found: self._variables[found[1]], text)
        return yaml.safe_load(filled)

    def _instance(self, group: dict[str, Any], az: dict[str, Any], index: int) -> Deployed:
        private = [
            one
            for one in group["networks"]
            if self._named("networks", one["name"])["type"] != "vip"
        ]
        vm_cid, _ = self._call(
            az,
            "create_vm",
            f"{group['name']}-{index}",
            self._stemcell(az),
            self._cloud_properties(group, az),
            dict(
                self._network(wanted, az, index, is_only=len(private) == 1)
                for wanted in group["networks"]
            ),
            [],
            {"bosh": {"group": group["name"], **group.get("env", {}).get("bosh", {})}},
        )
        self._call(az, "set_vm_metadata", vm_cid, {"deployment": "docs", "job": group["name"]})
        disk_cid = ""
        if "persistent_disk_type" in group:
            kind = self._named("disk_types", group["persistent_disk_type"])
            properties = kind.get("cloud_properties", {})
            disk_cid = self._call(az, "create_disk", kind["disk_size"], properties, vm_cid)
            self._call(az, "attach_disk", vm_cid, disk_cid)
        return self._deployed(vm_cid, disk_cid)

    def _deployed(self, vm_cid: str, disk_cid: str) -> Deployed:
        world = self._cpi.sim.world
        vm = world.get(Instance, vm_cid)
        assert vm is not None
        disks = [disk for disk in world.all(Disk) if disk.instance_id == vm_cid]
        (system,) = (disk for disk in disks if disk.type == "system")
        data = {disk.id: disk for disk in disks if disk.type == "data"}
        persistent = data.pop(disk_cid) if disk_cid else None
        return Deployed(vm, system, next(iter(data.values()), None), persistent)

    def _cloud_properties(self, group: dict[str, Any], az: dict[str, Any]) -> dict[str, Any]:
        """Merge as the Director does: extensions override the VM type, which overrides the AZ."""
        merged = dict(az.get("cloud_properties", {}))
        if "vm_resources" in group:
            merged |= self._call(az, "calculate_vm_cloud_properties", group["vm_resources"])
        else:
            merged |= self._named("vm_types", group["vm_type"])["cloud_properties"]
        for name in group.get("vm_extensions", []):
            merged |= self._named("vm_extensions", name)["cloud_properties"]
        return merged

    def _network(
        self, wanted: dict[str, Any], az: dict[str, Any], index: int, *, is_only: bool
    ) -> tuple[str, dict[str, Any]]:
        network = self._named("networks", wanted["name"])
        kind = network["type"]
        settings: dict[str, Any] = {"type": kind, "cloud_properties": {}}
        if kind != "vip":
            (subnet,) = (
                one for one in network["subnets"] if az["name"] in one.get("azs", [one.get("az")])
            )
            subnet = self._managed(subnet, az) if network.get("managed") else subnet
            settings["cloud_properties"] = subnet["cloud_properties"]
            settings["dns"] = subnet["dns"]
            # A group with one network need not say what that is the default for.
            settings["default"] = wanted.get("default", ["dns", "gateway"] if is_only else [])
        if kind == "manual":
            subnet_range = ip_network(subnet["range"])
            ip = subnet_range[10 + len(self._cpi.sim.world.all(Instance))]
            if "prefix" in subnet:
                # The block of the gateway is given to nobody.
                size = 2 ** (subnet_range.max_prefixlen - subnet["prefix"])
                ip = subnet_range[(1 + index) * size]
            settings["prefix"] = str(subnet.get("prefix", subnet_range.max_prefixlen))
            settings |= {"ip": str(ip), "netmask": str(subnet_range.netmask)}
            settings |= {"gateway": subnet["gateway"]}
        if "nic_group" in wanted:
            settings["nic_group"] = str(wanted["nic_group"])
        if "static_ips" in wanted:
            settings["ip"] = wanted["static_ips"][index]
        return network["name"], settings

    def _managed(self, subnet: dict[str, Any], az: dict[str, Any]) -> dict[str, Any]:
        """Create a managed subnet once, and return it as the Director keeps it."""
        if subnet["name"] not in self._subnets:
            given = {key: subnet[key] for key in ("range", "netmask_bits") if key in subnet}
            merged = {**az.get("cloud_properties", {}), **subnet["cloud_properties"]}
            wanted = {"type": "manual", "gateway": "", "cloud_properties": merged, **given}
            cid, addresses, properties = self._call(az, "create_network", wanted)
            kept = {**subnet, **addresses, "cloud_properties": properties}
            self._subnets[subnet["name"]] = (cid, kept)
        return self._subnets[subnet["name"]][1]

    def _stemcell(self, az: dict[str, Any]) -> str:
        """Upload the light stemcell once for each CPI, as a Director does."""
        cpi = az.get("cpi", "")
        if cpi not in self._stemcells:
            regions = ("cn-beijing", "cn-hangzhou")
            constants = self._cpi.sim.world.constants
            images = {region: constants[f"{region}.light_stemcell"] for region in regions}
            self._stemcells[cpi] = self._call(
                az, "create_stemcell", "/unused", {"image_id": images}, {"tags": {}}
            )
        return self._stemcells[cpi]

    def _named(self, section: str, name: str) -> dict[str, Any]:
        (found,) = (entry for entry in self._config[section] if entry["name"] == name)
        return found

    def _call(self, az: dict[str, Any], method: str, *arguments: Any) -> Any:
        """Run one call as a process of its own; the CPI must know every property."""
        request = self._cpi.request(method, arguments, self._context(az))
        response = run(["--config", str(self._cpi.path)], request)
        assert response.error is None, f"{json.dumps(response.error)}\n{response.stderr}"
        assert "WARNING" not in response.stderr, response.stderr
        return response.result

    def _context(self, az: dict[str, Any]) -> dict[str, Any]:
        """Return the properties of an AZ's cpi-config entry."""
        found: dict[str, Any] = self._named("cpis", az["cpi"])["properties"] if "cpi" in az else {}
        return found
