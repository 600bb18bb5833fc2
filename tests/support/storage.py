"""Disks, snapshots and images in tests: having them, and looking at what the cloud has of them."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, TypeVar

from alicloud_sim.ecs.disks.record import Disk
from alicloud_sim.ecs.images.record import Image
from alicloud_sim.ecs.instances.record import Instance
from alicloud_sim.ecs.snapshots.record import Snapshot
from alicloud_sim.ecs.tasks import Task
from sim.support import Cloud
from support.world import ZONE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alicloud_sim.records import Record
    from support.cpi import Answer, Cpi
    from support.world import Names

R = TypeVar("R", bound="Record")

VIRTIO = "/dev/disk/by-id/virtio-"
NVME = "/dev/disk/by-id/nvme-Alibaba_Cloud_Elastic_Block_Storage_"

SETTINGS = {
    "agent_id": "agent-1",
    "vm": {"name": "vm-1"},
    "mbus": "https://mbus:mbus-canary@0.0.0.0:6868",
    "networks": {"private": {"type": "manual", "ip": "10.0.1.10", "prefix": "24"}},
    "disks": {"system": "/dev/vda", "ephemeral": "/dev/vdb", "persistent": {}},
    "env": {"bosh": {"agent": {"settings": {"tmpfs": True}}, "parallel": 5}},
    "unknown": ["to this", "CPI"],
}


class Storage:
    """What disk, snapshot and stemcell methods work on, in one simulated account."""

    def __init__(self, cpi: Cpi, names: Names) -> None:
        self.cpi = cpi
        self.sim = cpi.sim
        self.names = names

    # Having

    def disk(self, **fields: Any) -> str:
        """Put a persistent disk into the world, free unless told otherwise; returns its id."""
        row = {
            "status": "Available",
            "zone_id": ZONE,
            "category": "cloud_efficiency",
            "size_gib": 50,
            "description": "BOSH persistent disk",
            **fields,
        }
        return self._put("disk", row)

    def attached(self, vm_cid: str, **fields: Any) -> str:
        """Put a persistent disk into the world that is attached to a VM; returns its id."""
        held = {"status": "In_use", "instance_id": vm_cid, "device": "/dev/xvdc"}
        return self.disk(**{**held, "attached_at": 1.0, **fields})

    def vm(self, settings: Mapping[str, Any] | None = None, **fields: Any) -> str:
        """Put a running VM into the world, with its system disk and settings; returns its id."""
        row = {
            "status": "Running",
            "zone_id": ZONE,
            "instance_type": "ecs.g6.large",
            "image_id": self.names.image,
            "user_data": encoded(SETTINGS if settings is None else settings),
            **fields,
        }
        vm_cid = self._put("instance", row)
        with self.sim.world.lock:
            self.sim.world.visible(Instance)  # the first list misses a new one
        self.attached(vm_cid, type="system", device="/dev/xvda", description="", size_gib=40)
        return vm_cid

    def snapshot(self, **fields: Any) -> str:
        """Put a snapshot into the world; returns its id."""
        return self._put("snapshot", fields)

    def image(self, **fields: Any) -> str:
        """Put an image of our own into the world; returns its id."""
        return self._put("image", {"name": f"image-{len(self.all(Image))}", **fields})

    def _put(self, kind: str, row: dict[str, Any]) -> str:
        return self.sim.seed({kind: [row]})[kind][0]

    # Asking

    def make(
        self, size: int = 51200, properties: Mapping[str, Any] | None = None, vm: str | None = None
    ) -> str:
        """Call create_disk, which has to end well; returns the cid."""
        disk_cid = self.cpi.ok(
            "create_disk", size, {"availability_zone": ZONE, **(properties or {})}, vm
        )
        assert isinstance(disk_cid, str)
        return disk_cid

    # Looking

    def found(self, disk_cid: str) -> Disk:
        """Return the record of a disk that there is."""
        return self.get(Disk, disk_cid)

    def get(self, kind: type[R], record_id: str) -> R:
        """Return a record that there is, with all that is due by now done to it."""
        self.sim.state()
        record = self.sim.world.get(kind, record_id)
        assert record is not None, f"there is no {kind.kind} {record_id}"
        return record

    def all(self, kind: type[R]) -> list[R]:
        """List all records of a kind that there are."""
        self.sim.state()
        return self.sim.world.all(kind)

    def disks(self) -> list[Disk]:
        """List the data disks."""
        return [disk for disk in self.all(Disk) if disk.type == "data"]

    def snapshots(self) -> list[Snapshot]:
        """List the snapshots."""
        return self.all(Snapshot)

    def own_images(self) -> list[Image]:
        """List the images of our own account."""
        return [image for image in self.all(Image) if image.account == self.sim.world.account]

    def settings(self, vm_cid: str) -> dict[str, Any]:
        """Return what is in a VM's user data."""
        found: dict[str, Any] = json.loads(base64.b64decode(self.get(Instance, vm_cid).user_data))
        return found

    def vm_status(self, vm_cid: str) -> str:
        """Tell the status of a VM."""
        return self.get(Instance, vm_cid).status

    # Disturbing

    def lose_answer(self, action: str) -> None:
        """Let the cloud carry out the next such request, and its answer get lost."""
        self.sim.add_fault(kind="lost", action=action)

    def refuse(self, action: str, code: str, **rule: Any) -> None:
        """Let the cloud refuse such requests."""
        self.sim.add_fault(kind="error", action=action, code=code, **{"count": 0, **rule})

    def set(self, **settings: Any) -> None:
        """Set settings of the world (dots written as __)."""
        self.sim.seed({"settings": {key.replace("__", "."): v for key, v in settings.items()}})

    def busy(self, disk_cid: str, status: str, then: str, **fields: Any) -> None:
        """Let a disk be in a status of transition until somebody has seen it there."""
        with self.sim.world.lock:
            disk = self.found(disk_cid)
            disk.status = status

            def settle() -> None:
                disk.status = then
                for name, value in fields.items():
                    setattr(disk, name, value)

            self.sim.world.later("disk.attach", disk, settle)

    def begin_spec_change(self, disk_cid: str, seconds: float, category: str = "cloud_ssd") -> None:
        """Let an earlier call's ModifyDiskSpec be under way for so long; faults end with it."""
        world = self.sim.world
        with world.lock:
            disk = self.found(disk_cid)
            task = Task(f"t-of-{disk_cid}", disk.account, disk.region, action="ModifyDiskSpec")
            task.status, task.resource_id = "Processing", disk_cid

            def changed() -> None:
                disk.category = category
                task.status = "Finished"
                self.sim.clear_faults()

            self.sim.set_pace(disk__spec=seconds)
            world.later("disk.spec", disk, changed, world.add(task))

    def modify(self, disk_cid: str, category: str) -> str:
        """Let somebody start a ModifyDiskSpec with the cloud's own request; returns its task."""
        asked = {"DiskId": disk_cid, "DiskCategory": category}
        task: str = Cloud(self.sim).ok("ModifyDiskSpec", **asked)["TaskId"]
        return task

    def asked(self, action: str) -> int:
        """Count the requests of an action."""
        return len(self.sim.calls(action))


def encoded(settings: Mapping[str, Any]) -> str:
    """Spell settings as user data."""
    return base64.b64encode(json.dumps(settings).encode()).decode()


def refused(answer: Answer, kind: str, *words: str) -> None:
    """Expect an error of a type whose message has these words."""
    assert answer.type == kind, answer.error
    for word in words:
        assert word in answer.message, answer.message
