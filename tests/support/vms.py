"""VMs in tests: asking for one, and looking at what the simulated cloud has of it."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, TypeVar

from alicloud_sim.ecs.disks import Disk
from alicloud_sim.ecs.enis.record import Eni
from alicloud_sim.ecs.instances.record import Instance
from support.cpi import SimClock
from support.world import vm_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from alicloud_sim import Simulator
    from alicloud_sim.records import Record
    from support.cpi import Answer, Cpi
    from support.world import Names

R = TypeVar("R", bound="Record")

# Longer than a change of the simulated cloud waits for somebody to see it under way.
SETTLING_SECONDS = 90


class Meanwhile(SimClock):
    """The simulator's clock, and what somebody else does each time the CPI waits on it."""

    def __init__(self, sim: Simulator, do: Callable[[], None]) -> None:
        super().__init__(sim)
        self._do = do

    def sleep(self, seconds: float) -> None:
        """Let the world's time pass, then do it."""
        super().sleep(seconds)
        self._do()


class Vms:
    """create_vm with a good request in which a test changes what it is about."""

    def __init__(self, cpi: Cpi, names: Names) -> None:
        self.cpi = cpi
        self.sim = cpi.sim
        self.names = names

    # Asking

    def arguments(
        self,
        *,
        agent: str = "agent-1",
        stemcell: str | None = None,
        networks: Mapping[str, Any] | None = None,
        disks: Iterable[str] | None = (),
        env: Mapping[str, Any] | None = None,
        **properties: Any,
    ) -> list[Any]:
        """Word the arguments of create_vm; None removes a property of the VM type."""
        return [
            agent,
            stemcell or self.names.image,
            vm_type(**properties),
            self.names.networks() if networks is None else networks,
            None if disks is None else list(disks),
            env,
        ]

    def create(self, *, context: Mapping[str, Any] | None = None, **changes: Any) -> Answer:
        """Call create_vm."""
        return self.cpi.call("create_vm", *self.arguments(**changes), context=context)

    def make(self, *, context: Mapping[str, Any] | None = None, **changes: Any) -> str:
        """Call create_vm, which has to end well, and return the VM's cid."""
        answer = self.create(context=context, **changes)
        assert answer.error is None, f"{answer.error}\n{answer.stderr}"
        cid = answer.result if self.cpi.api_version == 1 else answer.result[0]
        assert isinstance(cid, str)
        return cid

    def disk(self, **fields: Any) -> str:
        """Put a persistent disk into the world, free unless told otherwise; returns its id."""
        row = {
            "status": "Available",
            "zone_id": "cn-beijing-h",
            "description": "BOSH persistent disk",
            **fields,
        }
        return self.sim.seed({"disk": [row]})["disk"][0]

    def attached(self, cid: str, number: int = 0, **fields: Any) -> str:
        """Put a persistent disk into the world that is attached to a VM; returns its id."""
        device = f"/dev/xvd{chr(ord('c') + number)}"
        return self.disk(**{"status": "In_use", "instance_id": cid, "device": device, **fields})

    def second_interface(self, cid: str, **fields: Any) -> str:
        """Put a secondary network interface of a VM into the world; returns its id."""
        row = {
            "status": "InUse",
            "type": "Secondary",
            "instance_id": cid,
            "device_index": 1,
            "private_ip": "10.0.1.60",
            "vswitch_id": self.names.vswitch,
            "zone_id": "cn-beijing-h",
            **fields,
        }
        return self.sim.seed({"eni": [row]})["eni"][0]

    def becomes(self, cid: str, status: str, seconds: float) -> None:
        """Let a VM come to a status after some seconds of the simulator's clock."""
        vm = self.vm(cid)
        self.sim.set_pace(test__becomes=seconds)
        self.sim.world.later("test.becomes", vm, lambda: setattr(vm, "status", status))

    # Looking

    def vm(self, cid: str) -> Instance:
        """Return the record of a VM that there is."""
        found = self.sim.world.get(Instance, cid)
        assert found is not None, f"there is no VM {cid}"
        return found

    def ids(self, kind: type[R]) -> list[str]:
        """List the ids of all records of a kind that there are."""
        return [record.id for record in self.sim.world.all(kind)]

    def disks(self, cid: str) -> list[Disk]:
        """List the disks of a VM, the system disk first."""
        found = [disk for disk in self.sim.world.all(Disk) if disk.instance_id == cid]
        return sorted(found, key=lambda disk: (disk.type != "system", disk.device))

    def data_disk(self, cid: str) -> Disk:
        """Return the only data disk of a VM."""
        _, data = self.disks(cid)
        return data

    def settings(self, cid: str) -> dict[str, Any]:
        """Return the settings that the VM's agent finds in its user data."""
        found: dict[str, Any] = json.loads(base64.b64decode(self.vm(cid).user_data))
        return found

    def left(self) -> dict[str, list[str]]:
        """List what there is of VMs: after a failed call, nothing."""
        # A VM that goes is followed by its interface.
        for _ in range(2):
            self.sim.advance(SETTLING_SECONDS)
            self.sim.state()
        found = {kind.kind: self.ids(kind) for kind in (Instance, Disk, Eni)}
        return {kind: ids for kind, ids in found.items() if ids}
