"""What one worker of a soak does: lives of VMs with disks, of stemcells and of networks.

A life is a generator: it yields requests and is sent their results. Some end with everything
deleted, others leave their things in the cloud, which must still be there in the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from faults.matrix_scenarios import Request
from soak import features
from support.stemcells import properties
from support.world import REGION, ZONE

if TYPE_CHECKING:
    import random
    from collections.abc import Generator

    from faults.matrix_scenarios import Bench

# What a worker leaves in the cloud at most: addresses and quotas are limited.
MOST_KEPT = 6
_KEPT = 0.15


class Lives:
    """The lives of one worker, whose addresses and ranges are its own."""

    def __init__(self, bench: Bench, chance: random.Random, number: int) -> None:
        self._bench = bench
        self._chance = chance
        self._number = number
        self._count = 0
        self._free = [f"10.0.1.{20 + number * 25 + n}" for n in range(2 * MOST_KEPT + 2)]
        self._ranges = [f"10.0.{20 + number * 25 + n}.0/24" for n in range(MOST_KEPT + 2)]

    def next(self) -> Generator[Request, Any, None]:
        """Begin the next life."""
        self._count += 1
        kinds = [self._vm, self._vm, self._vm, self._disk, self._network, self._stemcell]
        return self._chance.choice(kinds)()

    def _keeps(self, pool: list[str]) -> bool:
        return len(pool) > 2 and self._chance.random() < _KEPT

    def _vm(self) -> Generator[Request, Any, None]:
        chance, vms = self._chance, self._bench.vms
        wanted = self._wanted()
        addresses = [network["ip"] for network in wanted["networks"].values()]
        agent = f"agent-{self._number}-{self._count}"
        vm = (yield Request("create_vm", vms.arguments(agent=agent, **wanted)))[0]
        yield Request("set_vm_metadata", [vm, {"deployment": "cf", "job": "web", "index": 0}])
        keeps = self._keeps(self._free)
        disks: list[str] = []
        for _ in range(chance.randint(0, 2)):
            disks += [(yield from self._attached(vm))]
        if chance.random() < 0.3:
            yield Request("reboot_vm", [vm])
        yield Request("has_vm", [vm])
        yield Request("get_disks", [vm])
        if keeps:
            return
        for disk in disks:
            if chance.random() < 0.5:
                yield Request("detach_disk", [vm, disk])
        yield Request("delete_vm", [vm])
        for disk in disks:
            yield Request("delete_disk", [disk])
        self._free += addresses

    def _wanted(self) -> dict[str, Any]:
        """Choose what a VM is to have beyond the plain ones."""
        bench, chance = self._bench, self._chance
        wanted: dict[str, Any] = {"networks": bench.names.networks(ip=self._free.pop())}
        if chance.random() < 0.5:
            wanted["ephemeral_disk"] = {"size": 20480, "delete_with_instance": True}
        if chance.random() < 0.3:
            wanted["slbs"] = [bench.connections.balancer]
            wanted["nlb_server_group_ids"] = bench.connections.nlb_groups[:1]
            wanted["nlb_server_group_port"] = 8080
        if chance.random() < 0.3:
            wanted |= features.interfaces(bench, wanted["networks"], self._free.pop())
        if chance.random() < 0.3:
            wanted |= features.placed_behind_alb(bench, f"worker-{self._number}")
        if chance.random() < 0.3:
            wanted |= chance.choice([features.PROTECTED, features.SPOT]) | features.TYPES
        return wanted

    def _attached(self, vm: str) -> Generator[Request, Any, str]:
        """Create a disk, attach it, and do what is done with attached disks."""
        chance = self._chance
        disk: str = yield Request("create_disk", [20480, {}, vm])
        yield Request("attach_disk", [vm, disk])
        if chance.random() < 0.3:
            yield Request("set_disk_metadata", [disk, {"deployment": "cf", "index": 0}])
        if chance.random() < 0.3:
            snapshot: str = yield Request("snapshot_disk", [disk, {"deployment": "cf"}])
            if chance.random() < 0.8:
                yield Request("delete_snapshot", [snapshot])
        if chance.random() < 0.3:
            yield Request("detach_disk", [vm, disk])
            yield Request("resize_disk", [disk, 40960])
            yield Request("attach_disk", [vm, disk])
        return disk

    def _disk(self) -> Generator[Request, Any, None]:
        properties = {"availability_zone": ZONE, "tags": {"a": "1"}}
        disk: str = yield Request("create_disk", [20480, properties, None])
        wanted = {"category": "cloud_essd", "performance_level": "PL1"}
        yield Request("update_disk", [disk, 40960, wanted])
        yield Request("has_disk", [disk])
        if self._chance.random() > _KEPT:
            yield Request("delete_disk", [disk])

    def _network(self) -> Generator[Request, Any, None]:
        chosen = self._ranges.pop()
        place = {
            "vpc_id": self._bench.sim.world.constants[f"{REGION}.vpc"],
            "availability_zone": ZONE,
        }
        subnet = {"type": "manual", "range": chosen, "cloud_properties": place}
        network = (yield Request("create_network", [subnet]))[0]
        if not self._keeps(self._ranges):
            yield Request("delete_network", [network])
            self._ranges.append(chosen)

    def _stemcell(self) -> Generator[Request, Any, None]:
        stemcell: str = yield Request("create_stemcell", [self._bench.tarball, properties()])
        if self._chance.random() > _KEPT:
            yield Request("delete_stemcell", [stemcell])
